"""Gaps of the simulated market over nights, weekends and holidays, and the tests of its re-opens.

A gap is the volatility of its day, times the usual size of its kind of break, times a spell of some weeks
(log-normal autoregression), times Student t. None of them has a cause, however large. The usual sizes
are near those measured on WTI; no other parameter is fitted to a market.

Each month another contract is in front, and its price starts at that of the first one: no return crosses the
step, and the re-open there is refused.

Every re-open is tested as if there had been news in the break. The normal move of a session is that of the
market's own recursion: as a forecast whose parameters are known would have it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from scipy.signal import lfilter

from brentwatch.core.calibration.intraday_placebos import PlaceboReopen, PlaceboSession
from brentwatch.core.domain import BreakKind
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.intraday.clock import SLOTS, find_session_start, time_of
from brentwatch.core.intraday.session_bars import SessionBars
from brentwatch.core.reopen import (
    GapTail,
    ReopenFound,
    ReopenWindow,
    TradingBreak,
    UsualGaps,
    find_gap_prices,
    learn_reopen,
    study_reopen,
)
from brentwatch.core.sessions.ice import good_friday
from brentwatch.core.sessions.roll import NO_ROLL
from brentwatch.core.sessions.table import load

_A_YEAR = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class GapTraits:
    """Parameters of the gaps: the mean of |gap| relative to the day's volatility, by kind of break.

    `spell` is the standard deviation of the logarithm of spells, its half-life counts sessions.
    """

    night: float = 0.19
    weekend: float = 0.27
    long: float = 0.38
    degrees_of_freedom: float = 3.5
    spell: float = 0.30
    spell_half_life: float = 15.0

    def select_usual(self, kind: BreakKind) -> float:
        """The mean of |gap| relative to the volatility of the day."""
        return {BreakKind.NIGHT: self.night, BreakKind.WEEKEND: self.weekend, BreakKind.LONG: self.long}[kind]


def list_sessions(first: date, sessions: int, *, holidays: bool) -> tuple[date, ...]:
    """Business days from `first` on; with `holidays`, without New Year, Good Friday and Christmas."""
    last = first + timedelta(days=2 * sessions + _A_YEAR)
    closed = [day for year in range(first.year, last.year + 1) for day in _list_holidays(year)]
    days = np.busday_offset(
        np.datetime64(first), np.arange(sessions), roll="forward", holidays=closed if holidays else []
    )
    return tuple(date.fromisoformat(str(day)) for day in days)


def _list_holidays(year: int) -> tuple[date, ...]:
    return date(year, 1, 1), good_friday(year), date(year, 12, 25)


def build_break(before: date, session: date) -> TradingBreak:
    """The break between two sessions that follow each other."""
    closes_at, opens_at = time_of(before, SLOTS), find_session_start(session)
    return TradingBreak(previous=before, session=session, closes_at=closes_at, opens_at=opens_at)


def draw_gaps(
    chance: np.random.Generator, sessions: Sequence[date], sigmas: Floats, traits: GapTraits
) -> Floats:
    """The gap before each session (log fractions), except the first."""
    kinds = [build_break(*each).kind for each in pairwise(sessions)]
    usual = np.array([0.0, *map(traits.select_usual, kinds)])
    spells, nu = _draw_spells(chance, len(sessions), traits), traits.degrees_of_freedom
    tails = chance.standard_t(nu, len(sessions)) / GapTail(nu).mean
    return np.asarray(usual * sigmas * spells * tails, dtype=np.float64)


def _draw_spells(chance: np.random.Generator, sessions: int, traits: GapTraits) -> Floats:
    """With a mean of one."""
    decay = 0.5 ** (1.0 / traits.spell_half_life)
    noise = chance.standard_normal(sessions) * np.sqrt(1.0 - decay**2)
    wave, _ = lfilter([1.0], [1.0, -decay], noise, zi=[decay * chance.standard_normal()])
    return np.asarray(np.exp(traits.spell * wave - traits.spell**2 / 2.0), dtype=np.float64)


def add_gaps(gaps: Floats, days: Floats, contracts: Sequence[str]) -> Floats:
    """The log of each first price relative to the first of the series; a new contract starts at zero."""
    levels = [0.0]
    for at in range(1, len(gaps)):
        goes_on = contracts[at] == contracts[at - 1]
        levels.append(levels[-1] + float(days[at - 1] + gaps[at]) if goes_on else 0.0)
    return np.array(levels)


def run_reopens(bars: Sequence[SessionBars], sigmas: Sequence[float]) -> Iterator[PlaceboReopen]:
    """The re-open before each session but the first, oldest first; `sigmas` are one a session."""
    usual, calendar = UsualGaps(), load("globex")
    for (before, after), sigma in zip(pairwise(bars), sigmas[1:], strict=True):
        closed = build_break(before.session, after.session)
        prices = find_gap_prices(closed, before, after, roll=NO_ROLL, calendar=calendar)
        results = [study_reopen(prices, window, sigma, usual) for window in ReopenWindow]
        found = tuple(each for each in results if isinstance(each, ReopenFound))
        yield PlaceboReopen(closed, found)
        usual = learn_reopen(usual, prices, sigma)


def add_reopens(sessions: Sequence[PlaceboSession], reopens: Iterator[PlaceboReopen]) -> list[PlaceboSession]:
    """The tested sessions with the re-open before each."""
    known: Mapping[date, PlaceboReopen] = {each.closed.session: each for each in reopens}
    return [replace(session, reopen=known[session.grid.session]) for session in sessions]
