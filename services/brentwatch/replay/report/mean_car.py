"""The average over sessions with events: the mean CAR with its placebo band, and the tests of the average.

Each session that is the first of an event counts once, however many events it has: they share its price.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.domain import Refused, Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.classical import Studies, study
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.rows import Rows, build_rows
from brentwatch.core.event_study.table import load
from brentwatch.core.sessions.calendar_check import find_spanning_sessions
from brentwatch.core.sessions.roll import find_spliced_sessions
from brentwatch.replay.report import contents
from brentwatch.replay.report.average_tests import list_average_tests

if TYPE_CHECKING:
    from brentwatch.core.domain.arrays import Floats, Integers
    from brentwatch.replay.report.gathering import Placement

_MODEL = "constant-mean"
_WIDE, _SHORT = Design(), Design(window=Window(0, 5))
_MOST_SETS = 2_000
_FEWEST_SETS = 100


@dataclass(frozen=True, slots=True)
class Averages:
    """The mean CAR and the tests; neither without a session that can be studied."""

    mean_car: contents.MeanCar | None
    tests: tuple[contents.AverageTest, ...]


def average_sessions(placement: Placement, places: Sequence[int], events: int) -> Averages:
    """The averages over the sessions at `places` of the bars, to which `events` belong."""
    try:
        rows = _build_rows(placement)
    except InvalidInput:  # a price of an impossible size: no classical study exists
        return Averages(None, ())
    at = np.asarray(sorted(set(places)), dtype=np.intp)
    every = study(rows, _WIDE, load(_MODEL), np.arange(len(rows)))
    mean = _build_mean_car(every, at, events) if len(at) else None
    short = study(rows, _SHORT, load(_MODEL), at)
    return Averages(mean, tuple(list_average_tests(short)) if len(short.kept) else ())


def _build_rows(placement: Placement) -> Rows:
    """No return across missing sessions or a roll is part of an estimate or a window."""
    series, sessions = placement.instrument.series, placement.sessions
    spans = find_spanning_sessions(series.load_calendar(), sessions)
    spans |= dict.fromkeys(find_spliced_sessions(series.roll, sessions), 1)
    return build_rows(sessions, [bar.close for bar in placement.bars], spans=spans)


def _build_mean_car(every: Studies, at: Integers, events: int) -> contents.MeanCar:
    studied = np.searchsorted(every.kept, at[np.isin(at, every.kept)])
    band = _measure_band(every.car, studied)
    return contents.MeanCar(
        model=_MODEL,
        sessions=len(studied),
        events=events,
        placebos=0 if band is None else band.sets,
        method=_describe_method(0 if band is None else band.sets),
        points=tuple(_list_points(every, studied, band)) if len(studied) else (),
        refused=tuple(_list_refused(every, at)),
    )


def _list_points(every: Studies, studied: Integers, band: _Band | None) -> Iterator[contents.CarPoint]:
    aar, caar = every.ar[studied].mean(axis=0), every.car[studied].mean(axis=0)
    for row, tau in enumerate(_WIDE.taus):
        yield contents.CarPoint(
            tau=tau,
            aar=float(aar[row]),
            caar=float(caar[row]),
            band_low=None if band is None else float(band.low[row]),
            band_high=None if band is None else float(band.high[row]),
        )


@dataclass(frozen=True, slots=True)
class _Band:
    low: Floats
    high: Floats
    sets: int


def _measure_band(car: Floats, studied: Integers) -> _Band | None:
    """From the mean CAR of the same sessions, all shifted together around the circle of sessions."""
    ring, nearest = len(car), len(_WIDE.taus)
    if not len(studied) or ring - 2 * nearest < _FEWEST_SETS:
        return None
    steps = np.linspace(nearest, ring - nearest, min(_MOST_SETS, ring - 2 * nearest + 1))
    shifts = np.unique(np.round(steps).astype(np.intp))
    means = np.zeros((len(shifts), nearest))
    for place in studied:
        means += car[(place + shifts) % ring]
    low, high = np.quantile(means / len(studied), (0.025, 0.975), axis=0)
    return _Band(low, high, len(shifts))


def _describe_method(sets: int) -> str:
    start = (
        f"Constant mean of {_WIDE.estimation} sessions that end {_WIDE.gap} sessions before the window "
        f"{_WIDE.window}; each session with an event counts once."
    )
    if not sets:
        return f"{start} No placebo band: too few sessions can be studied."
    return (
        f"{start} The band holds 95 of 100 of {sets:,} placebo sets. Each set moves all sessions by the same "
        "number of sessions, at least one window; after the end of the series it goes on at the start. The "
        "distances between the sessions stay the same, real news is not removed, and no random numbers are "
        "used."
    )


def _list_refused(every: Studies, at: Integers) -> Iterator[contents.UntestedSession]:
    for place in at.tolist():
        if place in every.refused:
            yield contents.UntestedSession(
                session=every.rows.sessions[place],
                outcome=Refused.status,
                reason=every.refused[place].reason,
                move=None,
                events=(),
            )
