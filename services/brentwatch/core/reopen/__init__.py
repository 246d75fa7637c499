"""The test of the re-open: from the last trade before a break to the first 5-minute bar after it.

These are pure functions. The monitor holds the state and calls them in this order:

1. `breaks.find_break(calendar, session, rule)` finds when the break before a session begins and ends. It
   returns a `TradingBreak`, whose `BreakKind` is night, weekend or long.
2. `gap_prices.find_gap_prices(closed, before, after, roll=..., calendar=..., news=...)` reads the prices from
   the `SessionBars` of both sessions and returns `GapPrices`, `NotYet` or `ReopenRefused`. With `news=None`
   it returns the prices to learn from, which depend on no event. `build_news` builds the `NewsInBreak` of the
   earliest news.
3. `reopen_study.find_session_sigma(path)` returns the normal move of the session, or `Refused`.
4. `reopen_study.study_reopen(prices, window, sigma, usual)` tests one `ReopenWindow` (`GAP` or `HOUR`) and
   returns `ReopenFound`, `NotYet`, or `ReopenRefused` with the size of the gap if it is known.
5. `usual_gaps.UsualGaps` is the part of the monitor's state that learns; it starts as `UsualGaps()`. After
   the first hour of every re-open, with or without an event, and after both tests, the monitor calls
   `reopen_study.learn_reopen(usual, prices, sigma)` once, with the prices of `news=None`. A refused re-open
   changes nothing. If the bars of a session are missing, it calls `reopen_study.learn_daily_open` instead.

`usual.estimate_detectable(kind, sigma)` is the gap that the test of the next re-open will find four times in
five. It is known once the session before the break has settled.
"""

from brentwatch.core.reopen.breaks import TradingBreak, classify_break, explain_roll_day, find_break
from brentwatch.core.reopen.gap_prices import (
    FIRST_HOUR,
    GapPrices,
    NewsInBreak,
    RefusalCause,
    ReopenRefused,
    build_news,
    find_gap_prices,
    measure_gap,
)
from brentwatch.core.reopen.reopen_study import (
    ReopenFound,
    ReopenResult,
    ReopenWindow,
    find_session_sigma,
    is_crude,
    learn_daily_open,
    learn_reopen,
    study_reopen,
)
from brentwatch.core.reopen.usual_gaps import GapTail, RunningMean, UsualGaps, choose_tail

__all__ = [
    "FIRST_HOUR",
    "GapPrices",
    "GapTail",
    "NewsInBreak",
    "RefusalCause",
    "ReopenFound",
    "ReopenRefused",
    "ReopenResult",
    "ReopenWindow",
    "RunningMean",
    "TradingBreak",
    "UsualGaps",
    "build_news",
    "choose_tail",
    "classify_break",
    "explain_roll_day",
    "find_break",
    "find_gap_prices",
    "find_session_sigma",
    "is_crude",
    "learn_daily_open",
    "learn_reopen",
    "measure_gap",
    "study_reopen",
]
