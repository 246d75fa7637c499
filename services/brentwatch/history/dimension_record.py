"""The bundled record of calibration by dimension: sizes by group, coverage of ranges, tests of the fit.

`make calibration` measures the series whose prices are bundled. The rows of other series come from
`brentwatch calibrate --by all --record`, run where their prices may be stored. It has figures only, no price.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from brentwatch.core.domain import FitTest, GroupSize
from brentwatch.history.tables import write_csv

FILE = "calibration_dimensions.csv"
_SIZES = ("nominal", "n", "size", "error")
_TESTS = ("statistic", "df", "p", "null")
COLUMNS = ("series", "model", "dimension", "group", *_SIZES, *_TESTS)


@dataclass(frozen=True, slots=True)
class RecordedFigure:
    """A figure, and the series and model that it was measured on."""

    series: str
    model: str
    figure: GroupSize | FitTest


def load_dimensions() -> tuple[RecordedFigure, ...]:
    """The bundled figures, in the order of the file."""
    return parse_dimensions((files("brentwatch.history") / "data" / FILE).read_text(encoding="utf-8"))


def parse_dimensions(text: str) -> tuple[RecordedFigure, ...]:
    """The figures in a text that `dump_dimensions` wrote."""
    rows = csv.DictReader(io.StringIO(text))
    return tuple(RecordedFigure(row["series"], row["model"], _read_figure(row)) for row in rows)


def dump_dimensions(figures: Iterable[RecordedFigure]) -> str:
    """The text of the record; shares with four decimals."""
    return write_csv(COLUMNS, ((each.series, each.model, *_build_cells(each.figure)) for each in figures))


def find_sizes(
    figures: Iterable[RecordedFigure], series: str, model: str, dimension: str
) -> Sequence[GroupSize]:
    """The sizes of one dimension, in the order of the record."""
    return [
        each.figure
        for each in figures
        if isinstance(each.figure, GroupSize)
        and (each.series, each.model, each.figure.dimension) == (series, model, dimension)
    ]


def _read_figure(row: Mapping[str, str]) -> GroupSize | FitTest:
    if row["dimension"] == FitTest.dimension:
        return FitTest(
            name=row["group"],
            null=row["null"],
            n=int(row["n"]),
            statistic=float(row["statistic"]),
            degrees_of_freedom=int(row["df"]) if row["df"] else None,
            p=float(row["p"]),
        )
    return GroupSize(
        dimension=row["dimension"],
        group=row["group"],
        nominal=float(row["nominal"]),
        n=int(row["n"]),
        size=float(row["size"]),
        error=float(row["error"]),
    )


def _build_cells(figure: GroupSize | FitTest) -> tuple[object, ...]:
    match figure:
        case GroupSize():
            shares = (f"{figure.size:.4f}", f"{figure.error:.4f}")
            return (figure.dimension, figure.group, figure.nominal, figure.n, *shares, *[None] * len(_TESTS))
        case FitTest():
            found = (f"{figure.statistic:.4f}", figure.degrees_of_freedom, f"{figure.p:.4f}", figure.null)
            return (figure.dimension, figure.name, None, figure.n, None, None, *found)
