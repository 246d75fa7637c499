"""Reads the dates of a column; the whole column decides what 07/05/2024 means, or it is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from brentwatch.core.errors import InvalidInput
from brentwatch.core.sessions.business_days import FRIDAY
from brentwatch.history.tables import notations
from brentwatch.history.tables.table import RejectedCell, RejectedRow, Table, TableRow
from brentwatch.wire.input_faults import show_value

Reading = Callable[[str], date | datetime | None]

_FEWEST_SERIALS = 10
_LATEST_CLOCK = time(20)


class DecidedDates(NamedTuple):
    """How each cell is read; whether all times are equal; the row whose date seems truncated, if any."""

    how: str
    read: Reading
    same_clock: bool
    cut_line: int | None


class _Cell(NamedTuple):
    line: int
    text: str


def decide_dates(
    table: Table, at: int, where: str, order: notations.DayOrder | None, option: str
) -> DecidedDates:
    """How the dates of a column, called `where`, are read; other arguments as in `read_dates`.

    Raises:
        InvalidInput: if the column is ambiguous, or mixes notations because a program changed one of them.
    """
    cells = [_Cell(row.line, row.cells[at]) for row in table.rows if row.cells[at]]
    how, read = (
        _decide_serials(cells, where)
        or _decide_compacts(cells)
        or _decide_others(cells, where, order, option)
    )
    return DecidedDates(how, read, _has_one_clock(cells, read), _find_cut_line(table, at, cells))


def _find_cut_line(table: Table, at: int, cells: Sequence[_Cell]) -> int | None:
    """The last row of a file that ends without a line end, if its date is shorter than all others."""
    if not table.cut_short or at != len(table.columns) - 1 or len(cells) < 2:
        return None
    *others, last = cells
    if notations.is_plain_day(last.text):
        return None
    return last.line if len(last.text) < min(len(cell.text) for cell in others) else None


def _decide_serials(cells: Sequence[_Cell], where: str) -> tuple[str, Reading] | None:
    """Excel day numbers; Excel on old Macs counted from 1904, which moves Fridays to Saturdays."""
    if not cells or not all(notations.is_serial(cell.text) for cell in cells):
        return None
    weekend = any(notations.read_serial(cell.text).weekday() > FRIDAY for cell in cells)
    if weekend or len(cells) < _FEWEST_SERIALS:
        raise InvalidInput(
            f"{where} has numbers such as {show_value(cells[0].text)} (row {cells[0].line}), perhaps days as "
            "Excel counts them; expected dates; format the column as a date, YYYY-MM-DD, and save it again"
        )
    return (
        "dates as Excel day numbers",
        lambda text: notations.read_serial(text) if notations.is_serial(text) else None,
    )


def _decide_compacts(cells: Sequence[_Cell]) -> tuple[str, Reading] | None:
    if not cells or not all(notations.read_compact(cell.text) for cell in cells):
        return None
    return "dates as YYYYMMDD", notations.read_compact


def _decide_others(
    cells: Sequence[_Cell], where: str, order: notations.DayOrder | None, option: str
) -> tuple[str, Reading]:
    loose = [(cell, pair) for cell in cells if (pair := notations.read_numbered(cell.text))]
    if not loose:
        return "", lambda text: notations.read_moment(text, None)
    _refuse_mixture(cells, loose[0][0], where)
    if order is not None:
        return f"dates {_format_order(order)}, as chosen", lambda text: notations.read_moment(text, order)
    day_first = next((cell for cell, pair in loose if pair.one > 12 >= pair.two), None)
    month_first = next((cell for cell, pair in loose if pair.two > 12 >= pair.one), None)
    if day_first and month_first:
        raise InvalidInput(
            f"{where} has {_quote(day_first)} and {_quote(month_first)}; expected one "
            "order of day and month; write the dates as YYYY-MM-DD, or "
            f"say which with {option}, which refuses the other rows"
        )
    if (
        not day_first
        and not month_first
        and any(pair.one != pair.two and max(pair) <= 12 for _, pair in loose)
    ):
        raise InvalidInput(
            f"{where} has {_quote(loose[0][0])}, and no row shows whether the day or the month comes first; "
            f"expected a day above 12 in a row, or dates as YYYY-MM-DD; say which "
            f"comes first with {option}"
        )
    decided = notations.DayOrder.MONTH_FIRST if month_first else notations.DayOrder.DAY_FIRST
    shows = day_first or month_first
    told = f"dates {_format_order(decided)}, as row {shows.line} shows ({shows.text})" if shows else ""
    return told, lambda text: notations.read_moment(text, decided)


def _format_order(order: notations.DayOrder) -> str:
    return order.replace("-", " ")


def _refuse_mixture(cells: Sequence[_Cell], loose: _Cell, where: str) -> None:
    """A spreadsheet turns 07/05/2024 into the 5th of July, and leaves 13/05/2024 as text."""
    other = next(
        (
            c
            for c in cells
            if not notations.read_numbered(c.text) and notations.read_moment(c.text, None) is not None
        ),
        None,
    )
    if other is not None:
        raise InvalidInput(
            f"{where} has {_quote(loose)} and {_quote(other)}: a spreadsheet may "
            "have swapped day and month of some; expected one notation; write all dates as "
            "YYYY-MM-DD"
        )


def _quote(cell: _Cell) -> str:
    return f"{show_value(cell.text)} in row {cell.line}"


def _has_one_clock(cells: Sequence[_Cell], read: Reading) -> bool:
    """True if every time of the column is the same time of day, such as a close at 16:00."""
    clocks = set()
    for cell in cells:
        told = read(cell.text)
        if isinstance(told, datetime):
            clocks.add(told.time())
            if len(clocks) > 1:
                return False
    return all(clock < _LATEST_CLOCK for clock in clocks)


_DAY_EXPECTED = "expected a date, such as 2024-05-07, 07 May 2024 or 13/05/2024; correct it"
_NO_TIME_EXPECTED = (
    "expected the date of the session without a time of day, which may be another day elsewhere; write it "
    "as YYYY-MM-DD"
)
_MOMENT_EXPECTED = (
    "expected a date, such as 2024-05-07, or a time with its offset, such as 2019-09-14T00:45:00Z, from "
    "1900 to 2200; correct it"
)
_ZONE_EXPECTED = (
    "expected a time with its offset, such as 2019-09-14T00:45:00Z for UTC, or a date alone; add the offset, "
    "or leave out the time"
)
OPTION = "--day-first or --month-first"


class OrderChoice(NamedTuple):
    """The order of day and month that the user gave, and the option that a message suggests."""

    order: notations.DayOrder | None = None
    option: str = OPTION


BY_THE_FILE = OrderChoice()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The dates of the column at `at`; `how` says what the whole column decided, or is ""."""

    table: str
    column: str
    at: int
    how: str
    read: Reading
    same_clock: bool
    cut_line: int | None

    def read_day(self, row: TableRow) -> date:
        """The day in the zone it is written in: a time must be midnight, or the same in all rows.

        Raises:
            RejectedCell: if it is not a date, or a time that may belong to another day.
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
        """An instant (UTC) if the cell has a time with its zone; a day if it has no time, or midnight.

        Raises:
            RejectedCell: if it is neither.
        """
        told = self._read(row)
        if isinstance(told, datetime):
            if told.tzinfo is not None:
                return told.astimezone(UTC)
            if told.time() != time():
                raise self._build_rejection(row, _ZONE_EXPECTED)
            return told.date()
        if told is None:
            raise self._build_rejection(row, _MOMENT_EXPECTED)
        return told

    def _read(self, row: TableRow) -> date | datetime | None:
        return None if row.line == self.cut_line else self.read(row.cells[self.at])

    def _build_rejection(self, row: TableRow, expected: str) -> RejectedCell:
        found = f"{self.column} is {show_value(row.cells[self.at])}"
        return RejectedCell(self.table, RejectedRow(row.line, found, expected))


def read_dates(table: Table, at: int, order: notations.DayOrder | None = None, option: str = OPTION) -> Dates:
    """The dates of a column; `order` says what comes first in 07/05/2024, by default the column decides.

    `option` is what a message tells the user to set where it does not.

    Raises:
        InvalidInput: if the column does not decide, or mixes notations of which one was changed by a program.
    """
    column = table.columns[at] or "date"
    where = f"the column {show_value(column)} of {table.name}"
    if notations.are_plain_days([row.cells[at] for row in table.rows if row.cells[at]]):
        return Dates(
            table=table.name,
            column=column,
            at=at,
            how="",
            read=notations.read_plain_day,
            same_clock=True,
            cut_line=None,
        )
    from brentwatch.history.tables.dates import decide_dates

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
