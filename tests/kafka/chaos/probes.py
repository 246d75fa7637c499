"""Probes: one event at a time, and how long it takes until every instrument has published a study of it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.kafka.chaos.plan import Load
from tests.kafka.chaos.prices import WARMUP, Market, market
from tests.kafka.histories import event

from brentwatch.core.errors import Unavailable
from brentwatch.stream import EVENTS, STUDIES, TIMELINE, Outgoing, Partition
from brentwatch.stream.clients.consumer import Reader
from brentwatch.stream.clients.producer import Producer
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from tests.kafka.chaos.stage import Stage

    from brentwatch.core.domain import PriceUpdate

_MOST_PROBES = 60
_LOOK_SECONDS = 0.02


class Reading:
    """A reader of committed studies beside everything else: what it has seen, and how far it has come."""

    def __init__(self, stage: Stage) -> None:
        self._kafka = stage.settings.kafka
        self.seen: set[tuple[str, str]] = set()
        self.position = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reading", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Read no more."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        place = Partition(self._kafka.topic(STUDIES), 0)
        while not self._over.is_set():
            with (
                contextlib.suppress(Unavailable),
                contextlib.closing(Reader(self._kafka, place, self.position)) as reader,
            ):
                while not self._over.is_set():
                    for record in reader.poll(_LOOK_SECONDS):
                        document = json.loads(record.value or b"{}")
                        self.seen.add(((record.key or b"").decode(), document["session"]))
                    self.position = reader.position
            self._over.wait(_LOOK_SECONDS)


@dataclass(slots=True)
class Probes:
    """Asks for one study after the other, each of a session of its own."""

    stage: Stage
    reading: Reading
    trading: Market
    valid: set[tuple[str, int]] = field(default_factory=set)

    def begin(self) -> None:
        """Tell every series the sessions of warm-up."""
        self._tell(0)

    def ask(self) -> str:
        """Write an event of the next session, when the broker takes it, and give that session."""
        number = WARMUP + len(self.valid)
        known = self.trading.closes[number - 1] + timedelta(minutes=1)
        name = f"probe:{len(self.valid)}"
        value = event(name, known.isoformat().replace("+00:00", "Z")).encode()
        self._write(Outgoing(topic=self.stage.settings.kafka.topic(EVENTS), key=b"SAU", value=value))
        self.valid.add((name, 0))
        return self.trading.sessions[number].isoformat()

    def answered(self, session: str, seconds: float = 90.0) -> float:
        """Wait until every instrument has published a study of a session; the seconds that it took."""
        began = time.monotonic()
        wanted = {(each.name, session) for each in self.stage.instruments}
        while not wanted <= self.reading.seen:
            if time.monotonic() > began + seconds:
                raise TimeoutError(f"no study of {session} by {sorted(wanted - self.reading.seen)}")
            time.sleep(_LOOK_SECONDS)
        took = time.monotonic() - began
        self._tell(len(self.valid))
        return took

    def once(self) -> float:
        """Ask, and wait."""
        return self.answered(self.ask())

    @property
    def load(self) -> Load:
        """What was written so far."""
        return Load({}, frozenset(self.valid), 0)

    def _tell(self, number: int) -> None:
        """Write the update of that number of every series: the warm-up, then one session each."""
        kafka = self.stage.settings.kafka
        for name, series in sorted(
            {each.series.name: each.series for each in self.stage.instruments}.items()
        ):
            updates: list[PriceUpdate] = [update for _, update in self.trading.updates(series)]
            self._write(
                *(
                    Outgoing(
                        topic=kafka.topic(TIMELINE),
                        partition=each.partition,
                        key=name.encode(),
                        value=encode_signal(updates[number]),
                    )
                    for each in self.stage.instruments
                    if each.series.name == name
                )
            )

    def _write(self, *records: Outgoing) -> None:
        while True:
            with (
                contextlib.suppress(Unavailable),
                contextlib.closing(Producer(self.stage.settings.kafka)) as producer,
            ):
                producer.send(records)
                return
            time.sleep(_LOOK_SECONDS)


def probes(stage: Stage, reading: Reading) -> Probes:
    """Probes of all instruments."""
    return Probes(stage, reading, market(stage.instruments[0], _MOST_PROBES, Random(1)))
