"""Simulated 5-minute bars of a future like Brent, from a seed, for the calibration of the intraday test.

The volatility of a bar is that of its day (GARCH(1,1)), times the profile of the hour, times spells of some
hours and of some days (log-normal autoregressions), times the rest of the surge after the last jump. Returns
are Student t; jumps are random, mostly in busy hours; on Wednesdays at 10:30 New York the weekly report makes
20 minutes volatile, and the slot of the settlement is busier than its neighbours. Prices are bid or offer, in
whole cents; in quiet hours some bars have no trade. There is only noise: every finding is a false alarm.

No parameter is fitted to a feed. The profile, the spells, the tails and how often there are jumps were chosen
so that this market has the power that was measured before on other simulated bars: agreement in power is no
evidence, agreement in size is. With twice as many jumps, or spells of days that differ less, windows of 60
minutes have less power. A day's realised volatility is 1.8 % on average.

`WITH_GAPS` has holidays as well, and a gap over every break (`simulated_gaps.py`). Its front contract changes
each month, which leads the price back; without gaps nights do.

In a harsher market the size is too large: with a jump in every fifth session, of a whole day's volatility on
average, false alarms a session reach 0.0061 instead of 0.004 (`python -m
benchmarks.intraday_calibration harsh`).
"""

from dataclasses import dataclass, replace
from datetime import date, time

import numpy as np
from scipy.signal import lfilter

from brentwatch.core.calibration.intraday import Counts, count_alarms, find_fifth_edges
from brentwatch.core.calibration.intraday_placebos import run_placebo_sessions
from brentwatch.core.calibration.simulated_gaps import (
    GapTraits,
    add_gaps,
    add_reopens,
    draw_gaps,
    list_sessions,
    run_reopens,
)
from brentwatch.core.domain.arrays import Bools, Floats
from brentwatch.core.intraday.clock import (
    RELEASE,
    SETTLEMENT,
    SLOTS,
    find_session_start,
    has_release,
    slot_at,
    time_of,
)
from brentwatch.core.intraday.grid import Grid, GridColumns, build_grid
from brentwatch.core.intraday.minutes import FEWEST_SESSIONS
from brentwatch.core.intraday.session_bars import IntradayBar, SessionBars
from brentwatch.core.sessions.calendar import Hours

SIMULATED = "simulated bars"
_FIRST = date(2024, 1, 1)
_CENTS = 2
_BUSY = 0.7
"""Hours with this profile or more are busy."""

_OVERNIGHT = 0.1
_KEPT_OVERNIGHT = 0.95
"""The share of the distance from the first price that remains overnight: a cent keeps its weight."""

_WILDEST = 20.0
"""The limit of a squared day in the GARCH recursion, so that one day does not dominate a year."""

_HOURS = (
    ((18, 0), 0.70),
    ((18, 15), 0.48),
    ((19, 0), 0.40),
    ((21, 0), 0.44),
    ((23, 0), 0.36),
    ((1, 0), 0.40),
    ((1, 55), 0.55),
    ((2, 0), 0.90),
    ((3, 0), 1.22),
    ((4, 0), 1.17),
    ((6, 0), 1.01),
    ((8, 0), 1.18),
    ((8, 30), 1.50),
    ((9, 0), 1.70),
    ((10, 0), 1.75),
    ((11, 0), 1.65),
    ((12, 0), 1.40),
    ((13, 30), 1.40),
    ((14, 25), 1.75),
    ((14, 30), 0.95),
    ((15, 0), 0.70),
    ((16, 0), 0.50),
    ((16, 55), 0.45),
)
"""The volatility by time in New York, with linear interpolation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedMarket:
    """Parameters of the simulated market; volatilities are log fractions, half-lives count bars.

    `day_sigma` is the long-run volatility of the GARCH(1,1) of days; `spells` are the standard deviations of
    the logarithms of spells and their half-lives. A jump is `jump_least` of its day's volatility or more,
    `jump_more` more on average; after it bars are exp(`surge`) times as volatile at first. `half_spreads` are
    fractions of the price, in busy hours and in quiet ones, `idle` the shares of bars without trades there.
    """

    day_sigma: float = 0.0195
    alpha: float = 0.05
    beta: float = 0.93
    spells: tuple[tuple[float, float], ...] = ((0.30, 60.0), (0.50, 276.0))
    degrees_of_freedom: float = 3.7
    jumps_a_session: float = 1.0 / 60.0
    jump_least: float = 0.25
    jump_more: float = 0.25
    surge: float = 0.7
    surge_half_life: float = 18.0
    release: tuple[float, ...] = (3.2, 2.0, 1.6, 1.3)
    settlement: float = 1.5
    half_spreads: tuple[float, float] = (0.6e-4, 1.0e-4)
    idle: tuple[float, float] = (0.005, 0.08)
    first_price: float = 80.0
    gaps: GapTraits | None = None


LIKE_BRENT = SimulatedMarket()
WITH_GAPS = SimulatedMarket(gaps=GapTraits())


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Simulated:
    """Sessions, Monday to Friday: opens (S,), closes, bars with trades, and true jumps (S, 276).

    `sigmas` (S,) is the volatility of each day, from the days before it; `contracts` are empty without gaps.
    """

    sessions: tuple[date, ...]
    sigmas: Floats
    contracts: tuple[str, ...]
    opens: Floats
    closes: Floats
    traded: Bools
    jumps: Bools

    def build_grids(self) -> tuple[Grid, ...]:
        """Every session laid out."""
        return tuple(self._build_grid(at) for at in range(len(self.sessions)))

    def build_bars(self, at: int) -> SessionBars:
        """The same session as bars, complete: bars without trades are missing."""
        session = self.sessions[at]
        hours = Hours(find_session_start(session), time_of(session, SLOTS))
        slots = np.flatnonzero(self.traded[at]).tolist()
        contract = self.contracts[at]
        bars = [
            IntradayBar(
                opens_at=time_of(session, slot), close=float(self.closes[at, slot]), contract=contract
            )
            for slot in slots
        ]
        bars[0] = replace(bars[0], open=float(self.opens[at]))
        return SessionBars(session=session, hours=hours, through=hours.closes_at, bars=tuple(bars))

    def _build_grid(self, at: int) -> Grid:
        slots = np.flatnonzero(self.traded[at])
        opens = np.full(len(slots), np.nan)
        opens[0] = self.opens[at]
        traded, contracts = np.ones(len(slots), dtype=np.bool_), np.full(len(slots), self.contracts[at])
        columns = GridColumns(slots, opens, self.closes[at, slots], traded, contracts)
        return build_grid(self.sessions[at], (0, SLOTS, SLOTS), columns)


def simulate(
    sessions: int, seed: int, market: SimulatedMarket = LIKE_BRENT, first: date = _FIRST
) -> Simulated:
    """That many sessions from the first business day at or after `first`; equal for equal seeds."""
    chance = np.random.default_rng(seed)
    dates = list_sessions(first, sessions, holidays=market.gaps is not None)
    profile = _build_profile()
    returns, sigmas, jumps = _draw_returns(chance, _scale_by_session(dates, profile, market), market)
    levels = _draw_opening_levels(chance, returns, market)
    contracts = ("",) * sessions
    if market.gaps is not None:
        contracts = tuple(f"{day:%Y-%m}" for day in dates)
        gaps = draw_gaps(np.random.default_rng([seed, 1]), dates, sigmas, market.gaps)
        levels = add_gaps(gaps, returns.sum(axis=1), contracts)
    begins = np.log(market.first_price) + levels
    quiet = profile < _BUSY
    half_spread = np.where(quiet, market.half_spreads[1], market.half_spreads[0])
    traded = chance.random(returns.shape) >= np.where(quiet, market.idle[1], market.idle[0])
    traded[:, 0] = True
    return Simulated(
        sessions=dates,
        sigmas=sigmas,
        contracts=contracts,
        opens=_quote_prices(chance, begins, half_spread[0]),
        closes=_quote_prices(chance, begins[:, None] + np.cumsum(returns, axis=1), half_spread),
        traded=traded,
        jumps=jumps,
    )


def _draw_returns(
    chance: np.random.Generator, relative: Floats, market: SimulatedMarket
) -> tuple[Floats, Floats, Bools]:
    """The returns of the bars (S, 276), the volatility of each day (S,), and which bars hold a jump."""
    jumps = chance.random(relative.shape) < market.jumps_a_session * relative / relative.sum(1, keepdims=True)
    sigma = (
        relative
        / np.sqrt(SLOTS)
        * np.exp(_draw_spells(chance, relative.shape, market) + _build_surges(jumps, market))
    )
    unit = sigma * _draw_student_t(chance, relative.shape, market.degrees_of_freedom)
    unit += jumps * _draw_jump_sizes(chance, relative.shape, market)
    sigmas = _compute_day_sigmas(unit.sum(axis=1), market)
    return unit * sigmas[:, None], sigmas, jumps


def _build_profile() -> Floats:
    """By slot, with a mean square of one."""
    slots = [slot_at(time(*clock)) for clock, _ in _HOURS]
    heights = np.interp(np.arange(SLOTS), slots, [height for _, height in _HOURS])
    return np.asarray(heights / np.sqrt(np.mean(np.square(heights))), dtype=np.float64)


def _scale_by_session(sessions: tuple[date, ...], profile: Floats, market: SimulatedMarket) -> Floats:
    relative = np.tile(profile, (len(sessions), 1))
    relative[:, SETTLEMENT] *= market.settlement
    wednesdays = np.array([has_release(session) for session in sessions])
    relative[wednesdays, RELEASE] *= market.release
    return relative


def _draw_spells(chance: np.random.Generator, shape: tuple[int, int], market: SimulatedMarket) -> Floats:
    """Logarithms, such that the mean square of their exponentials is one."""
    spells = np.zeros(shape[0] * shape[1])
    for sigma, half_life in market.spells:
        decay = 0.5 ** (1.0 / half_life)
        noise = chance.standard_normal(len(spells)) * np.sqrt(1.0 - decay**2)
        begins = decay * chance.standard_normal()
        wave, _ = lfilter([1.0], [1.0, -decay], noise, zi=[begins])
        spells += sigma * wave - sigma**2
    return spells.reshape(shape)


def _build_surges(jumps: Bools, market: SimulatedMarket) -> Floats:
    """Logarithms: `surge` in the bar after a jump, then decaying."""
    after = np.concatenate([[0.0], jumps.ravel()[:-1].astype(np.float64)])
    left = lfilter([1.0], [1.0, -(0.5 ** (1.0 / market.surge_half_life))], after)
    return np.asarray(market.surge * np.minimum(left, 1.5), dtype=np.float64).reshape(jumps.shape)


def _draw_student_t(chance: np.random.Generator, shape: tuple[int, int], degrees_of_freedom: float) -> Floats:
    """With a variance of one."""
    scale = np.sqrt((degrees_of_freedom - 2.0) / degrees_of_freedom)
    return np.asarray(chance.standard_t(degrees_of_freedom, shape) * scale, dtype=np.float64)


def _draw_jump_sizes(chance: np.random.Generator, shape: tuple[int, int], market: SimulatedMarket) -> Floats:
    sizes = market.jump_least + chance.exponential(market.jump_more, shape)
    return np.asarray(sizes * chance.choice((-1.0, 1.0), shape), dtype=np.float64)


def _compute_day_sigmas(unit_days: Floats, market: SimulatedMarket) -> Floats:
    """The volatility of each day from the days before it."""
    variance, variances = 1.0, []
    for square in np.minimum(np.square(unit_days), _WILDEST).tolist():
        variances.append(variance)
        variance = 1.0 - market.alpha - market.beta + (market.alpha * square + market.beta) * variance
    return np.asarray(market.day_sigma * np.sqrt(variances), dtype=np.float64)


def _draw_opening_levels(chance: np.random.Generator, returns: Floats, market: SimulatedMarket) -> Floats:
    """The logarithm of each first price relative to the first of the series; nights revert it, in no bar."""
    days = returns.sum(axis=1)
    nights = _OVERNIGHT * market.day_sigma * chance.standard_normal(len(days))
    level, levels = 0.0, []
    for day, night in zip(days.tolist(), nights.tolist(), strict=True):
        levels.append(level)
        level = _KEPT_OVERNIGHT * (level + day) + night
    return np.array(levels)


def _quote_prices(chance: np.random.Generator, log_price: Floats, half_spread: Floats | np.float64) -> Floats:
    """Bid or offer, in whole cents."""
    side = chance.choice((-1.0, 1.0), log_price.shape)
    return np.asarray(np.round(np.exp(log_price + half_spread * side), _CENTS), dtype=np.float64)


LONGEST = 260
"""Tested sessions in a history: the first 80 of them have a short history, as with a new source."""

_APART = 1_000_003


def split_sessions(sessions: int) -> list[int]:
    """Splits tested sessions into histories of equal length, at least eight if there are as many sessions."""
    histories = min(max(-(-sessions // LONGEST), 8), sessions)
    shortest, longer = divmod(sessions, histories)
    return [shortest + (number < longer) for number in range(histories)]


def count_history(sessions: int, seed: int, number: int, market: SimulatedMarket = WITH_GAPS) -> Counts:
    """The counts of history `number` of a seed, with that many tested sessions."""
    own_seed = seed * _APART + number
    made = simulate(FEWEST_SESSIONS + sessions, own_seed, market)
    tested = list(run_placebo_sessions(made.build_grids()))
    if market.gaps is not None:
        bars = [made.build_bars(at) for at in range(len(made.sessions))]
        tested = add_reopens(tested, run_reopens(bars, made.sigmas.tolist()))
    return count_alarms(tested, find_fifth_edges(tested), own_seed)
