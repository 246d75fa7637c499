"""`brentwatch calibrate`: tests every session of a price series, to count how often each model is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from brentwatch.commands.calibrate.by_dimension import (
    choose_names,
    dump_figures,
    measure_figures,
    print_figures,
)
from brentwatch.commands.calibrate.daily_prices import PricedSessions
from brentwatch.commands.calibrate.tables import format_level, print_measures
from brentwatch.commands.options import Command, order_options, parse_order
from brentwatch.commands.printer import FORMS, print_rows
from brentwatch.commands.process import ExitCode, say
from brentwatch.commands.progress import show_progress
from brentwatch.core.domain import Figure, Window
from brentwatch.history.tables import OrderChoice
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.commands.progress import StepCount
    from brentwatch.core.calibration.daily import Placebo, Size

_FIFTHS = tuple(f"size_fifth_{number}" for number in range(1, 6))
_SHARES = ("size", *_FIFTHS, "size_after_shock")
_WHAT = ("model", "window", "nominal", "n")
_KEYS = ("model", "window", "level")
SIZES = (*_WHAT, *(column for share in _SHARES for column in (share, f"{share}_error")))
EACH = ("model", "session", "ar", "sigma", "z", "p")


@click.command("calibrate", cls=Command)
@click.option(
    "--prices",
    multiple=True,
    metavar="FILE",
    help="CSV, XLSX or Parquet with date and usd_per_bbl; - reads stdin. Default: the bundled Brent spot "
    "prices. Repeatable: a later file replaces an earlier one from its first day on.",
)
@click.option("--fetch", metavar="SERIES", help="Fetch the whole history of a series, such as brent-front.")
@click.option("--model", "models", multiple=True, metavar="NAME", help="Model to test; repeatable. [all]")
@click.option("--window", "windows", multiple=True, metavar="A,B", help="Window, such as 0,5. [0,0]")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="First session.")
@click.option("--each", is_flag=True, help="Print one row for each session instead of sizes.")
@click.option("--by", multiple=True, metavar="NAME", help="Print sizes by group: gap, direction, ... or all.")
@click.option("--record", metavar="WORDS", help="Print rows of the bundled record; WORDS name the prices.")
@click.option("--intraday", is_flag=True, help="Test 5-minute bars: those of FILE, or simulated ones.")
@click.option("--reopen", is_flag=True, help="Test the gap before each session; FILE also has open.")
@click.option("--sessions", type=click.IntRange(min=1), metavar="N", help="Number of simulated sessions.")
@click.option("--seed", type=int, metavar="N", help="Seed of simulated bars and events.")
@click.option("--out", metavar="RECORD", help="Write the result of --intraday --prices for the settings.")
@click.option("--format", "form", type=click.Choice(FORMS), default="table", show_default=True)
@click.option("--date-column", metavar="NAME", help="Column of the date. [date; --intraday: opens_at]")
@click.option("--price-column", default="usd_per_bbl", show_default=True, metavar="NAME")
@order_options
@click.option("--instrument", metavar="NAME", help="Instrument of the prices. [the first of the settings]")
@click.pass_obj
def command(
    sources: Sources,
    prices: tuple[str, ...],
    fetch: str | None,
    models: tuple[str, ...],
    windows: tuple[str, ...],
    start: datetime | None,
    each: bool,
    by: tuple[str, ...],
    record: str | None,
    intraday: bool,
    reopen: bool,
    sessions: int | None,
    seed: int | None,
    out: str | None,
    form: str,
    date_column: str | None,
    price_column: str,
    order: str | None,
    instrument: str | None,
) -> int:
    """Measure how often each model raises a false alarm on a price series.

    Every session is tested as if there had been an event. The size is the share of tests with p at or below
    a level (0.05 and 0.01); it should equal the level. It is printed for all sessions, by fifth of
    volatility (1 = calmest; EWMA(0.94) volatility relative to that of the last 120 sessions), and within 20
    sessions after a shock, with its standard error (Monte-Carlo; overlapping windows and clusters are
    accounted for). Real news is not removed from the prices.

    Without --prices, the bundled Brent spot prices are used. --fetch SERIES downloads all prices that the
    providers of a series have (brent-front: Yahoo, brent-spot: FRED), and prints their source and SHA-256.
    No Kafka is needed.

    --each prints the test of every session, window [0, 0].

    --by NAME prints the sizes of [0, 0] by group. NAME is gap (calendar days since the session before),
    direction (half of each level is expected), weekday, month, year, fifth (of volatility), shock (within
    20 sessions after a shock, or later), expiry (sessions since the last expiry, for futures), after_alert
    ([1, 1] and [1, 5] after a session with p at or below 0.01), coverage (of the 95 % ranges, for true
    effects of 0 to 8 %), pit (tests of fit) or all.

    --record WORDS prints the sizes of [0, 0] as rows of the bundled calibration record: one row for the end
    of each year, and one for all sessions. With --by, it prints rows of the record by dimension.

    --intraday tests windows of 15 and 60 minutes at every third 5-minute bar. It prints the size by level,
    hour, volatility and after jumps, false alarms a session by number of events, and by hour the power at
    the alert level 0.001 and the minimum detectable effect. FILE has opens_at (a time with its zone) and
    usd_per_bbl, and optionally open, volume and contract. Without --prices, it uses simulated bars, and also
    tests the re-open by kind of break.

    --reopen tests the gap from each settlement to the next opening price, by kind of break. It prints the
    size with its 95 % range, the power at 0.001, the detectable gap, tests that the p-values are uniform,
    and refusals by cause. FILE has date, open and usd_per_bbl (or another --price-column), and optionally
    contract.

    --out RECORD.csv writes the result for your own 5-minute bars (at least 250 tested sessions). Set
    intraday_calibration of the --instrument to this file: its alerts then quote it instead of "calibrated
    on simulated bars only".

    Rows on days without a session are skipped. A return that spans missing sessions, and the first two
    returns after an expiry of the front contract, are not used. Exit codes: 4 if no model has a result, 5 if
    some model or window has none, 6 if no provider answers; standard error says why.
    """
    if intraday or reopen:
        what = "--intraday" if intraday else "--reopen"
        _refuse_beside(
            what, models=models, windows=windows, each=each, by=by, fetch=fetch, record=record, start=start
        )
    if reopen:
        _refuse_beside("--reopen", intraday=intraday, sessions=sessions, seed=seed, out=out)
        columns = (date_column, price_column, parse_order(order))
        return _calibrate_reopens(sources, prices, columns, instrument, form)
    if intraday:
        if len(prices) > 1:
            raise click.UsageError("--intraday reads one file of bars; give --prices once.")
        file = (next(iter(prices), None), (date_column, price_column, parse_order(order)), instrument)
        return _calibrate_intraday(sources, file, (sessions, seed), form, out)
    if out is not None:
        raise click.UsageError("--out needs --intraday; use --record for the record of the daily tests.")
    if (by or record is not None) and (windows or each):
        raise click.UsageError("--by and --record use window [0, 0]: leave out --window and --each.")
    dimensions = choose_names(by)
    asked = Asked(
        models,
        tuple(map(_parse_window, windows)),
        start,
        dimensions,
        each=each,
        record=record,
        form=form,
    )
    columns = (date_column, price_column, parse_order(order))
    return _calibrate_daily(_read_series(sources, prices, fetch, columns, instrument), asked)


@dataclass(frozen=True, slots=True)
class Asked:
    """What to print for daily prices; no models means all, no windows means [0, 0]."""

    models: tuple[str, ...]
    windows: tuple[Window, ...]
    start: datetime | None
    dimensions: tuple[str, ...]
    each: bool
    record: str | None
    form: str


def _read_series(
    sources: Sources,
    prices: tuple[str, ...],
    fetch: str | None,
    columns: tuple[str | None, str, OrderChoice],
    instrument: str | None,
) -> PricedSessions:
    from brentwatch.commands.calibrate.daily_prices import fetch_series, read_bundled, read_files
    from brentwatch.commands.options import choose_known_instrument
    from brentwatch.history.series_files import Columns
    from brentwatch.settings.load import load

    if fetch is not None and prices:
        raise click.UsageError("--fetch cannot be used with --prices: use one of them.")
    if fetch is not None:
        return fetch_series(fetch, load(sources).settings, instrument)
    if not prices:
        return read_bundled(load(sources).settings, instrument)
    if len(set(prices)) < len(prices):
        raise click.UsageError("--prices names the same file twice; name each file once.")
    date_column, price_column, order = columns
    named = Columns(date_column or Columns().date, price_column)
    return read_files(prices, named, order, choose_known_instrument(load(sources).settings, instrument))


def _calibrate_daily(series: PricedSessions, asked: Asked) -> int:
    from brentwatch.core.calibration.dimensions import AFTER
    from brentwatch.core.domain import HEADLINE
    from brentwatch.core.forecasts.table import MODELS

    names = tuple(dict.fromkeys(asked.models or MODELS))
    windows = (HEADLINE,) if asked.each else tuple(dict.fromkeys(asked.windows or (HEADLINE,)))
    if asked.dimensions:
        windows = (HEADLINE, AFTER)
    with show_progress("calibrate", unit="sessions", total=len(names) * len(series.bars)) as progress:
        tested = [
            placebo
            for name in names
            for placebo in _test_sessions(series, name, windows, asked.start, progress)
        ]
    found = {(name, placebo.window) for name, placebo in tested}
    wanted = (HEADLINE,) if asked.dimensions else windows
    empty = [(name, window) for name in names for window in wanted if (name, window) not in found]
    _say_why_empty(series, empty, asked.start)
    if not tested:
        return ExitCode.NOTHING_MATCHED
    _print(series, tested, asked)
    return ExitCode.PARTIAL if empty else ExitCode.OK


def _print(series: PricedSessions, tested: Sequence[tuple[str, Placebo]], asked: Asked) -> None:
    for_people = asked.form == "table"
    if asked.dimensions:
        _print_dimensions(series, tested, asked)
    elif asked.record is not None:
        click.echo(_dump_record(series, tested, asked.record), nl=False)
    elif asked.each:
        print_rows(EACH, list(_build_session_rows(tested)), asked.form, keys=3)
    else:
        _print_sizes(list(_measure_sizes(tested)), asked.form)
    if series.source is not None and for_people and asked.record is None:
        click.echo(f"\n{series.source}")
    elif series.source is not None:
        say(f"calibrate: {series.source}")


def _print_sizes(rows: Sequence[Mapping[str, object]], form: str) -> None:
    """For people two tables within 80 columns: the sizes with their errors, and those of the fifths."""
    if form != "table":
        print_rows(SIZES, rows, form)
        return
    fifths = {str(number): name for number, name in enumerate(_FIFTHS, start=1)}
    shown = [
        {**row, "level": format_level(row["nominal"]), **{each: row[name] for each, name in fifths.items()}}
        for row in rows
    ]
    click.echo("Size: share of tests with p at or below the level, ± one standard error\n")
    whole = [
        {**row, **{name: _join_error(row, name) for name in ("size", "size_after_shock")}} for row in shown
    ]
    print_rows((*_KEYS, "n", "size", "size_after_shock"), whole, form, keys=3)
    click.echo("\nSize by fifth of volatility (1 = calmest)\n")
    print_rows((*_KEYS, *fifths), shown, form, keys=3)


def _join_error(row: Mapping[str, object], name: str) -> str | None:
    share = row[name]
    return None if share is None else f"{share:.4f} ± {row[f'{name}_error']:.4f}"


def _print_dimensions(series: PricedSessions, tested: Sequence[tuple[str, Placebo]], asked: Asked) -> None:
    figures = measure_figures(series, tested, asked.dimensions)
    if asked.record is not None:
        click.echo(dump_figures(series, figures), nl=False)
    else:
        print_figures(figures, asked.form)


def _dump_record(series: PricedSessions, tested: Sequence[tuple[str, Placebo]], words: str) -> str:
    """The rows of the record: figures only, no price.

    Raises:
        InvalidInput: if a model has too few tests.
    """
    from brentwatch.core.calibration.daily import summarise_by_year
    from brentwatch.core.domain import Refused
    from brentwatch.core.errors import InvalidInput
    from brentwatch.history.bundled import dump_calibrations

    found = [
        summarise_by_year(
            [placebo for name, placebo in tested if name == model],
            series=series.instrument.series.name,
            model=model,
            made_on=datetime.now(UTC).date(),
            vintage=words,
            prices_sha256=series.sha256,
        )
        for model in dict.fromkeys(name for name, _ in tested)
    ]
    if refused := [each.reason for each in found if isinstance(each, Refused)]:
        raise InvalidInput(*refused)
    return dump_calibrations(row for rows in found if not isinstance(rows, Refused) for row in rows)


def _say_why_empty(
    series: PricedSessions, empty: Sequence[tuple[str, Window]], start: datetime | None
) -> None:
    from brentwatch.core.calibration.daily import explain_untested
    from brentwatch.core.forecasts.table import load

    for name, window in empty:
        why = explain_untested(series.bars, load(name), window, series.left_out)
        since = "" if start is None else f" from {start:%Y-%m-%d} on"
        say(f"calibrate: {name}, window {window}: no session{since} was tested: {why}")


def _refuse_beside(what: str, **given: object) -> None:
    names = {"models": "--model", "windows": "--window", "start": "--from"}
    said = {name for name, value in given.items() if value not in (None, ()) and value is not False}
    if chosen := [names.get(name, f"--{name}") for name in given if name in said]:
        raise click.UsageError(f"{', '.join(chosen)} cannot be used with {what}.")


def _calibrate_reopens(
    sources: Sources,
    prices: tuple[str, ...],
    columns: tuple[str | None, str, OrderChoice],
    instrument: str | None,
    form: str,
) -> int:
    from brentwatch.commands.calibrate import reopen_prices
    from brentwatch.core.calibration.reopen import summarise_reopens
    from brentwatch.core.reopen import ReopenFound
    from brentwatch.history.series_files import Columns

    if len(prices) != 1:
        raise click.UsageError("--reopen reads one file of daily openings; give --prices once.")
    date_column, price_column, order = columns
    chosen = reopen_prices.choose_instrument_with_hours(sources, instrument)
    named = Columns(date_column or Columns().date, price_column)
    placebos = reopen_prices.run_openings(reopen_prices.read_openings(prices[0], named, order, chosen))
    figures = list(summarise_reopens(placebos))
    rows = list(reopen_prices.build_rows(figures, for_people=form == "table"))
    if form != "table":
        print_rows(reopen_prices.COLUMNS, rows, form)
    else:
        print_measures(reopen_prices.MEASURE_TABLES, rows)
        click.echo(f"\n{reopen_prices.NEWS_LEFT_IN}\n{reopen_prices.WEEKENDS}")
    tested = any(isinstance(each.result, ReopenFound) for each in placebos)
    return ExitCode.OK if tested else ExitCode.NOTHING_MATCHED


def _calibrate_intraday(
    sources: Sources,
    file: tuple[str | None, tuple[str | None, str, OrderChoice], str | None],
    chance: tuple[int | None, int | None],
    form: str,
    out: str | None,
) -> int:
    from brentwatch.commands.calibrate.intraday_bars import (
        COLUMNS,
        MEASURE_TABLES,
        OWN,
        SEED,
        SESSIONS,
        SIMULATED,
        NothingTested,
        build_rows,
        calibrate_simulated,
    )
    from brentwatch.commands.calibrate.reopen_prices import WEEKENDS

    (prices, (date_column, price_column, order), instrument), (sessions, seed) = file, chance
    seed = SEED if seed is None else seed
    if out is not None and (prices is None or instrument is None):
        raise click.UsageError("--out needs --prices FILE with your own bars, and --instrument.")
    if prices is None:
        figures, bars = calibrate_simulated(sessions or SESSIONS, seed), SIMULATED
    else:
        columns = (date_column or "opens_at", price_column, order)
        try:
            figures, bars = _calibrate_own_bars(sources, prices, columns, instrument, seed, out), OWN
        except NothingTested as error:
            say(f"calibrate: {error}")
            return ExitCode.NOTHING_MATCHED
    rows = list(build_rows(figures, bars, for_people=form == "table"))
    if form == "table":
        print_measures(MEASURE_TABLES, rows)
    else:
        print_rows(COLUMNS, rows, form)
    if prices is None and form == "table":
        click.echo(f"\n{WEEKENDS}")
    return ExitCode.OK


def _calibrate_own_bars(
    sources: Sources,
    prices: str,
    columns: tuple[str, str, OrderChoice],
    instrument: str | None,
    seed: int,
    out: str | None,
) -> list[Figure]:
    """The figures; also written to the file `out`, if it is given, for the instrument."""
    from brentwatch.commands.calibrate.daily_prices import read_contents
    from brentwatch.commands.calibrate.intraday_bars import (
        calibrate_own,
        find_calendar,
        find_series,
        write_record,
    )
    from brentwatch.core.domain import FEWEST_TESTED

    calendar = find_calendar(sources, instrument)
    if out is None or instrument is None:
        return calibrate_own(prices, read_contents(prices), calendar, columns, seed).figures
    series = find_series(sources, instrument)
    counted = calibrate_own(prices, read_contents(prices), calendar, columns, seed, wanted=FEWEST_TESTED)
    write_record(out, series, counted)
    return counted.figures


def _test_sessions(
    series: PricedSessions,
    name: str,
    windows: Sequence[Window],
    start: datetime | None,
    progress: StepCount,
) -> Iterator[tuple[str, Placebo]]:
    from brentwatch.core.calibration.daily import walk_placebos
    from brentwatch.core.forecasts.fits import select_fits
    from brentwatch.core.forecasts.table import load
    from brentwatch.history.rules import load_fits

    bars = series.bars
    say(f"calibrate: {name} on {len(bars):,} sessions")
    places, seen = {bar.session: place for place, bar in enumerate(bars)}, 0
    for placebo in walk_placebos(bars, load(name), select_fits(bars, load_fits()), windows, series.left_out):
        progress.advance(places[placebo.session] - seen)
        seen = places[placebo.session]
        if start is None or placebo.session >= start.date():
            yield name, placebo
    progress.advance(len(bars) - seen)


def _measure_sizes(tested: Sequence[tuple[str, Placebo]]) -> Iterator[Mapping[str, object]]:
    from brentwatch.core.calibration.daily import NOMINAL, measure_size

    for name, window in dict.fromkeys((name, placebo.window) for name, placebo in tested):
        group = [placebo for named, placebo in tested if (named, placebo.window) == (name, window)]
        for nominal in NOMINAL:
            found = measure_size(group, nominal)
            test = {"model": name, "window": f"{window.start},{window.end}", "nominal": nominal}
            yield {**test, "n": found.n, **_add_errors(found)}


def _add_errors(found: Size) -> Mapping[str, object]:
    """Each share, and its standard error."""
    none = (None,) * len(_FIFTHS)
    shares = (found.all, *(found.fifths or none), found.after_shock)
    errors = (found.error, *(found.fifths_errors or none), found.after_shock_error)
    rows = zip(_SHARES, shares, errors, strict=True)
    return {
        key: value for name, share, error in rows for key, value in ((name, share), (f"{name}_error", error))
    }


def _build_session_rows(tested: Sequence[tuple[str, Placebo]]) -> Iterator[Mapping[str, object]]:
    for name, placebo in tested:
        test = {"model": name, "session": placebo.session.isoformat(), "ar": placebo.ar}
        yield {**test, "sigma": placebo.sigma, "z": placebo.z, "p": placebo.p}


def _parse_window(text: str) -> Window:
    from brentwatch.core.domain import Window

    start, comma, end = text.partition(",")
    try:
        if comma:
            return Window(int(start), int(end))
    except ValueError:
        pass
    raise click.BadParameter(f"window is {text!r}; expected A,B, such as 0,5", param_hint="--window")
