"""The bundled calibration record, of `make calibration`: how often each model is wrong on each series."""

from __future__ import annotations

import csv
import io
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING

from brentwatch.core.study import Calibration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FIFTHS = tuple(f"fifth_{number}" for number in range(1, 6))
_COLUMNS = ("series", "model", "n", "first", "last", "size_05", "size_01", *_FIFTHS, "made_on")


def load() -> Mapping[tuple[str, str], Calibration]:
    """(series, model) to its calibration. A pair that is not in it is uncalibrated."""
    return parse((files("brentwatch.history") / "data" / "calibration.csv").read_text(encoding="utf-8"))


def parse(text: str) -> Mapping[tuple[str, str], Calibration]:
    """The calibrations of a text as `dump` writes it, by (series, model)."""
    calibrations = (_calibration(row) for row in csv.DictReader(io.StringIO(text)))
    return {(calibration.series, calibration.model): calibration for calibration in calibrations}


def dump(calibrations: Iterable[Calibration]) -> str:
    """The text of the record, one row each; sizes to four decimals, finer than they are known."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_row(calibration) for calibration in calibrations)
    return text.getvalue()


def _calibration(row: Mapping[str, str]) -> Calibration:
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
    )


def _row(calibration: Calibration) -> tuple[object, ...]:
    sizes = (calibration.size_05, calibration.size_01, *calibration.fifths_05)
    return (
        calibration.series,
        calibration.model,
        calibration.n,
        calibration.first,
        calibration.last,
        *(f"{size:.4f}" for size in sizes),
        calibration.made_on,
    )
