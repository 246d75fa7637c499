"""`brentwatch study`: what the price did after your own events, by a forecast or as a classical study."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from brentwatch.commands.options import Command, order_options
from brentwatch.commands.process import ExitCode, say

if TYPE_CHECKING:
    from brentwatch.commands.study.impact_results import ImpactRun
    from brentwatch.commands.study.results import Run, StudyFiles, Table
    from brentwatch.core.domain import Instrument, Window
    from brentwatch.core.event_study.batch import Batch
    from brentwatch.core.event_study.design import Design
    from brentwatch.core.event_study.model import Model
    from brentwatch.core.impact.pooled import PooledImpacts
    from brentwatch.history.tables import OrderChoice
    from brentwatch.settings.composed import Settings

_WINDOW = re.compile(r"([+-]?\d{1,9}),([+-]?\d{1,9})", re.ASCII)
_DEFAULT_MODEL, _CLASSICAL_MODEL = "adaptive-garch-t", "constant-mean"
_CLASSICAL_OPTIONS = ("benchmark", "estimation", "gap", "span", "aggregate", "show")
_CLASSICAL_WINDOW = "-5,10"
_FORECAST_WINDOWS = ("0,0", "0,1", "0,5")


@click.command("study", cls=Command)
@click.argument("events")
@click.option(
    "--prices",
    metavar="FILE",
    help="Prices, CSV, XLSX or Parquet, one row a session (default: EIA Brent spot, bundled).",
)
@click.option("--model", metavar="NAME", help=f"Model of normal returns (default: {_DEFAULT_MODEL}).")
@click.option(
    "--window",
    "windows",
    multiple=True,
    metavar="A,B",
    help="First and last session, 0 is the session of the event; repeatable (default: 0,0 0,1 and 0,5; "
    f"classical {_CLASSICAL_WINDOW}).",
)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)
@click.option("--html", metavar="FILE", help="Also write a page to forward; forecast models only.")
@click.option("--pooled", is_flag=True, help="Test all events together; forecast models only.")
@click.option("--benchmark", metavar="FILE", help="Benchmark of market-adjusted, market and factors.")
@click.option(
    "--estimation",
    default=120,
    show_default=True,
    metavar="N",
    help="Classical: sessions in the estimation window.",
)
@click.option(
    "--gap",
    default=5,
    show_default=True,
    metavar="N",
    help="Classical: sessions between estimation and event window.",
)
@click.option("--span", is_flag=True, help="Classical: test returns over missing sessions too.")
@click.option("--aggregate", is_flag=True, help="Classical: average the events, and test the average.")
@click.option(
    "--show",
    type=click.Choice(["rows", "tests", "diagnostics"]),
    default="rows",
    show_default=True,
    help="Classical: each session, each test, or each estimation window.",
)
@click.option(
    "--date-column", default="date", show_default=True, metavar="NAME", help="In prices and benchmark."
)
@click.option("--price-column", default="usd_per_bbl", show_default=True, metavar="NAME")
@click.option(
    "--benchmark-column",
    "benchmark_columns",
    multiple=True,
    default=("usd_per_bbl",),
    show_default=True,
    metavar="NAME",
    help="Repeatable with --model factors.",
)
@click.option(
    "--benchmark-values",
    type=click.Choice(["prices", "returns", "percent"]),
    default="prices",
    show_default=True,
    help="Prices, returns as fractions, or returns in percent.",
)
@order_options
@click.option("--instrument", help="Says when sessions settle (default: the first one in the settings).")
@click.pass_context
def command(
    context: click.Context,
    *,
    events: str,
    prices: str | None,
    model: str | None,
    windows: tuple[str, ...],
    form: str,
    html: str | None,
    pooled: bool,
    benchmark: str | None,
    estimation: int,
    gap: int,
    span: bool,
    aggregate: bool,
    show: str,
    date_column: str,
    price_column: str,
    benchmark_columns: tuple[str, ...],
    benchmark_values: str,
    order: str | None,
    instrument: str | None,
) -> int:
    """Test what the price did after the EVENTS of a file, or of standard input (-).

    EVENTS is a table with a date and a name for each event, or JSON lines of unrest events. A time belongs to
    the first session that settles after it. A date without a time belongs to the session of that day or the
    first one after it; the forecast models also test the next session.

    Forecast models: adaptive-garch-t, adaptive-rank, garch-t, ewma-rank. Each move is compared with the
    forecast made the session before; windows start at 0. With --pooled, all events are tested together.

    Models of the classical study: constant-mean, market-adjusted, market, factors. Each event has its own
    estimation window. An option of the classical study selects constant-mean.

    Rows on days without a session are left out. Exits with 5 if events were refused, with 4 if all were;
    standard error says why.
    """
    from brentwatch.commands.options import parse_order
    from brentwatch.settings.load import load

    chosen = _choose_model(model, windows, _list_classical(context))
    given = _Files(events, prices, date_column, price_column, parse_order(order))
    tested = _choose_instrument(load(context.obj).settings, instrument, prices)
    if _is_forecast(chosen):
        asked = [_parse_window(each) for each in windows or _FORECAST_WINDOWS]
        return _run_forecast(given, chosen, asked, tested, form=form, html=html, pooled=pooled)
    if pooled:
        raise click.UsageError(
            f"--pooled needs a forecast model, and {chosen} is a classical model; give --model "
            f"{_DEFAULT_MODEL}, or --aggregate --show tests for the classical tests over many events"
        )
    if html is not None:
        raise click.UsageError(
            f"--html writes the page of a forecast model, and {chosen} is a classical model; leave --html "
            f"out, or give --model {_DEFAULT_MODEL}"
        )
    if aggregate and show == "diagnostics":
        raise click.UsageError(
            "--show diagnostics is about each event's own estimation window, and an average has none; leave "
            "--aggregate out, or give --show tests with it"
        )
    asked = [_parse_window(each) for each in windows or (_CLASSICAL_WINDOW,)]
    designs = [_build_design(estimation, gap, each, span=span) for each in asked]
    loaded = _load_model(chosen, benchmark, benchmark_columns)
    read = () if benchmark is None or not loaded.needs_benchmark else benchmark_columns
    tables = tuple(given.read_benchmark(str(benchmark), column) for column in read)
    done = _run_classical(given.read(tables, benchmark_values), designs, loaded, tested)
    _print(done, show, form, aggregate=aggregate)
    return _choose_exit_code(found=done.found, refused=done.refused)


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of events and prices as they were named; without `prices`, the bundled ones."""

    events: str
    prices: str | None
    date_column: str
    price_column: str
    order: OrderChoice

    def read(self, benchmarks: tuple[Table, ...] = (), values: str = "prices") -> StudyFiles:
        from brentwatch.commands.study.results import StudyFiles, read_bundled_prices
        from brentwatch.history.series_files import ROLES, Columns

        name = "standard input" if self.events == "-" else self.events
        data = sys.stdin.buffer.read() if self.events == "-" else _read(self.events)
        columns = Columns(self.date_column, self.price_column)
        prices = (
            read_bundled_prices(self.order)
            if self.prices is None
            else (self.prices, _read(self.prices), columns, self.order, ROLES)
        )
        return StudyFiles(
            events=(name, data, self.order), prices=prices, benchmarks=benchmarks, benchmark_values=values
        )

    def read_benchmark(self, path: str, column: str) -> Table:
        from brentwatch.history.series_files import BENCHMARK_ROLES, Columns

        return (path, _read(path), Columns(self.date_column, column), self.order, BENCHMARK_ROLES)


def _list_classical(context: click.Context) -> list[str]:
    """The options of the classical study that were given."""
    return [
        f"--{name.replace('_', '-')}"
        for name in _CLASSICAL_OPTIONS
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]


def _choose_model(model: str | None, windows: Sequence[str], classical: Sequence[str]) -> str:
    """The model that was named, or the one that the other options call for."""
    if model is not None:
        if _is_forecast(model) and classical:
            raise click.UsageError(
                f"{', '.join(classical)} {'belongs' if len(classical) == 1 else 'belong'} to the classical "
                f"study, and {model} is a forecast model; leave it out, or give --model {_CLASSICAL_MODEL}"
            )
        return model
    before = [f"--window {each}" for each in windows if not each.replace(" ", "").startswith(("0,", "+0,"))]
    if not classical and not before:
        return _DEFAULT_MODEL
    say(
        f"study: model {_CLASSICAL_MODEL}, because {' and '.join([*classical, *before])} is of the classical "
        "study"
    )
    return _CLASSICAL_MODEL


def _is_forecast(model: str) -> bool:
    """True for a model that forecasts a session from those before, and is no classical one of that name."""
    from brentwatch.core.event_study.table import MODELS as CLASSICAL
    from brentwatch.core.forecasts.table import MODELS

    return model in MODELS and model not in CLASSICAL


def _choose_instrument(settings: Settings, name: str | None, prices: str | None) -> Instrument:
    """The instrument of the prices; the bundled ones have one of their own."""
    from brentwatch.commands.options import choose_instrument, choose_known_instrument
    from brentwatch.core.domain import BRENT_SPOT

    if prices is not None:
        return choose_instrument(settings, name)
    chosen = choose_known_instrument(settings, name or BRENT_SPOT.name)
    if chosen.series.name != BRENT_SPOT.series.name:
        raise click.UsageError(
            f"the bundled prices are of {BRENT_SPOT.series.name}, and --instrument {chosen.name} has prices "
            f"of {chosen.series.name}; add --prices FILE"
        )
    return chosen


def _parse_window(window: str) -> Window:
    from brentwatch.core.domain import Window
    from brentwatch.core.errors import InvalidInput

    ends = _WINDOW.fullmatch(window.replace(" ", ""))
    if ends is None:
        raise click.UsageError(
            f"--window is {window!r}; expected the first and the last session, such as 0,1; correct it"
        )
    try:
        return Window(int(ends[1]), int(ends[2]))
    except InvalidInput as error:
        raise click.UsageError(str(error)) from error


def _build_design(estimation: int, gap: int, window: Window, *, span: bool) -> Design:
    from brentwatch.core.errors import InvalidInput
    from brentwatch.core.event_study.design import Design

    try:
        return Design(estimation=estimation, gap=gap, window=window, span=span)
    except InvalidInput as error:
        raise click.UsageError(str(error)) from error


def _load_model(name: str, benchmark: str | None, columns: Sequence[str]) -> Model:
    from brentwatch.core.errors import InvalidInput
    from brentwatch.core.event_study.table import load

    try:
        model = load(name, len(columns))
    except InvalidInput as error:
        raise click.UsageError(str(error)) from error
    if model.needs_benchmark and benchmark is None:
        raise click.UsageError(f"{name} needs a benchmark, and none is given; add --benchmark FILE")
    if len(columns) > 1 and model.needs_benchmark and not model.takes_factors:
        raise click.UsageError(
            f"{name} takes one benchmark column, and {len(columns)} are given; give one, or --model factors"
        )
    if benchmark is not None and not model.needs_benchmark:
        say(f"study: {name} uses no benchmark: {benchmark} is not read")
    return model


def _read(path: str) -> bytes:
    from brentwatch.core.errors import InvalidInput

    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror}); expected a readable file; correct its path"
        ) from error


def _run_forecast(
    given: _Files,
    model: str,
    windows: Sequence[Window],
    instrument: Instrument,
    *,
    form: str,
    html: str | None,
    pooled: bool,
) -> int:
    from brentwatch.commands.study.impact_results import run_impacts
    from brentwatch.core.errors import InvalidInput
    from brentwatch.core.impact.impacts import check_windows

    try:
        check_windows(windows)
    except InvalidInput as error:
        raise click.UsageError(str(error)) from error
    done = run_impacts(given.read(), model, windows, instrument)
    if pooled:
        return _run_pooled(done, form=form, html=html)
    for line in done.list_notes():
        say(f"study: {line}")
    _print_impacts(done, form)
    if html is not None:
        from brentwatch.commands.study.impact_page import write_page

        write_page(done, Path(html))
        say(f"study: the page is in {html}")
    return _choose_exit_code(found=bool(done.impacts.found), refused=done.refused)


def _run_pooled(done: ImpactRun, *, form: str, html: str | None) -> int:
    """Test all events together, and print that instead of a line for each."""
    from brentwatch.commands.study.pooled_output import list_pooled_notes, pool_run
    from brentwatch.core.domain import Refused

    if not done.impacts.found:
        return _refuse_all(done, form)
    pooled = pool_run(done)
    for line in list_pooled_notes(done, pooled):
        say(f"study: {line}")
    _print_pooled(done, pooled, form)
    if html is not None:
        from brentwatch.commands.study.impact_page import write_page
        from brentwatch.commands.study.pooled_output import make_pooled_section

        write_page(done, Path(html), make_pooled_section(pooled))
        say(f"study: the page is in {html}")
    untested = [isinstance(test, Refused) for test in pooled.tests.values()]
    refused = done.refused or any(untested) or any(pooled.left_out.values())
    return _choose_exit_code(found=not all(untested), refused=refused)


def _refuse_all(done: ImpactRun, form: str) -> int:
    """Say why no event has a result; programs get no rows."""
    for line in done.list_notes():
        say(f"study: {line}")
    _print_impacts(done, form)
    return ExitCode.NOTHING_MATCHED


def _print_pooled(done: ImpactRun, pooled: PooledImpacts, form: str) -> None:
    from brentwatch.commands.printer import format_csv, format_json
    from brentwatch.commands.study.pooled_output import print_pooled
    from brentwatch.core.impact.view import POOLED_COLUMNS, pooled_rows
    from brentwatch.message.tables import measure_terminal

    match form:
        case "csv":
            click.echo(format_csv(POOLED_COLUMNS, pooled_rows(pooled)), nl=False)
        case "json":
            click.echo(format_json(POOLED_COLUMNS, pooled_rows(pooled)), nl=False)
        case _:
            print_pooled(done, pooled, measure_terminal())


def _print_impacts(done: ImpactRun, form: str) -> None:
    from brentwatch.commands.printer import format_csv, format_json
    from brentwatch.core.impact import view
    from brentwatch.message.tables import measure_terminal

    match form:
        case "csv":
            click.echo(format_csv(view.COLUMNS, view.rows(done.impacts)), nl=False)
        case "json":
            click.echo(format_json(view.COLUMNS, view.rows(done.impacts)), nl=False)
        case _ if done.impacts.found:
            from brentwatch.commands.study.impact_table import print_impacts

            print_impacts(done, measure_terminal())
        case _:
            pass


def _run_classical(files: StudyFiles, designs: Sequence[Design], model: Model, instrument: Instrument) -> Run:
    from brentwatch.commands.study.results import run_study

    done = run_study(files, designs, model, instrument)
    for line in done.list_notes():
        say(f"study: {line}")
    return done


def _print(done: Run, show: str, form: str, *, aggregate: bool) -> None:
    from brentwatch.commands.printer import format_csv, format_json
    from brentwatch.core.event_study.views.table import build_sheet
    from brentwatch.message.tables import measure_terminal

    asked = build_sheet(show, aggregate=aggregate)
    rows = (row for batch in done.batches for row in asked.rows(batch))
    match form:
        case "csv":
            click.echo(format_csv(asked.columns, rows), nl=False)
        case "json":
            click.echo(format_json(asked.columns, rows), nl=False)
        case _:
            draw = _choose_drawing(show, aggregate=aggregate)
            for batch in done.batches:
                if batch.found:
                    draw(batch, measure_terminal())


def _choose_drawing(show: str, *, aggregate: bool) -> Callable[[Batch, int], None]:
    """What prints the same for people."""
    match show, aggregate:
        case "tests", True:
            from brentwatch.commands.study.diagnostic_tables import print_tests_of_averages as drawing
        case "tests", False:
            from brentwatch.commands.study.diagnostic_tables import print_tests_of_events as drawing
        case "diagnostics", _:
            from brentwatch.commands.study.diagnostic_tables import print_estimation as drawing
        case _, True:
            from brentwatch.commands.study.event_tables import print_aggregate as drawing
        case _:
            from brentwatch.commands.study.event_tables import print_events as drawing
    return drawing


def _choose_exit_code(*, found: bool, refused: bool) -> int:
    if not found:
        return ExitCode.NOTHING_MATCHED
    return ExitCode.PARTIAL if refused else ExitCode.OK
