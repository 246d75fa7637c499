"""The bundled record of `make intraday`: the intraday test on simulated bars, and no others."""

from __future__ import annotations

import csv
import io
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from brentwatch.core.intraday.calibration import Cell, Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE = "intraday_calibration.csv"
SIMULATED_ONLY = "calibrated on simulated bars only"
"""To be said wherever a figure of the record is shown."""

_COLUMNS = (*Figure.__slots__, "made_on")


class Record(NamedTuple):
    """The figures by what they count, and when they were made."""

    figures: Mapping[Cell, Figure]
    made_on: date


def load() -> Record:
    """The bundled record."""
    return parse((files("brentwatch.history") / "data" / FILE).read_text(encoding="utf-8"))


def parse(text: str) -> Record:
    """The record of a text as `dump` writes it, with a row at least."""
    rows = list(csv.DictReader(text.splitlines()))
    found = [_figure(row) for row in rows]
    by_cell = {Cell(each.measure, each.window, each.group, each.at): each for each in found}
    return Record(by_cell, date.fromisoformat(rows[0]["made_on"]))


def dump(figures: Iterable[Figure], made_on: date) -> str:
    """The text of the record, one row each; five digits, finer than they are known."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(
        (
            each.measure,
            each.window,
            each.group,
            each.at,
            each.n,
            _shown(each.value),
            _shown(each.error),
            made_on,
        )
        for each in figures
    )
    return text.getvalue()


def _figure(row: Mapping[str, str]) -> Figure:
    return Figure(
        measure=row["measure"],
        window=row["window"],
        group=row["group"],
        at=float(row["at"]),
        n=int(row["n"]),
        value=_read(row["value"]),
        error=_read(row["error"]),
    )


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.5f}"


def _read(text: str) -> float | None:
    return float(text) if text else None
