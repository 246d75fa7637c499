"""Records for tests: of short histories, as lines of bytes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from brentwatch.core.domain import BRENT_SPOT, EventAdmitted, PriceUpdate
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.replay.scored_record import RecordPlace, build_header, record_signals
from brentwatch.wire.hash_chain import HashChain
from brentwatch.wire.record_line import build_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from brentwatch.core.domain import Bar, Signal
    from brentwatch.wire.record_line import Line

SPOT = replace(BRENT_SPOT, alerts=True)


@cache
def find_signals(name: str = "abqaiq-2019") -> tuple[Signal, ...]:
    """The signals of a bundled history."""
    return tuple(find_history(name).signals)


def record(signals: Iterable[Signal], after: RecordPlace | None = None) -> list[Line]:
    """The lines of a record, without the header."""
    return list(record_signals(build_rules(SPOT), signals, after=after or RecordPlace()))


def chain_lines(lines: Iterable[Line]) -> list[bytes]:
    """The lines of the file of a record, with their header."""
    chain = HashChain()
    return [chain.add(build_entry(line)).encode() + b"\n" for line in (build_header(SPOT), *lines)]


@cache
def record_history(name: str = "abqaiq-2019") -> tuple[bytes, ...]:
    """The lines of the record of a bundled history."""
    return tuple(chain_lines(record(find_signals(name))))


def revise(signals: Sequence[Signal], at: int, close: float) -> PriceUpdate:
    """An update after the last signal, with another close of the bar of the price update `at`."""
    update, last = signals[at], signals[-1]
    assert isinstance(update, PriceUpdate)
    bar: Bar = replace(update.bars[0], close=close)
    through = last.complete_through if isinstance(last, PriceUpdate) else update.complete_through
    return replace(update, bars=(bar,), known_at=last.known_at, complete_through=through, warmup=False)


def find_first_event(signals: Sequence[Signal]) -> EventAdmitted:
    """The first event of a history."""
    return next(signal for signal in signals if isinstance(signal, EventAdmitted))
