"""The file of topics says what the services need, and nothing that is not there."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, cast

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.stream import KafkaSettings, load_topics
from brentwatch.stream import topics as named
from brentwatch.stream.records import INPUT_LIMIT, LETTER_LIMIT
from brentwatch.stream.topics import Topic, verify_configuration
from brentwatch.wire import json_schemas

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from brentwatch.stream.clients.admin import Admin

READ = [named.EVENTS, named.TIMELINE, named.ALERTS]


@pytest.fixture
def demo() -> dict[str, Topic]:
    return load_topics(KafkaSettings(topic_prefix="demo."), [0, 3])


def test_every_topic_of_the_code_is_in_the_file_and_the_other_way_round(demo: dict[str, Topic]) -> None:
    assert set(demo) == {
        named.EVENTS,
        named.DEAD,
        named.DEAD_NOTES,
        named.TIMELINE,
        named.VOIDED,
        named.STATE,
        named.STUDIES,
        named.ALERTS,
        named.CANARIES,
        named.DELIVERIES,
        named.DELIVERIES_STATE,
    }


def test_names_have_the_prefix(demo: dict[str, Topic]) -> None:
    assert {name: topic.name for name, topic in demo.items()} == {name: f"demo.{name}" for name in demo}


@pytest.mark.parametrize("name", [named.TIMELINE, named.STATE])
def test_each_instrument_up_to_the_highest_has_its_partition(demo: dict[str, Topic], name: str) -> None:
    assert demo[name].partitions == 4
    assert [each for each, topic in demo.items() if topic.by_instrument] == [named.TIMELINE, named.STATE]


def test_of_the_state_the_newest_value_of_a_key_is_kept(demo: dict[str, Topic]) -> None:
    assert demo[named.STATE].config["cleanup.policy"] == "compact"


def test_events_have_twelve_partitions(demo: dict[str, Topic]) -> None:
    assert demo[named.EVENTS].partitions == 12


def test_the_timeline_is_kept_for_ever(demo: dict[str, Topic]) -> None:
    config = demo[named.TIMELINE].config
    assert (config["cleanup.policy"], config["retention.ms"], config["retention.bytes"]) == (
        "delete",
        "-1",
        "-1",
    )


def test_a_dead_letter_of_the_largest_record_fits_into_its_topic(demo: dict[str, Topic]) -> None:
    assert {int(demo[name].config["max.message.bytes"]) for name in READ} == {INPUT_LIMIT}
    assert int(demo[named.DEAD].config["max.message.bytes"]) == LETTER_LIMIT


def test_every_schema_that_is_named_exists() -> None:
    document = tomllib.loads((json_schemas.find_folder() / "topics.toml").read_text(encoding="utf-8"))
    wanted = {table["schema"] for table in document["topics"].values() if "schema" in table}
    assert wanted - set(json_schemas.list_names()) == set()


class Shows:
    """A broker that shows these configurations, and of other topics none."""

    def __init__(self, configs: Mapping[str, Mapping[str, str]]) -> None:
        self._configs = configs

    def read_visible_configs(self, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        return {name: self._configs[name] for name in names if name in self._configs}


def is_shown(topic: Topic, **changes: str) -> bool:
    """Verifies one topic whose configuration on the broker differs by `changes`."""
    changed = {name.replace("_", "."): value for name, value in changes.items()}
    shown = cast("Admin", Shows({topic.name: {**topic.config, **changed}}))
    return verify_configuration([topic], shown).whole


@pytest.mark.parametrize(
    ("name", "key", "value", "told"),
    [
        (named.STATE, "cleanup_policy", "delete", "is delete, expected compact: records would be lost"),
        (named.STATE, "cleanup_policy", "compact,delete", "is compact,delete, expected compact: records"),
        (named.TIMELINE, "cleanup_policy", "compact", "is compact, expected delete: records would be lost"),
        (named.TIMELINE, "retention_ms", "604800000", "is 604800000, expected -1: records would be lost"),
        (named.TIMELINE, "retention_bytes", "1", "is 1, expected -1: records would be lost"),
        (named.EVENTS, "compression_type", "snappy", "is snappy, expected .*, which our readers can"),
    ],
)
def test_a_configuration_that_would_lose_records_is_refused_with_the_command(
    demo: dict[str, Topic], name: str, key: str, value: str, told: str
) -> None:
    with pytest.raises(
        SettingsError, match=rf"{key.replace('_', '.')} {told}.*Run: brentwatch topics create"
    ):
        is_shown(demo[name], **{key: value})


@pytest.mark.parametrize("change", [{"retention_ms": "86400000"}, {"compression_type": "gzip"}])
def test_what_the_operator_may_choose_is_left_alone(demo: dict[str, Topic], change: dict[str, str]) -> None:
    assert is_shown(demo[named.EVENTS], **change)


def test_a_configuration_that_nobody_shows_us_is_not_called_verified(demo: dict[str, Topic]) -> None:
    assert not verify_configuration(list(demo.values()), cast("Admin", Shows({}))).whole
