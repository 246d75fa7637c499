"""The lists of GDELT's files: a line has size, MD5 and address; of the address, only the name is used."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from brentwatch.ingest.feeds.gdelt_files import split_lines
from brentwatch.ingest.feeds.gdelt_rows import parse_time
from brentwatch.web.failures import NoAnswer, Reason

_LISTED = re.compile(
    r"[0-9]{1,12} (?P<md5>[0-9a-f]{32}) \S*/"
    r"(?P<name>(?P<time>[0-9]{14})\.(?P<kind>export|mentions)\.CSV\.zip)"
)
_LONGEST_LINE = 200
"""Bytes of a line of a list: real ones have about 110."""
_MOST_LISTED = 500_000
"""Files of one kind in the master list: 14 years of them."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file as a list names it."""

    name: str
    time: datetime
    md5: str


def read_list(
    parts: Iterable[bytes], first: datetime | None = None
) -> list[tuple[ListedFile, ListedFile | None]]:
    """The files of reports in the order of their times, each with the file of mentions of the same time.

    Lines that name neither, or a file before `first`, are skipped.

    Raises:
        NoAnswer: if it names too many files.
    """
    found: dict[str, dict[datetime, ListedFile]] = {"export": {}, "mentions": {}}
    for line in split_lines(parts, _LONGEST_LINE):
        named = _parse_list_line(line)
        if named is not None and (first is None or named[1].time >= first):
            kind, listed = named
            found[kind][listed.time] = listed
            if len(found[kind]) > _MOST_LISTED:
                raise NoAnswer(
                    Reason.TOO_LARGE,
                    f"a list of files names more than {_MOST_LISTED:,}, the limit; the "
                    "request is repeated later",
                )
    return [(found["export"][time], found["mentions"].get(time)) for time in sorted(found["export"])]


def _parse_list_line(line: bytes) -> tuple[str, ListedFile] | None:
    """The file that a line of a list names, and its kind."""
    text = line.decode("ascii", "replace").strip() if len(line) <= _LONGEST_LINE else ""
    match = _LISTED.fullmatch(text)
    try:
        return match and (match["kind"], ListedFile(match["name"], parse_time(match["time"]), match["md5"]))
    except ValueError:
        return None
