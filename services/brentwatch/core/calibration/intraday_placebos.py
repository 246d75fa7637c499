"""Tests sessions as if there had been news, at every third slot or with simulated events.

A session is tested with the data known before it, as in the fold. Real news is not removed from real bars;
simulated bars have none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Bools, Floats, Integers
from brentwatch.core.intraday.clock import HOUR, RELEASE, SLOTS, has_release
from brentwatch.core.intraday.grid import Grid
from brentwatch.core.intraday.minutes import FEWEST_SESSIONS, LEVEL, WINDOWS, Minutes
from brentwatch.core.intraday.openings import SessionTests
from brentwatch.core.intraday.reference import EVERY, KEPT, build_reference
from brentwatch.core.intraday.window_study import Day, measure_day
from brentwatch.core.reopen import ReopenFound, TradingBreak

_JUMP = 12.0
"""A bar of more than this multiple of its expected level is a jump."""

_SHAKEN = 2 * HOUR
_AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, eq=False)
class Placebos:
    """The tests of one window at the slots of one session, (276 - bars + 1,) each.

    Without a test (not `tested`), `p` is 1 and `critical`, the move at the alert level, is infinite.
    """

    tested: Bools
    moves: Floats
    critical: Floats
    p: Floats


@dataclass(frozen=True, slots=True)
class PlaceboReopen:
    """The re-open after a break: its tests, none if it is refused."""

    closed: TradingBreak
    found: tuple[ReopenFound, ...]

    @property
    def share(self) -> float:
        """The share of news in the break and not in the session, if news comes at any hour."""
        hours = (self.closed.opens_at - self.closed.closes_at) / _AN_HOUR
        return hours / (hours + SLOTS / HOUR)


@dataclass(frozen=True, slots=True, eq=False)
class PlaceboSession:
    """A session tested at each of its slots, after `sessions` earlier ones.

    `turbulence` (276,) is the level relative to the sessions before, `shaken` marks the slots within two
    hours after a jump, `day_after` is true if the session before had one. `reopen` is None if no normal move
    is known, so that no re-open is tested.
    """

    grid: Grid
    sessions: int
    by_window: Mapping[Minutes, Placebos]
    turbulence: Floats
    shaken: Bools
    day_after: bool
    reopen: PlaceboReopen | None = None

    def mark_release(self, window: Minutes) -> Bools:
        """The slots whose window includes the weekly report."""
        starts = np.arange(SLOTS - window.bars + 1)
        reaches = (starts < RELEASE.stop) & (starts + window.bars > RELEASE.start)
        return reaches & has_release(self.grid.session)


def run_placebo_sessions(grids: Sequence[Grid]) -> Iterator[PlaceboSession]:
    """The sessions that can be tested, oldest first."""
    jumped = False
    for at in range(FEWEST_SESSIONS, len(grids)):
        against = build_reference(tuple(grids[max(at - 2 * KEPT, 0) : at]))
        if isinstance(against, Refused):
            continue
        day = measure_day(against, grids[at])
        jumps = _find_jumps(day)
        yield PlaceboSession(
            grid=grids[at],
            sessions=against.sessions,
            by_window={window: _run_placebos(day, window) for window in WINDOWS},
            turbulence=day.moves.before / against.usual_level,
            shaken=_mark_shaken(jumps),
            day_after=jumped,
        )
        jumped = bool(jumps.any())


def select_every_third(window: Minutes) -> Integers:
    """The slots at which a calibration counts, as in the pool."""
    return np.arange(0, SLOTS - window.bars + 1, EVERY)


def _run_placebos(day: Day, window: Minutes) -> Placebos:
    usual, moves = day.estimate_usual_moves(window), day.moves.sum_returns(window)
    tested = day.moves.mark_testable(window) & (usual > 0.0)
    tail = day.reference.pools[window].tail
    z = np.divide(np.abs(moves), usual, out=np.zeros(len(moves)), where=tested)
    critical = np.where(tested, usual * tail.distance(LEVEL), np.inf)
    return Placebos(tested, moves, critical, np.where(tested, tail.p(z), 1.0))


def _find_jumps(day: Day) -> Bools:
    moves = day.moves
    return np.asarray(np.abs(moves.returns) > _JUMP * moves.profile * moves.before, dtype=np.bool_)


def _mark_shaken(jumps: Bools) -> Bools:
    """The slots that start within two hours after one of these bars."""
    seen = np.concatenate([[0], np.cumsum(jumps)])
    slots = np.arange(SLOTS)
    return np.asarray(seen[slots] > seen[np.maximum(slots - _SHAKEN, 0)], dtype=np.bool_)


MOST_EVENTS = 8


def has_false_alarm(session: PlaceboSession, events: int, chance: np.random.Generator) -> bool:
    """Whether one session has a false alarm with this number of events, of any exposure.

    Events come at any time of its trade, and also in the break before it if the re-open is tested.
    """
    slots = chance.integers(session.grid.opens, session.grid.closes, events)
    if session.reopen is not None:
        slots[chance.random(events) < session.reopen.share] = session.grid.opens
    opened = SessionTests()
    for slot in sorted(slots.tolist()):
        opened, _ = opened.take(slot, float(chance.random()))
    return any(_has_alarm_at(session, slot) for slot in opened.slots)


def _has_alarm_at(session: PlaceboSession, slot: int) -> bool:
    """Whether a window that starts at a slot has an alarm; one that crosses the break is refused.

    At the first slot, the windows of the re-open are tested if there are any.
    """
    if session.reopen is not None and slot == session.grid.opens:
        return any(each.alerts for each in session.reopen.found)
    placebos = session.by_window.values()
    return any(bool(each.p[slot] <= LEVEL) for each in placebos if slot < len(each.p))
