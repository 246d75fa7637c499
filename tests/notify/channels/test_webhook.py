"""The channel `webhook`: the document byte for byte, signed by every key that is in use."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING

import pytest
from standardwebhooks import Webhook as Oracle
from tests.notify.alerts import alert, message
from tests.notify.channels.contract import ChannelContract
from tests.notify.channels.receivers import CANARY, KEY, OLD_KEY, WebhookFake

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.channels.webhook import Webhook, WebhookSettings
from brentwatch.notify.messages import Receipt
from brentwatch.web.failures import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.stub import Asked


@pytest.fixture(name="fake")
def _fake() -> Iterator[WebhookFake]:
    with WebhookFake() as fake:
        yield fake


def headers_of(asked: Asked) -> dict[str, str]:
    return {name.lower(): value for name, value in asked.headers.items()}


class TestWebhook(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, fake: WebhookFake) -> None:
        self.fake = fake
        self.channel = fake.open()

    def arrived(self) -> list[str]:
        return self.fake.shown()


def test_the_document_arrives_byte_for_byte_and_the_reference_library_verifies_it(fake: WebhookFake) -> None:
    sent = message()
    assert fake.open().send(sent) == Receipt(sent.id, 204)
    (asked,) = fake.asked
    assert asked.body == sent.document
    headers = headers_of(asked)
    assert Oracle(KEY).verify(asked.body, headers) == json.loads(sent.document)
    assert headers["webhook-id"] == sent.id
    assert headers["content-type"] == "application/json"


def test_a_copy_has_the_same_id_and_a_time_and_signature_of_its_own(fake: WebhookFake) -> None:
    now = time.time()
    settings = fake.settings()
    assert isinstance(settings, WebhookSettings)
    channel = Webhook(settings, clock=iter([now, now + 60]).__next__)
    channel.send(message())
    channel.send(message())
    first, second = map(headers_of, fake.asked)
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert first["webhook-signature"] != second["webhook-signature"]
    assert len(fake.shown()) == 1


def test_while_a_key_is_replaced_a_receiver_with_either_key_takes_the_message(fake: WebhookFake) -> None:
    channel = fake.open(previous_secret=OLD_KEY)
    for number, key in enumerate((OLD_KEY, KEY)):
        fake.key = key
        channel.send(message(alert(alert_id=f"{number:020}")))
    assert len(fake.shown()) == 2
    assert headers_of(fake.asked[0])["webhook-signature"].count("v1,") == 2


def test_a_receiver_with_another_key_refuses_it(fake: WebhookFake) -> None:
    fake.key = OLD_KEY
    with pytest.raises(NoAnswer) as caught:
        fake.open().send(message())
    assert (caught.value.reason, caught.value.status) == (Reason.REFUSED, 401)


def test_keys_and_address_are_read_from_their_files_each_time(fake: WebhookFake, tmp_path: Path) -> None:
    url, key = tmp_path / "url", tmp_path / "key"
    url.write_text(f"{fake.url}/a\n")
    key.write_text(f"{OLD_KEY}\n")
    channel = fake.open(url=None, url_file=str(url), secret=None, secret_file=str(key))
    key.write_text(f"{KEY}\n")
    url.write_text(f"{fake.url}/b\n")
    channel.send(message())
    assert fake.asked[0].path == "/b"
    for file, text in ((key, CANARY), (url, f"http://example.org/{CANARY}")):
        before = file.read_text()
        file.write_text(text)
        with pytest.raises(Unavailable, match=r"notify\.webhook\.") as caught:
            channel.send(message())
        assert CANARY not in str(caught.value)
        file.write_text(before)
    key.unlink()
    with pytest.raises(Unavailable, match=r"secret_file is .* cannot be read"):
        channel.send(message())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": None}, r"notify\.webhook\.url is missing; expected the https address"),
        ({"secret": None}, r"notify\.webhook\.secret is missing"),
        ({"secret": CANARY}, r"notify\.webhook\.secret is not a signature key; expected the key"),
        ({"secret": "whsec_" + base64.b64encode(b"short").decode()}, "whsec_ and 24 to 64 random bytes"),
        ({"secret": f"whsec_{CANARY}\u2191"}, "is not a signature key"),
        ({"previous_secret": CANARY}, r"notify\.webhook\.previous_secret is not a signature key"),
        (
            {"url": f"http://example.org/{CANARY}"},
            r"notify\.webhook\.url cannot be used; expected a host listed in notify.webhook.hosts",
        ),
        (
            {"url": f"http://127.0.0.1/{CANARY}", "hosts": ()},
            r"url cannot be used; .*http only to this machine",
        ),
        (
            {"url": f"https://10.0.0.1/{CANARY}", "hosts": ()},
            r"url cannot be used; expected a public address",
        ),
        (
            {"ca_file": "/nowhere/ca.pem"},
            "ca_file is /nowhere/ca.pem, which cannot be read",
        ),
    ],
)
def test_settings_that_cannot_work_are_said_without_the_secret(
    fake: WebhookFake, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        fake.open(**changes)
    assert CANARY not in str(caught.value)


def test_a_secret_is_given_in_one_way_and_not_shown() -> None:
    with pytest.raises(ValueError, match="either secret or secret_file, not both"):
        WebhookSettings.model_validate({"secret": KEY, "secret_file": "/run/key"})
    assert KEY not in repr(WebhookSettings.model_validate({"secret": KEY}))
