"""The file of a scored record: lines are only ever added at its end, after the whole file was checked.

A process that is killed may leave a part of its last line. The next one cuts that part off, and reports it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import BinaryIO

from brentwatch.core.domain import Instrument
from brentwatch.core.errors import InvalidInput, Unavailable
from brentwatch.history.regular_files import open_regular
from brentwatch.replay.scored_record import RecordPlace, build_header
from brentwatch.wire.hash_chain import HashChain, read_lines
from brentwatch.wire.record_line import (
    AlertLine,
    FeedbackLine,
    HeaderLine,
    HeadsUpLine,
    Line,
    build_entry,
    read_record,
    read_record_lines,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a file holds, and how far it goes.

    `alerts` are the ids of its alerts, `answers` those of the answers to them, `offset` the next one that may
    hold an answer. `cut` bytes of a last line were cut off.
    """

    chain: HashChain
    place: RecordPlace
    alerts: frozenset[str]
    answers: frozenset[str]
    offset: int
    cut: int


class RecordFile:
    """An open record of `instrument`; `written` is what it held when it was opened."""

    def __init__(self, file: BinaryIO, instrument: Instrument) -> None:
        self._file, self._header = file, build_header(instrument)
        self.written = self._check()

    def append(self, lines: Iterable[Line]) -> int:
        """Add lines at the end, the header first if the file is empty; returns how many."""
        chain, before = self.written.chain, self.written.chain.lines
        if not before:
            self._write(chain, self._header)
        for line in lines:
            self._write(chain, line)
        self._file.flush()
        os.fsync(self._file.fileno())
        return chain.lines - before

    def _write(self, chain: HashChain, line: Line) -> None:
        self._file.write(chain.add(build_entry(line)).encode() + b"\n")

    def _check(self) -> Written:
        """Read all lines, and cut off what is left of a last one."""
        chain, place, offset = HashChain(), RecordPlace(), 0
        alerts, answers = set[str](), set[str]()
        whole, rest = _split(self._file)
        for line in read_record_lines(whole, chain):
            match line:
                case HeaderLine():
                    self._check_header(line)
                case FeedbackLine():
                    offset = line.offset + 1
                    answers.add(line.answer_id)
                case _:
                    place = place.move_to(line)
                    if isinstance(line, HeadsUpLine | AlertLine):
                        alerts.add(line.alert_id)
        self._cut(rest, chain)
        return Written(
            chain=chain,
            place=place,
            alerts=frozenset(alerts),
            answers=frozenset(answers),
            offset=offset,
            cut=len(rest),
        )

    def _cut(self, rest: bytes, chain: HashChain) -> None:
        """Cut the `rest` off; refused if it is nothing that a killed process can have left."""
        header = HashChain().add(build_entry(self._header)).encode()
        if not (rest.startswith(b"{") or not rest if chain.lines else header.startswith(rest)):
            raise InvalidInput(
                f"line {chain.lines + 1} has no line break and is not the beginning of a line; expected a "
                "file that `brentwatch record write` wrote, or a new name"
            )
        self._file.truncate(self._file.seek(-len(rest), os.SEEK_END))

    def _check_header(self, found: HeaderLine) -> None:
        if found != self._header:
            raise InvalidInput(
                f"the file is a record of {found.instrument} ({found.series}, {found.model}, alert level "
                f"{found.level:g}); expected one of {self._header.instrument} ({self._header.series}, "
                f"{self._header.model}, {self._header.level:g}): choose another file or --instrument"
            )


def _split(file: BinaryIO) -> tuple[list[bytes], bytes]:
    """The lines of a file that end with a line break, and what stands after the last of them."""
    file.seek(0)
    lines = list(read_lines(file))
    return (lines[:-1], lines[-1]) if lines and not lines[-1].endswith(b"\n") else (lines, b"")


@contextmanager
def open_record(path: Path, instrument: Instrument) -> Iterator[RecordFile]:
    """The record in a file, which is made if it is not there; only one process may write it.

    Raises:
        InvalidInput: if the file is no whole record of the instrument; it is not changed then.
        Unavailable: if another process is writing it.
        OSError: if it cannot be opened.
    """
    with open(open_regular(path, os.O_RDWR | os.O_CREAT), "r+b") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            raise Unavailable(f"{path} is being written by another process; wait until it ends") from error
        yield RecordFile(file, instrument)


def load_record(path: Path) -> list[Line]:
    """The lines of a whole record.

    Raises:
        InvalidInput: with the first line that is wrong, and how.
        OSError: if it cannot be read.
    """
    chain = HashChain()
    with open(open_regular(path), "rb") as file:
        lines = list(read_record(file, chain))
    if not lines:
        raise InvalidInput(f"{path} is empty; expected a file that `brentwatch record write` wrote")
    return lines
