"""What `brentwatch study --show tests` shows to people: the tests side by side, or one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from brentwatch.commands.study_drawing import NARROW, TEXTBOOK, bare_p, of_events, show, signed, table, words
from brentwatch.core.domain.study import Refused
from brentwatch.core.event_study.significance.permutation import EXCHANGES
from brentwatch.core.event_study.significance.table import question
from brentwatch.core.event_study.views import tests_of_events
from brentwatch.core.event_study.views.tests_of_averages import answers
from brentwatch.message.figures import counted, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brentwatch.core.event_study.batch import Batch
    from brentwatch.core.event_study.design import Design
    from brentwatch.core.event_study.significance.result import TestResult
    from brentwatch.core.event_study.views.table import Cell

_P = {
    "p_ar": "p",
    "rank_p_ar": "rank",
    "filtered_rank_p_ar": "filt.",
    "p_car": "p",
    "permutation_p_car": "perm.",
    "holm_p_car": "Holm",
    "bh_p_car": "BH",
}
_OF_AR = ("ar", "p_ar", "rank_p_ar", "filtered_rank_p_ar")
_OF_CAR = ("car", "p_car", "permutation_p_car", "holm_p_car")
_WIDE_ONLY = ("bh_p_car", "bhar")
_EACH = (
    "rank: among the residuals of the estimation window. filt.: ewma-rank, of the whole return against the "
    "volatility known the session before, the one p here that bears turbulent weeks. "
    f"perm.: {EXCHANGES} exchanges of sessions. Holm, BH: p of CAR corrected for "
)
_AVERAGED = (
    "These p are the textbook's: all but the kp_ tests take events as independent, and many take noise as "
    "wide as in the estimation window. Every tau: --format csv or json."
)


def print_tests_of_events(batch: Batch, width: int) -> None:
    """Print a row an event; BH and BHAR, which csv has too, where there is room."""
    names = (*_OF_AR, *_OF_CAR, *(_WIDE_ONLY if width >= NARROW else ()))
    dated = ("session",) if width >= NARROW else ()
    rows = [dict(zip(tests_of_events.COLUMNS, row, strict=True)) for row in tests_of_events.rows(batch)]
    columns = [_header(name, batch.studies.design) for name in (*dated, *names)]
    cells = [[_cell(name, row[name]) for name in (*dated, *names)] for row in rows]
    drawn = of_events([str(row["event_id"]) for row in rows], columns, cells, width)
    told = f"{batch.studies.model}, {words(batch.studies.design)}. {TEXTBOOK} {_EACH}"
    left_out = "" if width >= NARROW else " BH, BHAR and sessions: --format csv or json."
    show(drawn, width, f"{told}{counted(len(rows), 'event')}.{left_out}")


def print_tests_of_averages(batch: Batch, width: int) -> None:
    """Print a row a test: of the average at tau 0, of the cumulative average over the whole window."""
    design, found = batch.studies.design, answers(batch.studies)
    drawn = table("test", "of", "statistic", "p")
    drawn.add_column(Text("null, or why there is no answer"))
    for name, result in found.items():
        place = _place(name, design)
        drawn.add_row(name, _of(name, place, design), *_answer(name, result, place))
    averaged = f"{batch.studies.model}, {_counted(len(batch.found), found)}, {words(design)}"
    show(drawn, width, f"{averaged}. {_AVERAGED}")


def _place(name: str, design: Design) -> int:
    """The row of the event window that is told."""
    if question(name).on != "aar":
        return len(design.taus) - 1
    return design.taus.index(0) if 0 in design.taus else 0


def _of(name: str, place: int, design: Design) -> str:
    on = question(name).on
    return f"AAR({design.taus[place]})" if on == "aar" else f"{on.upper()}{design.window}"


def _counted(events: int, found: Mapping[str, TestResult | Refused]) -> str:
    """An event that recurs is said: it is not twice the evidence."""
    distinct = [result.distinct_events for result in found.values() if not isinstance(result, Refused)]
    recurs = bool(distinct) and min(distinct) < events
    return counted(events, "event") + (f" on {counted(min(distinct), 'session')}" if recurs else "")


def _header(name: str, design: Design) -> str:
    return {"ar": "AR(0)", "car": "CAR", "bhar": "BHAR", "session": "session"}.get(name) or _P[name]


def _cell(name: str, value: Cell) -> str:
    if not isinstance(value, float):
        return "" if value is None else str(value)
    if name in _P:
        return bare_p(value)
    return f"{signed(100.0 * value, 1)} %" if name == "bhar" else percent(value)


def _answer(name: str, result: TestResult | Refused, place: int) -> tuple[str, str, str]:
    found = result if isinstance(result, Refused) else result.at(place)
    if isinstance(found, Refused):
        return "", "", found.reason.removeprefix(f"{name}: ")
    return signed(found.statistic), bare_p(found.p), question(name).null
