"""Calibration of the re-open test on daily rows: each opening price is used as the first bar.

The gap is from the previous settlement to the opening price, so it includes the hours after 14:30. Every gap
is tested with the data known before it, and then learned from, as the fold does with bars. Real news is not
removed: a gap after a known shock counts as a false alarm, so the true size is smaller.
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from brentwatch.core.calibration.uniformity import apply_chi_squared, apply_kolmogorov_smirnov
from brentwatch.core.domain import Bar, BreakKind, NotYet, Refused, find_next_session
from brentwatch.core.domain.returns import PriceHistory, Returns
from brentwatch.core.domain.shares import ExactShare
from brentwatch.core.forecasts.adaptive_garch_t import AdaptiveGarchT
from brentwatch.core.forecasts.fits import Month, month_of
from brentwatch.core.forecasts.forecast import Ahead, Fit, Memory, Path
from brentwatch.core.intraday.minutes import LEVEL
from brentwatch.core.monitor.bundling import BURN_IN, LOOK_BACK
from brentwatch.core.reopen import (
    GapPrices,
    RefusalCause,
    ReopenFound,
    ReopenRefused,
    ReopenResult,
    ReopenWindow,
    TradingBreak,
    UsualGaps,
    explain_roll_day,
    find_break,
    find_session_sigma,
    learn_reopen,
    measure_gap,
    study_reopen,
)
from brentwatch.core.sessions.calendar import HasHours

_NO_FORECAST = Refused("no forecast was made: there are fewer than 500 earlier returns")


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyOpen:
    """The opening and the settlement of a session (USD/bbl); `open` is None if it is missing."""

    session: date
    open: float | None
    close: float
    contract: str = ""


@dataclass(frozen=True, slots=True)
class ReopenPlacebo:
    """The test of the gap before a session, over a break of a kind."""

    session: date
    kind: BreakKind
    result: ReopenResult


def walk_sigmas(
    bars: Sequence[Bar], left_out: Container[date] = ()
) -> Iterator[tuple[date, float | Refused]]:
    """The normal move of each session of `bars` (oldest first) after the burn-in, from those before it.

    The returns of the sessions `left_out` are neither fitted on nor learned from.
    """
    returns, model = PriceHistory.build(bars).compute_returns().exclude(left_out), AdaptiveGarchT()
    memory: Memory | None = None
    for session, days, fit in _fit_monthly(bars, returns, model):
        at = bisect_left(returns.sessions, session)
        past = returns.select_between(max(0, at - LOOK_BACK), at)
        path = fit if isinstance(fit, Refused) else model.forecast(past, fit, Ahead((days,)), memory)
        yield session, find_session_sigma(path)
        if isinstance(path, Path) and at < len(returns) and returns.sessions[at] == session:
            memory = model.learn(memory, path, float(returns.values[at]), session)


def _fit_monthly(
    bars: Sequence[Bar], returns: Returns, model: AdaptiveGarchT
) -> Iterator[tuple[date, int, Fit | Refused]]:
    """Each session after the burn-in, the days before it, and the fit of its month."""
    fitted: tuple[Month, Fit | Refused] | None = None
    for before, bar in pairwise(bars):
        at, month = bisect_left(returns.sessions, bar.session), month_of(bar.session)
        if at < BURN_IN:
            continue
        if fitted is None or fitted[0] != month:
            fitted = (month, model.fit(returns.select_between(max(0, at - LOOK_BACK), at)))
        yield bar.session, (bar.session - before.session).days, fitted[1]


def run_reopen_placebos(
    rows: Sequence[DailyOpen],
    sigmas: Mapping[date, float | Refused],
    calendar: HasHours,
    *,
    roll: str,
    crude: bool = True,
    spanning: Container[date] = (),
) -> Iterator[ReopenPlacebo]:
    """The test of the gap before each of `rows` (oldest first, one a session) but the first.

    Args:
        rows: openings and settlements.
        sigmas: the normal move of each session.
        calendar: the trading hours.
        roll: the roll rule, for rows without a contract.
        crude: false for other instruments, whose first gaps are learned from but not tested.
        spanning: sessions before which rows are missing.
    """
    usual = UsualGaps()
    for before, row in pairwise(rows):
        prices = _build_prices(before, row, calendar, roll, missing=row.session in spanning)
        sigma = sigmas.get(row.session, _NO_FORECAST)
        kind = _find_longest_break(calendar, before.session, row.session).kind
        yield ReopenPlacebo(
            row.session, kind, study_reopen(prices, ReopenWindow.GAP, sigma, usual, crude=crude)
        )
        usual = learn_reopen(usual, prices, sigma)


def _build_prices(
    before: DailyOpen, row: DailyOpen, calendar: HasHours, roll: str, *, missing: bool
) -> GapPrices | ReopenRefused:
    """The prices of a gap, with the opening price as the close of the first bar."""
    if missing:
        reason = "the prices of sessions before this one are missing"
        return ReopenRefused(cause=RefusalCause.ROWS_MISSING, reason=reason)
    if row.open is None:
        return ReopenRefused(cause=RefusalCause.NO_OPEN, reason="the row has no opening price")
    prices = before.close, row.open
    if before.contract != row.contract:
        reason = f"the contract changed from {before.contract or 'none'} to {row.contract or 'none'}"
        return ReopenRefused(cause=RefusalCause.CONTRACT_CHANGED, reason=reason, prices=prices)
    if not row.contract and (reason := explain_roll_day(calendar, roll, row.session) or ""):
        return ReopenRefused(cause=RefusalCause.ROLL_DAYS, reason=reason, prices=prices)
    if measure_gap(*prices) is None:
        return ReopenRefused(cause=RefusalCause.NO_LOG_RETURN, reason="a price is zero or below")
    closed = _find_longest_break(calendar, before.session, row.session)
    return GapPrices(
        closed=closed,
        before=before.close,
        before_at=closed.closes_at,
        first=row.open,
        first_at=closed.opens_at,
        hour=NotYet(settles_at=closed.opens_at),
    )


def _find_longest_break(calendar: HasHours, before: date, session: date) -> TradingBreak:
    """The break between two rows: the longest one if there is a holiday without a settlement in between."""
    breaks: list[TradingBreak] = []
    following = before
    while not breaks or following < session:
        following = find_next_session(calendar, following)
        breaks.append(find_break(calendar, following))
    return max(breaks, key=lambda each: each.opens_at - each.closes_at)


LEVELS = (0.05, 0.01, LEVEL)
GAPS = (0.02, 0.03, 0.05, 0.08)
"""True gaps whose power is measured, in percent of the price as fractions."""

_FEWEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenFigure:
    """A figure of one kind of break, over `n` re-opens.

    `size`: `count` of them had p at or below the level `at`; `value` is their share, `low` to `high` its 95 %
    range (Clopper, Pearson). `power`: the share in which a gap of `at` (log fraction) more, up or down, has p
    at or below the alert level. `detectable`: the median of the gaps that each test finds four times in five.
    `uniform`: p of a test that its p are uniform on [0, 1]. `refused`: `count` were not tested.
    """

    kind: str
    measure: str
    what: str = ""
    at: float | None = None
    n: int
    count: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None


def summarise_reopens(placebos: Sequence[ReopenPlacebo]) -> Iterator[ReopenFigure]:
    """The figures of each kind of break, then the refusals by cause."""
    for kind in BreakKind:
        of_kind = [each.result for each in placebos if each.kind is kind]
        found = [each for each in of_kind if isinstance(each, ReopenFound)]
        if found:
            yield from _summarise_kind(kind, found)
    for kind in BreakKind:
        refused = [
            each.result.cause
            for each in placebos
            if each.kind is kind and isinstance(each.result, ReopenRefused)
        ]
        for cause, count in Counter(refused).most_common():
            yield ReopenFigure(kind=kind, measure="refused", what=cause, n=len(refused), count=count)


def _summarise_kind(kind: BreakKind, found: Sequence[ReopenFound]) -> Iterator[ReopenFigure]:
    n, p = len(found), np.array([each.p for each in found])
    for level in LEVELS:
        count = int(np.count_nonzero(p <= level))
        size = ExactShare(count, n)
        yield ReopenFigure(
            kind=kind,
            measure="size",
            at=level,
            n=n,
            count=count,
            value=size.share,
            low=size.low,
            high=size.high,
        )
    for gap in GAPS:
        share = float(np.mean([_count_found(each, math.log1p(gap)) for each in found]))
        yield ReopenFigure(kind=kind, measure="power", at=math.log1p(gap), n=n, value=share)
    detectable = float(np.median([each.mde_alert for each in found]))
    yield ReopenFigure(kind=kind, measure="detectable", at=LEVEL, n=n, value=detectable)
    if n >= _FEWEST:
        for test in (apply_kolmogorov_smirnov(p), apply_chi_squared(p)):
            yield ReopenFigure(kind=kind, measure="uniform", what=test.name, n=n, value=test.p)


def _count_found(found: ReopenFound, gap: float) -> float:
    """The share of the two signs in which the gap with one more is at the alert level."""
    return sum(abs(found.move + each) >= found.critical for each in (gap, -gap)) / 2.0
