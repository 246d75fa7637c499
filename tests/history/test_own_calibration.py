"""A record on own bars is read as it was written, and anything else is refused in a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.core.intraday_desk import own

from brentwatch.core.domain import Figure
from brentwatch.core.errors import SettingsError
from brentwatch.history.intraday_calibration import Basis, dump, read_own_calibration
from brentwatch.settings.instruments import InstrumentSettings

if TYPE_CHECKING:
    from pathlib import Path

SERIES = "brent-front-5m"
FRONT = {
    "partition": 1,
    "series": "brent-front",
    "calendar": "globex",
    "settlement": "14:30",
    "time_zone": "America/New_York",
}


def figures() -> list[Figure]:
    """What `own()` was made of, and a row that it does not need."""
    return [
        *(_size(each.minutes, 0.01, each.size_01, each.error_01) for each in own().sizes),
        *(_size(each.minutes, 0.001, each.size_001, each.error_001) for each in own().sizes),
        replace(_size(60, 0.01, 0.0, 0.0), group="hour 16", n=0, value=None, error=None),
    ]


def _size(minutes: int, at: float, value: float, error: float) -> Figure:
    return Figure(measure="size", window=str(minutes), group="all", at=at, n=9_000, value=value, error=error)


def text(series: str = SERIES, sessions: int = 301) -> str:
    made = own()
    return dump(figures(), made.made_on, Basis(series, sessions, made.first, made.last))


def written(folder: Path, content: str) -> str:
    path = folder / "record.csv"
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_own_calibration(written(tmp_path, text()), SERIES) == own()


def test_it_is_read_as_excel_saves_it_and_a_row_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    saved = "\ufeff" + text().replace(",", ";").replace("\n", "\r\n")

    assert read_own_calibration(written(tmp_path, saved), SERIES) == own()
    with pytest.raises(SettingsError, match="expected a cell for each column"):
        read_own_calibration(written(tmp_path, text() + "size,15\n"), SERIES)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (dump(figures(), own().made_on), "its bars are simulated; expected your own"),
        (text(sessions=249), "it has 249 tested sessions; expected at least 250"),
        (text(series="wti-front-5m"), "is of the series wti-front-5m; expected brent-front-5m"),
        (text().replace("0.01080", "1.08000"), "a size or its error is 1.08; expected a share from 0 to 1"),
        (text().replace("0.01080", "nan"), "a size or its error is nan"),
        (
            text().replace("size,60,all,0.001", "size,60,some,0.001"),
            "the size of 60 minutes at 0.001, or its error, is missing",
        ),
        (text().replace("2023-02-01", "February"), "it has other rows"),
        ("session,opens,closes\n2024-12-24,closed,\n", "it has other rows"),
        ("", "it has other rows"),
    ],
)
def test_anything_else_is_refused_with_the_reason(content: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as told:
        read_own_calibration(written(tmp_path, content), SERIES)

    assert why in str(told.value)


def test_a_file_that_is_not_there_or_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "record.csv").write_bytes(b"\xff\xfe")

    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_own_calibration(str(tmp_path / "none.csv"), SERIES)
    with pytest.raises(SettingsError, match="is not a calibration record of the intraday test"):
        read_own_calibration(str(tmp_path / "record.csv"), SERIES)


def test_an_instrument_takes_it_from_the_file_of_its_settings(tmp_path: Path) -> None:
    given = FRONT | {"intraday": True, "intraday_calibration": written(tmp_path, text())}

    assert InstrumentSettings.model_validate(given).build_instrument("front").intraday_calibration == own()
