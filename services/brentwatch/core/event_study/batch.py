"""Studies a batch of events: where each lies, what was found of it in plain numbers, and all as one average.

Forward only. A bare date is known before the settlement of its session, so tau 0 is that session or the next
there is; an instant is taken as it is, and the first settlement strictly after it counts.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from brentwatch.core.domain import Instrument, Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.classical import Studies, study
from brentwatch.core.event_study.design import Design, list_passed_over
from brentwatch.core.event_study.model import Model
from brentwatch.core.event_study.rows import Rows
from brentwatch.core.event_study.significance.result import TestResult
from brentwatch.core.event_study.significance.table import TESTS, run


def find_tau_zero(sessions: Sequence[date], instrument: Instrument, known: date | datetime) -> int:
    """The row of tau 0 in ascending `sessions`; their number where that session is still to come.

    Args:
        sessions: those that the prices have.
        instrument: says when its sessions settle, and in which zone.
        known: when the news was public, a day in the zone of the instrument or an aware instant.
    """
    if not isinstance(known, datetime):
        return bisect_left(sessions, known)
    row = bisect_left(sessions, known.astimezone(ZoneInfo(instrument.series.time_zone)).date())
    settled = row < len(sessions) and instrument.series.closes_at(sessions[row]) <= known
    return row + 1 if settled else row


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


def _list_columns(studies: Studies) -> Iterator[Floats]:
    """In the order of the fields of `Judged`."""
    t_ar, t_car = studies.t_ar(), studies.t_car()
    yield from (studies.ar, studies.error_ar(), t_ar, studies.p(t_ar))
    yield from (studies.car, studies.error_car(), t_car, studies.p(t_car), studies.rank_p_ar())


def _convert_to_list(values: Floats | None) -> list[float]:
    return [] if values is None else values.tolist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """`aar` and `caar` (L,), averages of `n` events; `tests` by name, each a result or the reason why not."""

    n: int
    aar: Floats
    caar: Floats
    tests: Mapping[str, TestResult | Refused]


def aggregate(studies: Studies) -> Aggregate:
    """The average of the events that have a result, at least one."""
    panel = studies.build_panel()
    return Aggregate(
        n=len(studies.kept),
        aar=studies.ar.mean(axis=0),
        caar=studies.car.mean(axis=0),
        tests={name: run(name, panel) for name in TESTS},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """`outcomes` and the rows `at` which tau 0 stands belong to `event_ids`, one for one."""

    event_ids: tuple[str, ...]
    at: tuple[int, ...]
    outcomes: tuple[EventStudy | Refused, ...]
    studies: Studies

    @property
    def found(self) -> list[tuple[str, EventStudy]]:
        """The events with a result, in the order of the arrays of `studies`."""
        pairs = zip(self.event_ids, self.outcomes, strict=True)
        return [(event_id, outcome) for event_id, outcome in pairs if isinstance(outcome, EventStudy)]

    @property
    def refused(self) -> dict[str, str]:
        """The events without a result, and why."""
        pairs = zip(self.event_ids, self.outcomes, strict=True)
        return {
            event_id: outcome.reason for event_id, outcome in pairs if not isinstance(outcome, EventStudy)
        }


def study_events(
    events: Mapping[str, date | datetime], rows: Rows, design: Design, model: Model, instrument: Instrument
) -> Batch:
    """The study of the `events`, each with the day or the aware instant at which it was known.

    Raises:
        InvalidInput: if the model needs a benchmark and the rows have none.
    """
    at = tuple(find_tau_zero(rows.sessions, instrument, known) for known in events.values())
    found = study(rows, design, model, at)
    return Batch(event_ids=tuple(events), at=at, outcomes=list_outcomes(found), studies=found)
