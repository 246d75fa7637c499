"""A table as it was read, and what was left out of it: rows of text, rejected rows and rejected cells."""

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
    """`line` counts rows of the file from 1; one stripped cell for each column, "" where it is empty."""

    line: int
    cells: tuple[str, ...]


class RejectedRow(NamedTuple):
    """A row that cannot be read: what it has, and what was expected instead with what to do."""

    line: int
    found: str
    expected: str


class DroppedRow(NamedTuple):
    """A row that holds no data, and why: a title, an empty row, a footer."""

    line: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a file holds. `header_rows` + `rows` + `rejected` + `dropped` are all `total` rows of it.

    `separator` is "" where the file has none (XLSX, Parquet). `cut_short` says that text ends without a line
    end, as a file does that was cut off.
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
        """One line without its end: how the file was read, and what of it was left out."""
        return self.describe()

    def describe(self, *details: str) -> str:
        """The same with details of its columns; empty ones are passed over."""
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
        """The place of the column with one of these names, whatever their case, spaces and underscores.

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
    """The name of a column as it is compared: lower case, words joined with underscores."""
    return _BETWEEN_WORDS.sub("_", text.casefold()).strip("_")


def describe_rejections(name: str, rejected: Iterable[RejectedRow]) -> Iterator[str]:
    """One sentence a row; of many rows with the same fault one sentence in all."""
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
    """Because of this cell its row cannot be read; `row` says where it is, what it has, what was expected."""

    def __init__(self, name: str, row: RejectedRow) -> None:
        super().__init__(f"row {row.line} of {name}: {row.found}; {row.expected}")
        self.row = row


def find_row_faults(row: TableRow, *reads: Callable[[TableRow], object]) -> Iterator[RejectedRow]:
    """What each of the reads finds wrong with a row."""
    for read in reads:
        try:
            read(row)
        except RejectedCell as error:
            yield error.row
