"""Fits a model to the windows of many events: all at once, then again row by row where digits got lost."""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from brentwatch.core.arrays import Bools, Floats, Integers
from brentwatch.core.event_study.model import Fitted, Model, Sample, Sliding, Windows, copy_windows
from brentwatch.core.event_study.rows import Rows

_FLAT = 1e-12
"""A standard deviation of log returns below it is rounding: the smallest real moves of a price are 1e-5."""


def fit(
    rows: Rows,
    model: Model,
    first: Integers,
    n: int,
    ahead: Floats | None,
    length: int,
    spanned: Floats | None = None,
) -> Fitted:
    """The model fitted to `n` usable rows from each `first` (N,) on; the rest is as in `Sample`."""
    sample = Sample(
        moments=Sliding(first, n) if len(first) else Windows(first, n),
        own=rows.estimable,
        benchmark=rows.benchmark_estimable,
        ahead=ahead,
        length=length,
        spanned=spanned,
    )
    fitted = model.fit(sample)
    lost = np.flatnonzero(fitted.cancelled)
    return _refit_lost(fitted, lost, sample, model, rows) if len(lost) else fitted


def residuals(rows: Rows, fitted: Fitted, first: Integers, n: int) -> Floats:
    """(N, n): what the normal return leaves of each session of the estimation window."""
    beside = rows.benchmark_estimable
    return subtract_normal_return(
        fitted,
        copy_windows(rows.estimable, first, n),
        None if beside is None else copy_windows(beside, first, n),
    )


def subtract_normal_return(
    fitted: Fitted, own: Floats, benchmark: Floats | None, spanned: Floats | None = None
) -> Floats:
    """(N, any): the returns `own` less alpha and beta x `benchmark`, in the place of `own`.

    A return that spans more than one session, as `spanned` says, has as many times alpha to expect.
    """
    if fitted.alpha is not None:
        own -= fitted.alpha[:, None] if spanned is None else fitted.alpha[:, None] * spanned
    if fitted.beta is not None and benchmark is not None:
        own -= fitted.beta[:, None] * benchmark
    return own


def mark_varying_price(fitted: Fitted, n: int) -> Bools:
    """(N,): where what is left of the price varies."""
    return fitted.squares > n * _FLAT**2


def mark_moving_benchmark(fitted: Fitted, n: int) -> Bools:
    """(N,): where the benchmark moved, if a slope was estimated on it."""
    return np.ones(len(fitted.squares), np.bool_) if fitted.spread is None else fitted.spread > n * _FLAT**2


def select_events(fitted: Fitted, kept: Bools) -> Fitted:
    """What was fitted to the events that `kept` (N,) marks."""
    chosen: dict[str, Any] = {
        name: None if values is None else values[kept] for name, values in _collect_arrays(fitted).items()
    }
    return Fitted(**chosen)


def _refit_lost(fitted: Fitted, lost: Integers, sample: Sample, model: Model, rows: Rows) -> Fitted:
    """The events of `lost` fitted again in two passes, their squares those of the residuals."""
    first, n = sample.moments.first[lost], sample.moments.n
    ahead = None if sample.ahead is None else sample.ahead[lost]
    spanned = None if sample.spanned is None else sample.spanned[lost]
    anew = model.fit(replace(sample, moments=Windows(first, n), ahead=ahead, spanned=spanned))
    left = residuals(rows, anew, first, n)
    left -= left.mean(axis=1, keepdims=True)
    anew.squares[:] = np.einsum("ij,ij->i", left, left)
    better = _collect_arrays(anew)
    for name, values in _collect_arrays(fitted).items():
        if values is not None:
            values[lost] = better[name]
    return fitted


def _collect_arrays(fitted: Fitted) -> dict[str, Any]:
    return {field.name: getattr(fitted, field.name) for field in fields(fitted)}
