"""Sizes along dimensions that no model was tuned to: calendar, direction, volatility, roll and ranges.

A model with a self-correcting scale has the right overall size by construction, on any series. The evidence
that it is right is the size in each group of sessions, and its power.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise

import numpy as np

from brentwatch.core.calibration.daily import NOMINAL, Placebo, measure_share, split_fifths
from brentwatch.core.calibration.ranges import measure_coverage
from brentwatch.core.domain import HEADLINE, GroupSize, Window
from brentwatch.core.domain.arrays import Bools
from brentwatch.core.forecasts.calendar_variance import classify_days
from brentwatch.core.sessions.roll import NO_ROLL, is_after_expiry

ALERT_LEVEL = 0.01
AFTER = Window(0, 4)
"""The five sessions after an alert, as a window that starts at the first of them."""

_GAPS = ("1 or 2 days", "3 days", "4 days and more")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FIFTHS = ("1, calmest", "2", "3", "4", "5, most turbulent")
_SHOCK = ("within 20 sessions", "later")
_SINCE_EXPIRY = {3: "3 to 5", 6: "6 to 10", 11: "11 to 15", 16: "16 and more"}


@dataclass(frozen=True, slots=True)
class SeriesPlacebos:
    """The tests of one model on one series: `tested` [0, 0], and `sums` [0, 4] by their first session.

    `sessions` are all sessions with a price, oldest first; `roll` is the roll rule.
    """

    tested: tuple[Placebo, ...]
    sums: Mapping[date, Placebo]
    sessions: tuple[date, ...]
    roll: str = NO_ROLL


def split_windows(tested: Sequence[Placebo], sessions: Sequence[date], roll: str) -> SeriesPlacebos:
    """The tests of `run_placebos` with the windows [0, 0] and `AFTER`."""
    return SeriesPlacebos(
        tuple(placebo for placebo in tested if placebo.window == HEADLINE),
        {placebo.session: placebo for placebo in tested if placebo.window == AFTER},
        tuple(sessions),
        roll,
    )


def measure_dimension(name: str, series: SeriesPlacebos) -> list[GroupSize]:
    """The sizes of each group of a dimension of `DIMENSIONS`; empty if there is nothing to group."""
    return list(DIMENSIONS[name](series)) if series.tested else []


def _measure_groups(
    dimension: str, tested: Sequence[Placebo], groups: Mapping[str, Bools]
) -> Iterator[GroupSize]:
    """The size of each group at each level; `groups` maps names to the tests of the group."""
    for nominal in NOMINAL:
        alarms = np.array([placebo.p <= nominal for placebo in tested], dtype=np.bool_)
        for name, group in groups.items():
            if group.any():
                size, error = measure_share(alarms, group, nominal, 1)
                count = int(np.count_nonzero(group))
                yield GroupSize(
                    dimension=dimension, group=name, nominal=nominal, n=count, size=size, error=error
                )


def _measure_by(
    dimension: str, names: Sequence[str], find_place: Callable[[Placebo], int], series: SeriesPlacebos
) -> Iterator[GroupSize]:
    """Groups by the place of a test among `names`."""
    places = np.array([find_place(placebo) for placebo in series.tested])
    groups = {name: places == place for place, name in enumerate(names)}
    return _measure_groups(dimension, series.tested, groups)


def _measure_years(series: SeriesPlacebos) -> Iterator[GroupSize]:
    years = np.array([placebo.session.year for placebo in series.tested])
    return _measure_groups("year", series.tested, {str(year): years == year for year in sorted(set(years))})


def _measure_fifths(series: SeriesPlacebos) -> Iterator[GroupSize]:
    fifths = split_fifths(series.tested)
    return _measure_groups("fifth", series.tested, dict(zip(_FIFTHS, fifths, strict=False)))


def _measure_directions(series: SeriesPlacebos) -> Iterator[GroupSize]:
    """The share of all tests in each direction: half the level is expected."""
    everyone = np.ones(len(series.tested), dtype=np.bool_)
    for nominal in NOMINAL:
        for name, sign in (("up", 1.0), ("down", -1.0)):
            alarms = np.array([each.p <= nominal and sign * each.ar > 0.0 for each in series.tested])
            size, error = measure_share(alarms, everyone, nominal / 2.0, 1)
            yield GroupSize(
                dimension="direction",
                group=name,
                nominal=nominal / 2.0,
                n=len(everyone),
                size=size,
                error=error,
            )


def _measure_since_expiry(series: SeriesPlacebos) -> Iterator[GroupSize]:
    """By sessions since the contract before expired; the first two include the step and are not tested."""
    since = count_since_expiry(series.roll, series.sessions)
    counts = np.array([since.get(placebo.session, 0) for placebo in series.tested])
    starts = [*_SINCE_EXPIRY, len(series.sessions) + 1]
    groups = {_SINCE_EXPIRY[start]: (counts >= start) & (counts < end) for start, end in pairwise(starts)}
    return _measure_groups("expiry", series.tested, groups)


def count_since_expiry(roll: str, sessions: Sequence[date]) -> dict[date, int]:
    """The number of priced sessions since an expiry, 1 for the first; no entry before the first expiry."""
    counts: dict[date, int] = {}
    if roll == NO_ROLL:
        return counts
    for before, session in zip((None, *sessions), sessions, strict=False):
        if is_after_expiry(roll, sessions, session):
            counts[session] = 1
        elif before in counts:
            counts[session] = counts[before] + 1
    return counts


def _measure_after_alerts(series: SeriesPlacebos) -> Iterator[GroupSize]:
    """How often [1, 1] and [1, 5] have p at or below a level after a session at the alert level."""
    following = dict(pairwise(series.sessions))
    alone = {placebo.session: placebo for placebo in series.tested}
    alerts = (each.session for each in series.tested if each.p <= ALERT_LEVEL)
    nexts = [following[session] for session in alerts if session in following]
    for name, tests in (("[1, 1]", alone), ("[1, 5]", series.sums)):
        tested = [tests[session] for session in nexts if session in tests]
        yield from _measure_groups("after_alert", tested, {name: np.ones(len(tested), dtype=np.bool_)})


DIMENSIONS: Mapping[str, Callable[[SeriesPlacebos], Iterator[GroupSize]]] = {
    "gap": partial(_measure_by, "gap", _GAPS, lambda placebo: classify_days(placebo.days)),
    "direction": _measure_directions,
    "weekday": partial(_measure_by, "weekday", _WEEKDAYS, lambda placebo: placebo.session.weekday()),
    "month": partial(
        _measure_by,
        "month",
        [f"{month:02}" for month in range(1, 13)],
        lambda placebo: placebo.session.month - 1,
    ),
    "year": _measure_years,
    "fifth": _measure_fifths,
    "shock": partial(_measure_by, "shock", _SHOCK, lambda placebo: 0 if placebo.shaken else 1),
    "expiry": _measure_since_expiry,
    "after_alert": _measure_after_alerts,
    "coverage": lambda series: measure_coverage(series.tested, ALERT_LEVEL),
}
"""The measure of each dimension."""
