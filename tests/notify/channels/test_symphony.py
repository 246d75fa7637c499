"""The channel `symphony`: the BDK itself talks to a pod on 127.0.0.1."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from tests.notify.alerts import message
from tests.notify.channels.contract import ChannelContract
from tests.notify.channels.library_receivers import SESSION, FakePod, make_key, open_symphony
from tests.web.troubles import elsewhere, hang, slow, status

from brentwatch.core.errors import SettingsError
from brentwatch.notify.messages import ReadReceipt, Rejected
from brentwatch.web.failures import NoAnswer, Reason

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def pod() -> Iterator[FakePod]:
    with FakePod() as made:
        yield made


class TestSymphony(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, pod: FakePod) -> None:
        self.pod = pod
        self.channel = open_symphony(pod)

    def arrived(self) -> list[str]:
        return list(self.pod.posted.values())


def test_a_revision_edits_the_first_message_and_pings_below_it(pod: FakePod) -> None:
    channel = open_symphony(pod)
    root = channel.send(message()).message_id
    assert root == "message-1"
    channel.send(message(lock_screen="UPDATE 2", root=root, pings=False))
    assert list(pod.posted) == ["message-1"]
    assert pod.posted["message-1"].startswith("<messageML><b>UPDATE 2</b><br/>")
    assert channel.send(message(lock_screen="UPDATE 3", root=root)).message_id == root
    assert [each[:26] for each in pod.posted.values()] == ["<messageML><b>UPDATE 3</b>"] * 2


def test_the_chart_is_attached(pod: FakePod) -> None:
    channel = open_symphony(pod)
    assert channel.shows_chart
    channel.send(message(png=PNG))
    assert pod.pictures == [PNG]


@pytest.mark.attack
def test_foreign_text_is_no_markup_and_no_template(pod: FakePod) -> None:
    open_symphony(pod).send(message(card="<chime/> ${entity[\"x\"]} <#if a> & 'q'"))
    (text,) = pod.posted.values()
    assert "&lt;chime/&gt; &#36;&#123;entity[&quot;x&quot;]} &lt;&#35;if a&gt; &amp; &#x27;q&#x27;" in text


def test_who_has_read_a_message_is_known(pod: FakePod) -> None:
    read_at = datetime.fromtimestamp(1_700_000_000, UTC)
    assert open_symphony(pod).find_readers("message-1") == [ReadReceipt("Anna", read_at)]


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
def test_one_attempt_is_made_and_its_failure_said(pod: FakePod, trouble: Any, reason: Reason) -> None:
    is_late = reason is Reason.TIMEOUT
    pod.trouble = trouble(pod) if is_late or trouble is elsewhere else trouble
    channel = open_symphony(pod, timeout_seconds=0.5 if is_late else 20)
    with pytest.raises(NoAnswer) as caught:
        channel.send(message())
    assert caught.value.reason is reason
    assert len(pod.asked) <= 1
    assert pod.asked or is_late
    if caught.value.status == 503:
        assert caught.value.retry_after == 77


def test_a_message_that_is_refused_may_be_sent_as_plain_text(pod: FakePod) -> None:
    pod.trouble, pod.well_for = status(400), 2
    with pytest.raises(Rejected) as caught:
        open_symphony(pod).send(message())
    assert caught.value.is_formatting


def test_nobody_listens(pod: FakePod) -> None:
    channel = open_symphony(pod)
    pod.leave()
    with pytest.raises(NoAnswer) as caught:
        channel.send(message())
    assert caught.value.reason is Reason.UNREACHABLE


@pytest.mark.attack
def test_key_and_tokens_are_in_no_error_and_no_log(pod: FakePod, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    for trouble, well_for in ((status(500), 2), (status(401), 2), (status(400), 0)):
        pod.trouble, pod.well_for = trouble, well_for
        with pytest.raises((NoAnswer, Rejected)) as caught:
            open_symphony(pod).send(message())
        said += [str(caught.value), repr(caught.value)]
    with pytest.raises(NoAnswer) as caught:
        open_symphony(pod, private_key=SecretStr(make_key()[:200])).send(message())
    said += [str(caught.value), repr(caught.value), caplog.text]
    secrets = (SESSION, make_key()[100:160], "canary")
    assert not any(secret in each for each in said for secret in secrets)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"stream_id": None}, "stream_id is missing"),
        ({"private_key": None}, "private_key is missing"),
        ({"hosts": ()}, "url cannot be used"),
    ],
)
def test_settings_that_cannot_work_are_refused(pod: FakePod, given: dict[str, Any], expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        open_symphony(pod, **given)
