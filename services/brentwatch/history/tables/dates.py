"""Reads the dates of a column: what 07/05/2024 means is decided by the whole column, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, NamedTuple

from brentwatch.history.tables.cells import RejectedCell
from brentwatch.history.tables.days import are_plain_days, read_plain_day
from brentwatch.history.tables.table import RejectedRow
from brentwatch.wire.faults import show_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from brentwatch.history.tables.notations import DayOrder
    from brentwatch.history.tables.table import Table, TableRow

    Reading = Callable[[str], date | datetime | None]

_DAY_EXPECTED = "expected a date, such as 2024-05-07, 07 May 2024 or 13/05/2024; correct it"
_NO_TIME_EXPECTED = (
    "expected the date of the session without a time of day, which may be another day elsewhere; write it "
    "as YYYY-MM-DD"
)
_MOMENT_EXPECTED = (
    "expected a date, such as 2024-05-07, or a time with its offset, such as 2019-09-14T00:45:00Z, of "
    "1900 to 2200; correct it"
)
OPTION = "--day-first or --month-first"


class OrderChoice(NamedTuple):
    """What the user said of day and month, and what a message names where that would help."""

    order: DayOrder | None = None
    option: str = OPTION


BY_THE_FILE = OrderChoice()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The dates of the column at `at`; `how` says what was decided over the whole column, else it is ""."""

    table: str
    column: str
    at: int
    how: str
    read: Reading
    same_clock: bool
    cut_line: int | None

    def read_day(self, row: TableRow) -> date:
        """The day, whatever zone it is written in: a time must be midnight, or the same in all rows.

        Raises:
            RejectedCell: if it is no date, or a time that leaves open which day is meant.
        """
        told = self._read(row)
        if isinstance(told, datetime):
            if told.time() == time() or (self.same_clock and told.tzinfo is None):
                return told.date()
            raise self._build_rejection(row, _NO_TIME_EXPECTED)
        if told is None:
            raise self._build_rejection(row, _DAY_EXPECTED)
        return told

    def read_moment(self, row: TableRow) -> date | datetime:
        """An instant (UTC) where the cell has a time with its zone; a day where it has none, or midnight.

        Raises:
            RejectedCell: if it is neither.
        """
        told = self._read(row)
        if isinstance(told, datetime):
            if told.tzinfo is not None:
                return told.astimezone(UTC)
            told = told.date() if told.time() == time() else None
        if told is None:
            raise self._build_rejection(row, _MOMENT_EXPECTED)
        return told

    def _read(self, row: TableRow) -> date | datetime | None:
        return None if row.line == self.cut_line else self.read(row.cells[self.at])

    def _build_rejection(self, row: TableRow, expected: str) -> RejectedCell:
        found = f"{self.column} is {show_value(row.cells[self.at])}"
        return RejectedCell(self.table, RejectedRow(row.line, found, expected))


def read_dates(table: Table, at: int, order: DayOrder | None = None, option: str = OPTION) -> Dates:
    """The dates of a column; `order` says what comes first in 07/05/2024, by default the column decides.

    `option` is what a message tells the user to set where it does not.

    Raises:
        InvalidInput: if the column does not decide, or mixes notations of which one was changed by a program.
    """
    column = table.columns[at] or "date"
    where = f"the column {show_value(column)} of {table.name}"
    if are_plain_days([row.cells[at] for row in table.rows if row.cells[at]]):
        return Dates(
            table=table.name,
            column=column,
            at=at,
            how="",
            read=read_plain_day,
            same_clock=True,
            cut_line=None,
        )
    from brentwatch.history.tables.date_columns import decide_dates

    decided = decide_dates(table, at, where, order, option)
    return Dates(
        table=table.name,
        column=column,
        at=at,
        how=decided.how,
        read=decided.read,
        same_clock=decided.same_clock,
        cut_line=decided.cut_line,
    )
