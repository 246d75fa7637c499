"""The reference of a session: profile, level and pools of the sessions before it.

The pool of a window holds y = |sum of r| / (L sqrt(sum of P^2)) at every third slot. The first three sessions
are left out, because their level has not settled. With m, the mean of y within an hour of a slot, z = y / m.

p = (#{pool >= z} + 0.5) / (n + 1) up to the 95th percentile. Above it p comes from a generalised Pareto tail,
fitted by probability-weighted moments with its shape limited to [0.2, 0.45]: large moves come from a few
stormy days, so their ranks say little about one in a thousand. The tail continues the ranks without a jump.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Bools, Floats, Integers
from brentwatch.core.forecasts.generalised_pareto import estimate_weighted_moments
from brentwatch.core.intraday.clock import HOUR, has_release
from brentwatch.core.intraday.grid import QUIET, TRADED, Grid
from brentwatch.core.intraday.minutes import ENOUGH_SESSIONS, FEWEST_SESSIONS, SHORT_HISTORY, WINDOWS, Minutes
from brentwatch.core.intraday.moves import FAST, Moves, VolatilityLevel, mark_hushed, measure_levels
from brentwatch.core.intraday.profile import Profiles, build_profiles

_TAIL = 0.05
_LIGHTEST, _HEAVIEST = 0.2, 0.45


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """A pool with a fitted tail: ranks in the ascending `pool` up to `threshold`, a Pareto tail beyond it.

    `at_threshold` is p at the threshold; `shape` and `spread` are the parameters of the tail."""

    pool: Floats
    threshold: float
    at_threshold: float
    shape: float
    spread: float

    def p(self, z: Floats) -> Floats:
        """The share of the null distribution that is at least as large; z >= 0."""
        at_least = len(self.pool) - np.searchsorted(self.pool, z, side="left")
        ranked = (at_least + 0.5) / (len(self.pool) + 1)
        beyond = 1.0 + self.shape * np.maximum(z - self.threshold, 0.0) / self.spread
        return np.where(z <= self.threshold, ranked, self.at_threshold * beyond ** (-1.0 / self.shape))

    def distance(self, p: float) -> float:
        """The smallest z with a p of at most `p` within the ranks; in the tail the inverse."""
        if p >= self.at_threshold:
            rank = max(int(p * (len(self.pool) + 1) - 0.5), 1)
            return float(self.pool[max(len(self.pool) - rank, 0)])
        excess = math.pow(p / self.at_threshold, -self.shape) - 1.0
        return self.threshold + self.spread * excess / self.shape


def fit_tail(pool: Floats) -> Tail | Refused:
    """The distribution of a pool, in any order; refused if its largest twentieth has no spread."""
    ordered = np.sort(pool)
    beyond = round(_TAIL * len(ordered))
    threshold = float(ordered[len(ordered) - beyond - 1])
    excesses = ordered[len(ordered) - beyond :] - threshold
    moments = estimate_weighted_moments(excesses)
    if moments is None:
        return Refused(
            f"the largest of {len(ordered):,} usual moves are all the same: no tail can be fitted; check the "
            "price source"
        )
    mean, weighted = moments
    shape = min(max(2.0 - mean / (mean - 2.0 * weighted), _LIGHTEST), _HEAVIEST)
    at_threshold = (beyond + 0.5) / (len(ordered) + 1)
    return Tail(ordered, threshold, at_threshold, shape, mean * (1.0 - shape))


FEWEST_MOVES = 1_000
"""With fewer moves in a pool nothing is tested; 40 sessions with trade have more than 3,000."""

KEPT = 250
"""Sessions in a reference: about a year."""

EVERY = 3
_UNSETTLED = 3


@dataclass(frozen=True, slots=True)
class Pool:
    """`usual` (276 - bars + 1,) is m by slot, NaN if the pool has no moves nearby; `tail` is that of z."""

    usual: Floats
    tail: Tail


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Reference:
    """The reference of the next session.

    `level` is the level after the last bar of `last`, the newest of `sessions` sessions. `usual_level` is the
    mean |u| of all. `silent` marks the newest bars without trades.
    """

    sessions: int
    last: date
    profiles: Profiles
    level: VolatilityLevel
    usual_level: float
    silent: Bools
    pools: Mapping[Minutes, Pool]

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags of a test that uses it."""
        return (SHORT_HISTORY,) if self.sessions < ENOUGH_SESSIONS else ()

    def select_profile(self, session: date) -> Floats:
        """P by slot; on a Wednesday the profile of Wednesdays."""
        return self.profiles.wednesday if has_release(session) else self.profiles.usual


def build_reference(past: tuple[Grid, ...]) -> Reference | Refused:
    """The reference from the sessions before the tested one, oldest first; refused if too few are usable.

    Only the newest `KEPT` usable sessions count.
    """
    kept = [each for each in past if each.usable][-KEPT:]
    if len(kept) < FEWEST_SESSIONS:
        return Refused(
            f"{len(kept)} complete sessions of bars before this one; expected {FEWEST_SESSIONS}: the test "
            "starts automatically once they are there, or give more history"
        )
    moves, made, after, usual_level = _gather_moves(kept)
    pools = {window: _build_pool(moves, window) for window in WINDOWS}
    if refused := [each for each in pools.values() if isinstance(each, Refused)]:
        return refused[0]
    return Reference(
        sessions=len(kept),
        last=kept[-1].session,
        profiles=made,
        level=after,
        usual_level=usual_level,
        silent=moves.quiet[moves.counted][-FAST:],
        pools={window: each for window, each in pools.items() if isinstance(each, Pool)},
    )


def _gather_moves(sessions: Sequence[Grid]) -> tuple[Moves, Profiles, VolatilityLevel, float]:
    """The moves of the sessions in order, each with a profile made without it.

    Also gives the profiles, the level after the last bar, and the mean |u|.
    """
    returns = np.stack([each.returns for each in sessions])
    kinds = np.stack([each.kinds for each in sessions])
    quiet = kinds == QUIET
    counted = quiet | (kinds == TRADED)
    made = build_profiles(returns, counted, np.array([has_release(each.session) for each in sessions]))
    u = np.abs(returns)
    u /= made.left_out  # in place, here and in the profiles: a year of bars is too large to copy
    first = float(u[0][counted[0]].mean())
    before, after = measure_levels(u.ravel(), counted.ravel(), VolatilityLevel(first, first))
    hush = mark_hushed(quiet.ravel(), counted.ravel(), np.empty(0, dtype=np.bool_))
    shaped = (before.reshape(u.shape), hush.reshape(u.shape))
    return Moves(returns, counted, quiet, made.left_out, *shaped), made, after, float(u[counted].mean())


def _build_pool(moves: Moves, window: Minutes) -> Pool | Refused:
    taken = np.asfortranarray(moves.scale_moves(window, EVERY)[_UNSETTLED:])  # for sums slot by slot
    kept = np.asfortranarray(moves.mark_testable(window, EVERY)[_UNSETTLED:])
    if (count := int(np.count_nonzero(kept))) < FEWEST_MOVES:
        return Refused(
            f"{count} moves over {window} in the sessions before can be compared; expected {FEWEST_MOVES:,}: "
            "in the others too many bars have no trades; check the price source"
        )
    slots = moves.returns.shape[-1] - window.bars + 1
    usual = _average_nearby(np.where(kept, taken, 0.0).sum(axis=0), kept.sum(axis=0), slots)
    known = kept & np.isfinite(usual[::EVERY])
    tail = fit_tail((taken / usual[::EVERY])[known])
    return tail if isinstance(tail, Refused) else Pool(usual, tail)


def _average_nearby(sums: Floats, counts: Integers, slots: int) -> Floats:
    """The mean of the pool within an hour of each slot."""
    starts = np.arange(0, slots, EVERY)
    near = np.abs(np.arange(slots)[:, None] - starts) <= HOUR
    total, number = near @ sums, near @ counts
    known = (number > 0) & (total > 0.0)
    mean = np.divide(total, number, out=np.full(slots, np.nan), where=known)
    return np.asarray(mean, dtype=np.float64)
