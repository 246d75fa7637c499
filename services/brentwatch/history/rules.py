"""The rules of an instrument, with the bundled monthly fits of Brent spot (`make fits`)."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from importlib.resources import files

from brentwatch.core.domain import AnalogueSources, Diagnostics, Instrument
from brentwatch.core.forecasts.fits import BundledFit, Month
from brentwatch.core.forecasts.forecast import Memory
from brentwatch.core.forecasts.two_tails import TailScale
from brentwatch.core.forecasts.volatility import Garch
from brentwatch.core.monitor.rules import Rules
from brentwatch.history.bundled import load_calibrations, load_confounders, load_heads_up_records
from brentwatch.history.past_events import load_past_events
from brentwatch.history.tables import write_csv

_PARAMETERS = ("mu", "omega", "alpha", "beta", "nu", "variance")
_TESTS = ("arch_lm_p", "ljung_box_p", "jarque_bera_p")
_CALENDAR = ("calendar_1", "calendar_3", "calendar_4")
_SCALES = ("log_k", "up_log_k", "up_bend", "down_log_k", "down_bend")


def load_fits() -> Mapping[Month, BundledFit]:
    """The fits by (year, month)."""
    return parse_fits((files("brentwatch.history") / "data" / "fits.csv").read_text(encoding="utf-8"))


def parse_fits(text: str) -> Mapping[Month, BundledFit]:
    """The fits in a text that `dump_fits` wrote."""
    return {_parse_month(row["month"]): _read_fit(row) for row in csv.DictReader(io.StringIO(text))}


def dump_fits(fits: Mapping[Month, BundledFit]) -> str:
    """One row a month; numbers are exact to the last bit, because a replay continues from them."""
    head = ("month", *_PARAMETERS, *_CALENDAR, "fitted_through", "n", *_TESTS, "checksum", "since", *_SCALES)
    return write_csv(head, (_build_row(month, fit) for month, fit in sorted(fits.items())))


def _build_row(month: Month, row: BundledFit) -> tuple[object, ...]:
    parameters = map(repr, (*(getattr(row.fit, name) for name in _PARAMETERS), *row.fit.calendar))
    tests = (_format_number(getattr(row.fit.diagnostics, name)) for name in _TESTS)
    meta = (row.fit.fitted_through, row.fit.n, *tests, row.checksum, row.memory.since)
    up, down = row.memory.up, row.memory.down
    scales = map(repr, (row.memory.log_k, up.log_k, up.bend, down.log_k, down.bend))
    return (f"{month[0]}-{month[1]:02}", *parameters, *meta, *scales)


def _format_number(value: float | None) -> str:
    return "" if value is None else repr(value)


def _parse_month(text: str) -> Month:
    year, month = text.split("-")
    return int(year), int(month)


def _read_fit(row: Mapping[str, str]) -> BundledFit:
    parameters = {name: float(row[name]) for name in _PARAMETERS}
    tests = {name: float(row[name]) if row[name] else None for name in _TESTS}
    one, weekend, longer = (float(row[name]) for name in _CALENDAR)
    log_k, *tails = (float(row[name]) for name in _SCALES)
    return BundledFit(
        fit=Garch(
            **parameters,
            calendar=(one, weekend, longer),
            fitted_through=date.fromisoformat(row["fitted_through"]),
            diagnostics=Diagnostics(n=int(row["n"]), **tests),
        ),
        checksum=int(row["checksum"]),
        memory=Memory(
            since=date.fromisoformat(row["since"]),
            log_k=log_k,
            up=TailScale(*tails[:2]),
            down=TailScale(*tails[2:]),
        ),
    )


def build_rules(instrument: Instrument, *, partial: bool = False) -> Rules:
    """The rules of an instrument, with the bundled confounders, fits, records and past events.

    `partial` is true if the oldest signals are missing.
    """
    return Rules(
        instrument=instrument,
        confounders=load_confounders(),
        calibrations=load_calibrations(),
        fits=load_fits(),
        heads_ups=load_heads_up_records(),
        past_events=load_past_events() if instrument.analogues is AnalogueSources.BUNDLED else (),
        partial=partial,
    )
