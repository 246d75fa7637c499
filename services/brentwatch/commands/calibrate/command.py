"""`brentwatch calibrate`: every session of a price file a placebo, to see how often each model is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from brentwatch.commands.calibrate.daily_prices import PricedSessions
from brentwatch.commands.options import Command, order_options, parse_order
from brentwatch.commands.printer import FORMS, print_rows
from brentwatch.commands.process import ExitCode, say
from brentwatch.core.domain import Figure, Window
from brentwatch.history.tables import OrderChoice
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.core.calibration.daily import Placebo, Size

_FIFTHS = tuple(f"size_fifth_{number}" for number in range(1, 6))
_SHARES = ("size", *_FIFTHS, "size_after_shock")
_WHAT = ("model", "window", "nominal", "n")
SIZES = (*_WHAT, *(column for share in _SHARES for column in (share, f"{share}_error")))
EACH = ("model", "session", "ar", "sigma", "z", "p")


@click.command("calibrate", cls=Command)
@click.option(
    "--prices",
    multiple=True,
    metavar="FILE",
    help="CSV or Parquet with date and usd_per_bbl; - is stdin. Of several each takes over on its first day.",
)
@click.option("--fetch", metavar="SERIES", help="Fetch its whole history from its providers, as brent-front.")
@click.option("--model", "models", multiple=True, metavar="NAME", help="One of the models; by default all.")
@click.option("--window", "windows", multiple=True, metavar="A,B", help="Such as 0,5; by default 0,0.")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="Count sessions from this date on.")
@click.option("--each", is_flag=True, help="One row a session instead of sizes.")
@click.option("--record", metavar="WORDS", help="Print rows of the bundled record: WORDS say whose prices.")
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
    prices: tuple[str, ...],
    fetch: str | None,
    models: tuple[str, ...],
    windows: tuple[str, ...],
    start: datetime | None,
    each: bool,
    record: str | None,
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
    EWMA(.94) over that of 120 sessions, calmest first), and within 20 sessions after a shock. Beside each
    stands its Monte-Carlo error: one standard error, with overlapping windows and clusters counted in. --each
    gives the [0, 0] test of every session.

    --fetch SERIES asks the providers of the series in the settings for all they have (brent-front: Yahoo,
    brent-spot: FRED), and says which prices came and their SHA-256. It needs no Kafka.

    --record WORDS prints the sizes of [0, 0] as rows of the bundled calibration record instead.

    --intraday tests windows of 15 and 60 minutes at every third bar: size by level, hour, volatility and
    after jumps, false alarms a session by number of events, and by hour the power at the alert level .001
    and the minimum detectable effect (mde). Without --prices it does so on simulated bars. FILE then has
    opens_at, a time with its zone, and usd_per_bbl, and may have open, volume and contract.

    --out RECORD.csv keeps what was found on one's own bars, 250 tested sessions or more, for the setting
    intraday_calibration of the --instrument: its alerts then tell this, and no longer "calibrated on
    simulated bars only".

    Rows on days without a session are left out. A return that spans missing sessions, and the first two
    after an expiry of the front contract, are neither tested nor fitted on. Exits with 5 where a model or
    window has no result, with 4 where none has, with 6 where no provider answers; standard error says why.
    """
    if intraday:
        _refuse_with_intraday(
            models=models, windows=windows, start=start, each=each, fetch=fetch, record=record
        )
        if len(prices) > 1:
            raise click.UsageError("--intraday reads one file of bars: give --prices once.")
        file = (next(iter(prices), None), (date_column, price_column, parse_order(order)), instrument)
        return _calibrate_intraday(sources, file, (sessions, seed), form, out)
    if out is not None:
        raise click.UsageError("--out stands with --intraday: of the daily tests --record prints a record.")
    if record is not None and (windows or each):
        raise click.UsageError("--record holds the sizes of [0, 0]: leave out --window and --each.")
    asked = Asked(models, tuple(map(_parse_window, windows)), start, each=each, record=record, form=form)
    columns = (date_column, price_column, parse_order(order))
    return _calibrate_daily(_read_series(sources, prices, fetch, columns, instrument), asked)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of daily prices; no model and no window named means the usual ones."""

    models: tuple[str, ...]
    windows: tuple[Window, ...]
    start: datetime | None
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
    from brentwatch.commands.calibrate.daily_prices import fetch_series, read_files
    from brentwatch.commands.options import choose_known_instrument
    from brentwatch.history.series_files import Columns
    from brentwatch.settings.load import load

    if fetch is not None and prices:
        raise click.UsageError("--fetch and --prices cannot stand together: prices come from one of them.")
    if fetch is not None:
        return fetch_series(fetch, load(sources).settings, instrument)
    if not prices:
        raise click.UsageError("Missing option '--prices' (or '--fetch').")
    if len(set(prices)) < len(prices):
        raise click.UsageError("--prices names a file twice; expected each file once.")
    date_column, price_column, order = columns
    named = Columns(date_column or Columns().date, price_column)
    return read_files(prices, named, order, choose_known_instrument(load(sources).settings, instrument))


def _calibrate_daily(series: PricedSessions, asked: Asked) -> int:
    from brentwatch.core.domain import HEADLINE
    from brentwatch.core.forecasts.table import MODELS

    names = tuple(dict.fromkeys(asked.models or MODELS))
    windows = (HEADLINE,) if asked.each else tuple(dict.fromkeys(asked.windows or (HEADLINE,)))
    tested = [placebo for name in names for placebo in _test_sessions(series, name, windows, asked.start)]
    found = {(name, placebo.window) for name, placebo in tested}
    empty = [(name, window) for name in names for window in windows if (name, window) not in found]
    _say_why_empty(series, empty, asked.start)
    if not tested:
        return ExitCode.NOTHING_MATCHED
    _print(series, tested, asked)
    return ExitCode.PARTIAL if empty else ExitCode.OK


def _print(series: PricedSessions, tested: Sequence[tuple[str, Placebo]], asked: Asked) -> None:
    for_people = asked.form == "table"
    if asked.record is not None:
        click.echo(_dump_record(series, tested, asked.record), nl=False)
    elif asked.each:
        print_rows(EACH, list(_build_session_rows(tested)), asked.form, keys=3)
    else:
        columns = (*_WHAT, *_SHARES) if for_people else SIZES
        print_rows(columns, list(_measure_sizes(tested, for_people=for_people)), asked.form, keys=3)
    if series.source is not None and for_people and asked.record is None:
        click.echo(f"\n{series.source}")
    elif series.source is not None:
        say(f"calibrate: {series.source}")


def _dump_record(series: PricedSessions, tested: Sequence[tuple[str, Placebo]], words: str) -> str:
    """The rows of the record: figures only, no price.

    Raises:
        InvalidInput: if a model has too few tests.
    """
    from brentwatch.core.calibration.daily import summarise
    from brentwatch.core.domain import Refused
    from brentwatch.core.errors import InvalidInput
    from brentwatch.history.bundled import dump_calibrations

    found = [
        summarise(
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
    return dump_calibrations(each for each in found if not isinstance(each, Refused))


def _say_why_empty(
    series: PricedSessions, empty: Sequence[tuple[str, Window]], start: datetime | None
) -> None:
    from brentwatch.core.calibration.daily import explain_untested
    from brentwatch.core.forecasts.table import load

    for name, window in empty:
        why = explain_untested(series.bars, load(name), window, series.left_out)
        since = "" if start is None else f" from {start:%Y-%m-%d} on"
        say(f"calibrate: {name}, window {window}: no session{since} was tested: {why}")


def _refuse_with_intraday(**given: object) -> None:
    names = {"models": "--model", "windows": "--window", "start": "--from", "each": "--each"}
    names |= {"fetch": "--fetch", "record": "--record"}
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
    from brentwatch.commands.calibrate.intraday_bars import (
        COLUMNS,
        OWN,
        SEED,
        SESSIONS,
        SIMULATED,
        NothingTested,
        build_rows,
        calibrate_simulated,
    )

    (prices, (date_column, price_column, order), instrument), (sessions, seed) = file, chance
    seed = SEED if seed is None else seed
    if out is not None and (prices is None or instrument is None):
        raise click.UsageError("--out wants --prices, one's own bars, and --instrument, whose bars they are.")
    if prices is None:
        figures, bars = calibrate_simulated(sessions or SESSIONS, seed), SIMULATED
    else:
        columns = (date_column or "opens_at", price_column, order)
        try:
            figures, bars = _calibrate_own_bars(sources, prices, columns, instrument, seed, out), OWN
        except NothingTested as error:
            say(f"calibrate: {error}")
            return ExitCode.NOTHING_MATCHED
    print_rows(COLUMNS, list(build_rows(figures, bars, for_people=form == "table")), form, keys=4)
    return ExitCode.OK


def _calibrate_own_bars(
    sources: Sources,
    prices: str,
    columns: tuple[str, str, OrderChoice],
    instrument: str | None,
    seed: int,
    out: str | None,
) -> list[Figure]:
    """The figures; kept in the file `out`, where one is named, for the instrument."""
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
    series: PricedSessions, name: str, windows: Sequence[Window], start: datetime | None
) -> Iterator[tuple[str, Placebo]]:
    from brentwatch.core.calibration.daily import run_placebos
    from brentwatch.core.forecasts.fits import select_fits
    from brentwatch.core.forecasts.table import load
    from brentwatch.history.rules import load_fits

    bars = series.bars
    say(f"calibrate: {name} on {len(bars):,} sessions")
    for placebo in run_placebos(bars, load(name), select_fits(bars, load_fits()), windows, series.left_out):
        if start is None or placebo.session >= start.date():
            yield name, placebo


def _measure_sizes(
    tested: Sequence[tuple[str, Placebo]], *, for_people: bool
) -> Iterator[Mapping[str, object]]:
    from brentwatch.core.calibration.daily import NOMINAL, measure_size

    for name, window in dict.fromkeys((name, placebo.window) for name, placebo in tested):
        group = [placebo for named, placebo in tested if (named, placebo.window) == (name, window)]
        for nominal in NOMINAL:
            found = measure_size(group, nominal)
            told = {"model": name, "window": f"{window.start},{window.end}", "nominal": nominal}
            shares = _add_errors(found, for_people=for_people)
            yield {**told, "n": found.n, **shares}


def _add_errors(found: Size, *, for_people: bool) -> Mapping[str, object]:
    """Each share and its standard error: for people in one column, for programs in two."""
    none = (None,) * len(_FIFTHS)
    shares = (found.all, *(found.fifths or none), found.after_shock)
    errors = (found.error, *(found.fifths_errors or none), found.after_shock_error)
    rows = zip(_SHARES, shares, errors, strict=True)
    if for_people:
        return {name: None if share is None else f"{share:.4f} ± {error:.4f}" for name, share, error in rows}
    return {
        key: value for name, share, error in rows for key, value in ((name, share), (f"{name}_error", error))
    }


def _build_session_rows(tested: Sequence[tuple[str, Placebo]]) -> Iterator[Mapping[str, object]]:
    for name, placebo in tested:
        told = {"model": name, "session": placebo.session.isoformat(), "ar": placebo.ar}
        yield {**told, "sigma": placebo.sigma, "z": placebo.z, "p": placebo.p}


def _parse_window(text: str) -> Window:
    from brentwatch.core.domain import Window

    start, comma, end = text.partition(",")
    try:
        if comma:
            return Window(int(start), int(end))
    except ValueError:
        pass
    raise click.BadParameter(f"{text!r} was given; A,B was wanted, such as 0,5", param_hint="--window")
