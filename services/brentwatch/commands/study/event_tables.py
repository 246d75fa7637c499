"""The tables of `brentwatch study`: a row an event, of a single one a row a session; how they are drawn."""

from collections.abc import Sequence
from textwrap import wrap

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from brentwatch.core.domain import USUAL_LEVEL, Refused
from brentwatch.core.event_study.batch import Aggregate, Batch, EventStudy, Judged, aggregate
from brentwatch.core.event_study.design import Design
from brentwatch.core.forecasts.abnormal_returns import minimum_detectable_effect
from brentwatch.core.forecasts.forecast import StudentT
from brentwatch.message import figures
from brentwatch.message.foreign import clean
from brentwatch.message.tables import PIPED_COLUMNS, print_table

NARROW = 100
"""Below so many columns a table leaves out a part of what csv and json have."""

TEXTBOOK = (
    "p is the textbook's t: noise as wide as in the estimation window. In turbulent weeks, when unrest "
    "comes, it gives 2.7 times too many alarms; `brentwatch replay` tests against a forecast."
)
LONGEST_ID = 32
_SHORTEST_ID = 16
_BETWEEN = 2
_LEFT = ("event", "session", "p", "rank p", "test", "of")


def start_table(*columns: str) -> Table:
    """An empty table, as wide as what will stand in it."""
    padding = (0, _BETWEEN - 1, 0, 0)
    drawn = Table(box=box.SIMPLE_HEAD, padding=padding, pad_edge=False, show_edge=False, title_justify="left")
    for column in columns:
        drawn.add_column(Text(column), justify="left" if column in _LEFT else "right", no_wrap=True)
    return drawn


def draw_events(
    names: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> Table:
    """A row for each event, its name folded to the room that the figures leave."""
    drawn = start_table("event", *columns)
    taken = sum(_BETWEEN + max(map(len, cells)) for cells in zip(columns, *rows, strict=True))
    room = max(_SHORTEST_ID, min(LONGEST_ID, width - taken))
    for name, cells in zip(names, rows, strict=True):
        drawn.add_row(Text(fold_name(name, room)), *cells)
    return drawn


def fold_name(event_id: str, room: int) -> str:
    """A name that is too long on several lines: nothing of it is cut."""
    return "\n".join(wrap(clean(event_id), room)) or clean(event_id)


def print_with_note(drawn: Table, width: int, told: str) -> None:
    """Print a table, and what is to be said of it."""
    print_table(drawn, width)
    Console(width=min(width, PIPED_COLUMNS), highlight=False).print(Text(told))


def format_p(p: float | None) -> str:
    """A p under a header that says so: ".0083", "<.002"; nothing where there is none."""
    return "" if p is None else figures.format_p_number(p).replace(" ", "")


def format_signed(value: float, digits: int = 2) -> str:
    """A statistic or a coefficient: "+2.08"."""
    return f"{value:+,.{digits}f}".replace("-", figures.MINUS)


def describe_design(design: Design) -> str:
    """Which sessions were estimated on and judged."""
    return (
        f"{figures.format_count(design.estimation, 'session')} estimated, a gap of {design.gap}, window "
        f"{design.window}"
    )


_UNSEEN = "Moves under the last column cannot be excluded (80 % power at 0.05)."
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


def print_events(batch: Batch, width: int) -> None:
    """Print the events and what their figures are; of one event each session."""
    drawn = _draw_one_event(batch, width) if len(batch.found) == 1 else _draw_many_events(batch, width)
    study = batch.found[0][1]
    told = f"{study.model}, {describe_design(batch.studies.design)}, df {study.df}. {TEXTBOOK} {_UNSEEN}"
    print_with_note(drawn, width, told)


def print_aggregate(batch: Batch, width: int) -> None:
    """Print the averages beside the tests most asked for."""
    found, design = aggregate(batch.studies), batch.studies.design
    first, then = _select_tests(_OF_AAR, width), _select_tests(_OF_CAAR, width)
    drawn = start_table("tau", "AAR", *first.values(), "CAAR", *then.values())
    for row, tau in enumerate(design.taus):
        aar, caar = (
            figures.format_percent(float(found.aar[row])),
            figures.format_percent(float(found.caar[row])),
        )
        of_aar, of_caar = ([_format_statistic(found, name, row) for name in names] for names in (first, then))
        drawn.add_row(_format_tau(tau), aar, *of_aar, caar, *of_caar)
    averaged = (
        f"{batch.studies.model}, averages of {figures.format_count(found.n, 'event')}, "
        f"{describe_design(design)}"
    )
    print_with_note(
        drawn, width, f"{averaged}. Each test with its p: --show tests. All columns: --format csv or json."
    )


def _select_tests(names: dict[str, str], width: int) -> dict[str, str]:
    return {name: told for name, told in names.items() if width >= NARROW or name not in _LEFT_OUT}


def _draw_one_event(batch: Batch, width: int) -> Table:
    ((event_id, study),) = batch.found
    drawn = start_table("session", "tau", "AR", "p", "rank p", "CAR", "p", "test finds")
    drawn.title = Text(fold_name(event_id, width))
    p = figures.format_p_number if width >= NARROW else format_p
    for row in study.rows:
        ar, car = (
            (figures.format_percent(row.ar), p(row.p_ar), p(row.rank_p_ar)),
            (figures.format_percent(row.car), p(row.p_car)),
        )
        drawn.add_row(
            figures.format_day(row.session, year=True),
            _format_tau(row.tau),
            *ar,
            *car,
            _format_unseen(row, study),
        )
    return drawn


def _draw_many_events(batch: Batch, width: int) -> Table:
    design = batch.studies.design
    tau = 0 if 0 in design.taus else design.window.start
    ranked = ["rank p"] if width >= NARROW else []
    columns = ["session", f"AR({tau})", "p", *ranked, f"CAR{design.window}", "p", "test finds"]
    rows = [_build_row(study, design.taus.index(tau), width) for _, study in batch.found]
    return draw_events([event_id for event_id, _ in batch.found], columns, rows, width)


def _build_row(study: EventStudy, place: int, width: int) -> tuple[str, ...]:
    row, last = study.rows[place], study.rows[-1]
    if width < NARROW:
        ar = row.session.isoformat(), figures.format_percent(row.ar), format_p(row.p_ar)
        return (*ar, figures.format_percent(last.car), format_p(last.p_car), _format_unseen(row, study))
    whole = (
        figures.format_day(row.session, year=True),
        figures.format_percent(row.ar),
        figures.format_p_number(row.p_ar),
        figures.format_p_number(row.rank_p_ar),
    )
    return (
        *whole,
        figures.format_percent(last.car),
        figures.format_p_number(last.p_car),
        _format_unseen(row, study),
    )


def _format_unseen(row: Judged, study: EventStudy) -> str:
    noise = StudentT(
        expected=0.0, standard_error=row.error_ar, scale=row.error_ar, degrees_of_freedom=float(study.df)
    )
    return figures.format_size(minimum_detectable_effect(noise, USUAL_LEVEL))


def _format_statistic(found: Aggregate, name: str, row: int) -> str:
    result = found.tests[name]
    return (
        ""
        if isinstance(result, Refused) or row in result.refused
        else format_signed(float(result.statistic[row]))
    )


def _format_tau(tau: int) -> str:
    return f"{tau:+d}".replace("-", figures.MINUS) if tau else "0"
