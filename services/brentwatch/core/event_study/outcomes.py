"""The study of one event as plain numbers, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.event_study.spans import list_passed_over

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from brentwatch.core.domain.study import Refused
    from brentwatch.core.event_study.studies import Studies


@dataclass(frozen=True, slots=True)
class Judged:
    """One session of an event window: moves and their standard errors as log fractions, two-sided p."""

    session: date
    tau: int
    ar: float
    error_ar: float
    t_ar: float
    p_ar: float
    car: float
    error_car: float
    t_car: float
    p_car: float
    rank_p_ar: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStudy:
    """The study of one event, a `Judged` for each session of its window.

    `alpha` and `beta` are None where the model has none. `passed_over` are the sessions amid the estimation
    window without a return of the benchmark: the window starts that many sessions earlier.
    """

    model: str
    alpha: float | None
    beta: float | None
    sigma: float
    df: int
    rows: tuple[Judged, ...]
    passed_over: tuple[date, ...]


def list_outcomes(studies: Studies) -> tuple[EventStudy | Refused, ...]:
    """One for each event that was asked for, in that order."""
    found: dict[int, EventStudy | Refused] = dict(
        zip(studies.kept.tolist(), _build_event_studies(studies), strict=True)
    )
    found.update(studies.refused)
    return tuple(found[event] for event in sorted(found))


def _build_event_studies(studies: Studies) -> Iterator[EventStudy]:
    rows, alphas, betas = (
        list(_list_judged(studies)),
        _convert_to_list(studies.fitted.alpha),
        _convert_to_list(studies.fitted.beta),
    )
    for place, (event, sigma) in enumerate(zip(studies.kept.tolist(), studies.sigma.tolist(), strict=True)):
        yield EventStudy(
            model=studies.model,
            alpha=alphas[place] if alphas else None,
            beta=betas[place] if betas else None,
            sigma=sigma,
            df=studies.df,
            rows=rows[place],
            passed_over=list_passed_over(studies.rows, studies.design, studies.spans, event),
        )


def _list_judged(studies: Studies) -> Iterator[tuple[Judged, ...]]:
    """The rows of each event."""
    columns = [values.tolist() for values in _list_columns(studies)]
    for place, first in enumerate(studies.spans.first[studies.kept].tolist()):
        sessions = studies.rows.sessions[first : first + len(studies.design.taus)]
        figures = zip(*(column[place] for column in columns), strict=True)
        yield tuple(
            Judged(session, tau, *of_row)
            for session, tau, of_row in zip(sessions, studies.design.taus, figures, strict=True)
        )


def _list_columns(studies: Studies) -> Iterator[NDArray[np.float64]]:
    """In the order of the fields of `Judged`."""
    t_ar, t_car = studies.t_ar(), studies.t_car()
    yield from (studies.ar, studies.error_ar(), t_ar, studies.p(t_ar))
    yield from (studies.car, studies.error_car(), t_car, studies.p(t_car), studies.rank_p_ar())


def _convert_to_list(values: NDArray[np.float64] | None) -> list[float]:
    return [] if values is None else values.tolist()
