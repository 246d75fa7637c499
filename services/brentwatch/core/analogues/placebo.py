"""Reversals: first moves that were half gone, or more, after five sessions, and how often that is so anyway.

A large move often falls back by chance alone: of two moves, the larger one is mostly luck. So reversals after
events say little without those of other sessions with a first move of the same size.
"""

from collections.abc import Collection, Sequence

import numpy as np

from brentwatch.core.domain import LAST_TAU
from brentwatch.core.domain.arrays import Floats

FEWEST_SESSIONS = 250
"""With fewer other sessions there is no placebo."""

NEIGHBOURS = 100
"""The placebo of a move is the share of reversals among this many other sessions nearest to it in size."""

HALF = 0.5


def is_reversed(first: float, later: float) -> bool:
    """True if at most half of the first move is left; log returns since the settlement before the news."""
    return first != 0.0 and later / first <= HALF


def expect_reversals(
    sizes: Sequence[float], closes: Floats, left_out: Collection[int], skipped: Collection[int]
) -> float | None:
    """The expected number of reversals of first moves of these sizes; None if there are too few sessions.

    Args:
        sizes: absolute first moves, log fractions.
        closes: the prices known then, one a session, oldest first.
        left_out: indices of sessions whose return is not one of a single session and contract.
        skipped: indices of the sessions of the events themselves.
    """
    first, later = _list_moves(closes, left_out, skipped)
    if len(first) < FEWEST_SESSIONS:
        return None
    order = np.argsort(np.abs(first), kind="stable")
    ranked = np.abs(first)[order]
    counts = np.concatenate([[0], np.cumsum((later / first <= HALF)[order])])
    starts = np.searchsorted(ranked, np.array(sizes)) - NEIGHBOURS // 2
    starts = np.clip(starts, 0, len(ranked) - NEIGHBOURS)
    return float((counts[starts + NEIGHBOURS] - counts[starts]).sum() / NEIGHBOURS)


def _list_moves(closes: Floats, left_out: Collection[int], skipped: Collection[int]) -> tuple[Floats, Floats]:
    """The moves of each usable session, and those through five sessions later."""
    starts = np.arange(1, len(closes) - LAST_TAU)
    usable = np.ones(len(starts), dtype=bool)
    for index in skipped:
        usable[max(index - 1, 0) : max(index, 0)] = False
    for index in left_out:  # every window that contains the return
        usable[max(index - 1 - LAST_TAU, 0) : max(index, 0)] = False
    positive = closes > 0.0
    for index in np.flatnonzero(~positive).tolist():  # every window that begins, ends or turns at the price
        usable[max(index - 1 - LAST_TAU, 0) : index + 1] = False
    logs = np.log(np.where(positive, closes, 1.0))
    first, later = logs[starts] - logs[starts - 1], logs[starts + LAST_TAU] - logs[starts - 1]
    usable &= first != 0.0
    return first[usable], later[usable]
