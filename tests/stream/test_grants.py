"""The table of ACLs says who does what, in words that Kafka knows, and each thing once."""

from __future__ import annotations

import tomllib
from importlib import import_module
from typing import Any, get_type_hints

import pytest

from brentwatch.commands.run import SERVICES
from brentwatch.notify.service import FOLD_GROUP
from brentwatch.stream import Job, JobGroup, KafkaSettings, Poller, load_topics
from brentwatch.stream.grants import Grant, load_grants
from brentwatch.wire import json_schemas

OPERATIONS = {
    "Topic": {"Read", "Write", "Create", "Describe", "Alter", "DescribeConfigs", "AlterConfigs"},
    "Group": {"Read", "Describe", "Delete"},
    "TransactionalId": {"Write", "Describe"},
}
IMPLIED = {
    "Describe": {"Read", "Write", "Delete", "Alter"},
    "DescribeConfigs": {"AlterConfigs"},
}
TABLE: dict[str, Any] = tomllib.loads(
    (json_schemas.find_folder() / "topics.toml").read_text(encoding="utf-8")
)
ROWS = [
    (service, resource, name, operations)
    for service, resources in TABLE["acls"].items()
    for resource, rows in resources.items()
    for name, operations in rows.items()
]


@pytest.mark.parametrize(("service", "resource", "name", "operations"), ROWS)
def test_a_row_is_in_words_of_kafka_and_says_nothing_twice(
    service: str, resource: str, name: str, operations: list[str]
) -> None:
    assert set(operations) <= OPERATIONS[resource]
    assert sorted(operations) == sorted(set(operations))
    said_already = {implied for implied, by in IMPLIED.items() if by & set(operations)}
    assert said_already & set(operations) == set()
    known = TABLE["topics"].keys() if resource == "Topic" else {*SERVICES, FOLD_GROUP}
    assert name in known


def test_every_service_and_every_command_that_asks_kafka_has_its_rows() -> None:
    assert list(TABLE["acls"]) == [
        *SERVICES,
        "alerts",
        "dead",
        "backup",
        "events",
        "feed",
        "replay",
        "doctor",
        "topics",
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_use_the_topics_that_it_checks_and_its_own_group(service: str) -> None:
    checked = set(import_module(SERVICES[service]).TOPICS)
    rows = TABLE["acls"][service]
    assert set(rows["Topic"]) == checked
    groups = {Job: [service], JobGroup: [service, FOLD_GROUP], Poller: []}
    own = groups[get_type_hints(import_module(SERVICES[service]).prepare)["return"]]
    assert rows.get("Group", {}) == {group: ["Read"] for group in own}


def test_names_have_the_prefixes_and_ids_of_transactions_begin_with_the_group() -> None:
    demo = load_grants(KafkaSettings(topic_prefix="demo.", group_prefix="desk."))
    assert Grant(resource="Topic", name="demo.impact.alerts", operations=("Write",)) in demo["monitor"]
    assert Grant(resource="Group", name="desk.demo.notify", operations=("Read",)) in demo["notify"]
    transactional = Grant(
        resource="TransactionalId", name="desk.demo.monitor", operations=("Write",), prefixed=True
    )
    assert [grant for grant in demo["monitor"] if grant.prefixed] == [transactional]


def test_every_topic_has_somebody_who_may_use_it() -> None:
    named = {
        grant.name
        for rows in load_grants(KafkaSettings()).values()
        for grant in rows
        if grant.resource == "Topic"
    }
    assert named == load_topics(KafkaSettings(), [0]).keys()
