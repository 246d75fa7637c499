"""Reads the topics from `schemas/topics.toml`, compares them with a broker, creates and checks them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from brentwatch.core.errors import SettingsError
from brentwatch.stream.settings import PLAIN, CommandLine, KafkaSettings
from brentwatch.wire.json_schemas import find_folder

if TYPE_CHECKING:
    from brentwatch.stream.clients.admin import Admin

EVENTS = "unrest.events"
DEAD = "unrest.events.dead"
DEAD_NOTES = "unrest.events.dead.notes"
TIMELINE = "impact.timeline"
VOIDED = "impact.timeline.voided"
STATE = "impact.state"
STUDIES = "impact.studies"
ALERTS = "impact.alerts"
CANARIES = "impact.canary"
DELIVERIES = "impact.deliveries"
DELIVERIES_STATE = "impact.deliveries.state"

_BY_INSTRUMENT = "instruments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic of an installation.

    `name` includes the prefix. `by_instrument` means that each partition is addressed by its number: more of
    them do no harm and can be added; elsewhere the key decides, and another number would break the order.
    """

    name: str
    partitions: int
    by_instrument: bool
    summary: str
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Create:
    """The topic does not exist."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class Grow:
    """The topic has too few partitions, and may have more."""

    topic: Topic
    actual: int


@dataclass(frozen=True, slots=True)
class Configure:
    """Some values differ from the file: name to (actual, expected)."""

    topic: Topic
    changes: Mapping[str, tuple[str, str]]


Step = Create | Grow | Configure


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """The steps to take, and a sentence for each fault that only the operator can repair."""

    steps: tuple[Step, ...] = ()
    faults: tuple[str, ...] = ()


def load_topics(settings: KafkaSettings, instrument_partitions: Iterable[int]) -> dict[str, Topic]:
    """Every topic of an installation, by its name without the prefix.

    `instrument_partitions` are the partitions that the instruments of the settings have on the timeline.
    """
    document = tomllib.loads((find_folder() / "topics.toml").read_text(encoding="utf-8"))
    highest = max(instrument_partitions, default=0)
    return {
        name: _build_topic(settings.topic(name), table, highest) for name, table in document["topics"].items()
    }


def _build_topic(name: str, table: Mapping[str, Any], highest: int) -> Topic:
    by_instrument = table["partitions"] == _BY_INSTRUMENT
    return Topic(
        name=name,
        partitions=highest + 1 if by_instrument else int(table["partitions"]),
        by_instrument=by_instrument,
        summary=table["summary"],
        config=table["config"],
    )


def plan(wanted: Sequence[Topic], admin: Admin, command: CommandLine = PLAIN) -> TopicPlan:
    """Compare topics with the broker; `command` is the one that faults name remedies like.

    Raises:
        Unavailable: if the broker does not answer.
    """
    counts = admin.count_partitions(topic.name for topic in wanted)
    configs = admin.read_configs(sorted(counts))
    counted = _count(wanted, counts, command)
    changed = [(topic, _find_changes(topic, configs.get(topic.name, topic.config))) for topic in wanted]
    configured = [Configure(topic, changes) for topic, changes in changed if changes]
    return TopicPlan((*counted.steps, *configured), counted.faults)


def _count(wanted: Sequence[Topic], counts: Mapping[str, int], command: CommandLine) -> TopicPlan:
    steps: list[Step] = []
    faults: list[str] = []
    for topic in wanted:
        match counts.get(topic.name):
            case None:
                steps.append(Create(topic))
            case int(actual) if topic.by_instrument and actual < topic.partitions:
                steps.append(Grow(topic, actual))
            case int(actual) if not topic.by_instrument and actual != topic.partitions:
                faults.append(_describe_wrong_count(topic, actual, command))
    return TopicPlan(tuple(steps), tuple(faults))


def _find_changes(topic: Topic, actual: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {
        name: (actual.get(name, "unset"), value)
        for name, value in topic.config.items()
        if actual.get(name) != value
    }


def _describe_wrong_count(topic: Topic, actual: int, command: CommandLine) -> str:
    return (
        f"topic {topic.name} has {format_count(actual)}; expected {topic.partitions}, because the key "
        "of a record decides its partition. To keep the topic and start a new installation, set another "
        "kafka.topic_prefix. To delete the topic with all its records and create it again, run: "
        f"{command.format_other('topics', 'create', '--replace', topic.name)}"
    )


def format_count(partitions: int) -> str:
    """A number of partitions, in words."""
    return "1 partition" if partitions == 1 else f"{partitions} partitions"


def apply(steps: Iterable[Step], admin: Admin) -> None:
    """Do the steps of a plan.

    Raises:
        Unavailable: if the broker refuses one, or does not answer.
    """
    for step in steps:
        match step:
            case Create(topic):
                admin.create(topic.name, topic.partitions, topic.config)
            case Grow(topic):
                admin.grow(topic.name, topic.partitions)
            case Configure(topic, changes):
                admin.configure(topic.name, {name: value for name, (_, value) in changes.items()})


def verify_topics(wanted: Sequence[Topic], admin: Admin, command: CommandLine = PLAIN) -> None:
    """Make sure that a service finds its topics.

    It asks for nothing that a service need not be allowed to see.

    Raises:
        SettingsError: if topics are missing or have a wrong number of partitions, all of them at once.
        Unavailable: if the broker does not answer.
    """
    found = _count(wanted, admin.count_partitions(topic.name for topic in wanted), command)
    faults = [sentence for step in found.steps if (sentence := _describe_hindrance(step, command))]
    if faults or found.faults:
        raise SettingsError(*faults, *found.faults)


def _describe_hindrance(step: Step, command: CommandLine) -> str:
    match step:
        case Create(topic):
            was = f"topic {topic.name} does not exist; expected it with {format_count(topic.partitions)}"
        case Grow(topic, actual):
            was = (
                f"topic {topic.name} has {format_count(actual)}; expected {topic.partitions} for the "
                "instruments"
            )
        case Configure():
            return ""
    return f"{was}. Run: {command.format_other('topics', 'create')}"


_LOSES_RECORDS = ("cleanup.policy", "retention.ms", "retention.bytes")
_TIMESTAMPS = "message.timestamp.type"
_FOR_EVER = "-1"
_UNREADABLE = ("snappy",)
"""Codecs that our readers do not have."""


@dataclass(frozen=True, slots=True)
class Looked:
    """The result of a check of the configuration of topics: whether all could be read, and the warnings."""

    whole: bool
    warnings: tuple[str, ...]


def verify_configuration(wanted: Sequence[Topic], admin: Admin, command: CommandLine = PLAIN) -> Looked:
    """Make sure that the topics of a service keep what it relies on.

    What the operator may choose, such as how long events are kept, is left alone.

    Raises:
        SettingsError: if the cleanup policy or the retention of one would lose records.
        Unavailable: if the broker does not answer.
    """
    configs = admin.read_visible_configs([topic.name for topic in wanted])
    differences = {
        (topic.name, key): change
        for topic in wanted
        for key, change in _find_changes(topic, configs.get(topic.name, topic.config)).items()
    }
    remedy = f"Run: {command.format_other('topics', 'create')}"
    said = {
        (name, key): f"topic {name}: {key} is {actual}, expected {expected}{_explain(key)}. {remedy}"
        for (name, key), (actual, expected) in differences.items()
    }
    if faults := [said[place] for place, change in differences.items() if _is_harmful(place[1], *change)]:
        raise SettingsError(*faults)
    return Looked(
        all(topic.name in configs for topic in wanted),
        tuple(sentence for (_, key), sentence in said.items() if key == _TIMESTAMPS),
    )


def _is_harmful(key: str, actual: str, expected: str) -> bool:
    match key:
        case "cleanup.policy":
            return True
        case "retention.ms" | "retention.bytes":
            return expected == _FOR_EVER
        case "compression.type":
            return actual in _UNREADABLE
    return False


def _explain(key: str) -> str:
    if key == _TIMESTAMPS:
        return ": a producer could name any time of writing"
    return ": records would be lost" if key in _LOSES_RECORDS else ", which our readers can decompress"


def is_compacted(settings: KafkaSettings, topic: str) -> bool:
    """True where the broker shows us that a topic is compacted.

    Raises:
        Unavailable: if the broker does not answer.
    """
    from contextlib import closing

    from brentwatch.stream.clients.admin import Admin

    with closing(Admin(settings)) as admin:
        shown = admin.read_visible_configs([topic]).get(topic, {})
    return "compact" in shown.get("cleanup.policy", "")
