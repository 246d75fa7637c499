"""Flags over environment over file over defaults, every fault at once, every value with its origin."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, ValidationError

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, WTI_FRONT, PriceLevels, Stage
from brentwatch.core.errors import SettingsError
from brentwatch.settings.composed import Settings
from brentwatch.settings.load import load
from brentwatch.settings.origins import Assignment, Sources

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from brentwatch.core.domain import Instrument

    TomlFile = Callable[[str], Sources]

NOTHING: dict[str, str] = {}
WTI = """
[instruments.wti-spot]
partition = 1
series = "wti-spot"
calendar = "london"
settlement = "14:30"
time_zone = "America/New_York"
roll = "none"
"""


@pytest.fixture(autouse=True)
def _empty_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def toml_file(tmp_path: Path) -> TomlFile:
    def write(text: str) -> Sources:
        path = tmp_path / "desk.toml"
        path.write_text(text, encoding="utf-8")
        return Sources(file=str(path))

    return write


def flags(**chosen: str) -> Sources:
    return Sources(flags=tuple(Assignment(key.replace("__", "."), value) for key, value in chosen.items()))


def faults_of(sources: Sources, environment: dict[str, str] = NOTHING) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(sources, environment)
    return caught.value.faults


def test_without_any_source_everything_is_its_default() -> None:
    loaded = load(Sources(), NOTHING)

    assert loaded.settings == Settings()
    assert loaded.settings.list_instruments() == (replace(BRENT_SPOT, alerts=False), BRENT_FRONT)
    assert {str(shown.origin) for shown in loaded.show_values()} == {"default"}


def test_a_setting_is_taken_from_the_strongest_place(toml_file: TomlFile) -> None:
    file = toml_file('[kafka]\nbootstrap = "file:1"\ntopic_prefix = "file."\ngroup_prefix = "file."')
    both = Sources(file.file, flags(kafka__bootstrap="flag:1").flags)
    environment = {"BRENTWATCH_KAFKA__BOOTSTRAP": "env:1", "BRENTWATCH_KAFKA__TOPIC_PREFIX": "env."}

    kafka = load(both, environment).settings.kafka

    assert (kafka.bootstrap, kafka.topic_prefix, kafka.group_prefix) == ("flag:1", "env.", "file.")


def test_every_value_is_shown_with_the_place_it_came_from(toml_file: TomlFile) -> None:
    file = toml_file('[kafka]\ngroup_prefix = "file."')
    both = Sources(file.file, (Assignment("telemetry.log_level", "debug", "--log-level"),))

    loaded = load(both, {"BRENTWATCH_KAFKA__TOPIC_PREFIX": "env."})

    origins = {shown.key: (shown.value, str(shown.origin)) for shown in loaded.show_values()}
    assert origins["telemetry.log_level"] == ("debug", "flag --log-level")
    assert origins["kafka.topic_prefix"] == ("env.", "environment variable BRENTWATCH_KAFKA__TOPIC_PREFIX")
    assert origins["kafka.group_prefix"] == ("file.", f"file {file.file}")
    assert origins["kafka.bootstrap"] == ("127.0.0.1:9092", "default")


def test_the_last_of_two_flags_for_one_key_counts() -> None:
    twice = Sources(flags=(Assignment("kafka.topic_prefix", "a."), Assignment("kafka.topic_prefix", "b.")))

    assert load(twice, NOTHING).settings.kafka.topic_prefix == "b."


def test_the_file_in_the_working_folder_is_read_where_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "brentwatch.toml").write_text('[kafka]\ntopic_prefix = "here."', encoding="utf-8")

    assert load(Sources(), NOTHING).settings.kafka.topic_prefix == "here."


def test_a_variable_can_name_the_file_and_the_flag_beats_it(tmp_path: Path, toml_file: TomlFile) -> None:
    (tmp_path / "other.toml").write_text('[kafka]\ntopic_prefix = "variable."', encoding="utf-8")
    environment = {"BRENTWATCH_SETTINGS": str(tmp_path / "other.toml")}
    by_flag = toml_file('[kafka]\ntopic_prefix = "flag."')

    assert load(Sources(), environment).settings.kafka.topic_prefix == "variable."
    assert load(by_flag, environment).settings.kafka.topic_prefix == "flag."


def test_every_fault_of_every_place_is_told_at_once_with_its_place(toml_file: TomlFile) -> None:
    file = toml_file("[kafka]\ntopic_prefix = 3\n[instruments.brent-spot]\nalert_level = 0.5\n")
    both = Sources(file.file, (Assignment("telemetry.ports.monitor", "many"),))

    told = faults_of(both, {"BRENTWATCH_TELEMETRY__LOG_LEVEL": "loud"})

    assert set(told) == {
        f"kafka.topic_prefix is 3 (file {file.file}); expected text: correct it in {file.file}",
        "telemetry.ports.monitor is 'many' (flag --set); expected a whole number: correct --set",
        "telemetry.log_level is 'loud' (environment variable BRENTWATCH_TELEMETRY__LOG_LEVEL); "
        "expected one of 'debug', 'info', 'warning' or 'error': "
        "correct BRENTWATCH_TELEMETRY__LOG_LEVEL or unset it",
        f"instruments.brent-spot.alert_level is 0.5 (file {file.file}); expected at most 0.1: "
        f"correct it in {file.file}",
    }


def test_what_the_screen_does_at_its_dead_letter_limit_is_one_of_two(toml_file: TomlFile) -> None:
    assert load(Sources(), NOTHING).settings.screen.dead_letter_limit.action == "continue"
    with pytest.raises(SettingsError) as caught:
        load(toml_file('[screen.dead_letter_limit]\naction = "wait"\n'), NOTHING)
    (fault,) = caught.value.faults
    assert fault.startswith("screen.dead_letter_limit.action is 'wait'")
    assert "expected one of 'continue' or 'stop': " in fault


def test_an_unknown_key_of_a_file_is_a_fault_that_names_the_closest(toml_file: TomlFile) -> None:
    file = toml_file("[instruments.brent-spot]\nalert_levl = 0.01\n[telemetry.port]\nscreen = 1")

    assert set(faults_of(file)) == {
        f"instruments.brent-spot.alert_levl (file {file.file}) is not a setting: "
        "did you mean instruments.brent-spot.alert_level?",
        f"telemetry.port.screen (file {file.file}) is not a setting: did you mean telemetry.ports.screen?",
    }


def test_a_table_where_a_value_is_wanted_and_a_value_where_a_table_is_wanted_are_faults() -> None:
    told = faults_of(flags(telemetry__ports="x", telemetry__log_level__deep="y", kafka__bootstrap="z:1"))

    assert any(line.startswith("telemetry.ports is 'x' (flag --set); expected a table") for line in told)
    assert any(line.startswith("telemetry.log_level is {'deep': 'y'} (flag --set)") for line in told)


def test_text_of_flags_and_variables_is_split_at_commas_where_a_list_is_wanted() -> None:
    environment = {"BRENTWATCH_INSTRUMENTS__BRENT_SPOT__CONTEXT": "wti-spot, brent-front"}

    loaded = load(Sources(), environment)

    assert loaded.settings.instruments["brent-spot"].context == ("wti-spot", "brent-front")


def test_a_bundled_instrument_can_be_changed_in_part() -> None:
    loaded = load(flags(**{"instruments__brent-spot__alert_level": "0.005"}), NOTHING)

    (instrument,) = loaded.settings.list_instruments()
    assert (instrument.alert_level, instrument.series) == (0.005, BRENT_SPOT.series)


def test_price_levels_are_shown_unless_an_instrument_says_otherwise() -> None:
    loaded = load(flags(**{"instruments__brent-spot__price_levels": "derived-only"}), NOTHING)
    default = load(Sources(), {}).settings.list_instruments()

    assert [each.price_levels for each in loaded.settings.list_instruments()] == [PriceLevels.DERIVED_ONLY]
    assert {each.price_levels for each in default} == {PriceLevels.SHOWN}
    with pytest.raises(SettingsError, match=r"price_levels is 'hidden'.*'shown' or 'derived-only'"):
        load(flags(**{"instruments__brent-spot__price_levels": "hidden"}), NOTHING)


@pytest.mark.parametrize("built_in", [BRENT_SPOT, BRENT_FRONT], ids=["spot", "front"])
def test_one_that_is_named_keeps_its_partition_and_alerts(built_in: Instrument) -> None:
    """Naming it replaces the default instruments; whoever has named instruments alerts on each."""
    loaded = load(flags(**{f"instruments__{built_in.name}__alerts": "true"}), NOTHING)

    assert loaded.settings.list_instruments() == (built_in,)


def test_an_added_instrument_opens_no_alerts_unless_it_is_asked_to(toml_file: TomlFile) -> None:
    added = """
[instruments.brent-front]
alerts = true

[instruments.wti-front]
title = "WTI"

[instruments.dubai]
partition = 3
series = "dubai-assessed"
calendar = "london"
settlement = "16:30"
time_zone = "Asia/Singapore"
roll = "none"
"""
    front, wti, dubai = load(toml_file(added), NOTHING).settings.list_instruments()
    asked = added.replace('title = "WTI"', "alerts = true")
    (_, loud, _) = load(toml_file(asked), NOTHING).settings.list_instruments()

    assert (front, wti) == (BRENT_FRONT, replace(WTI_FRONT, title="WTI"))
    assert [each.alerts for each in (front, wti, dubai)] == [True, False, False]
    assert loud == replace(WTI_FRONT, alerts=True)


def test_an_installation_that_described_brent_front_keeps_the_tests_that_it_asked_for(
    toml_file: TomlFile,
) -> None:
    """No tests within the session come to it by a default of the instrument of the same name."""
    told = FRONT.replace("intraday = true", 'calendar = "globex"').replace("partition = 1", "partition = 4")
    (front,) = load(toml_file(told), NOTHING).settings.list_instruments()

    assert (front.partition, front.intraday, front.alert_level, front.alerts) == (4, None, 0.01, True)


def test_instruments_are_those_that_are_named(toml_file: TomlFile) -> None:
    (instrument,) = load(toml_file(WTI), NOTHING).settings.list_instruments()

    assert (instrument.name, instrument.partition, instrument.series.settlement) == (
        "wti-spot",
        1,
        time(14, 30),
    )
    assert (instrument.series.time_zone, instrument.alert_level) == ("America/New_York", 0.01)


def test_two_instruments_on_one_partition_are_a_fault_beside_the_others(toml_file: TomlFile) -> None:
    text = WTI.replace("partition = 1", "partition = 0").replace("America/New_York", "America/Newyork")
    file = toml_file(text + '\n[instruments.brent-spot]\ntitle = "Brent"')

    told = faults_of(file)

    assert (
        f"instruments.brent-spot.partition (default) and instruments.wti-spot.partition (file {file.file}) "
        "are all 0; expected a different partition for each instrument: change all but one of them"
    ) in told
    assert any("time_zone is 'America/Newyork'" in line for line in told)
    assert len(told) == 2


def test_two_instruments_on_one_partition_are_refused_without_a_file_too() -> None:
    brent = Settings().instruments["brent-spot"]

    with pytest.raises(ValidationError, match="a different partition for each instrument"):
        Settings(instruments={"one": brent, "two": brent})


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('calendar = "mars"', "expected one of the calendars globex, ice, london: "),
        ('time_zone = "Mars/Olympus"', "the name of a time zone, such as Europe/London: "),
        ("settlement = 1630", 'expected a time of day without a zone, such as "16:30": '),
        ('settlement = "16:30Z"', 'expected a time of day without a zone, such as "16:30": '),
        ('settlement = "25:30"', "; expected "),
        ("alert_level = 0", "more than 0"),
        ("alert_level = nan", "expected a finite number: "),
        ("partition = -1", "expected at least 0: "),
        ("partition = 1.5", "expected a whole number: "),
        ('intraday_calibration = "record.csv"', "intraday = true as well, or no record: "),
        ("intraday = true", "a series with 5-minute bars, brent-front or wti-front: "),
    ],
)
def test_an_instrument_that_cannot_work_is_a_fault(toml_file: TomlFile, line: str, sentence: str) -> None:
    (told,) = faults_of(toml_file(f"[instruments.brent-spot]\n{line}"))

    assert told.startswith(f"instruments.brent-spot.{line.split()[0]} is ")
    assert sentence in told


@pytest.mark.parametrize(
    ("section", "stages", "sentence"),
    [
        (
            "slack",
            '["intraday", "settlement"]',
            '"re-open", "within" and "provisional" in place of "intraday": correct it in',
        ),
        (
            "pagerduty",
            '["heads-up", "re-open"]',
            "stages without heads-up (a heads-up has no price test, so it pages nobody): ",
        ),
    ],
)
def test_a_stage_that_a_channel_does_not_take_is_a_fault(
    toml_file: TomlFile, section: str, stages: str, sentence: str
) -> None:
    (told,) = faults_of(toml_file(f"[notify.{section}]\nstages = {stages}"))

    assert told.startswith(f"notify.{section}.stages is [")
    assert sentence in told


def test_heads_ups_go_to_the_terminal_and_the_file_unless_a_channel_names_them(toml_file: TomlFile) -> None:
    file = toml_file(
        '[notify.slack]\nstages = ["heads-up", "settlement"]\n[notify.jsonl]\nstages = ["final"]'
    )
    notify = load(file, NOTHING).settings.notify

    assert notify.terminal.stages == tuple(Stage)
    assert notify.email.stages == tuple(Stage)[1:]
    assert notify.slack.stages == (Stage.HEADS_UP, Stage.SETTLEMENT)
    assert notify.jsonl.stages == (Stage.FINAL,)


FRONT = """
[instruments.brent-front]
partition = 1
series = "brent-front"
settlement = "14:30"
time_zone = "America/New_York"
intraday = true
"""


@pytest.mark.parametrize("roll", ["", "wti"], ids=["not set", "unknown"])
def test_a_series_that_an_installation_names_itself_says_how_it_rolls(toml_file: TomlFile, roll: str) -> None:
    """Nobody else knows that it is a future, and each expiry would raise an alert."""
    (told,) = faults_of(toml_file(WTI.replace('roll = "none"', f'roll = "{roll}"' if roll else "")))

    assert told.startswith(f"instruments.wti-spot.roll is {repr(roll) if roll else 'not set'}")
    assert "brent (ICE Brent, NYMEX BZ), cl (NYMEX WTI) or none (a spot price" in told


@pytest.mark.parametrize("roll", ["brent", "cl", "none"])
def test_each_roll_rule_can_be_named(toml_file: TomlFile, roll: str) -> None:
    (wti,) = load(toml_file(WTI.replace("none", roll)), NOTHING).settings.list_instruments()
    assert wti.series.roll == roll


def test_series_that_are_built_in_declare_their_roll(toml_file: TomlFile) -> None:
    spot, _ = load(Sources(), NOTHING).settings.list_instruments()
    (front,) = load(toml_file(f'{FRONT}calendar = "globex"'), NOTHING).settings.list_instruments()
    assert (spot.series.roll, front.series.roll) == ("none", "brent")


def test_bars_of_five_minutes_take_their_share_of_the_error_that_is_accepted(toml_file: TomlFile) -> None:
    (front,) = load(toml_file(f'{FRONT}calendar = "globex"')).settings.list_instruments()
    assert (front.intraday, front.alert_level) == (front.series.five_minutes, 0.006)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ('calendar = "london"', "a calendar with trading hours, globex or ice: "),
        (
            'calendar = "globex"\nalert_level = 0.004',
            "an alert_level above 0.004, which the intraday tests take: ",
        ),
    ],
)
def test_bars_of_five_minutes_without_hours_or_error_to_share_are_a_fault(
    toml_file: TomlFile, lines: str, sentence: str
) -> None:
    (told,) = faults_of(toml_file(FRONT + lines))
    assert sentence in told


def test_an_instrument_without_what_has_no_default_is_a_fault() -> None:
    told = faults_of(flags(instruments__wti__partition="1"))

    assert [line.partition(" is not set; it has no default")[0] for line in told] == [
        f"instruments.wti.{name}" for name in ("series", "calendar", "settlement", "time_zone")
    ]


def test_a_name_that_no_variable_could_spell_is_refused(toml_file: TomlFile) -> None:
    told = faults_of(toml_file(WTI.replace("wti-spot]", '"WTI spot"]')))

    assert told[0].startswith("instruments.WTI spot is 'WTI spot'")


def test_a_file_that_is_not_there_says_who_named_it(tmp_path: Path) -> None:
    assert faults_of(Sources(file="none.toml"))[0].startswith(
        "the settings file none.toml (named by --settings) cannot be read: No such file or directory"
    )
    environment = {"BRENTWATCH_SETTINGS": str(tmp_path)}
    assert (
        "(named by BRENTWATCH_SETTINGS) cannot be read: Is a directory"
        in faults_of(Sources(), environment)[0]
    )


def test_a_file_that_is_not_toml_says_where(toml_file: TomlFile) -> None:
    (told,) = faults_of(toml_file("[kafka\n"))

    assert "is not TOML" in told
    assert "line 1" in told


def test_options_for_a_child_process_say_the_same() -> None:
    sources = Sources("desk.toml", (Assignment("telemetry.log_level", "debug", "--log-level"),))

    assert sources.build_arguments() == ["--settings", "desk.toml", "--set", "telemetry.log_level=debug"]


def sections(model: type[BaseModel]) -> list[type[BaseModel]]:
    below = [field.annotation for field in model.model_fields.values()]
    found = [kind for kind in below if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return [model, *(section for kind in found for section in sections(kind))]


@pytest.mark.parametrize("section", sections(Settings), ids=lambda section: section.__name__)
def test_every_section_is_frozen_and_knows_its_keys(section: type[BaseModel]) -> None:
    assert section.model_config.get("frozen") is True
    assert section.model_config.get("extra") == "forbid"


def test_a_setting_in_upper_case_is_refused_with_its_spelling() -> None:
    flags = (Assignment("KAFKA.SECURITY.PASSWORD", "hunter2"),)
    with pytest.raises(SettingsError) as caught:
        load(Sources(flags=flags), {})

    assert str(caught.value).endswith("is not a setting: did you mean kafka.security.password?")
