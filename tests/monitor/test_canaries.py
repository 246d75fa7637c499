"""A canary is answered at once, and nothing else of the monitor depends on whether there was one."""

from __future__ import annotations

import json
from io import StringIO
from random import Random
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from tests.monitor.test_service import PLACE, SETTINGS, Monitoring

from brentwatch.core.domain import BRENT_SPOT, Canary, Signal
from brentwatch.history.folder import find_history
from brentwatch.monitor import service
from brentwatch.stream import Outgoing, Record, Stateful
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.canaries import CanaryAnswer, decode_canary_answer
from brentwatch.wire.state import CURSOR, decode_cursor
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ANSWERS = "demo.impact.canary"
HISTORIES = {name: tuple(find_history(name, BRENT_SPOT).signals) for name in ("abqaiq-2019", "libya-2011")}


def add_canaries(signals: Sequence[Signal], seed: int, share: float) -> list[Signal]:
    """The signals with canaries at random places, each as old as the signal before it."""
    chance, made = Random(seed), list[Signal]()  # noqa: S311 - chance is seeded
    for signal in signals:
        while chance.random() < share:
            known_at = made[-1].known_at if made else signal.known_at
            made.append(Canary(canary_id=f"canary:{len(made)}", known_at=known_at))
        made.append(signal)
    return made


def as_records(signals: Iterable[Signal]) -> list[Record]:
    return [
        Record(partition=PLACE, offset=offset, value=encode_signal(signal))
        for offset, signal in enumerate(signals)
    ]


def split(answers: Iterable[Outgoing]) -> tuple[list[Outgoing], list[CanaryAnswer]]:
    """What was published, and the answers to canaries."""
    every = list(answers)
    told = [decode_canary_answer(each.value or b"") for each in every if each.topic == ANSWERS]
    return [each for each in every if each.topic != ANSWERS], told


def without_cursor(kept: dict[bytes, bytes]) -> dict[bytes, bytes]:
    return {key: value for key, value in kept.items() if key != CURSOR}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", HISTORIES)
def test_studies_alerts_and_state_are_byte_for_byte_the_same_with_canaries_at_random_places(
    name: str, seed: int
) -> None:
    plain, mixed = as_records(HISTORIES[name]), as_records(add_canaries(HISTORIES[name], seed, 0.4))
    without, among = Monitoring(), Monitoring()
    published, none = split(without.handle(plain))
    chance, answers = Random(seed), list[Outgoing]()  # noqa: S311 - chance is seeded
    for record in mixed:
        answers += among.handle([record])
        if chance.random() < 0.1:
            among.keep(record.offset + 1)
    assert split(answers)[0] == published
    assert len(published) > 50
    assert (none, len(split(answers)[1])) == ([], len(mixed) - len(plain))
    kept = among.keep(len(mixed))
    assert without_cursor(kept) == without_cursor(without.keep(len(plain)))
    assert decode_cursor(kept[CURSOR]).offset == len(mixed)
    assert among.counted("events_consumed_total", outcome="accepted") == without.counted(
        "events_consumed_total", outcome="accepted"
    )


def test_a_canary_is_answered_at_once_without_a_price_on_the_timeline() -> None:
    (signal,) = add_canaries(HISTORIES["libya-2011"][:1], 1, 0.9)[:1]
    assert isinstance(signal, Canary)
    answered = Monitoring().handle([Record(partition=PLACE, offset=41, value=encode_signal(signal))])
    assert [(each.topic, each.key, each.partition) for each in answered] == [(ANSWERS, b"brent-spot", None)]
    assert split(answered)[1] == [
        CanaryAnswer(canary_id=signal.canary_id, instrument="brent-spot", sent_at=signal.known_at, offset=41)
    ]


def test_a_restored_monitor_answers_only_what_comes_after_its_place() -> None:
    records = as_records(add_canaries(HISTORIES["libya-2011"], 1, 0.4))
    whole, cut = Monitoring(), Monitoring()
    place = len(records) // 2
    first = whole.handle(records[:place])
    cut.worker.restore(whole.keep(place))
    _, told = split(first + cut.handle(records[place:]))
    assert len({each.offset for each in told}) == len(told) > 0


def test_a_rebuild_answers_no_canary_and_says_how_many_of_its_records_were_canaries() -> None:
    mixed = as_records(add_canaries(HISTORIES["libya-2011"], 1, 0.4))
    count = len(mixed) - len(HISTORIES["libya-2011"])
    lived = Monitoring()
    lived.handle(mixed)
    said = StringIO()
    log = make_logger(TelemetrySettings(log_format="json"), service=service.SERVICE, stream=said)
    metrics = Metrics(CollectorRegistry(), service.SERVICE)
    worker = service.prepare(SETTINGS, Telemetry(metrics, Health(40.0), log)).open(PLACE)
    assert isinstance(worker, Stateful)
    worker.prepare({})
    for record in mixed:
        worker.refold(record)
    answers = worker.recreate({}, len(mixed))
    assert {each.topic for each in answers} == {"demo.impact.state"}
    kept = {each.key or b"": each.value or b"" for each in answers}
    assert without_cursor(kept) == without_cursor(lived.keep(len(mixed)))
    told = json.loads(said.getvalue().splitlines()[-1])
    assert (told["event"], told["records"], told["canaries"]) == ("rebuilt", len(mixed), count)
