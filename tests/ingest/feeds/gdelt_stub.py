"""GDELT's server as the feed meets it, with rows of our own making in the real layout."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.web.stub import Answer, Asked, Stub

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = datetime(2024, 5, 7, 12, 0, tzinfo=UTC)
TELLS_ALL = "protesters-and-workers-strike-blockade-curfew-and-shelling"
"""A headline of every kind of unrest, and of no place: with it a row passes as its code and place say."""


TELLS_ALL_TOO = "airstrikes-and-unrest-amid-nationwide-walkout-roadblocks-and-martial-law"
"""Another headline of every kind."""


def address(number: int) -> str:
    """The address of a row that is given none."""
    return f"https://example.org/{number}/{TELLS_ALL}"


def another_paper(number: int) -> str:
    """An address whose headline corroborates the other one."""
    return f"https://another.example/{number}/{TELLS_ALL_TOO}"


def row(
    number: int,
    *,
    added: datetime = FIRST,
    day: str = "",
    code: str = "141",
    country: str = "KZ",
    place: str = "Aktau, Mangghystau, Kazakhstan",
    kind: int = 4,
    admin1: str = "KZ09",
    lat: float | str = 43.65,
    lon: float | str = 51.17,
    actors: tuple[str, str] = ("KAZ", "KAZGOV"),
    names: tuple[str, str] = ("KAZAKHSTAN", "GOVERNMENT"),
    mentions: int = 4,
    url: str = "",
) -> str:
    """One row of 61 columns; what no reader of ours looks at is as GDELT has it, or empty."""
    day = day or f"{added:%Y%m%d}"
    sides = [[actor, name, actor[:3], *[""] * 7] for actor, name in zip(actors, names, strict=True)]
    here = [str(kind), place, country, admin1, "", str(lat), str(lon), "12345"]
    cells = [
        str(number), day, day[:6], day[:4], f"{day[:4]}.3479", *sides[0], *sides[1],
        "1", code, code[:3], code[:2], "3", "-6.5", str(mentions), "1", str(mentions), "-3.25",
        *here, *here, *here, f"{added:%Y%m%d%H%M%S}", url or address(number),
    ]  # fmt: skip
    assert len(cells) == 61
    return "\t".join(cells)


def mention(number: int, event: datetime, at: datetime) -> str:
    """One row of the file of mentions, 16 columns."""
    seen = [f"{event:%Y%m%d%H%M%S}", f"{at:%Y%m%d%H%M%S}"]
    return "\t".join([str(number), *seen, "1", "example.org", "https://example.org/x", *["1"] * 9, ""])


def zipped(name: str, lines: Sequence[str]) -> bytes:
    """As GDELT packs a file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "".join(line + "\n" for line in lines))
    return packed.getvalue()


class GdeltStub(Stub):
    """`files` by their names; the lists are made from them. `listed_md5` replaces the sum of a file."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.listed_md5: dict[str, str] = {}

    def add(self, time: datetime, lines: Sequence[str], mentions: Sequence[str] = ()) -> None:
        for kind, content in (("export", lines), ("mentions", mentions)):
            name = f"{time:%Y%m%d%H%M%S}.{kind}.CSV"
            self.files[f"{name}.zip"] = zipped(name, content)

    def routes(self, asked: Asked) -> Answer:
        name = asked.path.removeprefix("/gdeltv2/")
        newest = max((file[:14] for file in self.files), default="")
        match name:
            case "lastupdate.txt":
                return Answer(self._list([file for file in self.files if file.startswith(newest)]))
            case "masterfilelist.txt":
                whole = self._list(sorted(self.files))
                if (tail := asked.headers.get("Range", "")).startswith("bytes=-"):
                    return Answer(whole[-int(tail.removeprefix("bytes=-")) :], 206)
                return Answer(whole)
            case file if file in self.files:
                return Answer(self.files[file])
        return Answer(status=404)

    def _list(self, names: Sequence[str]) -> bytes:
        return "".join(self._line(name) for name in names).encode()

    def _line(self, name: str) -> str:
        """The addresses lead elsewhere: they must not be followed."""
        data = self.files[name]
        md5 = self.listed_md5.get(name, hashlib.md5(data, usedforsecurity=False).hexdigest())
        return f"{len(data)} {md5} http://127.0.0.1:1/gdeltv2/{name}\n"
