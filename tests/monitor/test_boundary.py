"""What the monitor cannot take leaves its state as it was; prices that it cannot fold end it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from tests.core.intraday_desk import FRONT

from brentwatch.core.domain import EventAdmitted, PriceUpdate
from brentwatch.core.errors import CannotFold
from brentwatch.core.monitor import state_values
from brentwatch.core.monitor.machine import create_state
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.message import folding as publishing
from brentwatch.monitor import service, state_topic
from brentwatch.monitor.active_events import EventBoard
from brentwatch.settings.composed import Settings
from brentwatch.stream import KafkaSettings, Partition, Record
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from brentwatch.core.domain import Signal, Study

PLACE = Partition("impact.timeline", 0)
SIGNALS = find_history("vorukh-2021").signals
EVENT = next(signal for signal in SIGNALS if isinstance(signal, EventAdmitted))
PRICES = next(signal for signal in SIGNALS if isinstance(signal, PriceUpdate))


def record(signal: Signal, offset: int = 0) -> Record:
    return Record(partition=PLACE, offset=offset, value=encode_signal(signal))


def monitor(log: io.StringIO | None = None) -> service.Monitor:
    settings = Settings(kafka=KafkaSettings())
    said = make_logger(TelemetrySettings(log_level="error"), service="monitor", stream=log or io.StringIO())
    metrics = Metrics(CollectorRegistry(), service.SERVICE)
    return service.Monitor(settings.list_instruments()[0], settings.kafka, metrics, said, EventBoard(metrics))


def refuse(_: Study) -> bytes:
    raise InvalidMessage(DeadLetterReason.SCHEMA, "made up")


def fail(*_: object) -> bytes:
    raise ZeroDivisionError("made up")


@pytest.mark.parametrize(("encode", "error"), [(refuse, InvalidMessage), (fail, ZeroDivisionError)])
def test_an_event_whose_study_cannot_be_published_changes_nothing(
    encode: object, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = monitor()
    before = worker.recreate({}, 0)
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "encode_study", encode)
        with pytest.raises(error):
            worker.handle(record(EVENT))
        with pytest.raises(error):
            worker.refold(record(EVENT))
    assert worker.recreate({}, 0) == before
    assert worker.handle(record(EVENT)) == monitor().handle(record(EVENT))


@pytest.mark.parametrize("encode", [refuse, fail])
def test_prices_that_cannot_be_folded_end_the_monitor_and_name_their_place(
    encode: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = io.StringIO()
    worker = monitor(log)
    worker.handle(record(EVENT))
    before = worker.recreate({}, 0)
    monkeypatch.setattr(publishing, "encode_study", encode)
    monkeypatch.setattr(publishing, "step", lambda state, _: (state, _published(worker)))
    with pytest.raises(CannotFold) as caught:
        worker.handle(record(PRICES, offset=17))
    assert "offset 17 of partition 0 of impact.timeline" in str(caught.value)
    assert "made up" in str(caught.value)
    assert "Traceback" in log.getvalue()
    assert worker.recreate({}, 0) == before


def _published(worker: service.Monitor) -> tuple[object, ...]:
    """What the fold asks to be published for the event that waits."""
    from brentwatch.core.domain import PublishStudy

    session = next(iter(worker._state.expected.values()))
    return tuple(PublishStudy(study) for study in session.studies.values())


def test_no_memory_is_no_fault_of_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(publishing, "step", step)
    for signal in (EVENT, PRICES):
        with pytest.raises(MemoryError):
            monitor().handle(record(signal))


def test_a_failure_to_look_ahead_is_logged_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    worker = monitor(log)
    worker.handle(record(PRICES))
    monkeypatch.setattr(service, "look_ahead", fail)
    worker.idle()
    worker.idle()
    assert log.getvalue().count("cannot look ahead") == 1
    assert state_values.take_snapshot(worker._state)


@pytest.mark.slow
def test_a_strangers_key_on_the_state_topic_is_no_part_of_the_state_and_every_one_of_ours_is() -> None:
    state = create_state(build_rules(FRONT))
    for signal in find_history("intraday-demo", FRONT).signals:
        state = publishing.fold(state, signal).state
    assert {
        key for key in state_values.take_snapshot(state) if not state_topic._is_ours(key.encode())
    } == set()
    for key in (b"KAZ", b"", b"\xff:1", b"cursor", b"stranger:2022-01-05"):
        assert not state_topic._is_ours(key)
