"""Calibration: tests every session of a series as if there had been an event, and counts the alarms.

A placebo session s is tested with the data known before it: returns through s - 1, and for a monthly model
the parameters of the month. If the forecasts are right, a share of 0.05 of the p-values is at or below 0.05,
in calm and in turbulent weeks. Real news is not removed, so the true size is slightly smaller.
"""

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
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
from brentwatch.core.forecasts.forecast import Ahead, Fit, Forecast, Memory, NormalReturns, Path
from brentwatch.core.monitor.bundling import BURN_IN, walk_sessions

NO_FITS: Mapping[Month, BundledFit] = MappingProxyType({})
_FIFTHS = 5
_SESSIONS = 120
FEWEST_KNOWN = 250
_SHOCK = 3.0
_AFTER = 20


@dataclass(frozen=True, slots=True)
class Placebo:
    """The test of `window` at `session`, and the turbulence of the weeks before it.

    `ar` is the summed return less what was expected, over the sessions of the window, `sigma` its forecast
    standard deviation, `p` two-sided under `forecast`. `days` are the calendar days from the price before the
    session to it. `turbulence` is the EWMA(0.94) volatility known the session before, over
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
    days: int
    forecast: Forecast = field(compare=False, repr=False)

    @property
    def z(self) -> float:
        """`ar` over `sigma`."""
        return self.ar / self.sigma


@dataclass(frozen=True, slots=True)
class Size:
    """The share of `n` placebos with p at or below `nominal`: of all, by fifths of turbulence, after a shock.

    `all` is NaN if there is no placebo. `fifths` is empty if there are fewer than five placebos;
    `after_shock` is None if there was no shock. Each share has its standard error: `size_error.py`.
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
    """All tests of `walk_placebos`.

    Raises:
        InvalidInput: if a window does not begin with the session itself.
    """
    return tuple(walk_placebos(bars, model, fits, windows, left_out))


def walk_placebos(
    bars: Sequence[Bar],
    model: NormalReturns,
    fits: Mapping[Month, BundledFit] = NO_FITS,
    windows: Sequence[Window] = (HEADLINE,),
    left_out: Container[date] = (),
) -> Iterator[Placebo]:
    """The tests of every session of `bars` (oldest first, one a session) after `BURN_IN` returns.

    A session is not tested if the model refuses to forecast it, if it has no log return, or if it is
    `left_out` because its return spans missing sessions or two contracts. A window that includes such a
    session, or extends beyond the bars, is not tested either. Nothing is fitted on such a return. A monthly
    model is fitted for the first placebo, then at the first session of each calendar month. If `fits`, which
    must be of these bars, has the month, its fit is used.

    Raises:
        InvalidInput: if a window does not begin with the session itself.
    """
    if wrong := [window for window in windows if window.start != 0]:
        raise InvalidInput(
            f"window {wrong[0]} begins at tau {wrong[0].start}; expected 0, since the forecast is made the "
            f"session before; use 0,{max(wrong[0].end, 0)}"
        )
    returns = PriceHistory.build(bars).compute_returns().exclude(left_out)
    sums = np.concatenate([[0.0], np.cumsum(returns.values)])
    places = {bar.session: place for place, bar in enumerate(bars)}
    ratios, quiet = _measure_turbulence(returns.values), 0
    for at, path in _forecast(returns, model, fits, max(window.end for window in windows) + 1):
        first = path.steps[0]
        for window in windows:
            if _is_unbroken(returns, places, at, window.end):
                step = path.steps[window.end]
                ar = float(sums[at + window.end + 1] - sums[at]) - step.expected
                tested = (ar, step.standard_error, step.tail(ar), float(ratios[at]), quiet > 0)
                days = int(returns.days[at])
                yield Placebo(returns.sessions[at], window, *tested, days, step)
        k = 1.0 if path.scale is None else path.scale.k
        shock = abs(float(returns.values[at]) - first.expected) > _SHOCK * first.standard_error / k
        quiet = _AFTER if shock else max(0, quiet - 1)


def _is_unbroken(returns: Returns, places: Mapping[date, int], at: int, sessions: int) -> bool:
    """True if this number of sessions follows, each with its return."""
    if at + sessions >= len(returns):
        return False
    return places[returns.sessions[at + sessions]] - places[returns.sessions[at]] == sessions


NOMINAL = (0.05, 0.01)
"""The levels at which sizes are reported."""


def measure_size(tested: Sequence[Placebo], nominal: float) -> Size:
    """How often the tests of one window, in the order of their sessions, were at or below `nominal`."""
    alarms = np.array([placebo.p <= nominal for placebo in tested], dtype=np.bool_)
    sessions = tested[0].window.sessions if tested else 1
    shares = [measure_share(alarms, group, nominal, sessions) for group in split_fifths(tested)]
    shaken = np.array([placebo.shaken for placebo in tested], dtype=np.bool_)
    after_shock = measure_share(alarms, shaken, nominal, sessions) if shaken.any() else (None, None)
    everyone = np.ones(len(tested), dtype=np.bool_)
    share, error = measure_share(alarms, everyone, nominal, sessions) if tested else (math.nan, math.nan)
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


def split_fifths(tested: Sequence[Placebo]) -> list[Bools]:
    """The placebos in each fifth of turbulence, the calmest first; empty for fewer than five."""
    if len(tested) < _FIFTHS:
        return []
    order = np.array([placebo.turbulence for placebo in tested]).argsort(kind="stable")
    return [np.isin(np.arange(len(tested)), places) for places in np.array_split(order, _FIFTHS)]


def explain_untested(
    bars: Sequence[Bar], model: NormalReturns, window: Window = HEADLINE, left_out: Container[date] = ()
) -> str:
    """Why `run_placebos` tests no session of these bars: what they have, and what is needed."""
    returns = PriceHistory.build(bars).compute_returns().exclude(left_out)
    if len(returns) <= BURN_IN:
        return (
            f"{len(bars):,} prices give {len(returns):,} returns of one session, and the first session that "
            f"can be tested comes after {BURN_IN}; give more price history"
        )
    fit = model.fit(returns.select_between(0, BURN_IN))
    past = returns.select_between(0, BURN_IN)
    path = fit if isinstance(fit, Refused) else model.forecast(past, fit, Ahead((1,)))
    if isinstance(path, Refused):
        return f"{model.name} forecasts none of the {len(returns) - BURN_IN:,} sessions: {path.reason}"
    if window.end:
        return (
            f"none of the {len(returns) - BURN_IN:,} sessions is followed by {window.end:,} more without a "
            "gap; give more price history, or a shorter window"
        )
    return f"the last of {len(bars):,} sessions is {bars[-1].session}; choose an earlier start"


def summarise(
    tested: Sequence[Placebo],
    *,
    series: str,
    model: str,
    made_on: date,
    vintage: str | None = None,
    prices_sha256: str | None = None,
) -> Calibration | Refused:
    """The sizes over all `tested` and by fifths of turbulence; refused if a fifth would be empty.

    `vintage` describes the copy of the prices, `prices_sha256` is its checksum.
    """
    if len(tested) < _FIFTHS:
        return Refused(
            f"{len(tested)} sessions of {series} could be tested with {model} after {BURN_IN} returns, "
            f"expected {_FIFTHS} or more; give more price history"
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


def summarise_by_year(
    tested: Sequence[Placebo],
    *,
    series: str,
    model: str,
    made_on: date,
    vintage: str | None = None,
    prices_sha256: str | None = None,
) -> tuple[Calibration, ...] | Refused:
    """The record at the end of each year, after `FEWEST_KNOWN` tests, and at the end today's.

    A replay quotes only what was measured before its session.
    """
    measure = partial(
        summarise,
        series=series,
        model=model,
        made_on=made_on,
        vintage=vintage,
        prices_sha256=prices_sha256,
    )
    whole = measure(tested)
    if isinstance(whole, Refused):
        return whole
    years = [placebo.session.year for placebo in tested]
    ends = [at for at in range(FEWEST_KNOWN, len(years)) if years[at - 1] != years[at]]
    known = (measure(tested[:end]) for end in ends)
    return (*(each for each in known if isinstance(each, Calibration)), whole)


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
        ahead = Ahead(tuple(returns.days[at : at + sessions].tolist()))
        path = fit if isinstance(fit, Refused) else model.forecast(past, fit, ahead, memory)
        if isinstance(path, Path):
            yield at, path
            memory = model.learn(memory, path, float(returns.values[at]), returns.sessions[at])


def _measure_turbulence(values: Floats) -> Floats:
    """The ratios by index of the session; zero if the price did not change in 120 sessions."""
    ratios = np.zeros(len(values))
    if len(values) > _SESSIONS:
        variances = accumulate(np.square(values), lambda held, new: DECAY * held + (1.0 - DECAY) * new)
        known = np.sqrt(np.fromiter(variances, dtype=np.float64, count=len(values)))[_SESSIONS - 1 : -1]
        windows = np.lib.stride_tricks.sliding_window_view(values, _SESSIONS)[:-1]
        usual = windows.std(axis=1, ddof=1)
        np.divide(known, usual, out=ratios[_SESSIONS:], where=usual > 0.0)
    return ratios


def measure_share(alarms: Bools, group: Bools, nominal: float, sessions: int) -> tuple[float, float]:
    """The share of alarms in a group, and its standard error."""
    return float(np.mean(alarms[group])), estimate_size_error(alarms, group, nominal, sessions)
