"""The tables of `brentwatch study`: a row an event, of a single one a row a session; how they are drawn."""

from collections.abc import Mapping, Sequence
from textwrap import wrap

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from brentwatch.core.domain import USUAL_LEVEL
from brentwatch.core.event_study.batch import Batch, EventStudy, Judged
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.views import averages
from brentwatch.core.event_study.views.table import Cell
from brentwatch.core.forecasts.abnormal_returns import minimum_detectable_effect
from brentwatch.core.forecasts.forecast import StudentT
from brentwatch.message import figures
from brentwatch.message.foreign import clean
from brentwatch.message.tables import PIPED_COLUMNS, print_table

NARROW = 100
"""On a narrower terminal a table leaves out some of the columns that CSV and JSON have."""

TEXTBOOK = (
    "p is the textbook's: it takes the variance to be that of the estimation window. In turbulent weeks, "
    "when unrest comes, it gives 2.7 times too many alarms; --model adaptive-garch-t tests against a "
    "forecast."
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
    room = measure_name_room(columns, rows, width)
    for name, cells in zip(names, rows, strict=True):
        drawn.add_row(Text(fold_name(name, room)), *cells)
    return drawn


def measure_name_room(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> int:
    """The columns that the figures leave to the name of an event."""
    taken = sum(_BETWEEN + max(map(len, cells)) for cells in zip(columns, *rows, strict=True))
    return max(_SHORTEST_ID, min(LONGEST_ID, width - taken))


def fold_name(event_id: str, room: int) -> str:
    """A name that is too long on several lines: nothing of it is cut."""
    return "\n".join(wrap(clean(event_id), room)) or clean(event_id)


def print_with_note(drawn: Table, width: int, told: str) -> None:
    """Print a table, and what is to be said of it."""
    print_table(drawn, width)
    Console(width=min(width, PIPED_COLUMNS), highlight=False).print(Text(told))


def format_p(p: float | None) -> str:
    """A p under a header that names it: "0.0083", "<0.002"; nothing if there is none."""
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


_UNSEEN = "The last column is the move that the test finds four times in five, at the level 0.05."


def print_events(batch: Batch, width: int) -> None:
    """Print the events and what their figures are; of one event each session."""
    drawn = _draw_one_event(batch, width) if len(batch.found) == 1 else _draw_many_events(batch, width)
    study = batch.found[0][1]
    told = f"{study.model}, {describe_design(batch.studies.design)}, df {study.df}. {TEXTBOOK} {_UNSEEN}"
    print_with_note(drawn, width, told)


def print_aggregate(batch: Batch, width: int) -> None:
    """Print the averages, each with the test that holds here."""
    rows = [dict(zip(averages.COLUMNS, row, strict=True)) for row in averages.rows(batch)]
    drawn = start_table("tau", "AAR", "t", "p", "test", "CAAR", "t", "p", "test")
    for row in rows:
        of_aar, of_caar = (_list_average_cells(row, name) for name in ("aar", "caar"))
        drawn.add_row(_format_tau(int(row["tau"] or 0)), *of_aar, *of_caar)
    averaged = (
        f"{batch.studies.model}, averages of {figures.format_count(len(batch.found), 'event')}, "
        f"{describe_design(batch.studies.design)}"
    )
    print_with_note(drawn, width, f"{averaged}. {_describe_shown_tests(rows)} All tests: --show tests.")


def _list_average_cells(row: Mapping[str, Cell], name: str) -> list[str]:
    value, t, p, test = (row[each] for each in (name, f"{name}_t", f"{name}_p", f"{name}_test"))
    return [
        figures.format_percent(float(value or 0.0)),
        format_signed(t) if isinstance(t, float) else "",
        format_p(p) if isinstance(p, float) else "",
        _SHORT_TESTS.get(str(test), ""),
    ]


_SHORT_TESTS = {"bmp": "BMP", "kolari-pynnonen-bmp": "K-P"}


def _describe_shown_tests(rows: Sequence[Mapping[str, Cell]]) -> str:
    shown = {str(row[name]) for row in rows for name in ("aar_test", "caar_test")}
    told = ["BMP: Boehmer, Musumeci and Poulsen."] if "bmp" in shown else []
    if "kolari-pynnonen-bmp" in shown:
        told.append("K-P: the same, corrected by Kolari and Pynnönen, because event windows overlap.")
    return " ".join(told)


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


def _format_tau(tau: int) -> str:
    return f"{tau:+d}".replace("-", figures.MINUS) if tau else "0"
