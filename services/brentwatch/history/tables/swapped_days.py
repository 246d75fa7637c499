"""Finds dates in which a spreadsheet swapped day and month, in rows that should be in order of their dates.

A spreadsheet with another locale reads 07/05/2024 as 5 July, without any sign of it. A single row does not
reveal this; the order of all rows does, and dates on days without trade.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from brentwatch.core.errors import InvalidInput
from brentwatch.core.sessions.business_days import FRIDAY
from brentwatch.wire.input_faults import show_value

_FEWEST = 3
_FEWEST_ON_WEEKENDS = 10
_LAST_MONTH = 12


class DayInRow(NamedTuple):
    """The day of a row; `line` counts from 1."""

    line: int
    day: date


def refuse_swapped_days(name: str, rows: Sequence[DayInRow]) -> None:
    """Refuses rows of the file called `name` that are in order only after their days are swapped back.

    The same for rows on weekends, if none is after the 12th of its month.

    Raises:
        InvalidInput: if at least three rows are affected, or ten on weekends.
    """
    if _are_in_order(rows) or _are_in_order(rows[::-1]):
        swapped: list[DayInRow] = []
    else:
        swapped = _find_swapped(rows) or _find_swapped(rows[::-1])[::-1]
    if len(swapped) >= _FEWEST:
        _refuse(name, swapped, "are out of order as they stand, and in order with day and month exchanged")
    if weekends := _find_weekends(rows):
        _refuse(name, weekends, "are on weekends, and none is after the 12th of its month")


def _refuse(name: str, rows: Sequence[DayInRow], why: str) -> None:
    raise InvalidInput(
        f"{len(rows):,} dates of {name} {why}, the first in row {rows[0].line} ({show_value(rows[0].day)}): "
        "a "
        "spreadsheet may have swapped day and month; expected the dates of the source; export them again as "
        "YYYY-MM-DD"
    )


def _are_in_order(rows: Sequence[DayInRow]) -> bool:
    return all(one.day <= other.day for one, other in pairwise(rows))


def _find_weekends(rows: Sequence[DayInRow]) -> list[DayInRow]:
    weekends = [each for each in rows if each.day.weekday() > FRIDAY]
    others_are_late = any(each.day.day > _LAST_MONTH for each in rows)
    early = others_are_late and all(each.day.day <= _LAST_MONTH for each in weekends)
    return weekends if early and len(weekends) >= _FEWEST_ON_WEEKENDS else []


def _swap(day: date) -> date | None:
    """The day with day and month exchanged; None if there is no such day, or it is the same."""
    return day.replace(month=day.day, day=day.month) if day.month != day.day <= _LAST_MONTH else None


class _Path(NamedTuple):
    """The previous rows, each unchanged or swapped, so that they ascend; `swaps` is the least number."""

    swaps: int
    last: date
    row: DayInRow | None
    before: "_Path | None"


def _find_swapped(rows: Sequence[DayInRow]) -> list[DayInRow]:
    """The fewest rows whose swap makes all rows ascend; empty if there are none."""
    paths: list[_Path] = [_Path(0, rows[0].day.min, None, None)] if rows else []
    for row in rows:
        choices = [(row.day, 0)] + [(other, 1) for other in (_swap(row.day),) if other]
        longer = []
        for day, swaps in choices:
            fitting = [path for path in paths if path.last <= day]
            if fitting:
                best = min(fitting, key=lambda path: path.swaps)
                longer.append(_Path(best.swaps + swaps, day, row if swaps else None, best))
        paths = longer
    found, path = [], min(paths, key=lambda each: each.swaps, default=None)
    while path is not None:
        if path.row is not None:
            found.append(path.row)
        path = path.before
    return found[::-1]
