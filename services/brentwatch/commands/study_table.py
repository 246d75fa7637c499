"""What `brentwatch study` shows to people: a row an event; of a single one a row a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from brentwatch.commands.study_drawing import (
    NARROW,
    TEXTBOOK,
    bare_p,
    folded,
    of_events,
    show,
    signed,
    table,
    words,
)
from brentwatch.core.domain.study import Refused
from brentwatch.core.event_study.aggregate import Aggregate, aggregate
from brentwatch.core.forecasts.forecast import StudentT
from brentwatch.core.forecasts.student_t import minimum_detectable_effect
from brentwatch.message.figures import MINUS, counted, day, p_value, percent, size

if TYPE_CHECKING:
    from rich.table import Table

    from brentwatch.core.event_study.batch import Batch
    from brentwatch.core.event_study.outcomes import EventStudy, Judged

_UNSEEN = "Moves under the last column cannot be excluded (80 % power at .05)."
_OF_AAR = {
    "csect_t_aar": "csect t",
    "patell_z_aar": "Patell z",
    "bmp_t_aar": "BMP t",
    "corrado_z": "Corrado z",
}
_OF_CAAR = {
    "csect_t_caar": "csect t",
    "patell_z_caar": "Patell z",
    "bmp_t_caar": "BMP t",
    "grank_t_caar": "GRANK t",
}
_LEFT_OUT = ("patell_z_aar", "patell_z_caar")
_LEVEL = 0.05


def print_events(batch: Batch, width: int) -> None:
    """Print the events and what their figures are; of one event each session."""
    drawn = _of_one(batch, width) if len(batch.found) == 1 else _of_many(batch, width)
    study = batch.found[0][1]
    told = f"{study.model}, {words(batch.studies.design)}, df {study.df}. {TEXTBOOK} {_UNSEEN}"
    show(drawn, width, told)


def print_aggregate(batch: Batch, width: int) -> None:
    """Print the averages beside the tests most asked for."""
    found, design = aggregate(batch.studies), batch.studies.design
    first, then = _chosen(_OF_AAR, width), _chosen(_OF_CAAR, width)
    drawn = table("tau", "AAR", *first.values(), "CAAR", *then.values())
    for row, tau in enumerate(design.taus):
        aar, caar = percent(float(found.aar[row])), percent(float(found.caar[row]))
        of_aar, of_caar = ([_statistic(found, name, row) for name in names] for names in (first, then))
        drawn.add_row(_tau(tau), aar, *of_aar, caar, *of_caar)
    averaged = f"{batch.studies.model}, averages of {counted(found.n, 'event')}, {words(design)}"
    show(drawn, width, f"{averaged}. Each test with its p: --show tests. All columns: --format csv or json.")


def _chosen(names: dict[str, str], width: int) -> dict[str, str]:
    return {name: told for name, told in names.items() if width >= NARROW or name not in _LEFT_OUT}


def _of_one(batch: Batch, width: int) -> Table:
    ((event_id, study),) = batch.found
    drawn = table("session", "tau", "AR", "p", "rank p", "CAR", "p", "unseen below")
    drawn.title = Text(folded(event_id, width))
    p = p_value if width >= NARROW else bare_p
    for row in study.rows:
        ar, car = (percent(row.ar), p(row.p_ar), p(row.rank_p_ar)), (percent(row.car), p(row.p_car))
        drawn.add_row(day(row.session, year=True), _tau(row.tau), *ar, *car, _unseen(row, study))
    return drawn


def _of_many(batch: Batch, width: int) -> Table:
    design = batch.studies.design
    tau = 0 if 0 in design.taus else design.window.start
    ranked = ["rank p"] if width >= NARROW else []
    columns = ["session", f"AR({tau})", "p", *ranked, f"CAR{design.window}", "p", "unseen below"]
    rows = [_row(study, design.taus.index(tau), width) for _, study in batch.found]
    return of_events([event_id for event_id, _ in batch.found], columns, rows, width)


def _row(study: EventStudy, place: int, width: int) -> tuple[str, ...]:
    row, last = study.rows[place], study.rows[-1]
    if width < NARROW:
        ar = row.session.isoformat(), percent(row.ar), bare_p(row.p_ar)
        return (*ar, percent(last.car), bare_p(last.p_car), _unseen(row, study))
    whole = day(row.session, year=True), percent(row.ar), p_value(row.p_ar), p_value(row.rank_p_ar)
    return (*whole, percent(last.car), p_value(last.p_car), _unseen(row, study))


def _unseen(row: Judged, study: EventStudy) -> str:
    noise = StudentT(
        expected=0.0, standard_error=row.error_ar, scale=row.error_ar, degrees_of_freedom=float(study.df)
    )
    return size(minimum_detectable_effect(noise, _LEVEL))


def _statistic(found: Aggregate, name: str, row: int) -> str:
    result = found.tests[name]
    return (
        "" if isinstance(result, Refused) or row in result.refused else signed(float(result.statistic[row]))
    )


def _tau(tau: int) -> str:
    return f"{tau:+d}".replace("-", MINUS) if tau else "0"
