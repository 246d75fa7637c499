"""Calibration records of the intraday test: the bundled one (`make intraday`), and your own."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from brentwatch.core.domain import FEWEST_TESTED, SIZE, Cell, Figure, OwnCalibration, WindowSizes
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.core.intraday.minutes import LEVEL, WINDOWS, Minutes
from brentwatch.history.tables import describe_rejections, read_table, write_csv

FILE = "intraday_calibration.csv"
FILE_COLUMNS = (*Figure.__slots__, "made_on")


class Basis(NamedTuple):
    """The bars that an own record is based on: the number of tested `sessions` of a series, first to last."""

    series: str
    sessions: int
    first: date
    last: date


class IntradayRecord(NamedTuple):
    """The figures by what they count, the day they were made, and their bars (None: simulated)."""

    figures: Mapping[Cell, Figure]
    made_on: date
    basis: Basis | None = None


def load() -> IntradayRecord:
    """The bundled record."""
    return parse((files("brentwatch.history") / "data" / FILE).read_text(encoding="utf-8"))


def parse(text: str) -> IntradayRecord:
    """The record in a text that `dump` wrote, with at least one row.

    Raises:
        KeyError, ValueError, TypeError, IndexError: if it is not such a text.
    """
    return read_record(list(csv.DictReader(io.StringIO(text))))


def read_record(rows: Sequence[Mapping[str, str]]) -> IntradayRecord:
    """The record in its rows, of which there is at least one.

    Raises:
        KeyError, ValueError, TypeError, IndexError: if they are not such rows.
    """
    found = [_read_figure(row) for row in rows]
    by_cell = {Cell(each.measure, each.window, each.group, each.at): each for each in found}
    return IntradayRecord(by_cell, date.fromisoformat(rows[0]["made_on"]), _read_basis(rows[0]))


def dump(figures: Iterable[Figure], made_on: date, basis: Basis | None = None) -> str:
    """The text of the record, one row a figure, with five digits: more than their precision.

    Each row of an own record also states the bars that it is based on.
    """
    rows = (
        (
            each.measure,
            each.window,
            each.group,
            each.at,
            each.n,
            _format_value(each.value),
            _format_value(each.error),
            made_on,
            *(basis or ()),
        )
        for each in figures
    )
    return write_csv((*FILE_COLUMNS, *(Basis._fields if basis else ())), rows)


def _read_figure(row: Mapping[str, str]) -> Figure:
    return Figure(
        measure=row["measure"],
        window=row["window"],
        group=row["group"],
        at=float(row["at"]),
        n=int(row["n"]),
        value=_parse_value(row["value"]),
        error=_parse_value(row["error"]),
    )


def _read_basis(row: Mapping[str, str]) -> Basis | None:
    if "series" not in row:
        return None
    first, last = (date.fromisoformat(row[name]) for name in ("first", "last"))
    return Basis(row["series"], int(row["sessions"]), first, last)


def _format_value(value: float | None) -> str:
    return "" if value is None else f"{value:.5f}"


def _parse_value(text: str) -> float | None:
    return float(text) if text else None


_AT = 0.01
_ANEW = (
    "remove intraday_calibration from the settings, and make the record again: "
    "brentwatch calibrate --intraday --prices FILE --instrument NAME --out RECORD.csv"
)


def read_own_calibration(path: str, series: str) -> OwnCalibration:
    """The own calibration in the file `path`, for bars of `series`.

    Raises:
        SettingsError: if it cannot be read, is not such a record, or is of another series or too few
            sessions.
    """
    try:
        made = build_own_calibration(read_record(_read_rows(path)))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}; expected a calibration record of the intraday test; "
            f"{_ANEW}"
        ) from None
    except (KeyError, ValueError, TypeError, IndexError, InvalidInput) as error:
        why = error if isinstance(error, InvalidInput) else "it has other rows"
        raise SettingsError(
            f"{path} is not a calibration record of the intraday test on your own bars ({why}); {_ANEW}"
        ) from None
    if made.series != series:
        raise SettingsError(
            f"{path} is of the series {made.series}; expected {series}; name the record of that series, or "
            "none"
        )
    return made


def _read_rows(path: str) -> list[dict[str, str]]:
    table = read_table(path, Path(path).read_bytes(), FILE_COLUMNS)
    if table.rejected:
        raise InvalidInput(*describe_rejections(path, table.rejected))
    return [dict(zip(table.columns, row.cells, strict=True)) for row in table.rows]


def build_own_calibration(record: IntradayRecord) -> OwnCalibration:
    """What an own record says of the test.

    Raises:
        InvalidInput: if its bars are simulated, it has too few sessions, or a size is missing or not a share.
    """
    basis = record.basis
    if basis is None:
        raise InvalidInput("its bars are simulated; expected your own")
    if basis.sessions < FEWEST_TESTED:
        raise InvalidInput(f"it has {basis.sessions} tested sessions; expected at least {FEWEST_TESTED}")
    return OwnCalibration(
        series=basis.series,
        sessions=basis.sessions,
        first=basis.first,
        last=basis.last,
        made_on=record.made_on,
        sizes=tuple(_read_sizes(record.figures, window) for window in WINDOWS),
    )


def _read_sizes(figures: Mapping[Cell, Figure], window: Minutes) -> WindowSizes:
    size_01, error_01 = _find_share(figures, window, _AT)
    size_001, error_001 = _find_share(figures, window, LEVEL)
    return WindowSizes(
        minutes=window.minutes, size_01=size_01, error_01=error_01, size_001=size_001, error_001=error_001
    )


def _find_share(figures: Mapping[Cell, Figure], window: Minutes, level: float) -> tuple[float, float]:
    figure = figures.get(Cell(SIZE, str(window.minutes), "all", level))
    if figure is None or figure.value is None or figure.error is None:
        raise InvalidInput(f"the size of {window} at {level}, or its error, is missing")
    return figure.value, figure.error
