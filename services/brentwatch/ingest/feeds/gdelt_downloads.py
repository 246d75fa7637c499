"""A file in which the GDELT feed records what it has downloaded, so that an interrupted build can resume.

It has a line for each pair of files (reports and mentions): their time and MD5 sums, and compressed what the
feed uses of them. That is the rows that become reports, how many others were left out and why, and which
mentions were counted. The same rows in the same order make the same events. The first line says by which
version and settings the rows were chosen; a file of another version or other settings is started again.
"""

import base64
import binascii
import os
import zlib
from datetime import date
from pathlib import Path

import msgspec

from brentwatch.history.regular_files import open_regular
from brentwatch.ingest.feeds.gdelt_lists import ListedFile

_LARGEST = 64 << 20
"""Unpacked bytes of one line."""


class UsedRows(msgspec.Struct, frozen=True):
    """What the feed uses of one pair of files: `rows` of `total`, and the numbers of counted mentions."""

    rows: tuple[str, ...]
    total: int
    left_out: dict[str, int]
    mentions: tuple[int, ...]


class DownloadRecord:
    """The file at `path`, for rows that were chosen as `chosen_by` says.

    Raises:
        OSError: if it cannot be read or written, or is not a regular file.
    """

    def __init__(self, path: Path, chosen_by: str) -> None:
        flags = os.O_RDWR | os.O_CREAT
        self._file = os.fdopen(open_regular(path, flags), "r+b", buffering=0)
        self._places: dict[bytes, tuple[int, int]] = {}
        header = f"brentwatch gdelt downloads, {chosen_by}\n".encode()
        self._read_places(header)

    def _read_places(self, header: bytes) -> None:
        """Find the whole lines; what follows the last line end was not written whole."""
        end = 0
        with open(self._file.fileno(), "rb", closefd=False) as file:
            for line in file:
                if not line.endswith(b"\n") or (end == 0 and line != header):
                    break
                if end:
                    self._places[_read_key(line)] = (end, len(line))
                end += len(line)
        self._file.truncate(end)
        self._file.seek(end)
        if not end:
            self._file.write(header)

    def count(self, first: date, last: date) -> int:
        """How many pairs of files of these days are recorded."""
        from_day, to_day = f"{first:%Y%m%d}".encode(), f"{last:%Y%m%d}".encode()
        return sum(from_day <= key[:8] <= to_day for key in self._places)

    def find(self, events: ListedFile, mentions: ListedFile | None) -> UsedRows | None:
        """What was recorded of a pair of files; None if it was not, or if either has changed since."""
        place = self._places.get(_build_key(events, mentions))
        if place is None:
            return None
        at, length = place
        line = os.pread(self._file.fileno(), length, at)
        try:
            packed = base64.b64decode(line.rsplit(b" ", 1)[1], validate=False)
            return msgspec.json.decode(zlib.decompressobj().decompress(packed, _LARGEST), type=UsedRows)
        except (binascii.Error, zlib.error, msgspec.DecodeError):
            return None

    def add(self, events: ListedFile, mentions: ListedFile | None, used: UsedRows) -> None:
        """Record what was used of a pair of files."""
        packed = base64.b64encode(zlib.compress(msgspec.json.encode(used)))
        self._file.write(_build_key(events, mentions) + b" " + packed + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _build_key(events: ListedFile, mentions: ListedFile | None) -> bytes:
    sums = f"{events.md5} {mentions.md5 if mentions else '-'}"
    return f"{events.time:%Y%m%d%H%M%S} {sums}".encode()


def _read_key(line: bytes) -> bytes:
    return line.rsplit(b" ", 1)[0]
