"""Reads the dates of a column: what 07/05/2024 means is decided by the whole column, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, NamedTuple

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables.cells import RejectedCell
from brentwatch.history.tables.notations import (
    DayOrder,
    is_plain_day,
    is_serial,
    numbered,
    read_compact,
    read_moment,
    read_plain_day,
    read_serial,
)
from brentwatch.history.tables.table import RejectedRow
from brentwatch.wire.faults import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from brentwatch.history.tables.table import Table, TableRow

    Reading = Callable[[str], date | datetime | None]

_DAY_EXPECTED = "expected a date, such as 2024-05-07, 07 May 2024 or 13/05/2024; correct it"
_MOMENT_EXPECTED = (
    "expected a date, such as 2024-05-07, or a time with its offset, such as 2019-09-14T00:45:00Z, of "
    "1900 to 2200; correct it"
)
OPTION = "--day-first or --month-first"
_FEWEST_SERIALS = 10
_SATURDAY = 5
_LATEST_CLOCK = time(20)


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

    def day(self, row: TableRow) -> date:
        """The day, whatever zone it is written in: a time must be midnight, or the same in all rows.

        Raises:
            RejectedCell: if it is no date, or a time that leaves open which day is meant.
        """
        told = self.read(row.cells[self.at])
        if isinstance(told, datetime):
            if told.time() == time() or (self.same_clock and told.tzinfo is None):
                return told.date()
            told = None
        if told is None:
            raise self._rejected(row, _DAY_EXPECTED)
        return told

    def moment(self, row: TableRow) -> date | datetime:
        """An instant (UTC) where the cell has a time with its zone; a day where it has none, or midnight.

        Raises:
            RejectedCell: if it is neither.
        """
        told = self.read(row.cells[self.at])
        if isinstance(told, datetime):
            if told.tzinfo is not None:
                return told.astimezone(UTC)
            told = told.date() if told.time() == time() else None
        if told is None:
            raise self._rejected(row, _MOMENT_EXPECTED)
        return told

    def _rejected(self, row: TableRow, expected: str) -> RejectedCell:
        found = f"{self.column} is {shown(row.cells[self.at])}"
        return RejectedCell(self.table, RejectedRow(row.line, found, expected))


class _Cell(NamedTuple):
    line: int
    text: str


def read_dates(table: Table, at: int, order: DayOrder | None = None, option: str = OPTION) -> Dates:
    """The dates of a column; `order` says what comes first in 07/05/2024, by default the column decides.

    `option` is what a message tells the user to set where it does not.

    Raises:
        InvalidInput: if the column does not decide, or mixes notations of which one was changed by a program.
    """
    cells = [_Cell(row.line, row.cells[at]) for row in table.rows if row.cells[at]]
    column = table.columns[at] or "date"
    where = f"the column {shown(column)} of {table.name}"
    if all(is_plain_day(cell.text) for cell in cells):
        return Dates(table=table.name, column=column, at=at, how="", read=read_plain_day, same_clock=True)
    how, read = (
        _serials(cells, where) or _compacts(cells) or _others(cells, where, OrderChoice(order, option))
    )
    same = _same_clock(cells, read)
    return Dates(table=table.name, column=column, at=at, how=how, read=read, same_clock=same)


def _serials(cells: Sequence[_Cell], where: str) -> tuple[str, Reading] | None:
    """Days as Excel counts them; Excel on old Macs counted from 1904, and moved Fridays to Saturdays then."""
    if not cells or not all(is_serial(cell.text) for cell in cells):
        return None
    weekend = any(read_serial(cell.text).weekday() >= _SATURDAY for cell in cells)
    if weekend or len(cells) < _FEWEST_SERIALS:
        raise InvalidInput(
            f"{where} has numbers such as {shown(cells[0].text)} (row {cells[0].line}), perhaps days as "
            "Excel counts them; expected dates; format the column as a date, YYYY-MM-DD, and save it anew"
        )
    return "dates as Excel day numbers", lambda text: read_serial(text) if is_serial(text) else None


def _compacts(cells: Sequence[_Cell]) -> tuple[str, Reading] | None:
    if not cells or not all(read_compact(cell.text) for cell in cells):
        return None
    return "dates as YYYYMMDD", read_compact


def _others(cells: Sequence[_Cell], where: str, choice: OrderChoice) -> tuple[str, Reading]:
    loose = [(cell, pair) for cell in cells if (pair := numbered(cell.text))]
    if not loose:
        return "", lambda text: read_moment(text, None)
    _refuse_mixture(cells, loose[0][0], where)
    if choice.order is not None:
        return f"dates {_words(choice.order)}, as told", lambda text: read_moment(text, choice.order)
    day_first = next((cell for cell, pair in loose if pair.one > 12 >= pair.two), None)
    month_first = next((cell for cell, pair in loose if pair.two > 12 >= pair.one), None)
    if day_first and month_first:
        raise InvalidInput(
            f"{where} has {_quote(day_first)} and {_quote(month_first)}; expected one "
            "order of day and month; write the dates as YYYY-MM-DD, or "
            f"say which with {choice.option}, which refuses the other rows"
        )
    if (
        not day_first
        and not month_first
        and any(pair.one != pair.two and max(pair) <= 12 for _, pair in loose)
    ):
        raise InvalidInput(
            f"{where} has {_quote(loose[0][0])}, and no row tells day from month; "
            f"expected a day above 12 in a row, or dates as YYYY-MM-DD; say which "
            f"comes first with {choice.option}"
        )
    decided = DayOrder.MONTH_FIRST if month_first else DayOrder.DAY_FIRST
    shows = day_first or month_first
    told = f"dates {_words(decided)}, as row {shows.line} shows ({shows.text})" if shows else ""
    return told, lambda text: read_moment(text, decided)


def _words(order: DayOrder) -> str:
    return order.replace("-", " ")


def _refuse_mixture(cells: Sequence[_Cell], loose: _Cell, where: str) -> None:
    """A spreadsheet turns 07/05/2024 into the 5th of July, and leaves 13/05/2024 as text."""
    other = next((c for c in cells if not numbered(c.text) and read_moment(c.text, None) is not None), None)
    if other is not None:
        raise InvalidInput(
            f"{where} has {_quote(loose)} and {_quote(other)}: a spreadsheet may "
            "have swapped day and month of some; expected one notation; write all dates as "
            "YYYY-MM-DD"
        )


def _quote(cell: _Cell) -> str:
    return f"{shown(cell.text)} in row {cell.line}"


def _same_clock(cells: Sequence[_Cell], read: Reading) -> bool:
    """True where every time of the column is the same time of day, such as a close at 16:00."""
    clocks = set()
    for cell in cells:
        told = read(cell.text)
        if isinstance(told, datetime):
            clocks.add(told.time())
            if len(clocks) > 1:
                return False
    return all(clock < _LATEST_CLOCK for clock in clocks)
