"""The prices of a gap: the last trade before a break, the first 5-minute bar after it, the first hour.

B is the close of the last bar with a trade that ended at or before the news, in the session before the break.
P1 is the close of the first bar with a trade that begins within 15 minutes of the scheduled re-open. Its open
is not used, because some sources repeat the last close there. P60 is the close of the last bar with a trade
that ends within 60 minutes of the re-open.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar

from brentwatch.core.domain import NotYet
from brentwatch.core.intraday.session_bars import IntradayBar, SessionBars
from brentwatch.core.reopen.breaks import TradingBreak, explain_roll_day
from brentwatch.core.sessions.calendar import Calendar

REOPENS_WITHIN = timedelta(minutes=15)
FIRST_HOUR = timedelta(minutes=60)
_LAST_HOUR = timedelta(minutes=60)


class RefusalCause(StrEnum):
    """Why a re-open is not tested."""

    CONTRACT_CHANGED = "contract changed"
    ROLL_DAYS = "roll days"
    NO_LOG_RETURN = "price of zero or below"
    NO_TRADE_AFTER = "no trade in the first 15 minutes"
    NO_TRADE_BEFORE = "no trade in the last hour"
    NO_SIGMA = "no normal move"
    NEWS_BEFORE = "news may be before the break"
    NOT_SCHEDULED = "not re-opened as scheduled"
    NO_OPEN = "no opening price"
    ROWS_MISSING = "sessions missing before"
    WARMING_UP = "too few gaps seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenRefused:
    """A re-open that is not tested; `prices` are those before and after it, if both are known."""

    cause: RefusalCause
    reason: str
    prices: tuple[float, float] | None = None
    status: ClassVar[str] = "refused"

    @property
    def gap(self) -> float | None:
        """Its size, a log fraction; None if a price is unknown, or zero or below."""
        return None if self.prices is None else measure_gap(*self.prices)


@dataclass(frozen=True, slots=True)
class NewsInBreak:
    """When the earliest news of the break was known (UTC).

    `by_day`: only its day is known. `day_traded`: trade was open on that day before the break, so the news
    may be older than the last trade.
    """

    known_at: datetime
    by_day: bool = False
    day_traded: bool = False

    @property
    def may_be_older(self) -> bool:
        """True if the news may have been known before the last trade."""
        return self.by_day and self.day_traded


def build_news(closed: TradingBreak, known_at: datetime, day: date | None = None) -> NewsInBreak:
    """News of a break; `day` (UTC) is its day if the time of day is unknown, else None.

    Trade was open on that day before the break if the break begins later than the day does.
    """
    begins = None if day is None else datetime.combine(day, time.min, tzinfo=UTC)
    return NewsInBreak(
        known_at, by_day=day is not None, day_traded=begins is not None and closed.closes_at > begins
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GapPrices:
    """The prices of one re-open (USD/bbl), all of one contract; times in UTC.

    `before` is B, the close of the bar that ends at `before_at`. `first` is P1, the close of the bar that
    ends at `first_at`. `hour` is P60, pending until the first hour is over.
    """

    closed: TradingBreak
    before: float
    before_at: datetime
    first: float
    first_at: datetime
    hour: float | NotYet | ReopenRefused

    @property
    def gap(self) -> float:
        """G1 = ln(P1 / B)."""
        return math.log(self.first / self.before)

    @property
    def hour_at(self) -> datetime:
        """When the first hour ends."""
        return self.closed.opens_at + FIRST_HOUR


def find_gap_prices(
    closed: TradingBreak,
    before: SessionBars | None,
    after: SessionBars,
    *,
    roll: str,
    calendar: Calendar,
    news: NewsInBreak | None = None,
) -> GapPrices | NotYet | ReopenRefused:
    """The prices of the re-open after a break; pending until the first bar with a trade is known.

    Args:
        closed: the break.
        before: the bars of the session `closed.previous`, None if there are none.
        after: the bars of the session that re-opens.
        roll: the rule by which contracts expire, for bars that do not name theirs.
        calendar: the expected sessions.
        news: the earliest news of the break; None to learn from a re-open, or if there was none.
    """
    trades = list(_list_trades(after, before))
    first = next((bar for bar in trades if bar.opens_at < closed.opens_at + REOPENS_WITHIN), None)
    last = None if before is None else _find_last_trade(before, news)
    if first is None and after.through < closed.opens_at + REOPENS_WITHIN:
        return NotYet(settles_at=closed.opens_at + REOPENS_WITHIN)
    if first is None:
        return _refuse_silence(closed, RefusalCause.NO_TRADE_AFTER)
    if last is None or last.opens_at < closed.closes_at - _LAST_HOUR:
        prices = None if last is None else (last.close, first.close)
        return _refuse_silence(closed, RefusalCause.NO_TRADE_BEFORE, prices)
    if refused := _refuse_doubtful(closed, last, first, news) or _refuse_splice(
        last, first, explain_roll_day(calendar, roll, closed.session)
    ):
        return refused
    return GapPrices(
        closed=closed,
        before=last.close,
        before_at=last.closes_at,
        first=first.close,
        first_at=first.closes_at,
        hour=_find_hour_price(closed, after, trades, last),
    )


def _list_trades(after: SessionBars, before: SessionBars | None = None) -> Iterator[IntradayBar]:
    """The known bars with a trade, oldest first.

    A volume of zero proves nothing, because some sources always give it. A bar has no trade if its close did
    not change either, compared with the bar before it or the last bar before the break.
    """
    previous = before.bars[-1] if before is not None and before.bars else None
    for bar in after.bars:
        stood = previous is not None and (bar.close, bar.contract) == (previous.close, previous.contract)
        if bar.closes_at <= after.through and not (bar.volume == 0 and stood):
            yield bar
        previous = bar


def _find_last_trade(before: SessionBars, news: NewsInBreak | None) -> IntradayBar | None:
    """The last bar that ended at or before the news; if only the day is known, the last of the session."""
    trades = reversed(list(_list_trades(before)))
    until = None if news is None or news.by_day else news.known_at
    return next((bar for bar in trades if until is None or bar.closes_at <= until), None)


def _find_hour_price(
    closed: TradingBreak, after: SessionBars, trades: Sequence[IntradayBar], last: IntradayBar
) -> float | NotYet | ReopenRefused:
    ends_at = closed.opens_at + FIRST_HOUR
    if after.through < ends_at:
        return NotYet(settles_at=ends_at)
    bar = next(bar for bar in reversed(trades) if bar.closes_at <= ends_at)
    return _refuse_splice(last, bar, None) or _refuse_price(last, bar) or bar.close


def measure_gap(before: float, after: float) -> float | None:
    """ln(after / before); None if a price is zero or below."""
    return None if before <= 0.0 or after <= 0.0 else math.log(after / before)


def _refuse_silence(
    closed: TradingBreak, cause: RefusalCause, prices: tuple[float, float] | None = None
) -> ReopenRefused:
    """No trade on one side of the break."""
    at, side = (
        (closed.opens_at, "15 minutes after the re-open at")
        if cause is RefusalCause.NO_TRADE_AFTER
        else (closed.closes_at, "hour before the close at")
    )
    return ReopenRefused(
        cause=cause,
        reason=f"no trade in the {side} {at.isoformat()}; expected one; check the price source",
        prices=prices,
    )


def _refuse_price(last: IntradayBar, bar: IntradayBar) -> ReopenRefused | None:
    if measure_gap(last.close, bar.close) is not None:
        return None
    return ReopenRefused(
        cause=RefusalCause.NO_LOG_RETURN,
        reason=f"the price was {last.close:g} before the break and {bar.close:g} after it: a price of zero "
        "or below has no log return",
        prices=(last.close, bar.close),
    )


def _refuse_doubtful(
    closed: TradingBreak, last: IntradayBar, first: IntradayBar, news: NewsInBreak | None
) -> ReopenRefused | None:
    prices = last.close, first.close
    if not closed.scheduled:
        return ReopenRefused(
            cause=RefusalCause.NOT_SCHEDULED,
            reason=f"trade re-opened at {closed.opens_at.isoformat()}, which is not the scheduled time",
            prices=prices,
        )
    if news is not None and news.may_be_older:
        return ReopenRefused(
            cause=RefusalCause.NEWS_BEFORE,
            reason="only the day of the news is known, and trade was open on that day: the price may have "
            "moved before the break",
            prices=prices,
        )
    return _refuse_price(last, first)


def _refuse_splice(last: IntradayBar, bar: IntradayBar, roll_day: str | None) -> ReopenRefused | None:
    """The refusal if the contract changed; `roll_day` says why it may have, if bars do not name theirs."""
    prices = last.close, bar.close
    if last.contract != bar.contract:
        return ReopenRefused(
            cause=RefusalCause.CONTRACT_CHANGED,
            reason=f"the contract changed from {last.contract or 'none'} to {bar.contract or 'none'}",
            prices=prices,
        )
    if roll_day is None or bar.contract:
        return None
    return ReopenRefused(cause=RefusalCause.ROLL_DAYS, reason=roll_day, prices=prices)
