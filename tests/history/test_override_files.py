"""A file of calendar overrides is read whole, or refused with every fault."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.core.sessions.calendar import Override
from brentwatch.history.override_files import read_overrides
from brentwatch.settings.instruments import InstrumentSettings

if TYPE_CHECKING:
    from pathlib import Path


def test_days_are_closed_or_have_other_hours(tmp_path: Path) -> None:
    path = tmp_path / "overrides.csv"
    path.write_text("session,opens,closes\n2024-12-24,,19:00\n2022-09-19,closed,\n2024-12-31,02:00,20:00\n")
    assert read_overrides(str(path)) == (
        Override(date(2022, 9, 19), closed=True),
        Override(date(2024, 12, 24), closes=time(19, 0)),
        Override(date(2024, 12, 31), opens=time(2, 0), closes=time(20, 0)),
    )


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "overrides.csv"
    path.write_text("session,opens,closes\nmonday,,\n2024-12-24,early,\n2024-12-24,,10:00Z\n")
    with pytest.raises(SettingsError) as told:
        read_overrides(str(path))
    assert [fault.split(" of ")[0] for fault in told.value.faults] == ["row 2", "row 3", "row 4"]


@pytest.mark.parametrize("text", ["date,open\n2024-12-24,\n", "\xff"])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "overrides.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match="expected"):
        read_overrides(str(path))


def test_an_instrument_takes_its_overrides_from_the_file_of_its_settings(tmp_path: Path) -> None:
    path = tmp_path / "overrides.csv"
    path.write_text("session,opens,closes\n2022-09-19,closed,\n")
    given = {"partition": 1, "series": "brent-front", "calendar": "ice", "settlement": "19:30"}
    settings = InstrumentSettings.model_validate(
        given | {"time_zone": "Europe/London", "calendar_overrides": str(path)}
    )
    assert settings.build_instrument("brent").series.overrides == (Override(date(2022, 9, 19), closed=True),)


def test_a_file_as_excel_saves_it_gives_the_same(tmp_path: Path) -> None:
    plain, saved = tmp_path / "plain.csv", tmp_path / "saved.csv"
    plain.write_text("session,opens,closes\n2024-12-24,,18:30\n2024-12-25,closed,\n")
    saved.write_bytes(
        "Session;Opens;Closes\r\n24/12/2024;;18:30\r\n25/12/2024;Closed;\r\n;;\r\n".encode("utf-16")
    )

    assert read_overrides(str(saved)) == read_overrides(str(plain))
