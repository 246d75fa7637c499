"""`brentwatch history`: `check` reports what is unusual about prices; `build` is in its own file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brentwatch.commands.history.build import build
from brentwatch.commands.options import Command, Group, order_options, parse_order
from brentwatch.commands.printer import format_json_line
from brentwatch.commands.process import ExitCode, say
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.domain import Bar, Instrument, Series
    from brentwatch.history.series_files import Columns
    from brentwatch.history.tables import OrderChoice


@click.group("history", cls=Group)
def command() -> None:
    """Make recorded histories, and check them and price files."""


command.add_command(build)


@command.command("check", cls=Command)
@click.argument("history", metavar="HISTORY|FILE")
@click.option(
    "--instrument",
    help="Instrument of the prices. [from history.toml]",
)
@click.option("--date-column", default="date", show_default=True, help="Date column of a FILE.")
@click.option("--price-column", default="usd_per_bbl", show_default=True, help="Price column of a FILE.")
@order_options
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line: session, close, quality."
)
@click.pass_obj
def check(
    sources: Sources,
    history: str,
    instrument: str | None,
    date_column: str,
    price_column: str,
    order: str | None,
    *,
    as_json: bool,
) -> int:
    """List unusual prices of a HISTORY (a bundled name or a folder) or a FILE (CSV, XLSX, Parquet).

    It reports gaps, jumps of more than ten robust standard deviations, stale prices, prices off by a factor
    of 100, days without a session, and rolls. They are not necessarily errors: a jump may be the news. The
    exit code is 4 if there is no price to check.
    """
    from brentwatch.commands.options import choose_for_history, choose_instrument
    from brentwatch.history.series_files import Columns
    from brentwatch.settings.load import load

    settings = load(sources).settings
    is_file = Path(history).is_file()
    tested = (
        choose_instrument(settings, instrument)
        if is_file
        else choose_for_history(history, settings, instrument)
    )
    notes, read = _read_bars(history, tested, Columns(date_column, price_column), parse_order(order))
    bars = _inspect_bars(read, tested.series)
    flagged = [each for each in bars if each.quality]
    for each in flagged:
        _tell(each, as_json=as_json)
    for note in notes:
        say(f"note: {note}")
    if not bars:
        say(f"{history} has no price of {tested.series.name}: nothing was checked")
        return ExitCode.NOTHING_MATCHED
    say(f"{len(flagged):,} of {len(bars):,} sessions are unusual")
    return ExitCode.OK


def _read_bars(
    name: str, tested: Instrument, columns: Columns, order: OrderChoice
) -> tuple[tuple[str, ...], list[Bar]]:
    """The notes on the file, and the first print of each session."""
    from brentwatch.core.domain import Bar, PriceUpdate
    from brentwatch.history.folder import find_history
    from brentwatch.history.series_files import read_series

    if Path(name).is_file():
        series = read_series(Path(name).name, Path(name).read_bytes(), columns, order)
        sessions = zip(series.sessions, series.values, strict=True)
        return (series.how, *series.notes), [
            Bar(session=day, closes_at=tested.series.closes_at(day), close=close) for day, close in sessions
        ]
    history = find_history(name, tested)
    first: dict[object, Bar] = {}
    for signal in history.signals:
        if isinstance(signal, PriceUpdate) and signal.series == tested.series.name:
            for bar in signal.bars:
                first.setdefault(bar.session, bar)
    return history.notes, sorted(first.values(), key=lambda each: each.closes_at)


def _inspect_bars(bars: Sequence[Bar], series: Series) -> tuple[Bar, ...]:
    from brentwatch.core.sessions.roll import find_splice
    from brentwatch.prices.quality import inspect_bars

    return inspect_bars(
        bars,
        follows=lambda one, other: series.find_next(one) >= other,
        expected=series.has_session,
        rolls=partial(find_splice, series.roll),
    )


def _tell(bar: Bar, *, as_json: bool) -> None:
    session, close = bar.session.isoformat(), bar.close
    if as_json:
        click.echo(format_json_line({"session": session, "close": close, "quality": list(bar.quality)}))
    else:
        click.echo(f"{session}  {close:>10.2f}  {', '.join(bar.quality)}")
