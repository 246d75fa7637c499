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
from brentwatch.core.event_study.views import estimation
from brentwatch.core.event_study.views.table import Cell
from brentwatch.core.event_study.views.tests_of_averages import NOT_VALID, TestsOfAverages, run_all_tests
from brentwatch.core.event_study.views.tests_of_events import EventTests, list_tests
from brentwatch.core.forecasts.diagnostics import ARCH_LAGS, LJUNG_BOX_LAGS
from brentwatch.message.figures import convert_to_percent, format_count, format_percent

_OF_AR = {"t": "p", "rank": "rank", "ewma-rank": "ewma"}
_OF_CAR = {"t": "p", "permutation": "perm.", "holm": "Holm"}
_EACH = (
    "rank: among the residuals of the estimation window. ewma: ewma-rank, the rank of the return divided by "
    "the volatility known the session before; it is the one p here that allows for turbulent weeks. "
    f"perm.: {EXCHANGES} exchanges of sessions. Holm, BH: p of CAR corrected for "
)
_AVERAGED = (
    "These p are the textbook's: many tests take the variance to be that of the estimation window. Every "
    "tau: --format csv or json."
)


def print_tests_of_events(batch: Batch, width: int) -> None:
    """Print a row for each event; on a wide terminal also BH and BHAR, which CSV always has."""
    design, wide = batch.studies.design, width >= event_tables.NARROW
    found = list(list_tests(batch))
    columns = ["AR(0)", *_OF_AR.values(), "CAR", *_OF_CAR.values()]
    cells = [_list_cells(each) for each in found]
    if wide:
        columns = ["session", *columns, "BH", "BHAR"]
        cells = [
            [each.session, *row, event_tables.format_p(each.p_of_car["bh"]), _format_bhar(each.bhar)]
            for each, row in zip(found, cells, strict=True)
        ]
    drawn = event_tables.draw_events([each.event for each in found], columns, cells, width)
    method = f"{batch.studies.model}, {event_tables.describe_design(design)}. {event_tables.TEXTBOOK} {_EACH}"
    left_out = "" if wide else " BH, BHAR and sessions: --format csv or json."
    event_tables.print_with_note(drawn, width, f"{method}{format_count(len(found), 'event')}.{left_out}")


def _list_cells(found: EventTests) -> list[str]:
    ar = "" if found.ar is None else format_percent(found.ar)
    of_ar = [event_tables.format_p(found.p_of_ar[test]) for test in _OF_AR]
    of_car = [event_tables.format_p(found.p_of_car[test]) for test in _OF_CAR]
    return [ar, *of_ar, format_percent(found.car), *of_car]


def _format_bhar(bhar: float) -> str:
    return f"{event_tables.format_signed(100.0 * bhar, 1)} %"


def print_tests_of_averages(batch: Batch, width: int) -> None:
    """Print a row for each test: of the average at tau 0, or of the cumulative average of the whole window.

    A test that does not hold here has neither statistic nor p.
    """
    design, found = batch.studies.design, run_all_tests(batch.studies)
    drawn = event_tables.start_table("test", "of", "statistic", "p")
    drawn.add_column(Text("null, or why there is no answer"))
    for name in found.results:
        place = _choose_place(name, design)
        drawn.add_row(
            find_question(name).test,
            _describe_place(name, place, design),
            *_format_answer(found, name, place),
        )
    averaged = (
        f"{batch.studies.model}, {_count_events(len(batch.found), found.results)}, "
        f"{event_tables.describe_design(design)}"
    )
    event_tables.print_with_note(drawn, width, f"{averaged}. {_AVERAGED}")


def _choose_place(name: str, design: Design) -> int:
    """The row of the event window that is shown."""
    if find_question(name).on != "aar":
        return len(design.taus) - 1
    return design.taus.index(0) if 0 in design.taus else 0


def _describe_place(name: str, place: int, design: Design) -> str:
    on = find_question(name).on
    return f"AAR({design.taus[place]})" if on == "aar" else f"{on.upper()}{design.window}"


def _count_events(events: int, found: Mapping[str, TestResult | Refused]) -> str:
    """The number of events, and of sessions if events recur: a second event there is no more evidence."""
    distinct = [result.distinct_events for result in found.values() if not isinstance(result, Refused)]
    recurs = bool(distinct) and min(distinct) < events
    return format_count(events, "event") + (f" on {format_count(min(distinct), 'session')}" if recurs else "")


def _format_answer(found: TestsOfAverages, name: str, place: int) -> tuple[str, str, str]:
    answer = found.answer(name, place)
    if isinstance(answer, Refused):
        return "", "", answer.reason.removeprefix(f"{name}: ")
    if not found.is_valid(name, place):
        return "", "", NOT_VALID
    return (
        event_tables.format_signed(answer.statistic),
        event_tables.format_p(answer.p),
        find_question(name).null,
    )


Row = dict[str, Cell]

_CAUTION = (
    "There the textbook's p, which takes returns as independent, normal and of one variance, is not "
    "reliable; --model adaptive-garch-t tests against a forecast."
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
    drawn = event_tables.draw_events([_name_row(row) for row in rows], list(columns.values()), cells, width)
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


def _name_row(row: Row) -> str:
    return str(row["event"]) if row["factor"] is None else f"{row['event']} {row['factor']}"


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
