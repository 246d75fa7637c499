"""`brentwatch study`: the classical event study alone, of one event or of many."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command, order_options
from brentwatch.commands.process import ExitCode, say
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.commands.study.results import Run
    from brentwatch.core.event_study.batch import Batch
    from brentwatch.core.event_study.design import Design
    from brentwatch.core.event_study.model import Model

_WINDOW = re.compile(r"([+-]?\d{1,9}),([+-]?\d{1,9})", re.ASCII)


@click.command("study", cls=Command)
@click.argument("events")
@click.option("--prices", required=True, metavar="FILE", help="Prices, CSV or Parquet, one row a session.")
@click.option("--benchmark", metavar="FILE", help="The benchmark of market and market-adjusted, likewise.")
@click.option(
    "--model", default="constant-mean", show_default=True, metavar="NAME", help="Of normal returns."
)
@click.option("--estimation", default=120, show_default=True, metavar="N", help="Sessions to estimate on.")
@click.option(
    "--gap", default=5, show_default=True, metavar="N", help="Sessions between these and the window."
)
@click.option("--window", default="-5,10", show_default=True, metavar="A,B", help="First and last tau.")
@click.option("--span", is_flag=True, help="Judge returns over missing sessions too, with their variance.")
@click.option("--aggregate", is_flag=True, help="The average of the events and its tests, in their place.")
@click.option(
    "--show",
    type=click.Choice(["rows", "tests", "diagnostics"]),
    default="rows",
    show_default=True,
    help="Each session of the window; what every test says; the estimation windows.",
)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)
@click.option("--date-column", default="date", show_default=True, metavar="NAME", help="In both files.")
@click.option("--price-column", default="usd_per_bbl", show_default=True, metavar="NAME")
@click.option("--benchmark-column", default="usd_per_bbl", show_default=True, metavar="NAME")
@order_options
@click.option("--instrument", help="Says when sessions settle; by default the first of the settings.")
@click.pass_obj
def command(
    sources: Sources,
    *,
    events: str,
    prices: str,
    benchmark: str | None,
    model: str,
    estimation: int,
    gap: int,
    window: str,
    span: bool,
    aggregate: bool,
    show: str,
    form: str,
    date_column: str,
    price_column: str,
    benchmark_column: str,
    order: str | None,
    instrument: str | None,
) -> int:
    """Study the EVENTS of a file, or of standard input (-), each for itself, on daily prices.

    EVENTS is CSV with event_id,date or JSON lines of unrest events. Of a bare date the hour is unknown: the
    session of that day, or the first after it, is tau 0, and the next may hold the news too. Of a time, the
    first settlement after it counts. Models: constant-mean, market-adjusted, market.

    Rows on days without a session are left out. A return over missing sessions is not judged as one
    session's: an event with one in its window is refused, unless --span is given.

    Exits with 5 where events were refused, with 4 where all were; standard error says why.
    """
    from brentwatch.commands.options import choose_instrument, parse_order
    from brentwatch.commands.study.results import StudyFiles, run_study
    from brentwatch.history.series_files import BENCHMARK_ROLES, ROLES, Columns
    from brentwatch.settings.load import load

    if aggregate and show == "diagnostics":
        raise click.UsageError(
            "--show diagnostics is about each event's own estimation window, and an average has none; leave "
            "--aggregate out, or give --show tests with it"
        )
    design, chosen_model = _parse_design(estimation, gap, window, span=span), _load_model(model, benchmark)
    first = parse_order(order)
    files = StudyFiles(
        events=("standard input", sys.stdin.buffer.read(), first)
        if events == "-"
        else (events, _read(events), first),
        prices=(prices, _read(prices), Columns(date_column, price_column), first, ROLES),
        benchmark=None
        if benchmark is None or not chosen_model.needs_benchmark
        else (benchmark, _read(benchmark), Columns(date_column, benchmark_column), first, BENCHMARK_ROLES),
    )
    done = run_study(files, design, chosen_model, choose_instrument(load(sources).settings, instrument))
    for line in done.list_notes():
        say(f"study: {line}")
    _print(done, show, form, aggregate=aggregate)
    return _choose_exit_code(done)


def _parse_design(estimation: int, gap: int, window: str, *, span: bool) -> Design:
    from brentwatch.core.domain import Window
    from brentwatch.core.errors import InvalidInput
    from brentwatch.core.event_study.design import Design

    ends = _WINDOW.fullmatch(window.replace(" ", ""))
    if ends is None:
        raise click.UsageError(f"--window is {window!r}; first and last tau were wanted, such as -5,10")
    try:
        return Design(estimation=estimation, gap=gap, window=Window(int(ends[1]), int(ends[2])), span=span)
    except InvalidInput as error:
        raise click.UsageError(str(error)) from error


def _load_model(name: str, benchmark: str | None) -> Model:
    from brentwatch.core.errors import InvalidInput
    from brentwatch.core.event_study.table import load

    try:
        model = load(name)
    except InvalidInput as error:
        raise click.UsageError(str(error)) from error
    if model.needs_benchmark and benchmark is None:
        raise click.UsageError(f"{name} compares with a benchmark, and none was given; add --benchmark FILE")
    if benchmark is not None and not model.needs_benchmark:
        say(f"study: {name} compares with no benchmark: {benchmark} is not read")
    return model


def _read(path: str) -> bytes:
    from brentwatch.core.errors import InvalidInput

    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror}); a readable file was wanted; correct its path"
        ) from error


def _print(done: Run, show: str, form: str, *, aggregate: bool) -> None:
    from brentwatch.commands.printer import format_csv, format_json
    from brentwatch.core.event_study.views.table import build_sheet
    from brentwatch.message.tables import measure_terminal

    asked = build_sheet(show, aggregate=aggregate)
    match form:
        case "csv":
            click.echo(format_csv(asked.columns, asked.rows(done.batch)), nl=False)
        case "json":
            click.echo(format_json(asked.columns, asked.rows(done.batch)), nl=False)
        case _ if done.batch.found:
            _choose_drawing(show, aggregate=aggregate)(done.batch, measure_terminal())
        case _:
            pass


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


def _choose_exit_code(done: Run) -> int:
    if not done.batch.found:
        return ExitCode.NOTHING_MATCHED
    return ExitCode.PARTIAL if done.refused else ExitCode.OK
