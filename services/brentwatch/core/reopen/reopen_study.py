"""The test of a re-open, and what is learned from it.

z = |G| / U with p from Student t (`usual_gaps.py`). The expected gap is zero. For the gap and the first hour,
U60 is the square root of U^2 + h^2 sigma^2. c, E, h and sigma were all known before the break ended.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from brentwatch.core.domain import USUAL_LEVEL, BreakKind, GivenAlert, NotYet, Refused, Series
from brentwatch.core.forecasts.forecast import Path
from brentwatch.core.forecasts.given_alert import estimate_given_alert
from brentwatch.core.intraday.minutes import LEVEL, SHORT_HISTORY, BarsFound
from brentwatch.core.reopen.gap_prices import GapPrices, RefusalCause, ReopenRefused
from brentwatch.core.reopen.usual_gaps import GapTail, UsualGaps, choose_tail

_NULL = "the {window} is a draw from the usual gaps over such breaks, at their recent size"


class ReopenWindow(StrEnum):
    """What is tested: the gap alone, or the gap and the first hour."""

    GAP = "gap"
    HOUR = "gap + 60 minutes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenFound(BarsFound):
    """A test of a re-open; p is from Student t with `degrees_of_freedom`."""

    window: ReopenWindow
    kind: BreakKind
    degrees_of_freedom: float

    @property
    def critical(self) -> float:
        """The move that reaches the alert level, up or down."""
        return self.usual * GapTail(self.degrees_of_freedom).find_distance(LEVEL)

    @property
    def normal_range(self) -> tuple[float, float]:
        """The normal range of the move: it holds 95 of 100 such breaks if nothing happens."""
        return self.move - self.high, self.move - self.low


ReopenResult = ReopenFound | NotYet | ReopenRefused


def is_crude(series: Series) -> bool:
    """True for a price of crude oil: its re-opens are tested from the first one on."""
    return series.unit == "USD/bbl"


def find_session_sigma(path: Path | Refused | None) -> float | Refused:
    """k sigma, the normal move (log fraction) of the next session, from the forecast made at the settlement.

    It has one scale for both tails, and no factor for calendar days: `single` of the path of
    `adaptive-garch-t`.
    """
    if isinstance(path, Refused):
        return path
    if path is None or path.single is None:
        return Refused("no forecast of the session was made at the settlement before it")
    return path.single.standard_error / math.sqrt(path.spans)


def study_reopen(
    prices: GapPrices | NotYet | ReopenRefused,
    window: ReopenWindow,
    sigma: float | Refused,
    usual: UsualGaps,
    *,
    crude: bool = True,
) -> ReopenResult:
    """The test of one window of a re-open.

    Args:
        prices: those of the re-open.
        window: what is tested.
        sigma: the normal move of the session that re-opens.
        usual: the usual gaps before this re-open.
        crude: false for other instruments, which are tested after 20 nights and 8 weekends.
    """
    if not isinstance(prices, GapPrices):
        return prices
    told = prices.before, prices.first
    if isinstance(sigma, Refused):
        return ReopenRefused(cause=RefusalCause.NO_SIGMA, reason=sigma.reason, prices=told)
    if not crude and usual.is_warming_up:
        reason = "too few gaps of this instrument were seen; expected 20 nights and 8 weekends"
        return ReopenRefused(cause=RefusalCause.WARMING_UP, reason=reason, prices=told)
    if window is ReopenWindow.GAP:
        price, ends_at, size = prices.first, prices.first_at, usual.estimate_gap(prices.closed.kind, sigma)
    elif isinstance(prices.hour, float):
        price, ends_at = prices.hour, prices.hour_at
        size = usual.estimate_hour_gap(prices.closed.kind, sigma)
    else:
        return prices.hour
    return _build_found(prices, window, (price, ends_at), size, usual)


def _build_found(
    prices: GapPrices,
    window: ReopenWindow,
    after: tuple[float, datetime],
    size: float,
    usual: UsualGaps,
) -> ReopenFound:
    kind = prices.closed.kind
    tail, move = choose_tail(kind), math.log(after[0] / prices.before)
    reach, z = size * tail.find_distance(USUAL_LEVEL), abs(move) / size
    p = tail.find_p(z)
    return ReopenFound(
        window=window,
        kind=kind,
        begins_at=prices.before_at,
        ends_at=after[1],
        null=_NULL.format(window=window),
        move=move,
        low=move - reach,
        high=move + reach,
        usual=size,
        z=z,
        p=p,
        degrees_of_freedom=tail.degrees_of_freedom,
        mde_05=size * tail.find_detectable(USUAL_LEVEL),
        mde_alert=size * tail.find_detectable(LEVEL),
        price_before=prices.before,
        price_after=after[0],
        sessions=usual.select_kind(kind).seen,
        flags=(SHORT_HISTORY,) if usual.has_short_history(kind) else (),
        given_alert=_estimate_effect(move, tail, size) if p <= LEVEL else None,
    )


def _estimate_effect(move: float, tail: GapTail, size: float) -> GivenAlert | None:
    reach = size * tail.find_distance(LEVEL)
    return estimate_given_alert(
        move,
        lambda deviation: tail.find_p(deviation / size),
        below=reach,
        above=reach,
        standard_error=size * tail.deviation,
    )


def learn_reopen(
    usual: UsualGaps, prices: GapPrices | NotYet | ReopenRefused, sigma: float | Refused
) -> UsualGaps:
    """The usual gaps after a re-open; unchanged if it is refused or pending.

    Call it once for each re-open, after both windows are tested.
    """
    if not isinstance(prices, GapPrices) or isinstance(sigma, Refused):
        return usual
    hour = abs(math.log(prices.hour / prices.first)) / sigma if isinstance(prices.hour, float) else None
    return usual.learn(prices.closed.kind, abs(prices.gap) / sigma, hour)


def learn_daily_open(
    usual: UsualGaps, kind: BreakKind, settled: float, opened: float | None, sigma: float | Refused
) -> UsualGaps:
    """The usual gaps after a session without bars, from its opening price.

    The gap is |ln(opened / settled)| / sigma, with the settlement before it, `settled`. Both must be of one
    contract: the caller leaves out roll days (`breaks.explain_roll_day`). The usual gaps do not change if a
    price is missing, zero or below.
    """
    if opened is None or isinstance(sigma, Refused) or min(settled, opened) <= 0.0:
        return usual
    return usual.learn(kind, abs(math.log(opened / settled)) / sigma)
