"""`brentwatch calibrate`: every session of a price file a placebo, to see how often each model is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command
from brentwatch.core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from brentwatch.core.bars import Bar
    from brentwatch.core.calibration import Placebo
    from brentwatch.core.instruments import Instrument
    from brentwatch.core.windows import Window
    from brentwatch.history.series_rows import Columns
    from brentwatch.settings.sources import Sources

NOMINAL = (0.05, 0.01)
_FIFTHS = tuple(f"size_fifth_{number}" for number in range(1, 6))
SIZES = ("model", "window", "nominal", "n", "size", *_FIFTHS, "size_after_shock")
_NARROWEST = 110
EACH = ("model", "session", "ar", "sigma", "z", "p")


@click.command("calibrate", cls=Command)
@click.option(
    "--prices", required=True, metavar="FILE", help="CSV or Parquet with date and usd_per_bbl; - is stdin."
)
@click.option("--model", "models", multiple=True, metavar="NAME", help="One of the models; by default all.")
@click.option("--window", "windows", multiple=True, metavar="A,B", help="Such as 0,5; by default 0,0.")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="Count sessions from this date on.")
@click.option("--each", is_flag=True, help="One row a session instead of sizes.")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)
@click.option("--date-column", default="date", show_default=True, metavar="NAME")
@click.option("--price-column", default="usd_per_bbl", show_default=True, metavar="NAME")
@click.option("--instrument", help="When its sessions settle; by default the first of the settings.")
@click.pass_obj
def command(
    sources: Sources,
    prices: str,
    models: tuple[str, ...],
    windows: tuple[str, ...],
    start: datetime | None,
    each: bool,
    form: str,
    date_column: str,
    price_column: str,
    instrument: str | None,
) -> None:
    """Test every session as if something had happened, and count the alarms.

    The sizes are the shares of p at or below .05 and .01: over all sessions, by fifths of volatility (that of
    EWMA(.94) over that of 120 sessions, calmest first), and within 20 sessions after a shock. --each gives
    the [0, 0] test of every session.
    """
    from brentwatch.commands.instruments import chosen
    from brentwatch.core.normal_returns.table import MODELS
    from brentwatch.core.windows import HEADLINE
    from brentwatch.history.series_rows import Columns
    from brentwatch.settings.load import load

    wanted = [_window(text) for text in windows] or [HEADLINE]
    columns = Columns(date_column, price_column)
    bars = _bars(prices, columns, chosen(load(sources).settings, instrument))
    tested = [
        placebo
        for name in models or tuple(MODELS)
        for placebo in _tested(bars, name, [HEADLINE] if each else wanted, start)
    ]
    rows = list(_each(tested) if each else _sizes(tested))
    _print(EACH if each else SIZES, rows, form)


def _tested(
    bars: Sequence[Bar], name: str, windows: Sequence[Window], start: datetime | None
) -> Iterator[tuple[str, Placebo]]:
    from brentwatch.core.calibration import placebos
    from brentwatch.core.fits import of_these
    from brentwatch.core.normal_returns.table import load
    from brentwatch.history import fits

    click.echo(f"calibrate: {name} on {len(bars):,} sessions", err=True)
    for placebo in placebos(bars, load(name), of_these(bars, fits.load()), windows):
        if start is None or placebo.session >= start.date():
            yield name, placebo


def _sizes(tested: Sequence[tuple[str, Placebo]]) -> Iterator[Mapping[str, object]]:
    from brentwatch.core.calibration import size

    for name, window in dict.fromkeys((name, placebo.window) for name, placebo in tested):
        group = [placebo for named, placebo in tested if (named, placebo.window) == (name, window)]
        for nominal in NOMINAL:
            found = size(group, nominal)
            fifths = dict(zip(_FIFTHS, found.fifths or (None,) * len(_FIFTHS), strict=True))
            told = {"model": name, "window": f"{window.start},{window.end}", "nominal": nominal}
            yield {**told, "n": found.n, "size": found.all, **fifths, "size_after_shock": found.after_shock}


def _each(tested: Sequence[tuple[str, Placebo]]) -> Iterator[Mapping[str, object]]:
    for name, placebo in tested:
        told = {"model": name, "session": placebo.session.isoformat(), "ar": placebo.ar}
        yield {**told, "sigma": placebo.sigma, "z": placebo.z, "p": placebo.p}


def _window(text: str) -> Window:
    from brentwatch.core.windows import Window

    start, comma, end = text.partition(",")
    try:
        if comma:
            return Window(int(start), int(end))
    except ValueError:
        pass
    raise click.BadParameter(f"{text!r} was given; A,B was wanted, such as 0,5", param_hint="--window")


def _bars(path: str, columns: Columns, instrument: Instrument) -> list[Bar]:
    """The price of each session, oldest first.

    Raises:
        InvalidInput: if the file cannot be read, or with everything that is wrong with its rows.
    """
    from brentwatch.core.alignment import settlement
    from brentwatch.core.bars import Bar
    from brentwatch.history.series_files import read_series

    read = read_series(path, _contents(path), columns)
    for note in read.notes:
        click.echo(f"calibrate: {note}", err=True)
    return [
        Bar(session=session, closes_at=settlement(instrument, session), close=close)
        for session, close in zip(read.sessions, read.values, strict=True)
    ]


def _contents(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror}; a file of prices was wanted: correct the path"
        ) from error


def _print(columns: Sequence[str], rows: Sequence[Mapping[str, object]], form: str) -> None:
    match form:
        case "json":
            for row in rows:
                click.echo(json.dumps(row))
        case "csv":
            click.echo(",".join(columns))
            for row in rows:
                click.echo(",".join(_cell(row[column]) for column in columns))
        case _:
            _print_table(columns, rows)


def _cell(value: object) -> str:
    """Twelve significant digits; nothing where there is no value; a window with its comma in quotes."""
    match value:
        case None:
            return ""
        case float():
            return f"{value:.12g}"
        case str() if "," in value:
            return f'"{value}"'
        case _:
            return str(value)


def _print_table(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    from shutil import get_terminal_size

    from rich import box
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        drawn.add_column(column.removeprefix("size_").replace("_", " "), no_wrap=True)
    for row in rows:
        drawn.add_row(*(_shown(row[name]) for name in columns))
    Console(highlight=False, width=max(_NARROWEST, get_terminal_size().columns)).print(drawn)


def _shown(value: object) -> str:
    """Four digits after the point: finer than a size is known."""
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.4f}"
        case _:
            return str(value)
