"""Skips the rows of a price series on days without a session, and reports which and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from statistics import median_low
from typing import TYPE_CHECKING

from brentwatch.core.domain import Series
from brentwatch.core.errors import InvalidInput
from brentwatch.core.sessions import calendar_check
from brentwatch.core.sessions.business_days import FRIDAY
from brentwatch.core.sessions.roll import LONGEST_BREAK
from brentwatch.history.tables import format_list

if TYPE_CHECKING:
    from brentwatch.history.series_files import DailySeries

_SUNDAY = 6
_SHIFTED = 3
"""With this many Sundays instead of Mondays, the file dates each session a day early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPrices:
    """One price (USD/bbl) for each session, ascending.

    `left_out` are sentences about skipped rows, `kept` about odd rows that were used. `spans` is the number
    of sessions of each return that spans more than one.
    """

    prices: Mapping[date, float]
    spans: Mapping[date, int]
    left_out: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """All notes on the prices."""
        return (*self.left_out, *self.kept)


def select_session_prices(what: str, prices: Mapping[date, float], series: Series) -> SessionPrices:
    """The sessions among `prices`, ascending by day and called `what`, in the calendar of the series.

    Raises:
        InvalidInput: if no row is on a day with a session, or all dates are a day early.
    """
    _refuse_shifted(what, list(prices))
    calendar = series.load_calendar()
    out = calendar_check.find_sessionless(calendar, prices)
    dropped = out.days
    kept = {day: price for day, price in prices.items() if day not in dropped}
    if prices and not kept:
        raise InvalidInput(
            f"{what}: no row is on a day with a session ({format_list(list(prices))}); expected one row for "
            "each session; check the dates"
        )
    return SessionPrices(
        prices=kept,
        spans=calendar_check.find_spanning_sessions(calendar, list(kept)),
        left_out=tuple(_describe_left_out(what, out)),
        kept=tuple(_describe_kept(what, out)),
    )


def select_session_rows(
    what: str, read: DailySeries, series: Series
) -> tuple[DailySeries, Mapping[date, int]]:
    """The same for a series read from the file called `what`; its notes say what was skipped.

    Raises:
        InvalidInput: as above.
    """
    found = select_session_prices(what, dict(zip(read.sessions, read.values, strict=True)), series)
    sessions, values = tuple(found.prices), tuple(found.prices.values())
    return replace(read, sessions=sessions, values=values, notes=(*read.notes, *found.notes)), found.spans


def describe_missing(sessions: Sequence[date], spans: Mapping[date, int], series: Series) -> Iterator[str]:
    """Notes for a test of every session on missing sessions; empty if none is missing."""
    if not spans:
        return
    calendar = series.load_calendar()
    before = dict(zip(sessions[1:], sessions[:-1], strict=True))
    missing = [
        day for each in spans for day in calendar_check.list_missing_sessions(calendar, before[each], each)
    ]
    yield (
        f"{_format_count(len(missing), 'session has', 'sessions have')} no price ({format_list(missing)}): "
        f"{_format_count(len(spans), 'return spans', 'returns span')} more than one session "
        f"({format_list(list(spans))}), and {'is' if len(spans) == 1 else 'are'} not used"
    )


def describe_spliced(spliced: Collection[date], series: Series) -> Iterator[str]:
    """Notes for a test of every session on returns after an expiry; empty if there are none."""
    if spliced:
        yield (
            f"{_format_count(len(spliced), 'return is', 'returns are')} the first or second after an expiry "
            "(roll "
            f"rule {series.roll}): one of the two includes the step to the next contract, so neither is used"
        )


def _describe_left_out(what: str, out: calendar_check.Sessionless) -> Iterator[str]:
    for days, why in (
        (out.weekends, "no session trades on a Saturday or Sunday"),
        (out.holidays, "each repeats the previous price, on a holiday without trade"),
        (out.filled, "each repeats the previous price, and the file fills days without a price"),
    ):
        if days:
            yield (
                f"{what}: {_format_count(len(days), 'row is', 'rows are')} left out ({format_list(days)}): "
                f"{why}"
            )


def _describe_kept(what: str, out: calendar_check.Sessionless) -> Iterator[str]:
    if out.priced:
        yield (
            f"{what}: {_format_count(len(out.priced), 'row is', 'rows are')} on a holiday without trade but "
            f"{'has' if len(out.priced) == 1 else 'have'} another price than the row before "
            f"({format_list(out.priced)}): counted as a session"
        )


def _refuse_shifted(what: str, days: Sequence[date]) -> None:
    known = frozenset(days)
    sundays = [day for day in days if day.weekday() == _SUNDAY]
    alone = [day for day in sundays if day + timedelta(days=1) not in known]
    no_fridays = not any(day.weekday() == FRIDAY for day in days)
    if len(sundays) >= _SHIFTED and (no_fridays or len(alone) > len(sundays) / 2):
        if (apart := median_low(later - day for day, later in pairwise(days))) > LONGEST_BREAK:
            raise InvalidInput(
                f"{what}: rows are {apart.days} days apart; expected one row for each session; give "
                "daily prices"
            )
        where = "no row is on a Friday" if no_fridays else "most have no row on the Monday after"
        raise InvalidInput(
            f"{what}: {len(sundays):,} rows are on a Sunday ({format_list(sundays)}), and {where}: dates "
            "seem to be a day early, such as times in another zone; expected the date of each session; "
            "correct the dates"
        )


def _format_count(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many}"
