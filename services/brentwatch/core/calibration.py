"""Calibration: every session of a series is tested as if something had happened, and the alarms are counted.

A placebo session s is tested with what was known before it: returns through s - 1, a monthly model with the
parameters of the month. If the forecasts are right, a share of .05 of the p-values lies at or below .05, in
calm weeks and in turbulent ones. The real news of the past is left in, so the true size is a little smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.bundling import BURN_IN, walked
from brentwatch.core.fits import month_of
from brentwatch.core.normal_returns.forecast import Path
from brentwatch.core.refused import Refused
from brentwatch.core.returns import PriceHistory
from brentwatch.core.significance.student_t import p_value
from brentwatch.core.study import Calibration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from brentwatch.core.bars import Bar
    from brentwatch.core.fits import BundledFit, Month
    from brentwatch.core.normal_returns.forecast import Fit, Memory, NormalReturns
    from brentwatch.core.returns import Returns

NO_FITS: Mapping[Month, BundledFit] = MappingProxyType({})
_FIFTHS = 5
_DECAY = 0.94
_SESSIONS = 120


@dataclass(frozen=True, slots=True)
class Placebo:
    """The two-sided p of the return of `session`, and how turbulent the weeks before it were.

    `turbulence` is the EWMA(.94) volatility known the session before, over the standard deviation (ddof 1) of
    the 120 returns before the session.
    """

    session: date
    p: float
    turbulence: float


def placebos(
    bars: Sequence[Bar], model: NormalReturns, fits: Mapping[Month, BundledFit] = NO_FITS
) -> tuple[Placebo, ...]:
    """The [0, 0] test of every session of `bars` (oldest first, one a session) after `BURN_IN` returns.

    A session that the model refuses to forecast, or that has no log return, is left out. A monthly model is
    fitted for the first placebo, then at the first session of each calendar month; a month that is in `fits`,
    which must be of these bars, is taken from there.
    """
    returns = PriceHistory(tuple(bars), tuple(bar.session for bar in bars)).returns()
    ratios = _turbulence(returns.values)
    return tuple(
        Placebo(returns.sessions[at], p, float(ratios[at])) for at, p in _tested(returns, model, fits)
    )


def summarise(tested: Sequence[Placebo], *, series: str, model: str, made_on: date) -> Calibration | Refused:
    """The sizes over all `tested` and by fifths of turbulence; refused where a fifth would be empty."""
    if len(tested) < _FIFTHS:
        return Refused(
            f"{len(tested)} sessions of {series} could be tested with {model} after {BURN_IN} returns, "
            f"{_FIFTHS} or more wanted: give more price history"
        )
    p = np.array([placebo.p for placebo in sorted(tested, key=lambda placebo: placebo.turbulence)])
    return Calibration(
        series=series,
        model=model,
        n=len(tested),
        first=tested[0].session,
        last=tested[-1].session,
        size_05=_share(p, 0.05),
        size_01=_share(p, 0.01),
        fifths_05=tuple(_share(fifth, 0.05) for fifth in np.array_split(p, _FIFTHS)),
        made_on=made_on,
    )


def _tested(
    returns: Returns, model: NormalReturns, fits: Mapping[Month, BundledFit]
) -> Iterator[tuple[int, float]]:
    fit: Fit | Refused = Refused("nothing is fitted yet")
    memory: Memory | None = None
    for at, past in walked(returns):
        if at == BURN_IN or not model.monthly or _new_month(returns.sessions[at - 1], returns.sessions[at]):
            row = fits.get(month_of(returns.sessions[at]))
            fit = row.fit if model.monthly and row is not None else model.fit(past)
        path = fit if isinstance(fit, Refused) else model.path(past, fit, 1, memory)
        if isinstance(path, Path):
            value = float(returns.values[at])
            yield at, p_value(value, path.steps[0])
            memory = model.learn(memory, path, value, returns.sessions[at])


def _new_month(previous: date, session: date) -> bool:
    return (previous.year, previous.month) != (session.year, session.month)


def _turbulence(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """By the index of the session; a price that stood still for 120 sessions is as calm as can be: zero."""
    ratios = np.zeros(len(values))
    if len(values) > _SESSIONS:
        variances = accumulate(np.square(values), lambda held, new: _DECAY * held + (1.0 - _DECAY) * new)
        known = np.sqrt(np.fromiter(variances, dtype=np.float64, count=len(values)))[_SESSIONS - 1 : -1]
        windows = np.lib.stride_tricks.sliding_window_view(values, _SESSIONS)[:-1]
        usual = windows.std(axis=1, ddof=1)
        np.divide(known, usual, out=ratios[_SESSIONS:], where=usual > 0.0)
    return ratios


def _share(p: NDArray[np.float64], level: float) -> float:
    return float(np.mean(p <= level))
