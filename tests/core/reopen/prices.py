"""Bars around a break: a Friday that ends at 100, and what comes after it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from brentwatch.core.intraday.session_bars import IntradayBar, SessionBars
from brentwatch.core.reopen import GapPrices, TradingBreak, find_break
from brentwatch.core.sessions.globex import Globex

if TYPE_CHECKING:
    from collections.abc import Iterable

GLOBEX = Globex()
FRIDAY, MONDAY, TUESDAY = date(2024, 5, 10), date(2024, 5, 13), date(2024, 5, 14)
WEEKEND, NIGHT = find_break(GLOBEX, MONDAY), find_break(GLOBEX, TUESDAY)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def build_bar(
    opens_at: datetime,
    close: float,
    *,
    first: float | None = None,
    volume: float | None = 10.0,
    contract: str = "",
) -> IntradayBar:
    return IntradayBar(opens_at=opens_at, close=close, open=first, volume=volume, contract=contract)


def build_before(*bars: tuple[int, float], closed: TradingBreak = WEEKEND, contract: str = "") -> SessionBars:
    """The session before a break: bars that begin so many minutes before its close, each with its close."""
    made = [build_bar(closed.closes_at - minutes(ago), close, contract=contract) for ago, close in bars]
    return build_session(closed.previous, made, closed.closes_at)


def build_after(
    *bars: tuple[int, float], closed: TradingBreak = WEEKEND, known: int = 60, contract: str = ""
) -> SessionBars:
    """The session after it: bars that begin so many minutes after the re-open; known through `known`."""
    made = [build_bar(closed.opens_at + minutes(later), close, contract=contract) for later, close in bars]
    return build_session(closed.session, made, closed.opens_at + minutes(known))


def build_session(session: date, bars: Iterable[IntradayBar], through: datetime) -> SessionBars:
    return SessionBars(session=session, hours=GLOBEX.hours(session), through=through, bars=tuple(bars))


def build_prices(
    gap: float = 0.0, hour: float | None = None, closed: TradingBreak = WEEKEND, before: float = 100.0
) -> GapPrices:
    """A gap as a share of the price before it, and the price after an hour as another."""
    return GapPrices(
        closed=closed,
        before=before,
        before_at=closed.closes_at,
        first=before * (1.0 + gap),
        first_at=closed.opens_at + minutes(5),
        hour=before * (1.0 + (gap if hour is None else hour)),
    )
