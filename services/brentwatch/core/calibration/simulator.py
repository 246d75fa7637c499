"""Made-up bars of five minutes of a future like Brent, from a seed: what the intraday test is calibrated on.

The volatility of a bar is that of its day (GARCH(1,1)), times the profile of the hour, times spells of some
hours and of some days (log-normal autoregressions), times what is left of the surge after the last jump.
Returns are Student t; jumps come now and then, rather in busy hours; on Wednesdays at 10:30 New York the
weekly report makes twenty minutes wild, and the slot that settles is busier than its neighbours. What is seen
of the price is bid or offer, in whole cents; in quiet hours some bars have no trade. Nothing ever happens
here but noise: whatever is found in it is a false alarm.

No parameter is fitted to a feed. The profile, the spells, the tails and how often there are jumps were chosen
by looking at the power that was measured before, on bars made up elsewhere, until this market showed the
same: agreement in power is no evidence, that in size is. With twice as many jumps, or spells of days that
differ less, windows of 60 minutes see less. A day's realised volatility is 1.8 % on average.

A harsher market breaks the promise: with a jump in every fifth session, of a whole day's volatility on
average, false alarms a session reach .0061, where .004 is promised (`python -m
benchmarks.intraday_calibration harsh`).
"""

from dataclasses import dataclass
from datetime import date, time

import numpy as np
from scipy.signal import lfilter

from brentwatch.core.calibration.intraday import Counts, count_alarms, find_fifth_edges
from brentwatch.core.calibration.intraday_placebos import run_placebo_sessions
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
"""Hours with a profile of that much or more are busy."""

_OVERNIGHT = 0.1
_KEPT_OVERNIGHT = 0.95
"""So much of the way from the first price is left in the morning: cents weigh the same for years."""

_WILDEST = 20.0
"""Of a squared day in the GARCH recursion: one day does not set the year on fire."""

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
"""How volatile, by the time of New York; in between it goes in a straight line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedMarket:
    """What the made-up market is like; volatilities are log fractions, half-lives count bars.

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


LIKE_BRENT = SimulatedMarket()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Simulated:
    """Sessions, Monday to Friday: opens (S,), closes, bars with trades, and true jumps (S, 276)."""

    sessions: tuple[date, ...]
    opens: Floats
    closes: Floats
    traded: Bools
    jumps: Bools

    def build_grids(self) -> tuple[Grid, ...]:
        """Every session laid out."""
        return tuple(self._build_grid(at) for at in range(len(self.sessions)))

    def build_bars(self, at: int) -> SessionBars:
        """The same session as bars, complete: a bar without trades is not there."""
        session = self.sessions[at]
        hours = Hours(find_session_start(session), time_of(session, SLOTS))
        slots = np.flatnonzero(self.traded[at]).tolist()
        bars = [
            IntradayBar(opens_at=time_of(session, slot), close=float(self.closes[at, slot])) for slot in slots
        ]
        bars[0] = IntradayBar(opens_at=bars[0].opens_at, close=bars[0].close, open=float(self.opens[at]))
        return SessionBars(session=session, hours=hours, through=hours.closes_at, bars=tuple(bars))

    def _build_grid(self, at: int) -> Grid:
        slots = np.flatnonzero(self.traded[at])
        opens = np.full(len(slots), np.nan)
        opens[0] = self.opens[at]
        traded, contracts = np.ones(len(slots), dtype=np.bool_), np.full(len(slots), "")
        columns = GridColumns(slots, opens, self.closes[at, slots], traded, contracts)
        return build_grid(self.sessions[at], (0, SLOTS, SLOTS), columns)


def simulate(
    sessions: int, seed: int, market: SimulatedMarket = LIKE_BRENT, first: date = _FIRST
) -> Simulated:
    """So many sessions from the first business day at or after `first`; the same for the same seed."""
    chance = np.random.default_rng(seed)
    days = np.busday_offset(np.datetime64(first), np.arange(sessions), roll="forward")
    dates = tuple(date.fromisoformat(str(day)) for day in days)
    profile = _build_profile()
    returns, jumps = _draw_returns(chance, _scale_by_session(dates, profile, market), market)
    begins = np.log(market.first_price) + _draw_opening_levels(chance, returns, market)
    quiet = profile < _BUSY
    half_spread = np.where(quiet, market.half_spreads[1], market.half_spreads[0])
    traded = chance.random(returns.shape) >= np.where(quiet, market.idle[1], market.idle[0])
    traded[:, 0] = True
    return Simulated(
        sessions=dates,
        opens=_quote_prices(chance, begins, half_spread[0]),
        closes=_quote_prices(chance, begins[:, None] + np.cumsum(returns, axis=1), half_spread),
        traded=traded,
        jumps=jumps,
    )


def _draw_returns(
    chance: np.random.Generator, relative: Floats, market: SimulatedMarket
) -> tuple[Floats, Bools]:
    """The returns of the bars (S, 276), and which of them hold a jump."""
    jumps = chance.random(relative.shape) < market.jumps_a_session * relative / relative.sum(1, keepdims=True)
    sigma = (
        relative
        / np.sqrt(SLOTS)
        * np.exp(_draw_spells(chance, relative.shape, market) + _build_surges(jumps, market))
    )
    unit = sigma * _draw_student_t(chance, relative.shape, market.degrees_of_freedom)
    unit += jumps * _draw_jump_sizes(chance, relative.shape, market)
    return unit * _compute_day_sigmas(unit.sum(axis=1), market)[:, None], jumps


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
    """Logarithms: `surge` in the bar after a jump, and then ever less."""
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
    """The logarithm of each first price beside that of the series; nights lead it back, in no bar."""
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
"""Tested sessions a history: the first 80 of them on a short one, as with a new source."""

_APART = 1_000_003


def split_sessions(sessions: int) -> list[int]:
    """So many tested sessions, over histories of equal length, at least eight where there are as many."""
    histories = min(max(-(-sessions // LONGEST), 8), sessions)
    shortest, longer = divmod(sessions, histories)
    return [shortest + (number < longer) for number in range(histories)]


def count_history(sessions: int, seed: int, number: int, market: SimulatedMarket = LIKE_BRENT) -> Counts:
    """The counts of history `number` of a seed, with so many tested sessions."""
    own_seed = seed * _APART + number
    tested = list(run_placebo_sessions(simulate(FEWEST_SESSIONS + sessions, own_seed, market).build_grids()))
    return count_alarms(tested, find_fifth_edges(tested), own_seed)
