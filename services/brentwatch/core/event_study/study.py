"""The classical event study of many events at once: abnormal returns, or the reason why there are none.

Each event stands for itself: it is estimated on its own window and judged alone. Nothing that settles after
its event window has a part in its result.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.domain.study import Refused
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.fitting import (
    fit,
    mark_moving_benchmark,
    mark_varying_price,
    select_events,
    subtract_normal_return,
)
from brentwatch.core.event_study.moments import copy_event_windows, cumulate
from brentwatch.core.event_study.spans import explain_refusal, place_windows
from brentwatch.core.event_study.studies import Studies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from brentwatch.core.event_study.design import Design
    from brentwatch.core.event_study.model import Model
    from brentwatch.core.event_study.rows import Rows

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]


def study(rows: Rows, design: Design, model: Model, at: Sequence[int] | Integers) -> Studies:
    """The study of the events whose tau 0 is row at[0], at[1], …; a row past the end is still to come.

    Raises:
        InvalidInput: if the model needs a benchmark and the rows have none.
    """
    if model.needs_benchmark and rows.benchmark is None:
        raise InvalidInput(
            f"{model.name} compares with a benchmark, and none was given; give one, or choose constant-mean"
        )
    asked = place_windows(rows, design, np.asarray(at, dtype=np.intp).reshape(-1))
    sound = np.flatnonzero(asked.sound)
    first, starts = asked.usable[sound] - design.estimation, asked.first[sound]
    length = design.window.sessions
    ahead = None if rows.benchmark is None else copy_event_windows(rows.benchmark, starts, length)
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
        return Refused(f"the benchmark did not move {sessions}: no slope exists; check the benchmark")
    return Refused(
        f"the price did not move apart from its normal return {sessions}: no variance, no test; check the "
        "price source"
    )
