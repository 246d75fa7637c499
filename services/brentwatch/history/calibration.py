"""The bundled calibration record: how often each model is wrong on each series.

`make calibration` measures the series whose prices are bundled; the others are measured where their prices
may be kept, by `brentwatch calibrate --record`, and their rows stay.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING

from brentwatch.core.domain.study import Calibration
from brentwatch.history.tables.writing import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FIFTHS = tuple(f"fifth_{number}" for number in range(1, 6))
_OPTIONAL = ("error_05", "error_01", "vintage", "prices_sha256")
_COLUMNS = ("series", "model", "n", "first", "last", "size_05", "size_01", *_FIFTHS, "made_on", *_OPTIONAL)


def load_calibrations() -> Mapping[tuple[str, str], Calibration]:
    """(series, model) to its calibration. A pair that is not in it is uncalibrated."""
    return parse_calibrations(
        (files("brentwatch.history") / "data" / "calibration.csv").read_text(encoding="utf-8")
    )


def parse_calibrations(text: str) -> Mapping[tuple[str, str], Calibration]:
    """The calibrations of a text as `dump` writes it, by (series, model)."""
    calibrations = (_read_calibration(row) for row in csv.DictReader(io.StringIO(text)))
    return {(calibration.series, calibration.model): calibration for calibration in calibrations}


def dump_calibrations(calibrations: Iterable[Calibration]) -> str:
    """The text of the record, one row each; sizes and errors to four decimals, finer than they are known."""
    return write_csv(_COLUMNS, (_build_row(calibration) for calibration in calibrations))


def _read_calibration(row: Mapping[str, str]) -> Calibration:
    return Calibration(
        series=row["series"],
        model=row["model"],
        n=int(row["n"]),
        first=date.fromisoformat(row["first"]),
        last=date.fromisoformat(row["last"]),
        size_05=float(row["size_05"]),
        size_01=float(row["size_01"]),
        fifths_05=tuple(float(row[fifth]) for fifth in _FIFTHS),
        made_on=date.fromisoformat(row["made_on"]),
        error_05=_parse_number(row.get("error_05")),
        error_01=_parse_number(row.get("error_01")),
        vintage=row.get("vintage") or None,
        prices_sha256=row.get("prices_sha256") or None,
    )


def _parse_number(text: str | None) -> float | None:
    return float(text) if text else None


def _format_error(error: float | None) -> str:
    return "" if error is None else f"{error:.4f}"


def _build_row(calibration: Calibration) -> tuple[object, ...]:
    sizes = (calibration.size_05, calibration.size_01, *calibration.fifths_05)
    return (
        calibration.series,
        calibration.model,
        calibration.n,
        calibration.first,
        calibration.last,
        *(f"{size:.4f}" for size in sizes),
        calibration.made_on,
        _format_error(calibration.error_05),
        _format_error(calibration.error_01),
        calibration.vintage or "",
        calibration.prices_sha256 or "",
    )
