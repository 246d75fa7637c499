"""What people press in a chat is recorded as an answer, by the process that sends, and changes the thread."""

import threading
from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry
from tests.notify.desk import THREAD, Desk
from tests.notify.test_senders import LOG

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.answers.listener import Accept, ChatAnswer, Heard, Note
from brentwatch.notify.listening import LISTENERS, Listening, list_answering
from brentwatch.notify.senders import Lease
from brentwatch.notify.service import SERVICE
from brentwatch.notify.settings import NotifySettings
from brentwatch.telemetry.metrics import Metrics
from brentwatch.wire.deliveries import AnswerKind, AnswerRecord, decode_delivery_record

PRESSED = ChatAnswer(id="press-1", kind=AnswerKind.ACKNOWLEDGE, thread=THREAD, by="anna", channel="slack")
TELEGRAM = {"channels": ["telegram"], "telegram": {"token": "1:secret", "chat_id": "-1"}}


class Pressing:
    """A listener to which somebody presses a button each time it is run."""

    def __init__(self, note: Note) -> None:
        self.note = note
        self.runs = 0

    def run(self, stop: threading.Event, accept: Accept) -> None:
        self.runs += 1
        accept(PRESSED)
        self.note(Heard.ACCEPTED, "anna pressed")
        stop.wait(0.01)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Pressing]:
    opened: list[Pressing] = []

    def open_one(_: object, __: object, note: Note) -> Pressing:
        opened.append(Pressing(note))
        return opened[-1]

    monkeypatch.setattr("brentwatch.notify.listening.open_listener", open_one)
    return opened


def test_a_pressed_button_is_recorded_and_changes_the_thread(made: list[Pressing]) -> None:
    registry, stop, lease = CollectorRegistry(), threading.Event(), Lease()
    records: list[AnswerRecord] = []

    def record(_: str, value: bytes, written: Callable[[], None]) -> None:
        decoded = decode_delivery_record(value)
        assert isinstance(decoded, AnswerRecord)
        records.append(decoded)
        written()
        stop.set()

    lease.renew(60.0)
    Listening(NotifySettings.model_validate(TELEGRAM), lease, record, Metrics(registry, SERVICE), LOG).run(
        stop
    )
    (answer,) = records[:1]
    assert (answer.id, answer.answer, answer.by, answer.via) == (
        "press-1",
        AnswerKind.ACKNOWLEDGE,
        "anna",
        "slack",
    )
    desk = Desk()
    desk.take(answer)
    assert len(made) == 1


def test_an_answer_that_kafka_does_not_take_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brentwatch.notify.listening._WRITE_SECONDS", 0.01)
    metrics = Metrics(CollectorRegistry(), SERVICE)
    listening = Listening(NotifySettings(), Lease(), lambda *_: None, metrics, LOG)
    with pytest.raises(Unavailable):
        listening.accept(PRESSED)


def test_nobody_listens_without_a_lease(made: list[Pressing]) -> None:
    stop, lease = threading.Event(), Lease()
    settings = NotifySettings.model_validate(TELEGRAM)
    listening = Listening(
        settings, lease, lambda *given: given[2](), Metrics(CollectorRegistry(), SERVICE), LOG
    )
    thread = threading.Thread(target=listening.run, args=(stop,))
    thread.start()
    assert made[0].runs == 0
    lease.renew(60.0)
    while made[0].runs == 0:
        stop.wait(0.01)
    stop.set()
    thread.join()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (TELEGRAM, ["telegram"]),
        ({**TELEGRAM, "telegram": {"answers": False}}, []),
        ({"channels": ["terminal"], "telegram": TELEGRAM["telegram"]}, []),
        ({"channels": ["slack"], "slack": {"token": "x", "channel_id": "C0123456789"}}, []),
        ({"channels": ["slack"], "slack": {"app_token": "x", "channel_id": "C0123456789"}}, ["slack"]),
        ({"channels": ["jsonl"], "jsonl": {"fallback": "telegram"}}, ["telegram"]),
    ],
)
def test_who_can_answer_is_listened_to(settings: dict[str, object], expected: list[str]) -> None:
    assert list(list_answering(NotifySettings.model_validate(settings))) == expected


def test_a_listener_that_cannot_work_stops_the_start() -> None:
    assert LISTENERS.keys() == {"slack", "telegram"}
    settings = NotifySettings.model_validate({"channels": ["telegram"], "telegram": {"token": "1:s"}})
    with pytest.raises(SettingsError, match="chat_id"):
        Listening(settings, Lease(), lambda *_: None, Metrics(CollectorRegistry(), SERVICE), LOG)
