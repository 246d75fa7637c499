"""The file of topics says what the services need, and nothing that is not there."""

from __future__ import annotations

import tomllib

import pytest

from brentwatch.stream import topics as named
from brentwatch.stream.dead_letters import INPUT_LIMIT, LETTER_LIMIT
from brentwatch.stream.settings import KafkaSettings
from brentwatch.stream.topics import Topic, topics
from brentwatch.wire import json_schemas

READ = [named.EVENTS, named.TIMELINE, named.ALERTS]


@pytest.fixture
def demo() -> dict[str, Topic]:
    return topics(KafkaSettings(topic_prefix="demo."), [0, 3])


def test_every_topic_of_the_code_is_in_the_file_and_the_other_way_round(demo: dict[str, Topic]) -> None:
    assert set(demo) == {
        named.EVENTS,
        named.DEAD,
        named.DEAD_NOTES,
        named.TIMELINE,
        named.STATE,
        named.STUDIES,
        named.ALERTS,
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
    document = tomllib.loads((json_schemas.folder() / "topics.toml").read_text(encoding="utf-8"))
    wanted = {table["schema"] for table in document["topics"].values() if "schema" in table}
    assert wanted - set(json_schemas.names()) == set()
