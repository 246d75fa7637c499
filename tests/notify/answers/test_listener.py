"""Buttons carry the answer and the thread; whatever fails, the chat is asked again."""

from __future__ import annotations

from threading import Event

import pytest
from tests.notify.alerts import message

from brentwatch.core.errors import Unavailable
from brentwatch.notify.answers.listener import (
    ChatAnswer,
    Heard,
    People,
    hand_on,
    keep_asking,
)
from brentwatch.notify.buttons import build_buttons, parse_button
from brentwatch.notify.messages import Rejected
from brentwatch.web.failures import Backoff, NoAnswer, Reason
from brentwatch.wire.deliveries import AnswerKind

ANSWER = ChatAnswer(id="1", kind=AnswerKind.USEFUL, thread="t", by="anna", channel="slack")


def test_each_button_is_read_as_it_was_written() -> None:
    buttons = build_buttons(message())
    assert {label: parse_button(carried) for label, carried in buttons.items()} == {
        "Acknowledge": (AnswerKind.ACKNOWLEDGE, "0123456789abcdef0123"),
        "Useful": (AnswerKind.USEFUL, "0123456789abcdef0123"),
        "False alarm": (AnswerKind.FALSE_ALARM, "0123456789abcdef0123"),
    }
    assert next(iter(buttons.values())) == "ack:0123456789abcdef0123"


def test_a_thread_that_no_button_of_64_bytes_can_carry_has_none() -> None:
    assert max(len(each.encode()) for each in build_buttons(message(thread="x" * 57)).values()) == 64
    for thread in ("x" * 58, "a b", "é"):
        assert build_buttons(message(thread=thread)) == {}


def test_an_alert_that_is_acknowledged_or_over_is_only_judged_and_a_notice_is_not_answered() -> None:
    for sent in (message(acknowledged="Ann at 16:40"), message(is_closed=True)):
        assert list(build_buttons(sent)) == ["Useful", "False alarm"]
    assert build_buttons(message(alert=None)) == {}


@pytest.mark.parametrize("carried", ["", "ack", "ack:", "ack:a b", "ack:x\n", "mute:x", "ACK:x", "false:é"])
def test_a_button_of_somebody_else_is_not_read(carried: str) -> None:
    assert parse_button(carried) is None


def test_people_are_those_in_the_place_or_those_who_are_named() -> None:
    everybody, one = People("C1"), People("C1", ("U1",))
    assert everybody.includes("U2", "C1")
    assert not everybody.includes("U2", "C2")
    assert one.includes("U1", "C1", "@name")
    assert not one.includes("U2", "C1")


def test_an_answer_that_fails_is_counted_and_one_that_may_work_later_comes_again() -> None:
    noted: list[Heard] = []

    def refuse(_: ChatAnswer) -> None:
        raise RuntimeError("secret")

    def postpone(_: ChatAnswer) -> None:
        raise Unavailable("later")

    assert hand_on(ANSWER, lambda _: None, lambda heard, _: noted.append(heard))
    assert not hand_on(ANSWER, refuse, lambda heard, _: noted.append(heard))
    with pytest.raises(Unavailable):
        hand_on(ANSWER, postpone, lambda heard, _: noted.append(heard))
    assert noted == [Heard.ACCEPTED, Heard.FAILED]


class Waits(Event):
    """Waits in no time, and notes how long it was to be."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return self.is_set()


def test_whatever_fails_it_asks_again_ever_later_until_it_works() -> None:
    stop, said = Waits(), list[str]()
    failures = [
        RuntimeError("quotes a secret"),
        Rejected("refused"),
        NoAnswer(Reason.THROTTLED, "busy", retry_after=77.0),
        None,
        Unavailable("gone"),
    ]

    def ask() -> None:
        if not failures:
            return stop.set()
        if (error := failures.pop(0)) is not None:
            raise error
        return None

    keep_asking(stop, ask, lambda _, told: said.append(told), Backoff(1.0, 60.0, lambda: 0.0))
    assert stop.seconds == [1.0, 2.0, 77.0, 1.0]
    assert said == ["RuntimeError", "refused", "busy", "gone"]
