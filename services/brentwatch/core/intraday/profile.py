"""The profile of a session: the absolute return of each slot relative to the mean of its session.

w = |r| / session mean |r|. P is the mean of w over the sessions by slot, smoothed over five slots, with a
mean square of one. The slot of the settlement is not smoothed and does not enter the smoothing of its
neighbours. On Wednesdays the slots of the weekly report use a mean over Wednesdays only. Each session is
measured with a profile made without it, as a new session is, so that an outlier does not raise its own
profile.
"""

from dataclasses import dataclass

import numpy as np

from brentwatch.core.domain.arrays import Bools, Floats
from brentwatch.core.intraday.clock import RELEASE, SETTLEMENT, SLOTS

_REACH = 2
"""Slots on either side in the smoothing: five are averaged."""

_FEWEST_RELEASES = 4
"""With fewer other Wednesdays, the slots of the report use the profile of any day."""

_LEAST = 0.05
"""The smallest profile of a slot, so that the first trade in it does not divide by zero."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profile of each session made without it, `left_out` (N, 276); of the next, `usual`, `wednesday`."""

    left_out: Floats
    usual: Floats
    wednesday: Floats


def build_profiles(returns: Floats, counted: Bools, wednesdays: Bools) -> Profiles:
    """The profiles from sessions (N, 276), of which `counted` slots have a return; `wednesdays` is (N,)."""
    w = scale_by_session(returns, counted)
    usual = counted.copy()
    usual[wednesdays, RELEASE] = False
    of_release = counted & ~usual
    sums, counts = np.where(usual, w, 0.0), usual.astype(np.float64)
    release, releases = np.where(of_release, w, 0.0)[:, RELEASE], of_release[:, RELEASE].astype(np.float64)
    left_out, scale = _scale_means(sums.sum(axis=0) - sums, counts.sum(axis=0) - counts)
    own = _average_releases(release.sum(axis=0) - release, releases.sum(axis=0) - releases) / scale
    at = left_out[:, RELEASE]
    at[wednesdays] = np.where(np.isfinite(own), own, at)[wednesdays]
    following, following_scale = _scale_means(sums.sum(axis=0)[None], counts.sum(axis=0)[None])
    of_wednesday = following[0].copy()
    mean = _average_releases(release.sum(axis=0), releases.sum(axis=0)) / following_scale[0]
    of_wednesday[RELEASE] = np.where(np.isfinite(mean), mean, of_wednesday[RELEASE])
    return Profiles(*(np.maximum(each, _LEAST, out=each) for each in (left_out, following[0], of_wednesday)))


def scale_by_session(returns: Floats, counted: Bools) -> Floats:
    """w: each absolute return divided by the mean of its session, in which the price must have moved."""
    absolute = np.where(counted, np.abs(returns), 0.0)
    absolute *= (counted.sum(axis=1) / absolute.sum(axis=1))[:, None]
    return absolute


def _average_releases(sums: Floats, counts: Floats) -> Floats:
    """The means over the other Wednesdays; NaN if there are too few."""
    enough = counts >= _FEWEST_RELEASES
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=enough)
    return np.asarray(means, dtype=np.float64)


def _scale_means(sums: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """The smoothed means with a mean square of one, and their divisor; 1 if nothing is known."""
    known = counts > 0.0
    means = np.divide(sums, counts, out=np.zeros(sums.shape), where=known)
    smooth = _smooth_means(means, known)
    smooth[:, SETTLEMENT] = np.where(known[:, SETTLEMENT], means[:, SETTLEMENT], 1.0)
    scale = np.sqrt(np.mean(np.square(smooth), axis=1, keepdims=True))
    smooth /= scale
    return smooth, scale


def _smooth_means(means: Floats, known: Bools) -> Floats:
    """The mean of the known slots within reach, without the slot of the settlement."""
    lent = known.copy()
    lent[:, SETTLEMENT] = False
    alike = bool((lent == lent[0]).all())  # nearly always: one row holds for all
    count = _sum_within_reach((lent[:1] if alike else lent).astype(np.float64))
    near = _sum_within_reach(np.where(lent, means, 0.0))
    return np.divide(near, count, out=np.ones(near.shape), where=count > 0.0)


def _sum_within_reach(values: Floats) -> Floats:
    """The sums over each slot and its neighbours within reach, in its own session."""
    padded = np.pad(values, ((0, 0), (_REACH, _REACH)))
    sums = padded[:, :SLOTS].copy()
    for at in range(1, 2 * _REACH + 1):
        sums += padded[:, at : at + SLOTS]
    return sums
