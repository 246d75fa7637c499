"""The speed of the classical event study, and the time it takes for every bundled session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from benchmarks.calibration import bundled_bars
from benchmarks.measurement import AtLeast, AtMost, Measurement, Reference
from benchmarks.references import least_squares, seconds_of

from brentwatch.core.event_study.classical import study
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.rows import build_rows
from brentwatch.core.event_study.table import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from brentwatch.core.domain.arrays import Integers
    from brentwatch.core.event_study.classical import Studies
    from brentwatch.core.event_study.rows import Rows


_EVENTS = 1_000
_FIRST = 131
_DESIGN = Design()


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """Medians, from the rows of the series to the results of its events.

    The largest work comes first. After it the allocator keeps its memory, as in any program that has read a
    file, and does not request it from the system in each run.
    """
    series = _series()
    every = np.arange(_FIRST, len(series) - _DESIGN.window.end)
    some = np.sort(np.random.default_rng(1).choice(every, _EVENTS, replace=False))

    def seconds(model: str, at: Integers, judge: Callable[[Studies], object], times: int = 51) -> float:
        return seconds_of(lambda: judge(study(series, _DESIGN, load(model), at)), 1 if short else times)

    fit = least_squares()
    one = Reference(fit.name, 1000 * fit.value)
    each = Reference(f"{fit.name}, for each session", len(every) * one.value)
    for model in ("constant-mean", "market"):
        whole = 1000 * seconds(model, every, _with_p)
        yield Measurement(f"every session, {model}", whole, "ms", AtMost(1.0, each))
        single = 1000 * seconds(model, every[-1:], _with_p, times=1_001)
        yield Measurement(f"one event, {model}", single, "ms", AtMost(20, one))
    fits = Reference(f"{fit.name}, one for each event", 1 / fit.value)
    rate = _EVENTS / seconds("market", some, _with_t, times=201)
    yield Measurement("AR, CAR and t, market", rate, "events/s", AtLeast(15, fits))
    with_p = rate_with_p(1 if short else 51)
    yield Measurement("the same with exact p", with_p, "events/s", AtLeast(1.2, fits))


def rate_with_p(times: int = 51) -> float:
    """Events a second with AR, CAR, t and exact p: market model, 120 / 16, a thousand events."""
    series = _series()
    every = np.arange(_FIRST, len(series) - _DESIGN.window.end)
    some = np.sort(np.random.default_rng(1).choice(every, _EVENTS, replace=False))
    return _EVENTS / seconds_of(lambda: _with_p(study(series, _DESIGN, load("market"), some)), times)


def _series() -> Rows:
    """The bundled prices with a made-up benchmark that explains a part of them."""
    bars = bundled_bars()
    closes = np.array([bar.close for bar in bars])
    noise = np.random.default_rng(1).normal(0.0, 0.015, len(closes))
    moves = 0.5 * np.diff(np.log(closes), prepend=np.log(closes[0])) + noise
    benchmark = 50.0 * np.exp(np.cumsum(moves - moves.mean()))
    sessions = [bar.session for bar in bars]
    return build_rows(sessions, closes, dict(zip(sessions, benchmark.tolist(), strict=True)))


def _with_t(studies: Studies) -> object:
    return studies.ar, studies.car, studies.t_ar(), studies.t_car()


def _with_p(studies: Studies) -> object:
    t_ar, t_car = studies.t_ar(), studies.t_car()
    return studies.ar, studies.car, studies.p(t_ar), studies.p(t_car)
