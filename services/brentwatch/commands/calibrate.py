"""`brentwatch calibrate`: every session of a price file a placebo, to see how often each model is wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from brentwatch.commands.exit_codes import ExitCode
from brentwatch.commands.options import Command, chosen_order, order_options
from brentwatch.commands.printed import FORMS, print_rows
from brentwatch.commands.standard_streams import say
from brentwatch.core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from brentwatch.core.bars import Bar
    from brentwatch.core.calibration import Placebo
    from brentwatch.core.instruments import Instrument
    from brentwatch.core.intraday.calibration import Figure
    from brentwatch.core.windows import Window
    from brentwatch.history.series_rows import Columns
    from brentwatch.history.tables.dates import OrderChoice
    from brentwatch.settings.sources import Sources

NOMINAL = (0.05, 0.01)
_FIFTHS = tuple(f"size_fifth_{number}" for number in range(1, 6))
SIZES = ("model", "window", "nominal", "n", "size", *_FIFTHS, "size_after_shock")
EACH = ("model", "session", "ar", "sigma", "z", "p")


@click.command("calibrate", cls=Command)
@click.option("--prices", metavar="FILE", help="CSV or Parquet with date and usd_per_bbl; - is stdin.")
@click.option("--model", "models", multiple=True, metavar="NAME", help="One of the models; by default all.")
@click.option("--window", "windows", multiple=True, metavar="A,B", help="Such as 0,5; by default 0,0.")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="Count sessions from this date on.")
@click.option("--each", is_flag=True, help="One row a session instead of sizes.")
@click.option("--intraday", is_flag=True, help="Bars of five minutes: of FILE, or made-up ones without it.")
@click.option("--sessions", type=click.IntRange(min=1), metavar="N", help="Made-up sessions to test.")
@click.option("--seed", type=int, metavar="N", help="The seed of made-up bars and events.")
@click.option("--out", metavar="RECORD", help="Keep the figures of --intraday --prices for the settings.")
@click.option("--format", "form", type=click.Choice(FORMS), default="table", show_default=True)
@click.option("--date-column", metavar="NAME", help="By default date, or opens_at of intraday bars.")
@click.option("--price-column", default="usd_per_bbl", show_default=True, metavar="NAME")
@order_options
@click.option("--instrument", help="When its sessions settle; by default the first of the settings.")
@click.pass_obj
def command(
    sources: Sources,
    prices: str | None,
    models: tuple[str, ...],
    windows: tuple[str, ...],
    start: datetime | None,
    each: bool,
    intraday: bool,
    sessions: int | None,
    seed: int | None,
    out: str | None,
    form: str,
    date_column: str | None,
    price_column: str,
    order: str | None,
    instrument: str | None,
) -> int:
    """Test every session as if something had happened, and count the alarms.

    The sizes are the shares of p at or below .05 and .01: over all sessions, by fifths of volatility (that of
    EWMA(.94) over that of 120 sessions, calmest first), and within 20 sessions after a shock. --each gives
    the [0, 0] test of every session.

    --intraday tests windows of 15 and 60 minutes at every third bar: size by level, hour, volatility and
    after jumps, false alarms a session by number of events, and by hour the power at the alert level .001
    and the minimum detectable effect (mde). Without --prices it does so on simulated bars. FILE then has
    opens_at, a time with its zone, and usd_per_bbl, and may have open, volume and contract.

    --out RECORD.csv keeps what was found on one's own bars, 250 tested sessions or more, for the setting
    intraday_calibration of the --instrument: its alerts then tell this, and no longer "calibrated on
    simulated bars only".

    Rows on days without a session are left out. A return that spans missing sessions is neither tested nor
    fitted on. Exits with 5 where a model or window has no result, with 4 where none has; standard error says
    why.
    """
    from brentwatch.commands.instruments import chosen
    from brentwatch.history.series_rows import Columns
    from brentwatch.settings.load import load

    if intraday:
        _refuse_with_intraday(models=models, windows=windows, start=start, each=each)
        file = (prices, (date_column, price_column, chosen_order(order)), instrument)
        return _calibrate_intraday(sources, file, (sessions, seed), form, out)
    if out is not None:
        raise click.UsageError("--out stands with --intraday: of the daily tests no record is kept.")
    if prices is None:
        raise click.UsageError("Missing option '--prices'.")
    columns = Columns(date_column or Columns().date, price_column)
    asked = [_window(text) for text in windows]
    series = _series(prices, columns, chosen_order(order), chosen(load(sources).settings, instrument))
    return _calibrate_daily(series, models, asked, start, each=each, form=form)


def _calibrate_daily(
    series: _Series,
    models: Sequence[str],
    windows: Sequence[Window],
    start: datetime | None,
    *,
    each: bool,
    form: str,
) -> int:
    from brentwatch.core.normal_returns.table import MODELS
    from brentwatch.core.windows import HEADLINE

    names = tuple(dict.fromkeys(models or MODELS))
    asked = (HEADLINE,) if each else tuple(dict.fromkeys(windows or (HEADLINE,)))
    tested = [placebo for name in names for placebo in _tested(series, name, asked, start)]
    found = {(name, placebo.window) for name, placebo in tested}
    empty = [(name, window) for name in names for window in asked if (name, window) not in found]
    _say_why_empty(series, empty, start)
    if not tested:
        return ExitCode.NOTHING_MATCHED
    rows = list(_each(tested) if each else _sizes(tested))
    print_rows(EACH if each else SIZES, rows, form, keys=3)
    return ExitCode.PARTIAL if empty else ExitCode.OK


def _say_why_empty(series: _Series, empty: Sequence[tuple[str, Window]], start: datetime | None) -> None:
    from brentwatch.core.calibration import why_untested
    from brentwatch.core.normal_returns.table import load

    for name, window in empty:
        why = why_untested(series.bars, load(name), window, series.spans)
        since = "" if start is None else f" from {start:%Y-%m-%d} on"
        say(f"calibrate: {name}, window {window}: no session{since} was tested: {why}")


def _refuse_with_intraday(**given: object) -> None:
    names = {"models": "--model", "windows": "--window", "start": "--from", "each": "--each"}
    if chosen := [names[name] for name, value in given.items() if value]:
        raise click.UsageError(
            f"{', '.join(chosen)} cannot stand with --intraday, which tests its own windows."
        )


def _calibrate_intraday(
    sources: Sources,
    file: tuple[str | None, tuple[str | None, str, OrderChoice], str | None],
    chance: tuple[int | None, int | None],
    form: str,
    out: str | None,
) -> int:
    from brentwatch.commands import calibrate_intraday as made

    (prices, (date_column, price_column, order), instrument), (sessions, seed) = file, chance
    seed = made.SEED if seed is None else seed
    if out is not None and (prices is None or instrument is None):
        raise click.UsageError("--out wants --prices, one's own bars, and --instrument, whose bars they are.")
    if prices is None:
        figures, bars = made.simulated(sessions or made.SESSIONS, seed), made.SIMULATED
    else:
        columns = (date_column or "opens_at", price_column, order)
        try:
            figures, bars = _on_own_bars(sources, prices, columns, instrument, seed, out), made.OWN
        except made.NothingTested as error:
            say(f"calibrate: {error}")
            return ExitCode.NOTHING_MATCHED
    print_rows(made.COLUMNS, list(made.rows(figures, bars, for_people=form == "table")), form, keys=4)
    return ExitCode.OK


def _on_own_bars(
    sources: Sources,
    prices: str,
    columns: tuple[str, str, OrderChoice],
    instrument: str | None,
    seed: int,
    out: str | None,
) -> list[Figure]:
    """The figures; kept in the file `out`, where one is named, for the instrument."""
    from brentwatch.commands import calibrate_intraday as made
    from brentwatch.core.own_calibration import FEWEST_TESTED

    calendar = made.calendar(sources, instrument)
    if out is None or instrument is None:
        return made.own(prices, _contents(prices), calendar, columns, seed).figures
    series = made.series(sources, instrument)
    counted = made.own(prices, _contents(prices), calendar, columns, seed, wanted=FEWEST_TESTED)
    made.write_record(out, series, counted)
    return counted.figures


def _tested(
    series: _Series, name: str, windows: Sequence[Window], start: datetime | None
) -> Iterator[tuple[str, Placebo]]:
    from brentwatch.core.calibration import placebos
    from brentwatch.core.fits import of_these
    from brentwatch.core.normal_returns.table import load
    from brentwatch.history import fits

    bars = series.bars
    say(f"calibrate: {name} on {len(bars):,} sessions")
    for placebo in placebos(bars, load(name), of_these(bars, fits.load()), windows, series.spans):
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


class _Series(NamedTuple):
    """The price of each session, oldest first; `spans` tells which returns span more than one session."""

    bars: list[Bar]
    spans: Mapping[date, int]


def _series(path: str, columns: Columns, order: OrderChoice, instrument: Instrument) -> _Series:
    """The prices of a file, without rows that are no session's.

    Raises:
        InvalidInput: if the file cannot be read, or with everything that is wrong with its rows.
    """
    from brentwatch.core.alignment import settlement
    from brentwatch.core.bars import Bar
    from brentwatch.history.series_files import read_series
    from brentwatch.history.session_rows import missing_note, session_rows

    read, spans = session_rows(path, read_series(path, _contents(path), columns, order), instrument)
    for note in (read.how, *read.notes, *missing_note(read.sessions, spans, instrument)):
        say(f"calibrate: {note}")
    bars = [
        Bar(session=session, closes_at=settlement(instrument, session), close=close)
        for session, close in zip(read.sessions, read.values, strict=True)
    ]
    return _Series(bars, spans)


def _contents(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror}; a file of prices was wanted: correct the path"
        ) from error
