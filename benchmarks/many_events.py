"""The peak memory of a classical study of 4,000 events whose windows overlap, with all tests."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.child import command
from benchmarks.measurement import AtMost, Measurement, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVENTS = 4_000
_LIMIT_MB = 300.0
_FIRST, _DAYS = date(2003, 1, 6), 8_400


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """The peak of the command, against a limit."""
    events = 100 if short else _EVENTS
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        path.write_text(_write_events(events), encoding="utf-8")
        run = command("study", str(path), "--aggregate", "--show", "tests", "--format", "csv", times=1)
    limit = Reference("its limit of 300 MB", _LIMIT_MB)
    yield Measurement(f"study of {events:,} events: peak memory", run.megabytes, "MB", AtMost(1.0, limit))


def _write_events(count: int) -> str:
    chosen = random.Random(1)  # noqa: S311 - the same dates each time
    dates = (_FIRST + timedelta(days=chosen.randrange(_DAYS)) for _ in range(count))
    return "event,date\n" + "".join(f"event {number},{day}\n" for number, day in enumerate(dates))
