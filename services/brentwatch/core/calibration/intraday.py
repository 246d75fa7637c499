"""Calibration of the intraday test: how often it is wrong if nothing happens, and what it can detect.

Figures are counted by cluster (a simulated history or a month of real sessions), because tests of the same
sessions are dependent: the error of a figure is the jackknife error over clusters.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import time
from itertools import product

import numpy as np

from brentwatch.core.calibration import intraday_placebos
from brentwatch.core.domain import SIZE, BreakKind, Cell, Figure
from brentwatch.core.domain.arrays import Bools, Floats, Integers
from brentwatch.core.intraday.clock import HOUR, SLOTS, slot_at
from brentwatch.core.intraday.minutes import BUDGET, ENOUGH_SESSIONS, LEVEL, WINDOWS, Minutes
from brentwatch.core.reopen import ReopenFound, ReopenWindow

LEVELS = (0.05, 0.01, LEVEL)
MOVES = tuple(math.log1p(move) for move in (0.005, 0.01, 0.015, 0.02, 0.03))
"""Half a percent to three, added to the return of a window, up and down."""

BLOCKS = (
    ("18:00-02:00", time(18), time(2)),
    ("02:00-08:30", time(2), time(8, 30)),
    ("08:30-14:30", time(8, 30), time(14, 30)),
    ("14:30-17:00", time(14, 30), time(17)),
)
"""Hours of New York for which power is reported, by the start of the window."""

POWER, DETECTABLE, FAMILY = "power", "mde", "family-wise"
RELEASE = "weekly report"
_FIRST_HOUR = 18
_BY_GROUP = 0.01
_ENOUGH_POWER = 0.8
_FINE = np.arange(0.0, 0.2, 0.0005)
_CURVE = np.concatenate([MOVES, _FINE])
_FIFTHS = 5
_REPEATS = 4
"""Draws of events for each session and number of events."""


Counts = dict[Cell, "Floats"]
"""n, and the number of alarms: one count, or for `POWER` one for each move of a curve."""


def find_fifth_edges(sessions: Sequence[intraday_placebos.PlaceboSession]) -> Floats:
    """The four relative levels that split the slots of a history into fifths."""
    turbulence = np.concatenate([each.turbulence for each in sessions])
    edges = np.quantile(turbulence, np.arange(1, _FIFTHS) / _FIFTHS)
    return np.asarray(edges, dtype=np.float64)


def count_alarms(sessions: Sequence[intraday_placebos.PlaceboSession], edges: Floats, seed: int) -> Counts:
    """The counts of one cluster of sessions; `seed` decides the times of events."""
    counts: Counts = {}
    for window in WINDOWS:
        counts |= _count_sizes(sessions, window, edges)
        counts |= _count_powers(sessions, window)
    counts |= _count_reopens(sessions)
    return counts | _count_families(sessions, np.random.default_rng(seed))


def summarise_clusters(clusters: Sequence[Counts]) -> Iterator[Figure]:
    """The figures over all clusters, in the order of their cells."""
    for cell in dict.fromkeys(cell for counts in clusters for cell in counts):
        apart = np.array([counts[cell] for counts in clusters if cell in counts])
        if cell.measure == POWER:
            yield from _read_curve(cell, apart)
        else:
            yield _build_figure(cell, apart, _divide_counts)


def _count_sizes(
    sessions: Sequence[intraday_placebos.PlaceboSession], window: Minutes, edges: Floats
) -> Counts:
    starts = intraday_placebos.select_every_third(window)
    kept = np.array([each.by_window[window].tested[starts] for each in sessions])
    p = np.array([each.by_window[window].p[starts] for each in sessions])
    counts = {Cell(SIZE, _name(window), "all", level): _count_at_level(p[kept], level) for level in LEVELS}
    for group, of_it in _list_groups(sessions, starts, edges):
        counts[Cell(SIZE, _name(window), group, _BY_GROUP)] = _count_at_level(p[kept & of_it], _BY_GROUP)
    counts[Cell(SIZE, _name(window), RELEASE, _BY_GROUP)] = _count_at_level(
        _select_in_release(sessions, window), _BY_GROUP
    )
    return counts


def _count_at_level(p: Floats, level: float) -> Floats:
    return np.array([len(p), np.count_nonzero(p <= level)], dtype=np.float64)


def _list_groups(
    sessions: Sequence[intraday_placebos.PlaceboSession], starts: Integers, edges: Floats
) -> Iterator[tuple[str, Bools]]:
    """Which tests, (sessions, starts), belong to which group."""
    for hour in range(SLOTS // HOUR):
        yield f"hour {(_FIRST_HOUR + hour) % 24:02d}", (starts // HOUR == hour)[None, :]
    fifth = np.searchsorted(edges, np.array([each.turbulence[starts] for each in sessions]))
    for number in range(_FIFTHS):
        yield f"volatility fifth {number + 1}", fifth == number
    yield "day after a jump", np.array([each.day_after for each in sessions])[:, None]
    yield "within 2 h of a jump", np.array([each.shaken[starts] for each in sessions])
    whole = np.array([each.sessions >= ENOUGH_SESSIONS for each in sessions])[:, None]
    yield f"fewer than {ENOUGH_SESSIONS} sessions", ~whole
    yield f"{ENOUGH_SESSIONS} sessions or more", whole


def _select_in_release(sessions: Sequence[intraday_placebos.PlaceboSession], window: Minutes) -> Floats:
    """p at every slot (they are few) whose window includes the weekly report."""
    found = [(each.by_window[window], each.mark_release(window)) for each in sessions]
    return np.concatenate([placebos.p[placebos.tested & within] for placebos, within in found])


def _count_powers(sessions: Sequence[intraday_placebos.PlaceboSession], window: Minutes) -> Counts:
    return {
        Cell(POWER, _name(window), name, LEVEL): _count_curve(sessions, window, slot_at(begin), slot_at(end))
        for name, begin, end in BLOCKS
    }


def _count_curve(
    sessions: Sequence[intraday_placebos.PlaceboSession], window: Minutes, begin: int, end: int
) -> Floats:
    """n, and for each move the number of alarms when it is added, half of them up and half down."""
    starts = intraday_placebos.select_every_third(window)
    within = starts[(starts >= begin) & (starts < end)]
    placebos = [each.by_window[window] for each in sessions]
    kept = np.concatenate([each.tested[within] for each in placebos])
    moves = np.concatenate([each.moves[within] for each in placebos])[kept]
    critical = np.concatenate([each.critical[within] for each in placebos])[kept]
    return _count_found(moves, critical)


def _count_found(moves: Floats, critical: Floats) -> Floats:
    """n, and for each move of the curve how many of `moves` reach their critical move when it is added."""
    either = np.concatenate([moves, -moves])
    needed, undone = np.sort(np.tile(critical, 2) - either), np.sort(-np.tile(critical, 2) - either)
    alarmed = np.searchsorted(needed, _CURVE, side="right")
    alarmed = alarmed + len(undone) - np.searchsorted(undone, _CURVE, side="left")
    return np.concatenate([[len(moves)], alarmed / 2.0])


def _count_reopens(sessions: Sequence[intraday_placebos.PlaceboSession]) -> Counts:
    """The sizes by kind of break, and the power of the gap; empty if no re-open is tested."""
    found = [one for each in sessions if each.reopen is not None for one in each.reopen.found]
    counts: Counts = {}
    for window, kind in product(ReopenWindow, BreakKind):
        those = [each for each in found if (each.window, each.kind) == (window, kind)]
        p = np.array([each.p for each in those], dtype=np.float64)
        if found:
            counts |= {Cell(SIZE, window, kind, level): _count_at_level(p, level) for level in LEVELS}
    if found:
        counts |= {
            Cell(POWER, ReopenWindow.GAP, kind, LEVEL): _count_gap_curve(found, kind) for kind in BreakKind
        }
    return counts


def _count_gap_curve(found: Sequence[ReopenFound], kind: BreakKind) -> Floats:
    those = [each for each in found if (each.window, each.kind) == (ReopenWindow.GAP, kind)]
    moves = np.array([each.move for each in those], dtype=np.float64)
    critical = np.array([each.critical for each in those], dtype=np.float64)
    return _count_found(moves, critical)


def _count_families(
    sessions: Sequence[intraday_placebos.PlaceboSession], chance: np.random.Generator
) -> Counts:
    counts: Counts = {}
    for events in range(1, intraday_placebos.MOST_EVENTS + 1):
        found = [
            intraday_placebos.has_false_alarm(each, events, chance)
            for each in sessions
            for _ in range(_REPEATS)
        ]
        group = "1 event" if events == 1 else f"{events} events"
        counts[Cell(FAMILY, "", group, BUDGET)] = np.array([len(found), sum(found)], dtype=np.float64)
    return counts


def _read_curve(cell: Cell, apart: Floats) -> Iterator[Figure]:
    """The power of each move, and the smallest move that is found four times in five."""
    for place, move in enumerate(MOVES, start=1):
        yield _build_figure(cell._replace(at=move), apart[:, [0, place]], _divide_counts)
    fine = np.delete(apart, range(1, 1 + len(MOVES)), axis=1)
    yield _build_figure(cell._replace(measure=DETECTABLE), fine, _find_detectable)


def _divide_counts(counts: Floats) -> float:
    return float(counts[1] / counts[0])


def _find_detectable(counts: Floats) -> float:
    """The move of the fine curve that is found four times in five; the last one if none is."""
    return float(np.interp(_ENOUGH_POWER, counts[1:] / counts[0], _FINE))


def _build_figure(cell: Cell, apart: Floats, statistic: Callable[[Floats], float]) -> Figure:
    """`apart` holds the counts of each cluster, n first."""
    held = apart[apart[:, 0] > 0]
    n = int(held[:, 0].sum())
    value = statistic(held.sum(axis=0)) if n else None
    return Figure(**cell._asdict(), n=n, value=value, error=_estimate_error(held, statistic))


def _estimate_error(apart: Floats, statistic: Callable[[Floats], float]) -> float | None:
    """The standard error over clusters; None below two."""
    if len(apart) < 2:
        return None
    total = apart.sum(axis=0)
    without = np.array([statistic(total - each) for each in apart])
    return float(np.sqrt((len(apart) - 1) / len(apart) * np.sum(np.square(without - without.mean()))))


def _name(window: Minutes) -> str:
    return str(window.minutes)
