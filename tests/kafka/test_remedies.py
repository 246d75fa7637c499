"""Every stop of a service: the command that it prints is run as printed, and the service comes up."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from kafka import OffsetAndMetadata, TopicPartition
from tests.kafka.patience import await_true
from tests.kafka.programs import ALL_WELL, brentwatch, create_topics, member, options, service
from tests.kafka.tools import committed, make_topic, members, process, values, write, write_values

from brentwatch import cli
from brentwatch.history.folder import find_history
from brentwatch.stream import ALERTS, EVENTS, STATE, STUDIES, TIMELINE, Outgoing, load_topics
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.connection import ask_until_ready
from brentwatch.stream.topics import apply, plan
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

SIGNALS = [encode_signal(signal) for signal in find_history("abqaiq-2019").signals[-600:]]
LOST = 2


@pytest.fixture
def installation(settings: KafkaSettings) -> KafkaSettings:
    """The topics, and a timeline."""
    with closing(Admin(settings)) as admin:
        apply(plan(list(load_topics(settings, [0]).values()), admin).steps, admin)
    write_values(settings, settings.topic(TIMELINE), *SIGNALS)
    return settings


def stop_of(settings: KafkaSettings, capfd: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command says that ends with exit code 3."""
    capfd.readouterr()
    assert cli.main([*words, *options(settings)]) == 3
    return capfd.readouterr().err


def command_in(told: str) -> list[str]:
    """The words of the one command that is named."""
    (command,) = re.findall(r"^brentwatch: .* [Rr]un: (brentwatch .*)$", told, re.MULTILINE)
    return shlex.split(command)[1:]


@contextmanager
def come_up(
    settings: KafkaSettings, words: list[str], count: int = len(SIGNALS), name: str = "monitor"
) -> Iterator[None]:
    """A service, started by these words, once it has answered so many records of partition 0."""
    with process("-m", "brentwatch", *words) as running:
        await_true(
            lambda: running.poll() is not None or committed(settings, settings.group(name)).get(0) == count,
            "it has come up",
        )
        assert running.poll() is None
        yield
        running.terminate()
        running.wait(30)


def move_group(settings: KafkaSettings, offset: int, name: str = "monitor", topic: str = TIMELINE) -> None:
    with closing(Admin(settings)) as admin:
        places = {TopicPartition(settings.topic(topic), 0): OffsetAndMetadata(offset)}
        group = settings.group(name)
        moved = lambda: admin._client.alter_group_offsets(group, places)  # noqa: E731
        ask_until_ready(settings, "moving a group", moved)


def delete_before(settings: KafkaSettings, offset: int, topic: str = TIMELINE) -> None:
    with closing(Admin(settings)) as admin:
        admin._client.delete_records({TopicPartition(settings.topic(topic), 0): offset})


def flagged(settings: KafkaSettings, *names: str) -> set[bool]:
    """Whether studies and alerts carry the flag."""
    documents = [
        json.loads(value or b"") for name in names for value in values(settings, settings.topic(name))
    ]
    return {"partial_history" in document["flags"] for document in documents}


def test_a_timeline_without_its_beginning_is_refused_and_each_way_out_works(
    installation: KafkaSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    settings, timeline = installation, installation.topic(TIMELINE)
    delete_before(settings, LOST)

    told = stop_of(settings, capfd, "run", "monitor")
    missing = f"offsets 0 to 1 were deleted, {LOST} records are missing, and the oldest remaining record is"
    assert f"partition 0 of {timeline}" in told
    assert missing in told
    with come_up(settings, command_in(told)):
        assert flagged(settings, STUDIES, ALERTS) == {True}

    move_group(settings, 5)
    told = stop_of(settings, capfd, "run", "monitor")
    assert f"is at offset {len(SIGNALS)} of partition 0 of {timeline}" in told
    published = len(values(settings, settings.topic(STUDIES)))
    with come_up(settings, command_in(told)):
        assert len(values(settings, settings.topic(STUDIES))) == published

    write(settings, Outgoing(topic=settings.topic(STATE), partition=0, key=b"meta", value=b"{}"))
    told = stop_of(settings, capfd, "run", "monitor")
    assert "a value of the state cannot be read" in told
    with come_up(settings, command_in(told)):
        pass

    told = stop_of(settings, capfd, "replay", "--from-kafka", "--json")
    assert missing in told
    assert cli.main(command_in(told)) == 0
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    results = [line for line in lines if line["kind"] in ("study", "alert")]
    assert {line["flags"][0] for line in results} == {"partial_history"}
    assert len(results) >= published

    assert cli.main(["doctor", "--json", *options(settings)]) == 0
    found = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [(each["level"], missing in each["said"]) for each in found if each["check"] == "history"] == [
        ("warn", True)
    ]


def test_a_shadow_of_a_timeline_without_its_beginning_is_refused_and_its_way_out_works(
    installation: KafkaSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    live = installation.topic_prefix
    shadow = installation.model_copy(update={"topic_prefix": f"shadow.{live}", "timeline_prefix": live})
    create_topics(shadow)
    delete_before(installation, LOST)

    told = stop_of(shadow, capfd, "run", "monitor")
    place = f"partition 0 of {installation.topic(TIMELINE)}"
    assert f"group {shadow.group('monitor')} starts {place} from the beginning" in told
    with come_up(shadow, command_in(told)):
        assert flagged(shadow, STUDIES, ALERTS) == {True}


def test_the_screen_goes_on_past_deleted_records_when_asked_for(
    installation: KafkaSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    full = installation.topic(EVENTS)
    write(installation, *[Outgoing(topic=full, partition=0, key=None, value=b"{}")] * 5)
    move_group(installation, 0, "screen", EVENTS)
    delete_before(installation, LOST, EVENTS)

    told = stop_of(installation, capfd, "run", "screen")
    assert f"group {installation.group('screen')} would continue at offset 0 of partition 0 of {full}" in told
    with come_up(installation, command_in(told), 5, "screen"):
        pass


def test_the_notifier_goes_on_past_deleted_records_without_being_asked(installation: KafkaSettings) -> None:
    full = installation.topic(ALERTS)
    write(installation, *[Outgoing(topic=full, partition=0, key=None, value=b"{}")] * 5)
    move_group(installation, 0, "notify", ALERTS)
    delete_before(installation, LOST, ALERTS)
    with come_up(installation, ["run", "notify", *options(installation)], 5, "notify"):
        pass


def test_topics_that_do_not_exist_are_made_by_the_command_that_is_named(
    settings: KafkaSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    _, *told = stop_of(settings, capfd, "run", "monitor").splitlines()
    assert told[0].startswith(f"brentwatch: topic {settings.topic(TIMELINE)} does not exist; expected it ")
    (command,) = {tuple(command_in(line)) for line in told}
    assert cli.main([*command]) == 0
    write_values(settings, settings.topic(TIMELINE), SIGNALS[0])
    with come_up(settings, ["run", "monitor", *options(settings)], 1):
        pass


def test_a_process_that_another_of_its_name_shuts_out_names_the_command_that_runs_beside_it(
    installation: KafkaSettings, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with member(installation, "monitor", log=log) as first, service(installation, "monitor") as second:
        await_true(lambda: first.poll() is not None, "the first is shut out")
        assert (first.returncode, second.poll()) == (3, None)
        words = command_in(log.read_text("utf-8"))
        with process("-m", "brentwatch", *words) as beside:
            await_true(lambda: members(installation, installation.group("monitor")) == 2, "both")
            assert (beside.poll(), second.poll()) == (None, None)


def test_topics_that_would_lose_records_stop_a_service_until_they_are_set_right(
    settings: KafkaSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    with closing(Admin(settings)) as admin:
        wanted = load_topics(settings, [0])
        made = [topic for name, topic in wanted.items() if name not in (STATE, TIMELINE, STUDIES)]
        apply(plan(made, admin).steps, admin)
    make_topic(settings, STATE, 1, cleanup_policy="delete")
    make_topic(settings, TIMELINE, 1, retention_ms="1000", compression_type="snappy")
    make_topic(settings, STUDIES, 1, retention_ms="-1", retention_bytes="1000")

    connecting, *told = stop_of(settings, capfd, "run", "monitor").splitlines()
    assert "connecting to Kafka" in connecting
    assert [line.partition(" Run: ")[0].removeprefix("brentwatch: topic ") for line in told] == [
        f"{settings.topic(TIMELINE)}: retention.ms is 1000, expected -1: records would be lost.",
        f"{settings.topic(TIMELINE)}: compression.type is snappy, expected lz4, which our readers can "
        "decompress.",
        f"{settings.topic(STATE)}: cleanup.policy is delete, expected compact: records would be lost.",
        f"{settings.topic(STUDIES)}: retention.bytes is 1000, expected -1: records would be lost.",
    ]
    (command,) = {tuple(command_in(line)) for line in told}
    assert cli.main([*command]) == 0
    write_values(settings, settings.topic(TIMELINE), SIGNALS[0])
    with come_up(settings, ["run", "monitor", *options(settings)], 1):
        pass


def test_a_topic_with_a_wrong_number_of_partitions_is_replaced_when_asked_for(
    settings: KafkaSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    make_topic(settings, ALERTS, 3)
    told = stop_of(settings, capfd, "topics", "create")
    assert f"topic {settings.topic(ALERTS)} has 3 partitions; expected 1" in told
    assert cli.main(command_in(told)) == 0
    assert brentwatch(settings, "topics", "create").stdout == f"{ALL_WELL}\n"
