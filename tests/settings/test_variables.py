"""A variable that is like no setting is ignored with one warning; a misspelt setting is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.settings.composed import Settings
from brentwatch.settings.fields import list_keys
from brentwatch.settings.load import load
from brentwatch.settings.origins import FILE_VARIABLE, Sources, name_variable
from brentwatch.settings.variables import is_of_kubernetes

if TYPE_CHECKING:
    from pathlib import Path

OF_KUBERNETES = {
    "BRENTWATCH_SERVICE_HOST": "10.0.0.1",
    "BRENTWATCH_SERVICE_PORT": "9470",
    "BRENTWATCH_SERVICE_PORT_METRICS": "9470",
    "BRENTWATCH_PORT": "tcp://10.0.0.1:9470",
    "BRENTWATCH_PORT_9470_TCP": "tcp://10.0.0.1:9470",
    "BRENTWATCH_PORT_9470_TCP_PROTO": "tcp",
    "BRENTWATCH_PORT_9470_TCP_PORT": "9470",
    "BRENTWATCH_PORT_9470_TCP_ADDR": "10.0.0.1",
    "BRENTWATCH_MONITOR_PORT": "tcp://10.0.0.2:9472",
    "BRENTWATCH_MONITOR_SERVICE_HOST": "10.0.0.2",
    "BRENTWATCH_SCREEN_SERVICE_PORT": "9471",
    "BRENTWATCH_TELEMETRY_PORT": "udp://[fd00::1]:9471",
    "BRENTWATCH_SETTINGS_PORT": "tcp://10.0.0.3:80",
    # A cluster of Strimzi that is called brentwatch has the service brentwatch-kafka-bootstrap.
    "BRENTWATCH_KAFKA_BOOTSTRAP_SERVICE_HOST": "10.0.0.4",
    "BRENTWATCH_KAFKA_BOOTSTRAP_PORT": "tcp://10.0.0.4:9092",
    "BRENTWATCH_KAFKA_BOOTSTRAP_PORT_9092_TCP": "tcp://10.0.0.4:9092",
    "BRENTWATCH_KAFKA_BOOTSTRAP_SERVICE_PORT_TCP_CLIENTS": "9092",
}


@pytest.fixture(autouse=True)
def _empty_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_kubernetes_puts_into_a_pod_is_ignored_with_one_warning() -> None:
    warnings: list[str] = []

    loaded = load(Sources(warn=warnings.append), OF_KUBERNETES)

    assert loaded.settings == Settings()
    (warning,) = warnings
    assert all(name in warning for name in OF_KUBERNETES)
    assert "\n" not in warning
    assert "10.0.0" not in warning


def test_settings_still_count_beside_them() -> None:
    environment = OF_KUBERNETES | {"BRENTWATCH_KAFKA__BOOTSTRAP": "kafka:9092"}

    assert load(Sources(), environment).settings.kafka.bootstrap == "kafka:9092"


def test_without_such_a_variable_nothing_is_said() -> None:
    warnings: list[str] = []

    load(Sources(warn=warnings.append), {"BRENTWATCH_KAFKA__TOPIC_PREFIX": "a.", "OTHER_KAFKA__TOPIC": "b"})

    assert warnings == []


def test_no_setting_has_a_name_that_kubernetes_could_give_a_variable() -> None:
    names = [FILE_VARIABLE, *(name_variable(key) for key in list_keys(Settings))]

    assert [name for name in names if is_of_kubernetes(name, "tcp://10.0.0.1:80")] == []


@pytest.mark.parametrize(
    "name", ["WEATHER", "VERSION", "HOME", "IMAGE_TAG", "RELEASE_NAME", "SCREEN_IMAGE", "ENV", "FOO__BAR", ""]
)
def test_a_variable_that_is_like_no_setting_is_ignored(name: str) -> None:
    warnings: list[str] = []

    load(Sources(warn=warnings.append), {f"BRENTWATCH_{name}": "x"})

    assert len(warnings) == 1


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("BRENTWATCH_KAFKA__BOOTSTARP", "BRENTWATCH_KAFKA__BOOTSTRAP"),
        ("BRENTWATCH_KAFAK__BOOTSTRAP", "BRENTWATCH_KAFKA__BOOTSTRAP"),
        ("BRENTWATCH_KAFKA_BOOTSTRAP", "BRENTWATCH_KAFKA__BOOTSTRAP"),
        ("BRENTWATCH__KAFKA__BOOTSTRAP", "BRENTWATCH_KAFKA__BOOTSTRAP"),
        ("BRENTWATCH_BOOTSTRAP", "BRENTWATCH_KAFKA__BOOTSTRAP"),
        ("BRENTWATCH_LOG_LEVEL", "BRENTWATCH_TELEMETRY__LOG_LEVEL"),
        ("BRENTWATCH_LOGLEVEL", "BRENTWATCH_TELEMETRY__LOG_LEVEL"),
        ("BRENTWATCH_KAFKA_PASSWORD", "BRENTWATCH_KAFKA__SECURITY__PASSWORD"),
        (
            "BRENTWATCH_INSTRUMENTS_BRENT_SPOT_PARTITION",
            "BRENTWATCH_INSTRUMENTS__BRENT_SPOT__PARTITION",
        ),
        ("BRENTWATCH_SETTING", "BRENTWATCH_SETTINGS"),
        ("BRENTWATCH_SETTINGS_FILE", "BRENTWATCH_SETTINGS"),
        ("brentwatch_kafka__bootstrap", "BRENTWATCH_KAFKA__BOOTSTRAP"),
        ("BRENTWATCH_kafka__bootstrap", "BRENTWATCH_KAFKA__BOOTSTRAP"),
        ("brentwatch_settings", "BRENTWATCH_SETTINGS"),
        ("BRENTWACH_KAFKA__BOOTSTRAP", "BRENTWATCH_KAFKA__BOOTSTRAP"),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_one_that_was_meant(name: str, meant: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(Sources(), {name: "a:1"})

    assert caught.value.faults == (f"environment variable {name} is not a setting: did you mean {meant}?",)


def test_an_unknown_setting_of_a_section_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        load(Sources(), {"BRENTWATCH_KAFKA__NONSENSE": "x"})

    assert caught.value.faults == (
        "environment variable BRENTWATCH_KAFKA__NONSENSE is not a setting: "
        "remove it; `brentwatch config show` lists all settings",
    )
