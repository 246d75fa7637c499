"""Decides over a whole column how its dates are read, where they are not YYYY-MM-DD."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, NamedTuple

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables.days import is_plain_day
from brentwatch.history.tables.notations import (
    DayOrder,
    is_serial,
    read_compact,
    read_moment,
    read_numbered,
    read_serial,
)
from brentwatch.wire.faults import show_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from brentwatch.history.tables.table import Table

    Reading = Callable[[str], date | datetime | None]

_FEWEST_SERIALS = 10
_SATURDAY = 5
_LATEST_CLOCK = time(20)


class DecidedDates(NamedTuple):
    """How each cell is read; whether all times are one; the row whose date seems cut, if any."""

    how: str
    read: Reading
    same_clock: bool
    cut_line: int | None


class _Cell(NamedTuple):
    line: int
    text: str


def decide_dates(table: Table, at: int, where: str, order: DayOrder | None, option: str) -> DecidedDates:
    """How the dates of a column, called `where`, are read; the others are as those of `read_dates`.

    Raises:
        InvalidInput: if the column does not decide, or mixes notations of which one was changed by a program.
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
    if is_plain_day(last.text):
        return None
    return last.line if len(last.text) < min(len(cell.text) for cell in others) else None


def _decide_serials(cells: Sequence[_Cell], where: str) -> tuple[str, Reading] | None:
    """Days as Excel counts them; Excel on old Macs counted from 1904, and moved Fridays to Saturdays then."""
    if not cells or not all(is_serial(cell.text) for cell in cells):
        return None
    weekend = any(read_serial(cell.text).weekday() >= _SATURDAY for cell in cells)
    if weekend or len(cells) < _FEWEST_SERIALS:
        raise InvalidInput(
            f"{where} has numbers such as {show_value(cells[0].text)} (row {cells[0].line}), perhaps days as "
            "Excel counts them; expected dates; format the column as a date, YYYY-MM-DD, and save it anew"
        )
    return "dates as Excel day numbers", lambda text: read_serial(text) if is_serial(text) else None


def _decide_compacts(cells: Sequence[_Cell]) -> tuple[str, Reading] | None:
    if not cells or not all(read_compact(cell.text) for cell in cells):
        return None
    return "dates as YYYYMMDD", read_compact


def _decide_others(
    cells: Sequence[_Cell], where: str, order: DayOrder | None, option: str
) -> tuple[str, Reading]:
    loose = [(cell, pair) for cell in cells if (pair := read_numbered(cell.text))]
    if not loose:
        return "", lambda text: read_moment(text, None)
    _refuse_mixture(cells, loose[0][0], where)
    if order is not None:
        return f"dates {_format_order(order)}, as chosen", lambda text: read_moment(text, order)
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
    decided = DayOrder.MONTH_FIRST if month_first else DayOrder.DAY_FIRST
    shows = day_first or month_first
    told = f"dates {_format_order(decided)}, as row {shows.line} shows ({shows.text})" if shows else ""
    return told, lambda text: read_moment(text, decided)


def _format_order(order: DayOrder) -> str:
    return order.replace("-", " ")


def _refuse_mixture(cells: Sequence[_Cell], loose: _Cell, where: str) -> None:
    """A spreadsheet turns 07/05/2024 into the 5th of July, and leaves 13/05/2024 as text."""
    other = next(
        (c for c in cells if not read_numbered(c.text) and read_moment(c.text, None) is not None), None
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
    """True where every time of the column is the same time of day, such as a close at 16:00."""
    clocks = set()
    for cell in cells:
        told = read(cell.text)
        if isinstance(told, datetime):
            clocks.add(told.time())
            if len(clocks) > 1:
                return False
    return all(clock < _LATEST_CLOCK for clock in clocks)
