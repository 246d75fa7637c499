"""Calibration: every session of a series is tested as if something had happened, and the alarms are counted.

A placebo session s is tested with what was known before it: returns through s - 1, a monthly model with the
parameters of the month. If the forecasts are right, a share of .05 of the p-values lies at or below .05, in
calm weeks and in turbulent ones. The real news of the past is left in, so the true size is a little smaller.
"""

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from types import MappingProxyType

import numpy as np

from brentwatch.core.calibration.size_error import estimate_size_error
from brentwatch.core.domain import HEADLINE, Bar, Calibration, Refused, Window
from brentwatch.core.domain.arrays import Bools, Floats
from brentwatch.core.domain.returns import PriceHistory, Returns
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.ewma_rank import DECAY
from brentwatch.core.forecasts.fits import BundledFit, Month, month_of
from brentwatch.core.forecasts.forecast import Fit, Memory, NormalReturns, Path
from brentwatch.core.monitor.bundling import BURN_IN, walk_sessions

NO_FITS: Mapping[Month, BundledFit] = MappingProxyType({})
_FIFTHS = 5
_SESSIONS = 120
_SHOCK = 3.0
_AFTER = 20


@dataclass(frozen=True, slots=True)
class Placebo:
    """The test of `window` at `session`, and how turbulent the weeks before it were.

    `ar` is the summed return less what was expected, over the sessions of the window, `sigma` its forecast
    standard deviation, `p` two-sided. `turbulence` is the EWMA(.94) volatility known the session before, over
    the standard deviation (ddof 1) of the 120 returns before the session. `shaken` is true within 20 sessions
    after one whose return lay more than three standard deviations out, before any adaptive scale.
    """

    session: date
    window: Window
    ar: float
    sigma: float
    p: float
    turbulence: float
    shaken: bool

    @property
    def z(self) -> float:
        """`ar` over `sigma`."""
        return self.ar / self.sigma


@dataclass(frozen=True, slots=True)
class Size:
    """The share of `n` placebos with p at or below `nominal`: of all, by fifths of turbulence, after a shock.

    `all` is not a number where there is no placebo. `fifths` is empty where there are fewer than five;
    `after_shock` is None where nothing shook. Each share has its standard error beside it: `size_error.py`.
    """

    nominal: float
    n: int
    all: float
    error: float
    fifths: tuple[float, ...]
    fifths_errors: tuple[float, ...]
    after_shock: float | None
    after_shock_error: float | None


def run_placebos(
    bars: Sequence[Bar],
    model: NormalReturns,
    fits: Mapping[Month, BundledFit] = NO_FITS,
    windows: Sequence[Window] = (HEADLINE,),
    left_out: Container[date] = (),
) -> tuple[Placebo, ...]:
    """The tests of every session of `bars` (oldest first, one a session) after `BURN_IN` returns.

    A session that the model refuses to forecast, that has no log return, or that is `left_out`, because its
    return spans missing sessions or may be a splice of two contracts, is not tested, and neither is a window
    that reaches over such a session or beyond the bars. Nothing is fitted on such a return. A monthly model
    is fitted for the first placebo, then at the first session of each calendar month; a month that is in
    `fits`, which must be of these bars, is taken from there.

    Raises:
        InvalidInput: if a window does not begin with the session itself.
    """
    if wrong := [window for window in windows if window.start != 0]:
        raise InvalidInput(
            f"window {wrong[0]} begins at tau {wrong[0].start}; 0 was wanted, since the forecast is made the "
            f"session before: give 0,{max(wrong[0].end, 0)}"
        )
    returns = PriceHistory.build(bars).compute_returns().exclude(left_out)
    sums = np.concatenate([[0.0], np.cumsum(returns.values)])
    places = {bar.session: place for place, bar in enumerate(bars)}
    ratios, quiet = _measure_turbulence(returns.values), 0
    found: list[Placebo] = []
    for at, path in _forecast(returns, model, fits, max(window.end for window in windows) + 1):
        first = path.steps[0]
        for window in windows:
            if _is_unbroken(returns, places, at, window.end):
                step = path.steps[window.end]
                ar = float(sums[at + window.end + 1] - sums[at]) - step.expected
                tested = (ar, step.standard_error, step.tail(abs(ar)), float(ratios[at]), quiet > 0)
                found.append(Placebo(returns.sessions[at], window, *tested))
        k = 1.0 if path.scale is None else path.scale.k
        shock = abs(float(returns.values[at]) - first.expected) > _SHOCK * first.standard_error / k
        quiet = _AFTER if shock else max(0, quiet - 1)
    return tuple(found)


def _is_unbroken(returns: Returns, places: Mapping[date, int], at: int, sessions: int) -> bool:
    """True where so many sessions follow, each with its return."""
    if at + sessions >= len(returns):
        return False
    return places[returns.sessions[at + sessions]] - places[returns.sessions[at]] == sessions


NOMINAL = (0.05, 0.01)
"""The levels at which the size of a test is told."""


def measure_size(tested: Sequence[Placebo], nominal: float) -> Size:
    """How often the tests of one window, in the order of their sessions, were at or below `nominal`."""
    alarms = np.array([placebo.p <= nominal for placebo in tested], dtype=np.bool_)
    sessions = tested[0].window.sessions if tested else 1
    shares = [_measure_share(alarms, group, nominal, sessions) for group in _split_fifths(tested)]
    shaken = np.array([placebo.shaken for placebo in tested], dtype=np.bool_)
    after_shock = _measure_share(alarms, shaken, nominal, sessions) if shaken.any() else (None, None)
    everyone = np.ones(len(tested), dtype=np.bool_)
    share, error = _measure_share(alarms, everyone, nominal, sessions) if tested else (math.nan, math.nan)
    return Size(
        nominal=nominal,
        n=len(tested),
        all=share,
        error=error,
        fifths=tuple(fifth for fifth, _ in shares),
        fifths_errors=tuple(error for _, error in shares),
        after_shock=after_shock[0],
        after_shock_error=after_shock[1],
    )


def _split_fifths(tested: Sequence[Placebo]) -> list[Bools]:
    """Which placebos are in each fifth of turbulence, the calmest first; nothing of fewer than five."""
    if len(tested) < _FIFTHS:
        return []
    order = np.array([placebo.turbulence for placebo in tested]).argsort(kind="stable")
    return [np.isin(np.arange(len(tested)), places) for places in np.array_split(order, _FIFTHS)]


def explain_untested(
    bars: Sequence[Bar], model: NormalReturns, window: Window = HEADLINE, left_out: Container[date] = ()
) -> str:
    """Why `run_placebos` tests no session of these bars: what there is, and what is needed."""
    returns = PriceHistory.build(bars).compute_returns().exclude(left_out)
    if len(returns) <= BURN_IN:
        return (
            f"{len(bars):,} prices give {len(returns):,} returns of one session, and the first session that "
            f"can be tested comes after {BURN_IN}: give more price history"
        )
    fit = model.fit(returns.select_between(0, BURN_IN))
    path = fit if isinstance(fit, Refused) else model.forecast(returns.select_between(0, BURN_IN), fit, 1)
    if isinstance(path, Refused):
        return f"{model.name} forecasts none of the {len(returns) - BURN_IN:,} sessions: {path.reason}"
    if window.end:
        return (
            f"none of the {len(returns) - BURN_IN:,} sessions is followed by {window.end:,} more without a "
            "gap: give more price history, or a shorter window"
        )
    return f"the last of {len(bars):,} sessions is {bars[-1].session}: choose an earlier beginning"


def summarise(
    tested: Sequence[Placebo],
    *,
    series: str,
    model: str,
    made_on: date,
    vintage: str | None = None,
    prices_sha256: str | None = None,
) -> Calibration | Refused:
    """The sizes over all `tested` and by fifths of turbulence; refused where a fifth would be empty.

    `vintage` says in words whose prices they are, `prices_sha256` which.
    """
    if len(tested) < _FIFTHS:
        return Refused(
            f"{len(tested)} sessions of {series} could be tested with {model} after {BURN_IN} returns, "
            f"{_FIFTHS} or more wanted: give more price history"
        )
    usual, rare = measure_size(tested, 0.05), measure_size(tested, 0.01)
    return Calibration(
        series=series,
        model=model,
        n=usual.n,
        first=tested[0].session,
        last=tested[-1].session,
        size_05=usual.all,
        size_01=rare.all,
        fifths_05=usual.fifths,
        made_on=made_on,
        error_05=usual.error,
        error_01=rare.error,
        vintage=vintage,
        prices_sha256=prices_sha256,
    )


def _forecast(
    returns: Returns, model: NormalReturns, fits: Mapping[Month, BundledFit], sessions: int
) -> Iterator[tuple[int, Path]]:
    fit: Fit | Refused = Refused("nothing is fitted yet")
    memory: Memory | None = None
    for at, past in walk_sessions(returns):
        if (
            at == BURN_IN
            or not model.monthly
            or month_of(returns.sessions[at - 1]) != month_of(returns.sessions[at])
        ):
            row = fits.get(month_of(returns.sessions[at]))
            fit = row.fit if model.monthly and row is not None else model.fit(past)
        path = fit if isinstance(fit, Refused) else model.forecast(past, fit, sessions, memory)
        if isinstance(path, Path):
            yield at, path
            memory = model.learn(memory, path, float(returns.values[at]), returns.sessions[at])


def _measure_turbulence(values: Floats) -> Floats:
    """By the index of the session; a price that stood still for 120 sessions is as calm as can be: zero."""
    ratios = np.zeros(len(values))
    if len(values) > _SESSIONS:
        variances = accumulate(np.square(values), lambda held, new: DECAY * held + (1.0 - DECAY) * new)
        known = np.sqrt(np.fromiter(variances, dtype=np.float64, count=len(values)))[_SESSIONS - 1 : -1]
        windows = np.lib.stride_tricks.sliding_window_view(values, _SESSIONS)[:-1]
        usual = windows.std(axis=1, ddof=1)
        np.divide(known, usual, out=ratios[_SESSIONS:], where=usual > 0.0)
    return ratios


def _measure_share(alarms: Bools, group: Bools, nominal: float, sessions: int) -> tuple[float, float]:
    """The share of alarms in a group, and its standard error."""
    return float(np.mean(alarms[group])), estimate_size_error(alarms, group, nominal, sessions)
