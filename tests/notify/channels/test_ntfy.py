"""The channel `ntfy`: one push a thread, replaced by each revision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.notify.alerts import alert, message
from tests.notify.channels.contract import ChannelContract
from tests.notify.channels.receivers import CANARY, NtfyFake

from brentwatch.core.domain import Severity
from brentwatch.core.errors import SettingsError
from brentwatch.notify.messages import Receipt, Rejected, Revisions
from brentwatch.web.failures import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

ID = alert().alert_id


@pytest.fixture(name="fake")
def _fake() -> Iterator[NtfyFake]:
    with NtfyFake() as fake:
        yield fake


class TestNtfy(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, fake: NtfyFake) -> None:
        self.fake = fake
        self.channel = fake.open()

    def arrived(self) -> list[str]:
        return self.fake.shown()


def test_a_revision_replaces_the_push_of_its_thread(fake: NtfyFake) -> None:
    channel = fake.open()
    assert channel.revisions is Revisions.EDIT
    assert channel.send(message()) == Receipt(ID, 200)
    assert channel.send(message(alert(revision=2), root=ID)) == Receipt(ID, 200)
    assert fake.asked[0].headers["X-Sequence-Id"] == ID
    (text,) = fake.shown()
    assert text.startswith("UPDATE 2")


def test_a_server_that_cannot_replace_is_told_apart(fake: NtfyFake) -> None:
    fake.is_old = True
    receipt = fake.open().send(message())
    assert receipt.detail == "revisions replace nothing before ntfy 2.16"


def test_a_thread_that_is_no_sequence_id_becomes_one(fake: NtfyFake) -> None:
    fake.open().send(message(thread="digest/2026-11-30 \u2191" + "x" * 80))
    (sequence,) = fake.pushes
    assert sequence.startswith("digest_2026-11-30__x")


def test_severity_is_the_priority_and_what_is_not_important_makes_no_sound(fake: NtfyFake) -> None:
    for severity in Severity:
        fake.open().send(message(severity=severity, thread=severity))
    assert {key: push["priority"] for key, push in fake.pushes.items()} == {
        "critical": 5, "high": 4, "medium": 3, "info": 2,
    }  # fmt: skip
    fake.open().send(message(thread="critical", root="critical", pings=False))
    assert fake.pushes["critical"]["priority"] == 2
    fake.open().send(message(thread="critical", root="critical", is_closed=True))
    assert fake.pushes["critical"]["priority"] == 3


def test_a_long_message_is_cut_between_characters(fake: NtfyFake) -> None:
    fake.open().send(message(card="\u2212" * 2_000))
    assert fake.pushes[ID]["message"] == "\u2212" * 1_365


def test_no_token_is_needed_and_a_wrong_one_is_refused(fake: NtfyFake) -> None:
    with pytest.raises(NoAnswer) as caught:
        fake.open(token=None).send(message())
    assert caught.value.reason is Reason.REFUSED
    assert "Authorization" not in fake.asked[0].headers


def test_a_refused_push_is_sent_again_as_plain_ascii(fake: NtfyFake) -> None:
    fake.refused = "\u2212"
    sent = message(lock_screen="fell \u2212", card="a")
    with pytest.raises(Rejected) as caught:
        fake.open().send(sent)
    assert (caught.value.status, caught.value.is_formatting) == (400, True)
    fake.open().send(replace(sent, is_plain=True))
    assert fake.shown() == ["fell -\na"]
    assert set(fake.pushes[ID]) == {"topic", "sequence_id", "message"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"topic": None}, r"notify\.ntfy\.topic is missing; expected the name of a topic"),
        ({"url": "http://ntfy.example.org"}, r"notify\.ntfy\.url cannot be used"),
        ({"url": "https://192.168.1.1", "hosts": ()}, r"notify\.ntfy\.url cannot be used"),
    ],
)
def test_settings_that_cannot_work_are_said(fake: NtfyFake, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        fake.open(**changes)
    assert CANARY not in repr(fake.settings())
