"""Compares what stands in the topics with the fold of the timeline: missing, duplicated, different."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from tests.kafka.folds import fold

from brentwatch.core.domain import EventAdmitted
from brentwatch.core.errors import Unavailable
from brentwatch.message.alert_state import is_withdrawn
from brentwatch.replay.recording import read_timeline
from brentwatch.stream import ALERTS, DEAD, STATE, STUDIES, TIMELINE, Partition, read_partition
from brentwatch.wire.published import decode_alert

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.kafka.chaos.plan import Load
    from tests.kafka.chaos.stage import Stage

    from brentwatch.core.domain import Instrument, Signal
    from brentwatch.stream import Record

_PATIENCE_SECONDS = 40.0
"""More than an abandoned transaction holds a reader up."""

Key = tuple[str, int]
"""An id and a revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Counts over all instruments; the first six are zero, or something is wrong.

    `missing` documents are folded and not published; `duplicated` ones stand in a topic more than once;
    `different` ones stand there with other bytes, or without being folded at all; `disorder` counts the
    instruments whose documents stand in another order than that of the fold. `events_missing` are valid and
    not on a timeline, `letters_missing` records that cannot be read and that no dead letter tells of.
    `answers` counts the studies by their test, without those that are pending; `stages` counts the alerts by
    their stage, `withdrawn` those that no test supports any more.
    """

    missing: int
    duplicated: int
    different: int
    disorder: int
    events_missing: int
    letters_missing: int
    studies: int
    alerts: int
    withdrawn: int
    timeline: int
    repeated_on_timeline: int
    dead_letters: int
    state_written: int
    state_left: int
    answers: Mapping[str, int]
    stages: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """True when nothing is missing, doubled, different, in another order or lost."""
        return not any(getattr(self, each.name) for each in fields(self)[:6])


def judge(stage: Stage, load: Load) -> Verdict:
    """Read every topic as a reader of committed records does, and fold every timeline."""
    studies, alerts = _read(stage, STUDIES), _read(stage, ALERTS)
    counts = Counter[str](
        studies=len(studies),
        alerts=len(alerts),
        withdrawn=sum(is_withdrawn(decode_alert(each.value or b"").alert) for each in alerts),
    )
    for instrument in stage.instruments:
        signals = _signals(stage, instrument)
        folded = fold(signals, instrument)
        counts += compared("study_id", folded.studies, _of(instrument, studies))
        counts += compared("alert_id", folded.alerts, _of(instrument, alerts))
        admitted = Counter(_admitted(signals))
        counts["events_missing"] += len(load.valid - set(admitted))
        counts["repeated_on_timeline"] += admitted.total() - len(admitted)
        counts["timeline"] += len(signals)
        counts["state_written"] += stage.end(STATE, instrument.partition)
        counts["state_left"] += len(_read(stage, STATE, instrument.partition))
    counts += _letters(stage, load)
    numbers = {each.name: counts[each.name] for each in fields(Verdict) if each.type == "int"}
    return Verdict(**numbers, answers=_count_answers(studies), stages=_count_stages(alerts))


def compared(id_name: str, folded: Sequence[bytes | None], published: Sequence[bytes | None]) -> Counter[str]:
    """What is missing, duplicated and different among documents of one kind and one instrument."""
    wanted = {_key(id_name, value): value for value in folded}
    times = Counter(_key(id_name, value) for value in published)
    return Counter(
        missing=sum(key not in times for key in wanted),
        duplicated=sum(count - 1 for count in times.values()),
        different=sum(wanted.get(_key(id_name, value)) != value for value in published),
        disorder=int(list(folded) != list(published)),
    )


def _key(id_name: str, value: bytes | None) -> Key:
    document = json.loads(value or b"{}")
    return document[id_name], document["revision"]


def _count_answers(studies: Sequence[Record]) -> Mapping[str, int]:
    documents = [json.loads(each.value or b"{}") for each in studies]
    return dict(Counter(each["test"] for each in documents if each["result"]["status"] != "pending"))


def _count_stages(alerts: Sequence[Record]) -> Mapping[str, int]:
    return dict(Counter(json.loads(each.value or b"{}")["stage"] for each in alerts))


def _of(instrument: Instrument, records: Sequence[Record]) -> list[bytes | None]:
    return [record.value for record in records if record.key == instrument.name.encode()]


def _admitted(signals: Sequence[Signal]) -> Iterator[Key]:
    for signal in signals:
        if isinstance(signal, EventAdmitted):
            yield signal.event.event_id, signal.event.revision


def _letters(stage: Stage, load: Load) -> Counter[str]:
    """Of a message a letter may come twice, as its answer may; of the timeline never."""
    origins = Counter(
        tuple(dict(letter.headers)[name] for name in ("topic", "partition", "offset"))
        for letter in _read(stage, DEAD)
    )
    timeline = stage.settings.kafka.topic(TIMELINE).encode()
    return Counter(
        dead_letters=origins.total(),
        letters_missing=max(0, load.invalid - len(origins)),
        duplicated=sum(times - 1 for origin, times in origins.items() if origin[0] == timeline),
    )


def _signals(stage: Stage, instrument: Instrument) -> Sequence[Signal]:
    """What `replay --from-kafka` reads."""
    return read_timeline(stage.settings.kafka, instrument).signals


def _read(stage: Stage, topic: str, partition: int = 0) -> list[Record]:
    kafka = stage.settings.kafka
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return list(read_partition(kafka, Partition(kafka.topic(topic), partition)))
        except Unavailable:  # an abandoned transaction holds readers up until the broker ends it
            if time.monotonic() > deadline:
                raise
