"""A table as it was read: its rows, and what was skipped or rejected."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from brentwatch.core.errors import InvalidInput
from brentwatch.wire.input_faults import show_value

_BETWEEN_WORDS = re.compile(r"[\W_]+")
_MOST_LISTED = 5
_MOST_ALIKE = 3


class TableRow(NamedTuple):
    """`line` counts rows of the file from 1; one stripped cell for each column, "" if it is empty."""

    line: int
    cells: tuple[str, ...]


class RejectedRow(NamedTuple):
    """A row that cannot be read: what it has, what was expected, and how to fix it."""

    line: int
    found: str
    expected: str


class DroppedRow(NamedTuple):
    """A row without data, and why: a title, an empty row, a footer."""

    line: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The contents of a file. `header_rows` + `rows` + `rejected` + `dropped` are all its `total` rows.

    `separator` is "" for XLSX and Parquet. `cut_short` is true if the text ends without a line end, like a
    truncated file.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    rejected: tuple[RejectedRow, ...] = ()
    dropped: tuple[DroppedRow, ...] = ()
    header_rows: int = 1
    total: int
    kind: str
    separator: str = ""
    cut_short: bool = False

    @property
    def how(self) -> str:
        """One line, without its end: how the file was read, and what was skipped."""
        return self.describe()

    def describe(self, *details: str) -> str:
        """The same with details of its columns; empty details are skipped."""
        return (
            f"{self.name} was read as "
            f"{', '.join((self.kind, *filter(None, details)))}{self._describe_left_out()}"
        )

    def _describe_left_out(self) -> str:
        reasons: dict[str, int] = {}
        for row in self.dropped:
            reasons[row.why] = reasons.get(row.why, 0) + 1
        told = [f"{count:,} {why}{'s' if count > 1 else ''}" for why, count in reasons.items()]
        return f"; left out: {', '.join(told)}" if told else ""

    def find(self, *names: str) -> int | None:
        """The place of the column with one of these names, ignoring case, spaces and underscores.

        Raises:
            InvalidInput: if two columns have such a name.
        """
        wanted = {normalise_name(name) for name in names}
        found = [at for at, column in enumerate(self.columns) if normalise_name(column) in wanted]
        if len(found) > 1:
            told = " and ".join(show_value(self.columns[at]) for at in found)
            raise InvalidInput(
                f"{self.name} has the columns {told}; expected one column for {names[0]}; rename or delete "
                "the others"
            )
        return found[0] if found else None


def normalise_name(text: str) -> str:
    """The name of a column for comparison: lower case, words joined with underscores."""
    return _BETWEEN_WORDS.sub("_", text.casefold()).strip("_")


def describe_rejections(name: str, rejected: Iterable[RejectedRow]) -> Iterator[str]:
    """One sentence for each row; one in all for rows with the same fault."""
    alike: dict[str, list[RejectedRow]] = {}
    for row in rejected:
        alike.setdefault(row.expected, []).append(row)
    for rows in alike.values():
        if len(rows) <= _MOST_ALIKE:
            yield from (f"row {row.line} of {name}: {row.found}; {row.expected}" for row in rows)
        else:
            first = rows[0]
            yield (
                f"row {first.line} of {name}: {first.found}; {first.expected} ({len(rows):,} rows have this "
                f"fault: {', '.join(str(row.line) for row in rows[:_MOST_LISTED])}"
                f"{', …' if len(rows) > _MOST_LISTED else ''})"
            )


def format_list(items: Sequence[object]) -> str:
    """The first five, and the number of all."""
    more = f", … ({len(items):,} in all)" if len(items) > _MOST_LISTED else ""
    return f"{', '.join(str(item) for item in items[:_MOST_LISTED])}{more}"


class RejectedCell(InvalidInput):
    """A cell that makes its row unreadable; `row` says where it is, what it has and what was expected."""

    def __init__(self, name: str, row: RejectedRow) -> None:
        super().__init__(f"row {row.line} of {name}: {row.found}; {row.expected}")
        self.row = row


def find_row_faults(row: TableRow, *reads: Callable[[TableRow], object]) -> Iterator[RejectedRow]:
    """The faults that the reads find in a row."""
    for read in reads:
        try:
            read(row)
        except RejectedCell as error:
            yield error.row
