"""What `brentwatch study` shows to people: a row an event; of a single one a row a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from brentwatch.core.normal_returns.forecast import StudentT
from brentwatch.core.refused import Refused
from brentwatch.core.significance.student_t import minimum_detectable_effect
from brentwatch.message.figures import MINUS, counted, day, p_value, percent, size
from brentwatch.message.foreign import clean, clipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.aggregate import Aggregate
    from brentwatch.core.event_study.design import Design
    from brentwatch.core.event_study.outcomes import EventStudy, Judged

_CAUTION = (
    "p is the textbook's t: noise as wide as in the estimation window. In turbulent weeks, when unrest "
    "comes, it gives 2.7 times too many alarms; `brentwatch replay` tests against a forecast. Moves under "
    "the last column cannot be excluded (80 % power at .05)."
)
_SHOWN_TESTS = {
    "csect_t_aar": "csect t",
    "patell_z_aar": "Patell z",
    "bmp_t_aar": "BMP t",
    "corrado_z": "Corrado z",
    "csect_t_caar": "csect t",
    "patell_z_caar": "Patell z",
    "bmp_t_caar": "BMP t",
    "grank_t_caar": "GRANK t",
}
_OF_AAR = 4
_LEVEL = 0.05
_LONGEST_ID = 32


def print_events(found: Sequence[tuple[str, EventStudy]], design: Design, width: int) -> None:
    """Print the events and what their figures are; of one event each session."""
    drawn = _of_one(*found[0]) if len(found) == 1 else _of_many(found, design)
    study = found[0][1]
    _print(drawn, width, f"{study.model}, {_words(design)}, df {study.df}. {_CAUTION}")


def print_aggregate(model: str, found: Aggregate, design: Design, width: int) -> None:
    """Print the averages beside the tests most asked for; csv and json hold them all."""
    names = list(_SHOWN_TESTS.values())
    drawn = _table("tau", "AAR", *names[:_OF_AAR], "CAAR", *names[_OF_AAR:])
    for row, tau in enumerate(design.taus):
        tests = [_statistic(found, name, row) for name in _SHOWN_TESTS]
        averages = percent(float(found.aar[row])), percent(float(found.caar[row]))
        drawn.add_row(_tau(tau), averages[0], *tests[:_OF_AAR], averages[1], *tests[_OF_AAR:])
    averaged = f"{model}, averages of {counted(found.n, 'event')}, {_words(design)}"
    _print(drawn, width, f"{averaged}. All tests and their columns: --format csv or json.")


def _of_one(event_id: str, study: EventStudy) -> Table:
    drawn = _table("session", "tau", "AR", "p", "rank p", "CAR", "p", "unseen below")
    drawn.title = Text(clipped(clean(event_id), _LONGEST_ID))
    for row in study.rows:
        drawn.add_row(day(row.session, year=True), _tau(row.tau), *_ar(row), *_car(row), _unseen(row, study))
    return drawn


def _of_many(found: Sequence[tuple[str, EventStudy]], design: Design) -> Table:
    tau = 0 if 0 in design.taus else design.window.start
    drawn = _table(
        "event", "session", f"AR({tau})", "p", "rank p", f"CAR{design.window}", "p", "unseen below"
    )
    for event_id, study in found:
        row, last = study.rows[design.taus.index(tau)], study.rows[-1]
        name = Text(clipped(clean(event_id), _LONGEST_ID))
        drawn.add_row(name, day(row.session, year=True), *_ar(row), *_car(last), _unseen(row, study))
    return drawn


def _table(*columns: str) -> Table:
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, title_justify="left")
    for column in columns:
        left = column in ("event", "session", "p", "rank p")
        drawn.add_column(Text(column), justify="left" if left else "right", no_wrap=True)
    return drawn


def _print(drawn: Table, width: int, told: str) -> None:
    console = Console(width=width, highlight=False)
    console.print(drawn)
    console.print(Text(told))


def _ar(row: Judged) -> tuple[str, str, str]:
    return percent(row.ar), p_value(row.p_ar), p_value(row.rank_p_ar)


def _car(row: Judged) -> tuple[str, str]:
    return percent(row.car), p_value(row.p_car)


def _unseen(row: Judged, study: EventStudy) -> str:
    noise = StudentT(
        expected=0.0, standard_error=row.error_ar, scale=row.error_ar, degrees_of_freedom=float(study.df)
    )
    return size(minimum_detectable_effect(noise, _LEVEL))


def _statistic(found: Aggregate, name: str, row: int) -> str:
    result = found.tests[name]
    return "" if isinstance(result, Refused) else f"{result.statistic[row]:+.2f}".replace("-", MINUS)


def _tau(tau: int) -> str:
    return f"{tau:+d}".replace("-", MINUS) if tau else "0"


def _words(design: Design) -> str:
    return f"{counted(design.estimation, 'session')} estimated, a gap of {design.gap}, window {design.window}"
