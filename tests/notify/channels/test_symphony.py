"""The channel `symphony`: the BDK itself talks to a pod on 127.0.0.1."""

from __future__ import annotations

import json
import logging
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tests.notify.alerts import message
from tests.notify.channels.contract import ChannelContract
from tests.web.stub import Answer, Asked, Stub
from tests.web.troubles import elsewhere, hang, slow, status

from brentwatch.core.errors import SettingsError
from brentwatch.notify.channels.symphony import Symphony, SymphonySettings, open_channel
from brentwatch.notify.messages import ReadReceipt, Rejected
from brentwatch.web.failures import NoAnswer, Reason

PARTS = (b'{"alg":"none"}', b"{}", b"canary-of-the-session")
SESSION = ".".join(urlsafe_b64encode(each).decode().rstrip("=") for each in PARTS)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("rsa") / "key.pem"
    command = ["openssl", "genrsa", "-traditional", "-out", str(file), "2048"]
    subprocess.run(command, check=True, capture_output=True)
    return Path(file).read_text()


class FakePod(Stub):
    """Signs in whoever asks, and keeps what stands in each message now."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: dict[str, str] = {}
        self.pictures: list[bytes] = []

    def routes(self, asked: Asked) -> Answer:
        if asked.path in ("/login/pubkey/authenticate", "/relay/pubkey/authenticate"):
            return _answer(name="sessionToken", token=SESSION)
        if asked.path.endswith("/receipts"):
            return _answer(MessageReceiptDetail=RECEIPTS)
        assert asked.path.startswith("/agent/v4/stream/stream-1/message/"), asked.path
        assert asked.headers["sessionToken"] == SESSION
        *_, last, action = asked.path.split("/")
        number = f"message-{len(self.posted) + 1}" if action == "create" else last
        parts = _read_parts(asked)
        self.posted[number] = parts["message"].decode()
        self.pictures += [each for name, each in parts.items() if name == "attachment"]
        return _answer(messageId=number)


RECEIPTS = [
    {"user": {"id": 1, "firstName": "Anna"}, "readReceiptTimestamp": 1_700_000_000_000},
    {"user": {"id": 2, "firstName": "Ben"}, "deliveryReceiptTimestamp": 1_700_000_000_000},
]


def _answer(**fields: object) -> Answer:
    return Answer(json.dumps(fields).encode(), headers={"Content-Type": "application/json"})


def _read_parts(asked: Asked) -> dict[str, bytes]:
    head = f"Content-Type: {asked.headers['Content-Type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + asked.body).walk()
    return {
        str(each.get_param("name", header="content-disposition")): bytes(each.get_payload(decode=True) or b"")
        for each in parts
        if not each.is_multipart()
    }


@pytest.fixture
def pod() -> Iterator[FakePod]:
    with FakePod() as made:
        yield made


def make_channel(pod: Stub, key: str, **changes: Any) -> Symphony:
    told: dict[str, Any] = {
        "url": pod.url,
        "hosts": ("127.0.0.1",),
        "username": "bot",
        "private_key": SecretStr(key),
        "stream_id": "stream-1",
        "timeout_seconds": 20,
    }
    return open_channel(SymphonySettings(**told | changes))


class TestSymphony(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, pod: FakePod, key: str) -> None:
        self.pod = pod
        self.channel = make_channel(pod, key)

    def arrived(self) -> list[str]:
        return list(self.pod.posted.values())


def test_a_revision_edits_the_first_message_and_pings_below_it(pod: FakePod, key: str) -> None:
    channel = make_channel(pod, key)
    root = channel.send(message()).message_id
    assert root == "message-1"
    channel.send(message(lock_screen="UPDATE 2", root=root, pings=False))
    assert list(pod.posted) == ["message-1"]
    assert pod.posted["message-1"].startswith("<messageML><b>UPDATE 2</b><br/>")
    assert channel.send(message(lock_screen="UPDATE 3", root=root)).message_id == root
    assert [each[:26] for each in pod.posted.values()] == ["<messageML><b>UPDATE 3</b>"] * 2


def test_the_chart_is_attached(pod: FakePod, key: str) -> None:
    make_channel(pod, key).send(message(png=PNG))
    assert pod.pictures == [PNG]


@pytest.mark.attack
def test_foreign_text_is_no_markup_and_no_template(pod: FakePod, key: str) -> None:
    make_channel(pod, key).send(message(card="<chime/> ${entity[\"x\"]} <#if a> & 'q'"))
    (text,) = pod.posted.values()
    assert "&lt;chime/&gt; &#36;&#123;entity[&quot;x&quot;]} &lt;&#35;if a&gt; &amp; &#x27;q&#x27;" in text


def test_who_has_read_a_message_is_known(pod: FakePod, key: str) -> None:
    read_at = datetime.fromtimestamp(1_700_000_000, UTC)
    assert make_channel(pod, key).find_readers("message-1") == [ReadReceipt("Anna", read_at)]


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (status(500), Reason.FAILED),
        (status(503, Retry_After="77"), Reason.FAILED),
        (status(429), Reason.THROTTLED),
        (status(401), Reason.REFUSED),
        (elsewhere, Reason.REDIRECTED),
        (hang, Reason.TIMEOUT),
        (slow, Reason.TIMEOUT),
    ],
)
def test_one_attempt_is_made_and_its_failure_said(
    pod: FakePod, key: str, trouble: Any, reason: Reason
) -> None:
    is_late = reason is Reason.TIMEOUT
    pod.trouble = trouble(pod) if is_late or trouble is elsewhere else trouble
    channel = make_channel(pod, key, timeout_seconds=0.5 if is_late else 20)
    with pytest.raises(NoAnswer) as caught:
        channel.send(message())
    assert caught.value.reason is reason
    assert len(pod.asked) <= 1
    assert pod.asked or is_late
    if caught.value.status == 503:
        assert caught.value.retry_after == 77


def test_a_message_that_is_refused_may_be_sent_as_plain_text(pod: FakePod, key: str) -> None:
    pod.trouble, pod.well_for = status(400), 2
    with pytest.raises(Rejected) as caught:
        make_channel(pod, key).send(message())
    assert caught.value.is_formatting


def test_nobody_listens(pod: FakePod, key: str) -> None:
    channel = make_channel(pod, key)
    pod.leave()
    with pytest.raises(NoAnswer) as caught:
        channel.send(message())
    assert caught.value.reason is Reason.UNREACHABLE


@pytest.mark.attack
def test_key_and_tokens_are_in_no_error_and_no_log(
    pod: FakePod, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    for trouble, well_for in ((status(500), 2), (status(401), 2), (status(400), 0)):
        pod.trouble, pod.well_for = trouble, well_for
        with pytest.raises((NoAnswer, Rejected)) as caught:
            make_channel(pod, key).send(message())
        said += [str(caught.value), repr(caught.value)]
    with pytest.raises(NoAnswer) as caught:
        make_channel(pod, key[:200]).send(message())
    said += [str(caught.value), repr(caught.value), caplog.text]
    secrets = (SESSION, key[100:160], "canary")
    assert not any(secret in each for each in said for secret in secrets)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"stream_id": None}, "stream_id is missing"),
        ({"private_key": None}, "private_key is missing"),
        ({"hosts": ()}, "url cannot be used"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    pod: FakePod, key: str, given: dict[str, Any], expected: str
) -> None:
    with pytest.raises(SettingsError, match=expected):
        make_channel(pod, key, **given)
