"""The rows that `brentwatch study` prints for programs: twelve significant digits, and never a NaN."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING

from brentwatch.core.refused import Refused
from brentwatch.core.significance.table import TESTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from brentwatch.core.aggregate import Aggregate
    from brentwatch.core.event_study.outcomes import EventStudy
    from brentwatch.core.significance.result import TestResult

    Cell = str | int | float | None

EVENT_COLUMNS = (
    "event_id",
    "model",
    "session",
    "tau",
    "ar",
    "car",
    "alpha",
    "beta",
    "sigma",
    "df",
    "t_ar",
    "p_ar",
    "t_car",
    "p_car",
    "rank_p_ar",
)
AGGREGATE_COLUMNS = ("model", "tau", "n", "aar", "caar", *TESTS)
_P = "_p_"


def event_rows(found: Iterable[tuple[str, EventStudy]]) -> Iterator[tuple[Cell, ...]]:
    """A row for each session of each event."""
    for event_id, study in found:
        for row in study.rows:
            yield (
                event_id,
                study.model,
                row.session.isoformat(),
                row.tau,
                row.ar,
                row.car,
                study.alpha,
                study.beta,
                study.sigma,
                study.df,
                row.t_ar,
                row.p_ar,
                row.t_car,
                row.p_car,
                row.rank_p_ar,
            )


def aggregate_rows(model: str, taus: Sequence[int], found: Aggregate) -> Iterator[tuple[Cell, ...]]:
    """A row for each session of the event window; a test that was refused leaves its cells empty."""
    columns = [_figures(name, found.tests[name], len(taus)) for name in TESTS]
    for row, tau in enumerate(taus):
        figures = [column[row] for column in columns]
        yield (model, tau, found.n, float(found.aar[row]), float(found.caar[row]), *figures)


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The header and the rows; a value that does not exist is an empty field."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return text.getvalue()


def as_json(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """An array with one object a line; a value that does not exist is null."""
    objects = [json.dumps(dict(zip(columns, map(_rounded, row), strict=True))) for row in rows]
    return "[" + ",\n ".join(objects) + "]\n"


def _figures(name: str, result: TestResult | Refused, rows: int) -> Sequence[float | None]:
    if isinstance(result, Refused):
        return [None] * rows
    figures: Sequence[float] = (result.p if _P in name else result.statistic).tolist()
    return [None if row in result.refused else figure for row, figure in enumerate(figures)]


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case float():
            return f"{_rounded(cell):.12g}"
        case _:
            return str(cell)


def _rounded(cell: Cell) -> Cell:
    """Twelve significant digits, and no minus in front of a zero."""
    return float(f"{cell:.12g}") + 0.0 if isinstance(cell, float) else cell
