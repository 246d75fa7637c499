"""The load as data: which writer writes what and when, and what must then be on the timeline."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.kafka.chaos.fine_prices import fine_updates, news, settlements
from tests.kafka.chaos.prices import Market, market

from brentwatch.stream import EVENTS, TIMELINE
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from random import Random

    from brentwatch.core.domain import Instrument, PriceUpdate

COUNTRIES = ("SAU", "IRQ", "IRN", "KAZ", "LBY", "NGA", "RUS", "VEN", "ARE", "KWT", "DZA", "NOR", "SDN", "XKX")
CLASSES = ("protest", "strike", "riot", "attack_infrastructure", "coup", "supply_disruption")
LATELY = 40
"""An event is revised within so many later ones."""

MALFORMED, OVERSIZE, REPEATED, RETRACTED, OUT_OF_ORDER, REVISED_BARS = 0.02, 0.01, 0.03, 0.02, 0.02, 0.1
"""Shares of poison, of the events; the last one of the sessions."""

UPDATED, LATE, BY_DAY = 0.1, 0.02, 0.05
"""Shares of what is no poison."""

Identity = tuple[str, int]
"""An event id and a revision."""


@dataclass(frozen=True, slots=True)
class Act:
    """One record to be written: `at` is its place in the time of the load, 0 to 1.

    `partitions` are written to directly; where there are none, the key decides.
    """

    at: float
    topic: str
    key: bytes
    value: bytes
    partitions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """The acts of each writer in their order, the events that are valid, and the messages that are not."""

    writers: Mapping[str, Sequence[Act]]
    valid: frozenset[Identity]
    invalid: int


def plan(
    instruments: Sequence[Instrument], events: int, sessions: int, chance: Random, *, poisoned: bool
) -> Load:
    """Events for a number of sessions, and prices of every series, settling one session after the other."""
    trading = market(instruments[0], sessions, chance)
    script = _Script(trading, chance)
    script.tell(events)
    if any(each.intraday for each in instruments):
        script.tell_of_jumps()
    if poisoned:
        script.poison(events)
    prices = [*_prices(instruments, trading), *_fine_prices(instruments, trading)]
    writers = {"desk": script.acts, "prices": prices}
    if poisoned:
        writers["other prices"] = _other_prices(instruments, trading, chance)
    return Load(
        {name: sorted(acts, key=lambda act: act.at) for name, acts in writers.items()},
        frozenset(script.valid),
        script.invalid + (len(instruments) if poisoned else 0),
    )


class _Script:
    """Events, written down one after the other."""

    def __init__(self, trading: Market, chance: Random) -> None:
        self._trading = trading
        self._chance = chance
        self._newest: dict[str, dict[str, Any]] = {}
        self.acts: list[Act] = []
        self.valid: set[Identity] = set()
        self.invalid = 0

    def tell(self, events: int) -> None:
        """New events, and updates of those that were told."""
        for number in range(events):
            at = (number + self._chance.random()) / events
            if self._newest and self._chance.random() < UPDATED:
                self._revise(at, status="update", summary=f"told anew at {at:.4f}")
            else:
                self._say(at, self._event(f"chaos:{number}", at))

    def tell_of_jumps(self) -> None:
        """News that is large enough for a test, wherever the price is about to jump."""
        large = {"country": "SAU", "event_class": "attack_infrastructure"}
        for number, instant in enumerate(news(self._trading)):
            at = self._trading.place(instant)
            event = self._event(f"chaos:jump:{number}", at) | large
            when = {"occurred": {"start": _text(instant), "precision": "minute"}, "known_at": _text(instant)}
            self._say(at, event | when)

    def poison(self, events: int) -> None:
        """What goes wrong with events, beside what goes right."""
        whole = list(self.acts)
        for act in self._chance.sample(whole, int(events * REPEATED)):
            self.acts.append(replace(act, at=self._later(act.at)))
        for _ in range(int(events * RETRACTED)):
            self._revise(self._chance.random(), status="retract")
        for _ in range(int(events * OUT_OF_ORDER)):
            self._correct_out_of_order(self._chance.random())
        for number in range(int(events * MALFORMED)):
            self._spoil(_MALFORMED[number % len(_MALFORMED)])
        for _ in range(int(events * OVERSIZE)):
            event = self._event("chaos:oversize", self._chance.random())
            self._spoil(json.dumps(event | {"padding": "x" * 70_000}).encode())

    def _later(self, at: float) -> float:
        return at + (1.0 - at) * self._chance.random() ** 3

    def _event(self, event_id: str, at: float) -> dict[str, Any]:
        known = self._trading.moment(at)
        if self._chance.random() < LATE:
            known -= timedelta(days=self._chance.randrange(1, 8))
        precision = "day" if self._chance.random() < BY_DAY else "minute"
        return {
            "event_id": event_id,
            "revision": 0,
            "status": "new",
            "occurred": {"start": _text(known), "precision": precision},
            "known_at": _text(known),
            "country": self._chance.choice(COUNTRIES),
            "event_class": self._chance.choice(CLASSES),
            "summary": f"what is told of {event_id}",
            "provenance": {"feed": "desk"},
        }

    def _revise(self, at: float, steps: int = 1, **changes: Any) -> None:
        event = self._told_lately(at)
        known = max(_text(self._trading.moment(at)), event["known_at"])
        self._say(at, event | {"revision": event["revision"] + steps, "known_at": known} | changes)

    def _correct_out_of_order(self, at: float) -> None:
        """Revision n + 2, and then n + 1, which is overtaken."""
        event = self._told_lately(at)
        last = event["revision"] + 2
        for revision, when in ((last, at), (last - 1, min(1.0, at + 1e-4))):
            told = {"revision": revision, "status": "update", "summary": f"correction {revision}"}
            self._say(when, event | told)
        self._newest[event["event_id"]] = event | {"revision": last}

    def _told_lately(self, at: float) -> dict[str, Any]:
        """The newest revision of an event from about that place in the time of the load."""
        told = list(self._newest.values())
        return told[max(0, int(at * len(told)) - 1 - self._chance.randrange(LATELY))]

    def _say(self, at: float, event: dict[str, Any]) -> None:
        self._newest[event["event_id"]] = event
        self.valid.add((event["event_id"], event["revision"]))
        self.acts.append(Act(at, EVENTS, event["country"].encode(), json.dumps(event).encode()))

    def _spoil(self, value: bytes) -> None:
        self.invalid += 1
        key = self._chance.choice(COUNTRIES).encode()
        self.acts.append(Act(self._chance.random(), EVENTS, key, value))


_MALFORMED = (b'{"event_id": "chaos:cut', b"\xff\xfe\x00", b"[]", b'{"event_id": "chaos:bare"}', b"")


def _prices(instruments: Sequence[Instrument], trading: Market, revised: float = 0.0) -> list[Act]:
    """What a price service writes of every daily series, to the partitions of its instruments."""
    partitions = _partitions((each.series.name, each.partition) for each in instruments)
    known = settlements(trading) if any(each.intraday for each in instruments) else {}
    return [
        _act(at, update, partitions[series.name])
        for series in {each.series.name: each.series for each in instruments}.values()
        for at, update in trading.updates(series, revised, known)
    ]


def _fine_prices(instruments: Sequence[Instrument], trading: Market, revised: float = 0.0) -> list[Act]:
    """The same of every series of bars of five minutes."""
    partitions = _partitions((each.intraday.name, each.partition) for each in instruments if each.intraday)
    return [
        _act(at, update, partitions[series])
        for series in partitions
        for at, update in fine_updates(trading, series, revised)
    ]


def _other_prices(instruments: Sequence[Instrument], trading: Market, chance: Random) -> list[Act]:
    """A second price service, which does not quite agree, and a record for each partition that is no JSON."""
    acts = _prices(instruments, trading, REVISED_BARS)
    broken = [
        Act(chance.random(), TIMELINE, b"?", b'{"kind": "price_update", ', (each.partition,))
        for each in instruments
    ]
    moved = [replace(act, at=act.at + chance.uniform(-0.002, 0.004)) for act in acts]
    return [*moved, *_fine_prices(instruments, trading, REVISED_BARS), *broken]


def _partitions(users: Iterable[tuple[str, int]]) -> Mapping[str, list[int]]:
    """The partitions that take each series."""
    partitions = defaultdict[str, list[int]](list)
    for series, partition in users:
        partitions[series].append(partition)
    return partitions


def _act(at: float, update: PriceUpdate, partitions: Iterable[int]) -> Act:
    return Act(at, TIMELINE, update.series.encode(), encode_signal(update), tuple(partitions))


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
