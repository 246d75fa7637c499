"""A value of another type is refused in every setting, and shown as it was given."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, cast

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.settings.composed import Settings
from brentwatch.settings.fields import Unfit, find_type, fit_value, list_keys
from brentwatch.settings.load import load
from brentwatch.settings.origins import Assignment, Sources

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _empty_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def faults_of(sources: Sources) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(sources, {})
    return caught.value.faults


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("[telemetry.ports]\nscreen = true", "telemetry.ports.screen is True"),
        ("[telemetry.ports]\nscreen = 9470.0", "telemetry.ports.screen is 9470.0"),
        ("[telemetry.ports]\nscreen = 1e3", "telemetry.ports.screen is 1000.0"),
        ("[telemetry.ports]\nscreen = ' 9470 '", "telemetry.ports.screen is ' 9470 '"),
        ("[telemetry.ports]\nscreen = '9_470'", "telemetry.ports.screen is '9_470'"),
        ("[telemetry.ports]\nscreen = '٩٤٧٠'", "telemetry.ports.screen is '٩٤٧٠'"),
        ("[telemetry.ports]\nscreen = [9470]", "telemetry.ports.screen is [9470]"),
        ("[telemetry]\nliveness_seconds = true", "telemetry.liveness_seconds is True"),
        ("[telemetry]\nwatchdog_seconds = '45 '", "telemetry.watchdog_seconds is '45 '"),
        ("[kafka]\nrequest_timeout_seconds = 1979-05-27", "kafka.request_timeout_seconds is datetime.date"),
        ("[instruments.brent-spot]\npartition = false", "instruments.brent-spot.partition is False"),
        ("[instruments.brent-spot]\nalert_level = false", "instruments.brent-spot.alert_level is False"),
        ("[screen.minimum_relevance]\ngdelt = true", "screen.minimum_relevance.gdelt is True"),
        ("[prices]\nbackfill_sessions = true", "prices.backfill_sessions is True"),
        ("[prices]\nintraday = 1", "prices.intraday is 1"),
        ("[prices]\nintraday = 'perhaps'", "prices.intraday is 'perhaps'"),
        ("[prices.series.x]\ndelay_minutes = true", "prices.series.x.delay_minutes is True"),
        ("[ingest.gdelt]\nsince = 0", "ingest.gdelt.since is 0"),
        ("[ingest.gdelt]\nsince = '1640995200'", "ingest.gdelt.since is '1640995200'"),
        ("[ingest.ucdp.released]\n'26.0.9' = true", "ingest.ucdp.released.26.0.9 is True"),
    ],
)
def test_a_value_of_another_type_in_a_file_is_refused(tmp_path: Path, line: str, sentence: str) -> None:
    (tmp_path / "desk.toml").write_text(line, encoding="utf-8")

    (told,) = faults_of(Sources(file=str(tmp_path / "desk.toml")))

    assert told.startswith(sentence)
    assert "correct it in" in told


@pytest.mark.parametrize("text", ["true", "1e3", " 9470 ", "9470.0", "9_470", "0x10", "", "٩٤٧٠"])
def test_text_that_is_no_port_is_refused(text: str) -> None:
    (told,) = faults_of(Sources(flags=(Assignment("telemetry.ports.screen", text),)))

    assert told == f"telemetry.ports.screen is {text!r} (flag --set); expected a whole number: correct --set"


def test_what_has_its_type_is_taken() -> None:
    chosen = {
        "telemetry.ports.screen": "9470",
        "telemetry.liveness_seconds": "1e1",
        "prices.intraday": "true",
        "ingest.gdelt.since": "2022-01-05",
        "screen.countries.brent-spot": "KAZ,IRN",
    }

    settings = load(Sources(flags=tuple(Assignment(*each) for each in chosen.items())), {}).settings

    assert settings.telemetry.ports.screen == 9470
    assert settings.telemetry.liveness_seconds == 10.0
    assert settings.prices.intraday is True
    assert str(settings.ingest.gdelt.since) == "2022-01-05"
    assert settings.screen.countries == {"brent-spot": ("KAZ", "IRN")}


def test_true_fits_no_setting_but_a_switch() -> None:
    """pydantic refuses it as text, path, list and choice; numbers and days are refused here."""
    for key in list_keys(Settings):
        kind = find_type(Settings, key)
        if fit_value(kind, True) is True:
            assert "int" not in str(kind)
            assert "float" not in str(kind)
            assert "datetime.date'" not in str(kind)
        else:
            assert isinstance(fit_value(kind, True), Unfit)


def test_a_time_is_no_day_and_each_item_of_a_list_is_looked_at() -> None:
    midnight = datetime(2022, 1, 5, tzinfo=UTC)
    assert isinstance(fit_value(date, midnight), Unfit)
    assert fit_value(date, midnight.date()) == midnight.date()

    first, second = cast("list[object]", fit_value(tuple[int, ...], [7, True]))
    assert (first, type(second)) == (7, Unfit)
