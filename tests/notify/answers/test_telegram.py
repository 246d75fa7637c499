"""Answers by Telegram, from a server on 127.0.0.1 that hands out updates as Telegram does."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
from pydantic import SecretStr
from tests.notify.answers.heardings import Heardings
from tests.web.stub import Answer, Asked, Stub
from tests.web.troubles import hang, status

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.answers.listener import ChatAnswer, Heard
from brentwatch.notify.answers.telegram import TelegramListener, open_listener
from brentwatch.notify.channels.telegram import TelegramSettings
from brentwatch.wire.deliveries import AnswerKind

TOKEN = "12345:canary-of-the-bot-token"
CHAT = -1001


def press(number: int, data: str = "ack:thread", user: int = 7, chat: int = CHAT) -> dict[str, Any]:
    return {
        "update_id": number,
        "callback_query": {
            "id": f"press-{number}",
            "from": {"id": user, "is_bot": False, "first_name": "Anna", "username": "anna\x1b[2J"},
            "message": {"message_id": 5, "chat": {"id": chat, "type": "group", "username": "desk"}},
            "chat_instance": "1",
            "data": data,
        },
    }


class FakeTelegram(Stub):
    """Hands out each update until a later offset confirms it; with nothing to hand out it answers at once."""

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[dict[str, Any]] = []
        self.confirmed: list[dict[str, Any]] = []
        self.drained = Event()

    def routes(self, asked: Asked) -> Answer:
        fields = json.loads(asked.body)
        assert asked.path.startswith(f"/bot{TOKEN}/")
        if asked.path.endswith("/answerCallbackQuery"):
            self.confirmed.append(fields)
            return Answer(b'{"ok":true,"result":true}')
        assert asked.path.endswith("/getUpdates")
        assert fields["allowed_updates"] == ["callback_query"]
        left = [each for each in self.updates if each.get("update_id", 0) >= fields["offset"]]
        if not left:
            self.drained.set()
            self.released.wait(0.01)
        return Answer(json.dumps({"ok": True, "result": left}).encode())


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with FakeTelegram() as made:
        yield made


@pytest.fixture
def heard() -> Heardings:
    return Heardings()


def make_listener(fake: Stub, heard: Heardings, **changes: Any) -> TelegramListener:
    told: dict[str, Any] = {
        "token": SecretStr(TOKEN),
        "chat_id": str(CHAT),
        "api_url": fake.url,
        "hosts": ("127.0.0.1",),
        "timeout_seconds": 20,
    }
    listener = open_listener(TelegramSettings(**told | changes), heard.note)
    listener._backoff = type(listener._backoff)(0.01, 0.01)
    return listener


def listen(fake: FakeTelegram, heard: Heardings, **changes: Any) -> None:
    """Until everything was handed out."""
    stop, listener = Event(), make_listener(fake, heard, **changes)
    thread = Thread(target=listener.run, args=(stop, heard.accept))
    thread.start()
    assert fake.drained.wait(30)
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


def test_each_button_becomes_an_answer_and_who_pressed_sees_it(fake: FakeTelegram, heard: Heardings) -> None:
    fake.updates = [press(1), press(2, "useful:thread"), press(3, "false:thread")]
    listen(fake, heard)
    assert heard.answers[0] == ChatAnswer(
        id="telegram:press-1",
        kind=AnswerKind.ACKNOWLEDGE,
        thread="thread",
        by="anna[2J (Telegram 7)",
        channel="telegram",
    )
    assert [each.kind for each in heard.answers[1:]] == [AnswerKind.USEFUL, AnswerKind.FALSE_ALARM]
    assert [each["callback_query_id"] for each in fake.confirmed] == ["press-1", "press-2", "press-3"]
    assert heard.noted == [Heard.ACCEPTED] * 3


def test_strangers_are_counted_and_ignored(fake: FakeTelegram, heard: Heardings) -> None:
    fake.updates = [press(1, chat=1), press(2, user=8), press(3)]
    listen(fake, heard, users=("7",))
    assert [each.id for each in heard.answers] == ["telegram:press-3"]
    assert heard.noted == [Heard.UNKNOWN, Heard.UNKNOWN, Heard.ACCEPTED]
    assert len(fake.confirmed) == 1


def test_a_chat_may_be_given_by_its_name(fake: FakeTelegram, heard: Heardings) -> None:
    fake.updates = [press(1)]
    listen(fake, heard, chat_id="@desk")
    assert heard.noted == [Heard.ACCEPTED]


@pytest.mark.attack
@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1},
        {"update_id": 1, "message": {"text": "hello"}},
        {"update_id": 1, "callback_query": None},
        {"update_id": 1, "callback_query": {"id": 5, "from": [], "message": "x", "data": {}}},
        press(1, "ack:../../x"),
        press(1, "x" * 1000),
        {**press(1), "callback_query": {**press(1)["callback_query"], "message": None}},
    ],
)
def test_an_update_that_is_no_press_of_ours_is_counted_and_the_next_is_heard(
    fake: FakeTelegram, heard: Heardings, update: dict[str, Any]
) -> None:
    fake.updates = [update, press(2)]
    listen(fake, heard)
    assert heard.noted == [Heard.UNREADABLE, Heard.ACCEPTED]


def test_an_answer_that_cannot_be_accepted_now_comes_again(fake: FakeTelegram, heard: Heardings) -> None:
    heard.refusals = [Unavailable("Kafka is away"), Unavailable("Kafka is away")]
    fake.updates = [press(1), press(2)]
    listen(fake, heard)
    assert [each.id for each in heard.answers] == ["telegram:press-1", "telegram:press-2"]
    assert heard.noted == [Heard.FAILED, Heard.FAILED, Heard.ACCEPTED, Heard.ACCEPTED]


def test_an_answer_that_is_never_accepted_does_not_hold_up_the_next(
    fake: FakeTelegram, heard: Heardings
) -> None:
    heard.refusals = [RuntimeError("a bug")]
    fake.updates = [press(1), press(2)]
    listen(fake, heard)
    assert heard.noted == [Heard.FAILED, Heard.ACCEPTED]


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (500, b""),
        (409, b'{"ok":false}'),
        (429, b'{"parameters":{"retry_after":0}}'),
        (200, b"<html>"),
        (200, b"["),
    ],
)
def test_after_a_failure_it_asks_again(fake: FakeTelegram, heard: Heardings, code: int, body: bytes) -> None:
    class Once(FakeTelegram):
        def routes(self, asked: Asked) -> Answer:
            return Answer(body, code) if len(self.asked) == 1 else super().routes(asked)

    with Once() as failing:
        failing.updates = [press(1)]
        listen(failing, heard)
    assert heard.noted == [Heard.FAILED, Heard.ACCEPTED]


def test_a_server_that_hangs_is_broken_off(heard: Heardings) -> None:
    with FakeTelegram() as fake:
        fake.trouble = hang(fake)
        listener = make_listener(fake, heard)
        object.__setattr__(listener._fetcher, "timeout_seconds", 0.2)
        stop = Event()

        def note(*_: object) -> None:
            stop.set()

        listener._note = note
        listener.run(stop, heard.accept)
    assert stop.is_set()


def test_a_confirmation_that_fails_leaves_the_answer(heard: Heardings) -> None:
    class Mute(FakeTelegram):
        def routes(self, asked: Asked) -> Answer:
            return super().routes(asked) if asked.path.endswith("/getUpdates") else Answer(b"", 400)

    with Mute() as fake:
        fake.updates = [press(1)]
        listen(fake, heard)
    assert heard.noted == [Heard.ACCEPTED, Heard.FAILED]
    assert len(heard.answers) == 1


@pytest.mark.attack
def test_the_token_is_in_no_log_and_no_note(
    fake: FakeTelegram, heard: Heardings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for code in (401, 404, 500, 302):
        fake.trouble = status(code, Location=f"{fake.url}/bot{TOKEN}")
        stop, listener = Event(), make_listener(fake, heard)

        def note(kind: Heard, said: str, stop: Event = stop) -> None:
            heard.note(kind, said)
            stop.set()

        listener._note = note
        listener.run(stop, heard.accept)
    assert len(heard.said) == 4
    assert not any(TOKEN in each for each in [*heard.said, caplog.text, repr(listener)])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"chat_id": None}, "chat_id is missing"),
        ({"token": None}, "token is missing"),
        ({"hosts": ()}, "api_url cannot be used"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    fake: FakeTelegram, heard: Heardings, given: dict[str, Any], expected: str
) -> None:
    with pytest.raises(SettingsError, match=expected):
        make_listener(fake, heard, **given)
