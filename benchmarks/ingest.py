"""What GDELT's files cost once unzipped: one of 15 minutes, and a day of 96, from rows to events as bytes."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measurement import AtMost, Measurement

from brentwatch.ingest.feeds.gdelt_rows import Report, read
from brentwatch.ingest.feeds.happenings import Happenings, told
from brentwatch.wire.unrest_event import encode_event

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = 2_000
FILES = 96
FIRST = datetime(2024, 5, 7, tzinfo=UTC)
_TIMES = 5
_UNREST_SHARE = 0.5
"""More than the seventh that a real file has, so that the figures are those of a bad day."""

_COUNTRIES = ("KZ", "NI", "IZ", "LY", "US", "RS", "UP", "IS", "SA", "IR", "IN", "FR")
_UNREST = ("141", "145", "143", "144", "190", "193", "195", "183", "1724", "175", "203")
_OTHER = ("010", "042", "036", "173", "051")
_ACTORS = ("GOV", "COP", "MIL", "REB", "OPP", "CVL", "LAB", "BUS", "")


def measure() -> Iterator[Measurement]:
    """Seconds of one file and of a day; the day in a process of its own, for its peak of memory."""
    yield Measurement(
        "gdelt, one file of 2,000 rows", median(_one() for _ in range(_TIMES)), "s", AtMost(0.5)
    )
    told_of = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingest"], capture_output=True, text=True, check=True
    )
    seconds, megabytes = map(float, told_of.stdout.split())
    yield Measurement("gdelt, a day of 96 files", seconds, "s", AtMost(60))
    yield Measurement("gdelt, a day: peak memory", megabytes, "MB", AtMost(300))


def _one() -> float:
    lines = _file(0)
    began = time.perf_counter()
    _take(Happenings(), lines, FIRST)
    return time.perf_counter() - began


def _day() -> float:
    happenings, spent = Happenings(), 0.0
    for number in range(FILES):
        lines = _file(number)
        began = time.perf_counter()
        _take(happenings, lines, FIRST + number * timedelta(minutes=15))
        spent += time.perf_counter() - began
    return spent


def _take(happenings: Happenings, lines: list[str], known_at: datetime) -> None:
    reports = [report for line in lines if isinstance(report := read(line, 3), Report)]
    for document in told(happenings.take(reports, known_at).values(), known_at):
        encode_event(document)


def _file(number: int) -> list[str]:
    chance = Random(number)  # noqa: S311 - a made-up file, the same each time
    added = FIRST + number * timedelta(minutes=15)
    return [_row(chance, number * ROWS + at, added) for at in range(ROWS)]


def _row(chance: Random, number: int, added: datetime) -> str:
    country = chance.choice(_COUNTRIES)
    town = int(chance.paretovariate(0.8)) % 200
    admin1 = f"{country}{town % 9:02}"
    lat, lon = 20 + town % 20 + 0.01 * len(country), 10 + town // 20 + 0.3
    code = chance.choice(_UNREST if chance.random() < _UNREST_SHARE else _OTHER)
    sides = [[f"{country}A{kind}", f"ACTOR {kind}", *[""] * 8] for kind in chance.choices(_ACTORS, k=2)]
    place = [
        "4",
        f"Town {town}",
        country,
        admin1,
        "",
        f"{lat:.2f}",
        f"{lon:.2f}",
        str(town),
    ]
    wide = ["1", country, country, country, "", "30.0", "40.0", country]
    here = wide if chance.random() < 0.2 else place
    day, mentions = f"{added:%Y%m%d}", str(chance.randint(1, 20))
    cells = [
        str(number), day, day[:6], day[:4], "2024.3479", *sides[0], *sides[1], "1", code, code[:3], code[:2],
        "3", "-6.5", mentions, "1", mentions, "-3.25", *here, *here, *here, f"{added:%Y%m%d%H%M%S}",
        f"https://example.org/{number // 3}",
    ]  # fmt: skip
    return "\t".join(cells)


if __name__ == "__main__":
    print(_day(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)
