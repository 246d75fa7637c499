"""What `brentwatch study --show tests` and `--show diagnostics` show to people."""

from collections.abc import Mapping, Sequence

from rich.text import Text

from brentwatch.commands.study import event_tables
from brentwatch.core.domain import USUAL_LEVEL, Refused
from brentwatch.core.event_study.batch import Batch
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.regression import choose_hac_lags
from brentwatch.core.event_study.significance.permutation import EXCHANGES
from brentwatch.core.event_study.significance.result import TestResult
from brentwatch.core.event_study.significance.table import find_question
from brentwatch.core.event_study.views import estimation, tests_of_events
from brentwatch.core.event_study.views.table import Cell
from brentwatch.core.event_study.views.tests_of_averages import run_all_tests
from brentwatch.core.forecasts.diagnostics import ARCH_LAGS, LJUNG_BOX_LAGS
from brentwatch.message.figures import convert_to_percent, format_count, format_percent

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
    names = (*_OF_AR, *_OF_CAR, *(_WIDE_ONLY if width >= event_tables.NARROW else ()))
    dated = ("session",) if width >= event_tables.NARROW else ()
    rows = [dict(zip(tests_of_events.COLUMNS, row, strict=True)) for row in tests_of_events.rows(batch)]
    columns = [_name_column(name, batch.studies.design) for name in (*dated, *names)]
    cells = [[_format_cell(name, row[name]) for name in (*dated, *names)] for row in rows]
    drawn = event_tables.draw_events([str(row["event_id"]) for row in rows], columns, cells, width)
    told = (
        f"{batch.studies.model}, {event_tables.describe_design(batch.studies.design)}. "
        f"{event_tables.TEXTBOOK} {_EACH}"
    )
    left_out = "" if width >= event_tables.NARROW else " BH, BHAR and sessions: --format csv or json."
    event_tables.print_with_note(drawn, width, f"{told}{format_count(len(rows), 'event')}.{left_out}")


def print_tests_of_averages(batch: Batch, width: int) -> None:
    """Print a row a test: of the average at tau 0, of the cumulative average over the whole window."""
    design, found = batch.studies.design, run_all_tests(batch.studies)
    drawn = event_tables.start_table("test", "of", "statistic", "p")
    drawn.add_column(Text("null, or why there is no answer"))
    for name, result in found.items():
        place = _choose_place(name, design)
        drawn.add_row(name, _describe_place(name, place, design), *_format_answer(name, result, place))
    averaged = (
        f"{batch.studies.model}, {_count_events(len(batch.found), found)}, "
        f"{event_tables.describe_design(design)}"
    )
    event_tables.print_with_note(drawn, width, f"{averaged}. {_AVERAGED}")


def _choose_place(name: str, design: Design) -> int:
    """The row of the event window that is told."""
    if find_question(name).on != "aar":
        return len(design.taus) - 1
    return design.taus.index(0) if 0 in design.taus else 0


def _describe_place(name: str, place: int, design: Design) -> str:
    on = find_question(name).on
    return f"AAR({design.taus[place]})" if on == "aar" else f"{on.upper()}{design.window}"


def _count_events(events: int, found: Mapping[str, TestResult | Refused]) -> str:
    """An event that recurs is said: it is not twice the evidence."""
    distinct = [result.distinct_events for result in found.values() if not isinstance(result, Refused)]
    recurs = bool(distinct) and min(distinct) < events
    return format_count(events, "event") + (f" on {format_count(min(distinct), 'session')}" if recurs else "")


def _name_column(name: str, design: Design) -> str:
    return {"ar": "AR(0)", "car": "CAR", "bhar": "BHAR", "session": "session"}.get(name) or _P[name]


def _format_cell(name: str, value: Cell) -> str:
    if not isinstance(value, float):
        return "" if value is None else str(value)
    if name in _P:
        return event_tables.format_p(value)
    return f"{event_tables.format_signed(100.0 * value, 1)} %" if name == "bhar" else format_percent(value)


def _format_answer(name: str, result: TestResult | Refused, place: int) -> tuple[str, str, str]:
    found = result if isinstance(result, Refused) else result.answer_at(place)
    if isinstance(found, Refused):
        return "", "", found.reason.removeprefix(f"{name}: ")
    return (
        event_tables.format_signed(found.statistic),
        event_tables.format_p(found.p),
        find_question(name).null,
    )


Row = dict[str, Cell]

_CAUTION = (
    "There the textbook's p, which takes noise as even, independent and normal, is not to be taken at its "
    "word; `brentwatch replay` tests against a forecast."
)
_ALPHA = {"alpha": "alpha", "alpha_se": "se", "alpha_hac_se": "HAC"}
_BETA = {"beta": "beta", "beta_se": "se", "beta_hac_se": "HAC"}
_WIDE = {"arch_lm_p": "ARCH-LM p", "ljung_box_p": "Ljung-Box p", "jarque_bera_p": "Jarque-Bera p"}
_SHORT = {"arch_lm_p": "ARCH", "ljung_box_p": "L-B", "jarque_bera_p": "J-B"}


def print_estimation(batch: Batch, width: int) -> None:
    """Print a row an event; what the model does not estimate has no column."""
    rows: list[Row] = [dict(zip(estimation.COLUMNS, row, strict=True)) for row in estimation.rows(batch)]
    columns = (_ALPHA if _has(rows, "alpha") else {}) | (_BETA if _has(rows, "beta") else {})
    columns = columns | (_WIDE if width >= event_tables.NARROW else _SHORT)
    cells = [[_format_estimate(name, row[name]) for name in columns] for row in rows]
    drawn = event_tables.draw_events(
        [str(row["event_id"]) for row in rows], list(columns.values()), cells, width
    )
    event_tables.print_with_note(
        drawn,
        width,
        " ".join(
            (
                f"{batch.studies.model}, {event_tables.describe_design(batch.studies.design)}.",
                *_describe_tests(rows, columns),
            )
        ),
    )


def _describe_tests(rows: Sequence[Row], columns: dict[str, str]) -> list[str]:
    below = [str(sum(_is_small(row[name]) for row in rows)) for name in _WIDE]
    told = [
        f"At or below 0.05, of {format_count(len(rows), 'event')}:",
        f"ARCH-LM ({ARCH_LAGS} lags: volatility in clusters) {below[0]},",
        f"Ljung-Box ({LJUNG_BOX_LAGS} lags: memory) {below[1]},",
        f"Jarque-Bera (fat tails) {below[2]}.",
        _CAUTION,
    ]
    n = rows[0]["n"]
    if "alpha" in columns and isinstance(n, int):
        told.append(
            f"HAC: the error of Newey and West, {format_count(choose_hac_lags(n), 'lag')}; trust it where "
            "se differs."
        )
    return told


def _has(rows: Sequence[Row], name: str) -> bool:
    return any(row[name] is not None for row in rows)


def _is_small(p: Cell) -> bool:
    return isinstance(p, float) and p <= USUAL_LEVEL


def _format_estimate(name: str, value: Cell) -> str:
    match name, value:
        case "alpha", float():
            return f"{event_tables.format_signed(convert_to_percent(value))} %"
        case "beta", float():
            return event_tables.format_signed(value)
        case (("alpha_se" | "alpha_hac_se"), float()):
            return f"{convert_to_percent(value):.2f} %"
        case (("beta_se" | "beta_hac_se"), float()):
            return f"{value:.2f}"
        case _, float():
            return event_tables.format_p(value)
        case _:
            return ""
