"""What a record of the intraday test on one's own bars says, and how the settings' file of it is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.core.calibration.intraday import SIZE, Cell
from brentwatch.core.domain.own_calibration import FEWEST_TESTED, OwnCalibration, WindowSizes
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.core.intraday.windows import LEVEL, WINDOWS
from brentwatch.history.intraday_calibration import FILE_COLUMNS, read_record
from brentwatch.history.tables.reading import read_table
from brentwatch.history.tables.table import describe_rejections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brentwatch.core.calibration.intraday import Figure
    from brentwatch.core.intraday.windows import Minutes
    from brentwatch.history.intraday_calibration import IntradayRecord

_AT = 0.01
_ANEW = (
    "take intraday_calibration out of the settings, and make the record anew: "
    "brentwatch calibrate --intraday --prices FILE --instrument NAME --out RECORD.csv"
)


def read_own_calibration(path: str, series: str) -> OwnCalibration:
    """The own calibration in the file that the settings name, for bars of `series`.

    Raises:
        SettingsError: if it cannot be read, is no such record, rests on another series, or on too few
            sessions.
    """
    try:
        made = build_own_calibration(read_record(_read_rows(path)))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}; a record of the intraday test was wanted; {_ANEW}"
        ) from None
    except (KeyError, ValueError, TypeError, IndexError, InvalidInput) as error:
        why = error if isinstance(error, InvalidInput) else "it holds other rows"
        raise SettingsError(
            f"{path} is no record of the intraday test on own bars ({why}); one was wanted; {_ANEW}"
        ) from None
    if made.series != series:
        raise SettingsError(
            f"{path} is of the series {made.series}; one of {series} was wanted: name the record of that "
            "series, or none"
        )
    return made


def _read_rows(path: str) -> list[dict[str, str]]:
    table = read_table(path, Path(path).read_bytes(), FILE_COLUMNS)
    if table.rejected:
        raise InvalidInput(*describe_rejections(path, table.rejected))
    return [dict(zip(table.columns, row.cells, strict=True)) for row in table.rows]


def build_own_calibration(record: IntradayRecord) -> OwnCalibration:
    """What a record of one's own says of the test.

    Raises:
        InvalidInput: if it rests on made-up bars, on too few sessions, or a size is missing or no share.
    """
    basis = record.basis
    if basis is None:
        raise InvalidInput("its bars are made up; own ones were wanted")
    if basis.sessions < FEWEST_TESTED:
        raise InvalidInput(f"it has {basis.sessions} tested sessions; {FEWEST_TESTED} were wanted")
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
        raise InvalidInput(f"there is no size of {window} at {level} with its error; one was wanted")
    return figure.value, figure.error
