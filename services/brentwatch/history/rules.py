"""The rules of an instrument, and the bundled monthly fits of Brent spot (`make fits`) that they hold."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files

from brentwatch.core.domain import Diagnostics, Instrument
from brentwatch.core.forecasts.fits import BundledFit, Month
from brentwatch.core.forecasts.volatility import Garch
from brentwatch.core.monitor.state import Rules
from brentwatch.history.bundled import load_calibrations, load_confounders
from brentwatch.history.tables import write_csv

_PARAMETERS = ("mu", "omega", "alpha", "beta", "nu", "variance")
_TESTS = ("arch_lm_p", "ljung_box_p", "jarque_bera_p")
_LOG_K = "log_k:"


def load_fits() -> Mapping[Month, BundledFit]:
    """(year, month) to the fit of that month."""
    return parse_fits((files("brentwatch.history") / "data" / "fits.csv").read_text(encoding="utf-8"))


def parse_fits(text: str) -> Mapping[Month, BundledFit]:
    """The fits of a text as `dump_fits` writes it."""
    return {_parse_month(row["month"]): _read_fit(row) for row in csv.DictReader(io.StringIO(text))}


def dump_fits(fits: Mapping[Month, BundledFit]) -> str:
    """One row a month; numbers to their last bit, because a replay goes on from them."""
    models = sorted({model for row in fits.values() for model in row.log_k})
    head = ("month", *_PARAMETERS, "fitted_through", "n", *_TESTS, "checksum", "since", "middling")
    columns = (*head, *(f"{_LOG_K}{model}" for model in models))
    return write_csv(columns, (_build_row(month, fit, models) for month, fit in sorted(fits.items())))


def _build_row(month: Month, row: BundledFit, models: Sequence[str]) -> tuple[object, ...]:
    parameters = (repr(getattr(row.fit, name)) for name in _PARAMETERS)
    tests = (_format_number(getattr(row.fit.diagnostics, name)) for name in _TESTS)
    meta = (row.fit.fitted_through, row.fit.n, *tests, row.checksum, row.since, row.middling)
    return (f"{month[0]}-{month[1]:02}", *parameters, *meta, *(repr(row.log_k[name]) for name in models))


def _format_number(value: float | None) -> str:
    return "" if value is None else repr(value)


def _parse_month(text: str) -> Month:
    year, month = text.split("-")
    return int(year), int(month)


def _read_fit(row: Mapping[str, str]) -> BundledFit:
    parameters = {name: float(row[name]) for name in _PARAMETERS}
    tests = {name: float(row[name]) if row[name] else None for name in _TESTS}
    return BundledFit(
        fit=Garch(
            **parameters,
            fitted_through=date.fromisoformat(row["fitted_through"]),
            diagnostics=Diagnostics(n=int(row["n"]), **tests),
        ),
        checksum=int(row["checksum"]),
        since=date.fromisoformat(row["since"]),
        middling=int(row["middling"]),
        log_k={name.removeprefix(_LOG_K): float(row[name]) for name in row if name.startswith(_LOG_K)},
    )


def build_rules(instrument: Instrument, *, partial: bool = False) -> Rules:
    """The rules of an instrument, with the bundled confounders, calibration records and fits.

    `partial` where the oldest signals are missing.
    """
    return Rules(
        instrument=instrument,
        confounders=load_confounders(),
        calibrations=load_calibrations(),
        fits=load_fits(),
        partial=partial,
    )
