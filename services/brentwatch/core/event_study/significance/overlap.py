"""How far events whose windows overlap in the calendar move together, and which of them overlap.

Abnormal returns of the same session move together, those of different sessions do not. So the correlation of
two events is that of their residuals over the sessions both estimation windows hold, times the share of their
event rows that are the same session (Kolari, Pape and Pynnönen 2018).

Only pairs whose event windows meet have a part in it. Events are taken in the order of their first session, a
block at a time, each block with the later events that reach into it, so memory grows with those pairs and not
with the square of the number of events.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from brentwatch.core.domain.arrays import Bools, Floats, Integers
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.panel import Panel

Sessions: TypeAlias = Integers

FEWEST_SHARED = 10
"""Estimation sessions that two events must share before a correlation is taken from them."""

_BLOCK = 128
_PAIRS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Per row of the event window, (L,): on that row alone (`day`) and on the rows so far (`so_far`).

    The mean correlation is over all N (N - 1) pairs; pairs that share nothing count as zero. `..._shared`
    says whether any pair shares an event session; `unknown`, whether one of these shares too few estimation
    sessions.
    `events` counts the events that share an event session with another.
    """

    day: Floats
    so_far: Floats
    day_shared: Bools
    so_far_shared: Bools
    unknown: bool
    events: int


def measure_overlap(panel: Panel, sessions: Sessions) -> Overlap:
    """The overlap of the events of a panel.

    Args:
        panel: the events.
        sessions: (N, n + L), the number of each row's session, estimation first, ascending within an event.
            Any numbering of sessions will do that is the same for all events: places in a price table, days.

    Raises:
        InvalidInput: if `sessions` are not of that shape, or do not ascend.
    """
    _check(panel, sessions)
    n = panel.residuals.shape[1]
    order = np.argsort(sessions[:, n], kind="stable")
    estimation, event = sessions[order, :n], sessions[order, n:]
    sums = _Sums.build(events=len(order), length=event.shape[1])
    for start in range(0, len(order), _BLOCK):
        stop = min(start + _BLOCK, len(order))
        end = int(np.searchsorted(event[:, 0], event[start:stop, -1].max(), side="right"))
        near = slice(start, end)
        moved = correlate_residuals(panel.residuals[order[near]], estimation[near], stop - start)
        _add_block(sums, event[near], start, moved)
    return sums.build_overlap()


def correlate_residuals(
    residuals: Floats, sessions: Integers, count: int | None = None
) -> tuple[Floats, Bools]:
    """(M, N): the correlation of each of the first M events with each of all N, and whether it is known.

    It is over the estimation sessions that both hold, `FEWEST_SHARED` at least. `sessions` (N, n) numbers the
    session of each residual; each event's residuals are taken about their mean. M is `count`, or N.
    """
    places = np.unique(sessions, return_inverse=True)[1].reshape(sessions.shape)
    spread, held = (np.zeros((len(places), places.max() + 1)) for _ in range(2))
    events = np.arange(len(places))[:, None]
    spread[events, places] = residuals - residuals.mean(axis=1, keepdims=True)
    held[events, places] = 1.0
    ahead, ahead_held = spread[:count], held[:count]
    products, shared = ahead @ spread.T, ahead_held @ held.T
    np.square(spread, out=spread)
    scale = np.sqrt((spread[:count] @ held.T) * (ahead_held @ spread.T))
    known = (shared >= FEWEST_SHARED) & (scale > 0.0)
    return np.divide(products, scale, out=np.zeros(scale.shape), where=known), known


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """(L, L): sums over pairs whose earlier event has in row a the session of row b of the later one."""

    moved: Floats
    met: Floats
    unknown: Floats
    shares: Bools = field(repr=False)

    @classmethod
    def build(cls, *, events: int, length: int) -> "_Sums":
        moved, met, unknown = (np.zeros((length, length)) for _ in range(3))
        return cls(moved=moved, met=met, unknown=unknown, shares=np.zeros(events, dtype=np.bool_))

    def build_overlap(self) -> Overlap:
        """Each pair counts both ways round."""
        moved, met = self.moved + self.moved.T, self.met + self.met.T
        events, length = len(self.shares), len(moved)
        pairs = max(events * (events - 1.0), 1.0)
        return Overlap(
            day=np.diag(moved) / pairs,
            so_far=_sum_so_far(moved) / (pairs * np.arange(1.0, length + 1.0)),
            day_shared=np.diag(met) > 0.0,
            so_far_shared=_sum_so_far(met) > 0.0,
            unknown=bool((self.unknown > 0.0).any()),
            events=int(self.shares.sum()),
        )


def _add_block(sums: _Sums, event: Integers, start: int, correlated: tuple[Floats, Bools]) -> None:
    """Add the pairs of the first M events of `event` (N, L), which begin with event `start`, to the sums."""
    correlation, known = correlated
    length = event.shape[1]
    numbers = np.unique(event, return_inverse=True)[1].reshape(event.shape)
    rows = np.full((len(event), int(numbers.max()) + 1), -1, dtype=np.int32)
    rows[np.arange(len(event))[:, None], numbers] = np.arange(length)
    for one, other in _list_pairs(event, len(correlation)):
        row = rows[other[:, None], numbers[one]]
        pair, at = np.nonzero(row >= 0)
        cells = at * length + row[pair, at]
        first, second = one[pair], other[pair]
        for total, weights in (
            (sums.moved, correlation[first, second]),
            (sums.met, np.ones(len(pair))),
            (sums.unknown, ~known[first, second]),
        ):
            total += np.bincount(cells, weights, minlength=length**2).reshape(length, length)
        sums.shares[start + first] = True
        sums.shares[start + second] = True


def _list_pairs(event: Integers, count: int) -> Iterator[tuple[Integers, Integers]]:
    """The pairs whose event windows may meet, the first of each among the first `count`, some at a time."""
    later = np.arange(len(event)) > np.arange(count)[:, None]
    one, other = np.nonzero(later & (event[:, 0] <= event[:count, -1:]))
    for start in range(0, len(one), _PAIRS):
        yield one[start : start + _PAIRS], other[start : start + _PAIRS]


def _sum_so_far(by_rows: Floats) -> Floats:
    """(L,): the sum over both rows, from the first."""
    return np.diag(by_rows.cumsum(axis=0).cumsum(axis=1))


def _check(panel: Panel, sessions: Sessions) -> None:
    expected = (len(panel.ar), panel.residuals.shape[1] + panel.ar.shape[1])
    if sessions.shape != expected:
        raise InvalidInput(
            f"sessions have the shape {sessions.shape}; expected {expected}: one session for each estimation "
            "and event row of each event; correct the array"
        )
    if not (sessions[:, 1:] > sessions[:, :-1]).all():
        raise InvalidInput("the sessions of an event do not ascend; sort its rows, each session once")
