"""Memory of one monitor over many events and sessions: flat memory shows that old state is dropped."""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measurement import AtMost, Measurement, Reference
from benchmarks.stream import worker
from benchmarks.stream.histories import Events, Prices
from benchmarks.stream.installation import fill, install, spot_alone

from brentwatch.stream import TIMELINE, Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.stream.worker import Report

SHORTEST, SHORT, WHOLE = 200, 100_000, 1_000_000
SESSIONS = 800
"""A quarter is longer than the half year for which the monitor keeps decided sessions."""
_WARMUP = 1_600


def measure(bootstrap: str, *, short: bool = False) -> Iterator[Measurement]:
    """A hundred thousand events."""
    yield from _short(bootstrap) if short else _measured(bootstrap, SHORT)


def soak(bootstrap: str, *, short: bool = False) -> Iterator[Measurement]:
    """A million events."""
    yield from _short(bootstrap) if short else _measured(bootstrap, WHOLE)


def _short(bootstrap: str) -> Iterator[Measurement]:
    return _measured(bootstrap, SHORTEST, SHORTEST // 10)


def _measured(bootstrap: str, events: int, sessions: int = SESSIONS) -> Iterator[Measurement]:
    kafka = install(bootstrap)
    fill(kafka, _timeline(kafka.topic(TIMELINE), events, sessions))
    (report,) = worker.ended(worker.start("monitor", spot_alone(kafka)))
    quarters = by_quarter(report)
    print(
        f"{events:,} events, memory by quarter: {', '.join(f'{each:.1f} MB' for each in quarters)}",
        file=sys.stderr,
    )
    second = Reference("the second", quarters[1])
    yield Measurement(f"memory, {events:,} events, last quarter", quarters[3], "MB", AtMost(1.05, second))


def _timeline(topic: str, count: int, sessions: int) -> Iterator[Outgoing]:
    events, prices = Events(), Prices()
    yield Outgoing(topic=topic, partition=0, value=prices.calm(_WARMUP, warmup=True))
    for _ in range(sessions):
        for _ in range(count // sessions):
            key, value = events.admitted(prices.between)
            yield Outgoing(topic=topic, partition=0, key=key, value=value)
        yield Outgoing(topic=topic, partition=0, value=prices.calm(1))


def by_quarter(report: Report) -> list[float]:
    """The median memory of each quarter of the records, in megabytes (10^6 bytes).

    A turn counts in every quarter from which it read a record, so that each quarter has one.
    """
    seen, found = 0, [list[int]() for _ in range(4)]
    for _, records, memory in report.turns:
        first, last = 4 * seen // report.records, 4 * (seen + records - 1) // report.records
        for quarter in range(first, last + 1):
            found[quarter].append(memory)
        seen += records
    return [median(each) / 1e6 for each in found]
