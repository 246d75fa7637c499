"""The classical event study of many events at once: abnormal returns, or the reason why there are none.

Each event stands for itself: it is estimated on its own window and judged alone. Nothing that settles after
its event window has a part in its result. All windows are fitted at once, and again row by row where digits
got lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from scipy.special import stdtr

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Bools, Floats, Integers
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.design import Design, Spans, explain_refusal, place_windows
from brentwatch.core.event_study.model import (
    Fitted,
    Model,
    Sample,
    Sliding,
    Windows,
    copy_event_windows,
    copy_factor_windows,
    copy_windows,
    cumulate,
)
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.rows import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Studies:
    """N events with a result; `kept` (N,) are their places among those asked, `refused` holds the others.

    `ar` and `car` (N, L) are log fractions, `car` cumulated from the first row of the event window; `sigma`
    (N,) the residual standard deviation with `df` degrees of freedom. `spanned` (N, L) is how many sessions
    each return of the event window spans, None where each is of one. `fitted` holds alpha, beta and the
    factors of the exact variances; the estimation window begins at `first` (N,) of the usable rows.
    """

    rows: Rows
    design: Design
    model: str
    parameters: int
    spans: Spans
    kept: Integers
    refused: Mapping[int, Refused]
    fitted: Fitted
    first: Integers
    spanned: Floats | None
    ar: Floats
    car: Floats
    sigma: Floats

    @property
    def df(self) -> int:
        """n - k."""
        return self.design.estimation - self.parameters

    def error_ar(self) -> Floats:
        """(N, L): the standard error of AR, prediction error included."""
        return self._scale_errors(self.fitted.ar_factor)

    def error_car(self) -> Floats:
        """(N, L): the exact standard error of CAR."""
        return self._scale_errors(self.fitted.car_factor)

    def t_ar(self) -> Floats:
        """(N, L): AR over its standard error; t with `df`."""
        errors = self.error_ar()
        return np.divide(self.ar, errors, out=errors)

    def t_car(self) -> Floats:
        """(N, L): CAR over its standard error; t with `df`."""
        errors = self.error_car()
        return np.divide(self.car, errors, out=errors)

    def p(self, t: Floats) -> Floats:
        """Two-sided p of such a t, from Student's t with `df`."""
        p: Floats = stdtr(self.df, -np.abs(t))
        np.multiply(p, 2.0, out=p)
        return p

    def residuals(self) -> Floats:
        """(N, n): what the normal return leaves of the estimation window."""
        return residuals(self.rows, self.fitted, self.first, self.design.estimation)

    def rank_p_ar(self) -> Floats:
        """(N, L): (1 + the number of residuals as far out as the AR) / (1 + n).

        An AR that spans q sessions is first divided by the square root of q.
        """
        alike = self.ar if self.spanned is None else self.ar / np.sqrt(self.spanned)
        quiet, moves = np.abs(self.residuals()), np.abs(alike)
        as_far = [(quiet >= move[:, None]).sum(axis=1) for move in moves.T]
        shares: Floats = (1.0 + np.stack(as_far, axis=1)) / (1.0 + quiet.shape[1])
        return shares

    def build_panel(self) -> Panel:
        """What the tests over many events read."""
        return Panel(
            residuals=self.residuals(),
            ar=self.ar,
            sigma=self.sigma,
            df=np.full(len(self.ar), float(self.df)),
            parameters=self.parameters,
            ar_factor=self.fitted.ar_factor,
            car_factor=self.fitted.car_factor,
            spanned=self.spanned,
        )

    def list_places(self) -> Integers:
        """(N, n + L): the row of each session of the estimation window, then of the event window."""
        estimated = self.rows.used[self.first[:, None] + np.arange(self.design.estimation)]
        judged = self.spans.first[self.kept][:, None] + np.arange(len(self.design.taus))
        return np.hstack([estimated, judged])

    def _scale_errors(self, factor: Floats) -> Floats:
        errors: Floats = np.sqrt(factor)
        errors *= self.sigma[:, None]
        return errors


def find_overlaps(studies: Studies) -> Iterator[tuple[int, int]]:
    """Places, among those asked, of events whose event window reaches into that of the next event."""
    first = studies.spans.first[studies.kept]
    order = np.argsort(first, kind="stable")
    starts, places = first[order], studies.kept[order]
    shared = np.flatnonzero(np.diff(starts) < studies.design.window.sessions)
    yield from ((int(places[at]), int(places[at + 1])) for at in shared)


def study(rows: Rows, design: Design, model: Model, at: Sequence[int] | Integers) -> Studies:
    """The study of the events whose tau 0 is row at[0], at[1], …; a row past the end is still to come.

    Raises:
        InvalidInput: if the model needs a benchmark and the rows have none.
    """
    if model.needs_benchmark and rows.benchmark is None:
        raise InvalidInput(
            f"{model.name} compares with a benchmark, and none was given; give one, or choose constant-mean"
        )
    if model.takes_factors and len(rows.factor_names) + 1 != model.parameters:
        raise InvalidInput(
            f"{model.name} is set up for {model.parameters - 1} factors, and {len(rows.factor_names)} are "
            "given; load the model with their number"
        )
    asked = place_windows(rows, design, np.asarray(at, dtype=np.intp).reshape(-1))
    sound = np.flatnonzero(asked.sound)
    first, starts = asked.usable[sound] - design.estimation, asked.first[sound]
    length = design.window.sessions
    ahead = _copy_ahead(rows, model, starts, length)
    spanned = copy_event_windows(rows.count_spanned(), starts, length) if design.span and rows.spans else None
    fitted = fit(rows, model, first, design.estimation, ahead, length, spanned)
    ar = subtract_normal_return(fitted, copy_event_windows(rows.returns, starts, length), ahead, spanned)
    refused = {
        int(event): explain_refusal(rows, design, asked, int(event)) for event in np.flatnonzero(~asked.sound)
    }
    found = Studies(
        rows=rows,
        design=design,
        model=model.name,
        parameters=model.parameters,
        spans=asked,
        kept=sound,
        refused=refused,
        fitted=fitted,
        first=first,
        spanned=spanned,
        ar=ar,
        car=cumulate(ar),
        sigma=np.sqrt(fitted.squares / (design.estimation - model.parameters)),
    )
    return _drop_unmoved(found)


def _copy_ahead(rows: Rows, model: Model, starts: Integers, length: int) -> Floats | None:
    """What the benchmark, or the factors, did in each event window."""
    if model.takes_factors and rows.factors is not None:
        return copy_factor_windows(rows.factors, starts, length)
    return None if rows.benchmark is None else copy_event_windows(rows.benchmark, starts, length)


def _drop_unmoved(found: Studies) -> Studies:
    """Without the events whose price or benchmark did not move in the estimation window."""
    n = found.design.estimation
    slope = mark_moving_benchmark(found.fitted, n)
    kept = slope & mark_varying_price(found.fitted, n)
    if kept.all():
        return found
    still = {
        int(found.kept[place]): _explain_unmoved(n, bool(slope[place])) for place in np.flatnonzero(~kept)
    }
    return replace(
        found,
        kept=found.kept[kept],
        refused={**found.refused, **still},
        fitted=select_events(found.fitted, kept),
        first=found.first[kept],
        spanned=None if found.spanned is None else found.spanned[kept],
        ar=found.ar[kept],
        car=found.car[kept],
        sigma=found.sigma[kept],
    )


def _explain_unmoved(n: int, slope: bool) -> Refused:
    sessions = f"in the {n} sessions of its estimation window"
    if not slope:
        return Refused(
            f"the benchmark did not move {sessions}, or a factor is explained by the others: no slope "
            "exists; check the benchmark"
        )
    return Refused(
        f"the price did not move apart from its normal return {sessions}: no variance, no test; check the "
        "price source"
    )


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
        benchmark=rows.factors_estimable if model.takes_factors else rows.benchmark_estimable,
        ahead=ahead,
        length=length,
        spanned=spanned,
    )
    fitted = model.fit(sample)
    lost = np.flatnonzero(fitted.cancelled)
    return _refit_lost(fitted, lost, sample, model, rows) if len(lost) else fitted


def residuals(rows: Rows, fitted: Fitted, first: Integers, n: int) -> Floats:
    """(N, n): what the normal return leaves of each session of the estimation window."""
    own, beside = copy_windows(rows.estimable, first, n), rows.benchmark_estimable
    if fitted.betas is not None and rows.factors_estimable is not None:
        return subtract_normal_return(fitted, own, copy_factor_windows(rows.factors_estimable, first, n))
    return subtract_normal_return(fitted, own, None if beside is None else copy_windows(beside, first, n))


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
    if fitted.betas is not None and benchmark is not None:
        own -= np.einsum("nk,nlk->nl", fitted.betas, benchmark)
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
