"""Delimited text: finds the separator and the records of a text, and writes CSV text.

Records end at CR, LF or both, outside quotes; U+2028 and similar characters are part of their cell. A quote
that never closes makes only its own row invalid.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import NamedTuple

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables.table import RejectedRow, normalise_name
from brentwatch.wire.input_faults import show_value

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SEP_LINE = re.compile(r'"?sep=(.)"?[,;\t|]*\r?\n?', re.IGNORECASE)
MOST_ROWS = 3_000_000
_SAMPLE = 200
_MOST_NAMES = 1_000
_MOST_BROKEN = 1_000
_QUOTE = "expected a quote at both ends of a cell, doubled within it; close it or delete it"


class TextRecord(NamedTuple):
    """The cells of one record; `line` is its first line, counted from 1."""

    line: int
    cells: list[str]


class Records(NamedTuple):
    """The records in order, and the rows that are invalid."""

    separator: str
    records: list[TextRecord]
    rejected: list[RejectedRow]


class _Lines:
    """The lines of a text, from any of them on: the parser is set back where a quote was left open."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self.at = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.at >= len(self._lines):
            raise StopIteration
        line = self._lines[self.at]
        self.at += 1
        return line


def split_records(name: str, text: str, known: Collection[str]) -> Records:
    """The records of a text; `known` are plain names of columns, which help to find the separator.

    Raises:
        InvalidInput: if there are too many rows, or more than a thousand with a quote that never closes.
    """
    if max(text.count("\n"), text.count("\r")) > MOST_ROWS:
        raise InvalidInput(f"{name} has more than {MOST_ROWS:,} rows; expected fewer; split it")
    lines = list(io.StringIO(text, newline=""))
    told = _SEP_LINE.fullmatch(lines[0]) if lines else None
    separator = told[1] if told else _find_separator(lines, known)
    records: list[TextRecord] = []
    rejected: list[RejectedRow] = []
    if told:
        records.append(TextRecord(1, [lines[0].strip()]))
    for found in _parse(lines, separator, 1 if told else 0, quoted='"' in text):
        if isinstance(found, RejectedRow):
            rejected.append(found)
            if len(rejected) > _MOST_BROKEN:
                raise InvalidInput(
                    f"{name} has more than {_MOST_BROKEN:,} rows that cannot be split into cells, first "
                    f"row {rejected[0].line}, which {rejected[0].found}; {rejected[0].expected}"
                )
        else:
            records.append(found)
    return Records(separator, records, rejected)


def _parse(
    lines: Sequence[str], separator: str, start: int, *, quoted: bool
) -> Iterator[TextRecord | RejectedRow]:
    if not quoted:
        for at in range(start, len(lines)):
            yield TextRecord(at + 1, list(map(str.strip, lines[at].split(separator))))
        return
    source = _Lines(lines)
    source.at = start
    reader = csv.reader(source, delimiter=separator, strict=True, skipinitialspace=True)
    while True:
        line = source.at + 1
        try:
            yield TextRecord(line, [_strip_formula(cell.strip()) for cell in next(reader)])
        except StopIteration:
            return
        except csv.Error as error:
            yield _reject_record(line, lines[line - 1], error)
            source.at = line


def _strip_formula(cell: str) -> str:
    """The text in a formula such as ="2024-05-07", with which programs prevent Excel from changing text."""
    return cell[2:-1].strip() if len(cell) > 3 and cell.startswith('="') and cell.endswith('"') else cell


def _reject_record(line: int, text: str, error: csv.Error) -> RejectedRow:
    if "field larger" in str(error) and '"' not in text:
        most = f"expected at most {csv.field_size_limit():,} characters; shorten it"
        return RejectedRow(line, "has a cell that is too long", most)
    return RejectedRow(line, f"has a quote that does not close: {show_value(text.strip())}", _QUOTE)


def _find_separator(lines: Sequence[str], known: Collection[str]) -> str:
    """The separator that gives a header with known names and rows of the same width."""
    sample = lines[:_SAMPLE]
    present = [each for each in SEPARATORS if any(each in line for line in sample)]
    return max(present, key=lambda each: _score(sample, each, known)) if present else ","


def _score(lines: Sequence[str], separator: str, known: Collection[str]) -> tuple[int, int]:
    """Known names in one record, then records of the most frequent width above one."""
    records = [
        found.cells
        for found in islice(_parse(lines, separator, 0, quoted=True), _SAMPLE)
        if isinstance(found, TextRecord)
    ]
    names = max(
        (sum(normalise_name(cell) in known for cell in cells[:_MOST_NAMES]) for cells in records), default=0
    )
    widths = [len(cells) for cells in records if len(cells) > 1]
    return names, max((widths.count(width) for width in set(widths)), default=0)


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""The header and the rows, each line ended by "\n"; None is an empty field."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
