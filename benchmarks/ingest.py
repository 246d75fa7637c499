"""The cost of GDELT files: one of 15 minutes, and a day of 96, from compressed bytes to events as bytes."""

from __future__ import annotations

import hashlib
import io
import resource
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measurement import AtMost, Measurement, Reference

from brentwatch.ingest.feeds.gdelt import Gdelt
from brentwatch.ingest.feeds.settings import GdeltSettings
from brentwatch.web.fetching import Fetcher
from brentwatch.wire.cloudevents import encode_message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROWS, MENTIONS = 2_000, 4_000
FILES = 96
FIRST = datetime(2024, 5, 7, tzinfo=UTC)
_TIMES = 5
_UNREST_SHARE = 0.5
"""The share of relevant rows: more than the seventh of a real file, as on a bad day."""

_TELLS_ALL = "protesters-and-workers-strike-blockade-curfew-and-shelling"
"""A headline that passes every filter of words, for the same reason."""

_COUNTRIES = ("KZ", "NI", "IZ", "LY", "US", "RS", "UP", "IS", "SA", "IR", "IN", "FR")
_UNREST = ("141", "145", "143", "144", "190", "193", "195", "183", "1724", "175", "203")
_OTHER = ("010", "042", "036", "173", "051")
_ACTORS = ("GOV", "COP", "MIL", "REB", "OPP", "CVL", "LAB", "BUS", "")


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """Seconds of one file and of a day; the day in a process of its own, for its peak of memory."""
    times, files = (1, 2) if short else (_TIMES, FILES)
    one = median(_spent(1) for _ in range(times))
    bare = Reference("unzipping and splitting it", median(_split(0) for _ in range(times)))
    yield Measurement(f"gdelt, one file of {ROWS:,} rows", one, "s", AtMost(14, bare))
    words = [sys.executable, "-m", "benchmarks.ingest", str(files)]
    told_of = subprocess.run(words, capture_output=True, text=True, check=True)
    seconds, megabytes = map(float, told_of.stdout.split())
    day = Reference(f"{files} times one", files * one)
    yield Measurement(f"gdelt, a day of {files} files", seconds, "s", AtMost(1.5, day))
    yield Measurement(
        "gdelt, a day: peak memory", megabytes, "MB", AtMost(1, Reference("its limit of 300 MB", 300))
    )


def _split(number: int) -> float:
    """Seconds to unpack the two files of a quarter of an hour and split their rows."""
    shelf = Shelf()
    shelf.put(number)
    began = time.process_time()
    for name in [name for name in shelf.files if name.endswith(".zip")]:
        with zipfile.ZipFile(io.BytesIO(shelf.files[name])) as archive:
            text = archive.read(archive.namelist()[0]).decode()
        _ = [line.split("\t") for line in text.splitlines()]
    return time.process_time() - began


@dataclass(frozen=True, slots=True)
class Shelf(Fetcher):
    """Serves files from memory by name, without the cost of a network."""

    files: dict[str, bytes] = field(default_factory=dict)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """See `Fetcher`."""
        del headers
        return self.files[url.rpartition("/")[2]]

    def stream(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[bytes]:
        """See `Fetcher`."""
        yield self.get(url, headers)

    def put(self, number: int) -> None:
        """The files of one quarter of an hour, and the list that names them."""
        added = FIRST + number * timedelta(minutes=15)
        names = [f"{added:%Y%m%d%H%M%S}.{kind}.CSV" for kind in ("export", "mentions")]
        contents = [_zipped(name, lines) for name, lines in zip(names, _lines(number, added), strict=True)]
        files = {f"{name}.zip": data for name, data in zip(names, contents, strict=True)}
        self.files.clear()
        self.files.update(files | {"lastupdate.txt": _list(files)})


def _spent(files: int) -> float:
    """Seconds that the feed takes for a number of files, one after the other."""
    shelf, spent = Shelf(), 0.0
    feed = Gdelt(GdeltSettings(), shelf)
    for number in range(files):
        shelf.put(number)
        began = time.process_time()
        for delivery in feed.poll(FIRST + timedelta(days=1)):
            for document in delivery.documents:
                encode_message(document, "/bench", "binary")
        spent += time.process_time() - began
    return spent


def _list(files: Mapping[str, bytes]) -> bytes:
    sums = {name: hashlib.md5(data, usedforsecurity=False).hexdigest() for name, data in files.items()}
    return "".join(f"{len(files[name])} {sums[name]} http://x/{name}\n" for name in files).encode()


def _zipped(name: str, lines: list[str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "\n".join(lines) + "\n")
    return packed.getvalue()


def _lines(number: int, added: datetime) -> tuple[list[str], list[str]]:
    """Reports, and mentions of earlier ones."""
    chance = Random(number)  # noqa: S311 - a made-up file, the same each time
    rows = [_row(chance, number * ROWS + at, added) for at in range(ROWS)]
    return rows, [_mention(chance, number, added) for _ in range(MENTIONS)]


def _mention(chance: Random, number: int, added: datetime) -> str:
    before, report = added - timedelta(minutes=15), chance.randrange(max(1, number * ROWS))
    seen = [f"{before:%Y%m%d%H%M%S}", f"{added:%Y%m%d%H%M%S}"]
    return "\t".join([str(report), *seen, "1", "example.org", "https://example.org/x", *["1"] * 9, ""])


def _row(chance: Random, number: int, added: datetime) -> str:
    country = chance.choice(_COUNTRIES)
    town = int(chance.paretovariate(0.8)) % 200
    admin1 = f"{country}{town % 9:02}"
    lat, lon = 20 + town % 20 + 0.01 * len(country), 10 + town // 20 + 0.3
    code = chance.choice(_UNREST if chance.random() < _UNREST_SHARE else _OTHER)
    sides = [[f"{country}A{kind}", f"ACTOR {kind}", *[""] * 8] for kind in chance.choices(_ACTORS, k=2)]
    place = ["4", f"Town {town}", country, admin1, "", f"{lat:.2f}", f"{lon:.2f}", str(town)]
    wide = ["1", country, country, country, "", "30.0", "40.0", country]
    here = wide if chance.random() < 0.2 else place
    day, mentions = f"{added:%Y%m%d}", str(chance.randint(1, 20))
    cells = [
        str(number), day, day[:6], day[:4], "2024.3479", *sides[0], *sides[1], "1", code, code[:3], code[:2],
        "3", "-6.5", mentions, "1", mentions, "-3.25", *here, *here, *here, f"{added:%Y%m%d%H%M%S}",
        f"https://example.org/{number // 3}/{_TELLS_ALL}",
    ]  # fmt: skip
    return "\t".join(cells)


if __name__ == "__main__":
    print(_spent(int(sys.argv[1])), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)
