"""The channel `telegram`: edits in place, replies when it matters, and a token that no error shows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.notify.alerts import alert, message
from tests.notify.channels.contract import ChannelContract
from tests.notify.channels.receivers import CANARY, TelegramFake
from tests.web.stub import Answer

from brentwatch.core.errors import SettingsError
from brentwatch.notify.messages import Receipt, Rejected, Revisions
from brentwatch.notify.telegram_api import explain_error
from brentwatch.web.failures import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.stub import Asked

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture(name="fake")
def _fake() -> Iterator[TelegramFake]:
    with TelegramFake() as fake:
        yield fake


class TestTelegram(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, fake: TelegramFake) -> None:
        self.fake = fake
        self.channel = fake.open()

    def arrived(self) -> list[str]:
        return self.fake.shown()


def test_a_revision_edits_the_first_message_and_an_important_one_replies_to_it_too(
    fake: TelegramFake,
) -> None:
    channel = fake.open()
    assert channel.revisions is Revisions.EDIT
    assert channel.send(message()) == Receipt("1", 200)
    assert channel.send(message(alert(revision=2), root="1", pings=False)) == Receipt("1", 200)
    assert (list(fake.texts), fake.edits, fake.replies) == ([1], 1, {})
    assert fake.texts[1].startswith("UPDATE 2")
    assert channel.send(message(alert(revision=3), root="1")) == Receipt("1", 200)
    assert (list(fake.texts), fake.edits, fake.replies) == ([1, 2], 2, {2: 1})


def test_a_copy_of_an_edit_is_no_error(fake: TelegramFake) -> None:
    channel = fake.open()
    channel.send(message())
    assert channel.send(message(root="1", pings=False)) == Receipt("1", 200)
    assert fake.edits == 0


def test_where_the_first_message_is_gone_a_new_one_takes_its_place(fake: TelegramFake) -> None:
    assert fake.open().send(message(root="77")) == Receipt(
        "1", 200, "the first message cannot be edited (message to edit not found)"
    )
    assert fake.replies == {}


def test_the_chart_is_a_silent_reply(fake: TelegramFake) -> None:
    fake.open().send(message(png=PNG))
    ((form, photo),) = fake.photos
    assert photo == PNG
    assert json.loads(form["reply_parameters"])["message_id"] == 1
    assert (form["disable_notification"], form["chat_id"]) == (b"true", fake.chat.encode())


def test_a_chart_that_is_not_taken_costs_no_second_message() -> None:
    class Full(TelegramFake):
        def routes(self, asked: Asked) -> Answer:
            return Answer(status=413) if asked.path.endswith("sendPhoto") else super().routes(asked)

    with Full() as fake:
        receipt = fake.open().send(message(png=PNG))
    assert receipt.message_id == "1"
    assert "the chart was left out: " in receipt.detail
    assert CANARY not in receipt.detail


@pytest.mark.attack
def test_foreign_text_is_no_markup(fake: TelegramFake) -> None:
    hostile = "<a href='https://evil.example.org'>here</a> & <b>bold</b> &amp;"
    fake.open().send(message(lock_screen=hostile, card=f"card {hostile}"))
    assert fake.shown() == [f"{hostile}\ncard {hostile}"]


def test_long_text_is_cut_to_the_limit_of_telegram(fake: TelegramFake) -> None:
    for plain in (False, True):
        fake.open().send(message(detail=("&<x>" * 2_000,), is_plain=plain))
    assert all(len(json.loads(asked.body)["text"]) <= 4_096 for asked in fake.asked)
    assert len(fake.shown()) == 2


def test_the_time_to_wait_stands_in_the_answer(fake: TelegramFake) -> None:
    fake.retry_after = 5
    with pytest.raises(NoAnswer) as caught:
        fake.open().send(message())
    assert (caught.value.reason, caught.value.status, caught.value.retry_after) == (
        Reason.THROTTLED,
        429,
        5.0,
    )


@pytest.mark.attack
@pytest.mark.parametrize(
    ("said", "explained"),
    [
        (b'{"retry_after": 99999999999999999999}', ""),
        (b'{"retry_after": "open-sesame"}', ""),
        (b'{"retry_after": -1}', ""),
        (b'{"retry_after": 7.5}', ""),
        (b'{"retry_after": 30}', "30"),
        (b'{"description": "open-sesame"}', ""),
        (b'{"description": "Bad Request: MESSAGE_ID_INVALID"}', "message_id_invalid"),
        (b"[[[", ""),
        (b"", ""),
    ],
)
def test_of_an_error_only_known_words_and_seconds_are_taken(said: bytes, explained: str) -> None:
    assert explain_error(said) == explained


def test_a_refused_text_is_sent_again_as_plain_ascii(fake: TelegramFake) -> None:
    fake.refused = "\u2212"
    sent = message(lock_screen="fell \u2212", card="a")
    with pytest.raises(Rejected) as caught:
        fake.open().send(sent)
    assert (caught.value.status, caught.value.is_formatting) == (400, True)
    fake.open().send(replace(sent, is_plain=True))
    assert "parse_mode" not in json.loads(fake.asked[-1].body)
    assert fake.shown() == ["fell -\na"]


def test_another_token_is_refused_and_shown_nowhere(fake: TelegramFake) -> None:
    with pytest.raises(NoAnswer) as caught:
        fake.open(token=f"9:{CANARY}").send(message())
    assert caught.value.reason is Reason.REFUSED
    assert CANARY not in f"{caught.value} {caught.value!r} {caught.value.explained}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"token": None}, r"notify\.telegram\.token is missing; expected the token of a bot"),
        ({"chat_id": None}, r"notify\.telegram\.chat_id is missing"),
        ({"api_url": "http://a.example.org"}, r"notify\.telegram\.api_url cannot be used"),
    ],
)
def test_settings_that_cannot_work_are_said(
    fake: TelegramFake, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        fake.open(**changes)


@pytest.mark.attack
def test_an_answer_that_is_not_telegrams_is_asked_again() -> None:
    class Odd(TelegramFake):
        def routes(self, asked: Asked) -> Answer:
            return Answer(b"<html>log in</html>")

    with Odd() as fake, pytest.raises(NoAnswer) as caught:
        fake.open().send(message())
    assert caught.value.reason is Reason.GARBLED
