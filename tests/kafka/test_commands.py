"""The commands on a real broker: what they do, what they print, and what they exit with."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

import pytest
from tests.kafka.patience import PATIENCE_SECONDS, await_true, quick
from tests.kafka.programs import ALL_WELL, brentwatch, create_topics, member, service
from tests.kafka.tools import committed, make_topic, members, read, write
from tests.screen.messages import BAD, message

from brentwatch.stream import DEAD, EVENTS, TIMELINE, Outgoing, load_topics
from brentwatch.wire.timeline import decode_signal

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

ALL = {"screen", "monitor", "notify"}


def test_topics_are_made_once(settings: KafkaSettings) -> None:
    first, second = brentwatch(settings, "topics", "create"), brentwatch(settings, "topics", "create")
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.splitlines()[0] == f"created {settings.topic(EVENTS)} with 12 partitions"
    assert len(first.stdout.splitlines()) == len(load_topics(settings, [0]))
    assert second.stdout == f"{ALL_WELL}\n"


def test_a_wrong_number_of_partitions_is_an_error_and_nothing_is_made(settings: KafkaSettings) -> None:
    make_topic(settings, EVENTS, 5)
    done = brentwatch(settings, "topics", "create")
    assert done.returncode == 3
    assert f"topic {settings.topic(EVENTS)} has 5 partitions; expected 12" in done.stderr
    assert brentwatch(settings, "run", "screen").stderr.count("does not exist") == 3


def test_a_service_without_its_topics_says_what_to_do(settings: KafkaSettings) -> None:
    done = brentwatch(settings, "run", "screen")
    assert done.returncode == 3
    assert (
        done.stderr.count(f". Run: brentwatch topics create --set kafka.bootstrap={settings.bootstrap}") == 4
    )


@pytest.mark.parametrize(
    "words", [("topics", "create"), ("run", "screen"), ("feed", "kazakhstan-2022", "--prefix", "demo.")]
)
def test_an_unreachable_broker_ends_a_command(words: tuple[str, ...]) -> None:
    done = brentwatch(quick("127.0.0.1:1", ""), *words)
    assert done.returncode == 6
    assert done.stderr.endswith(
        "brentwatch: Kafka at 127.0.0.1:1 failed while connecting: [Errno 111] Connection refused; "
        "expected a running broker: check that it runs and that kafka.bootstrap is its address\n"
    )


def test_sigterm_ends_a_service_and_gives_back_its_place(settings: KafkaSettings) -> None:
    create_topics(settings)
    with member(settings, "screen") as running:
        running.terminate()
        assert running.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM
    await_true(lambda: members(settings, settings.group("screen")) == 0, "the screen has left its group")


def test_every_unreadable_message_becomes_a_dead_letter_and_the_screen_goes_on(
    settings: KafkaSettings,
) -> None:
    create_topics(settings)
    source = settings.topic(EVENTS)
    originals = [value for value, _ in BAD.values()]
    sent = [outgoing(source, value) for value in (*originals, message())]
    places = write(settings, *sent)
    with member(settings, "screen"):
        await_true(lambda: answered(settings) == len(sent), "all messages are answered")
    letters = read(settings, settings.topic(DEAD))
    assert [letter.value for letter in letters] == originals
    headers = [{name: text.decode() for name, text in letter.headers} for letter in letters]
    assert [(each["reason"], each["topic"]) for each in headers] == [(why, source) for _, why in BAD.values()]
    assert [(int(each["partition"]), int(each["offset"])) for each in headers] == [
        (partition.number, offset) for partition, offset in places[:-1]
    ]
    assert all(each["detail"].count("; ") >= 2 for each in headers)
    (admitted,) = read(settings, settings.topic(TIMELINE))
    assert admitted.key == b"desk:1"
    assert decode_signal(admitted.value or b"").known_at.isoformat() == "2022-01-05T10:10:00+00:00"


def test_services_with_different_prefixes_do_not_meet(settings: KafkaSettings) -> None:
    other = quick(settings.bootstrap, f"other.{settings.topic_prefix}")
    create_topics(settings)
    create_topics(other)
    write(settings, outgoing(settings.topic(EVENTS), message()))
    write(other, outgoing(other.topic(EVENTS), b"{"))
    with member(settings, "screen"), member(other, "screen"):
        await_true(lambda: answered(settings) == 1 and answered(other) == 1, "both have answered")
    assert [len(read(one, one.topic(TIMELINE))) for one in (settings, other)] == [1, 0]
    assert [len(read(one, one.topic(DEAD))) for one in (settings, other)] == [0, 1]


def test_several_services_run_and_stop_together(settings: KafkaSettings) -> None:
    create_topics(settings)
    with service(settings) as running:
        await_true(lambda: joined(settings) == ALL, "all three are members of their groups")
        running.terminate()
        assert running.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM
    await_true(lambda: joined(settings) == set(), "all have left their groups")


def test_when_one_of_several_services_ends_the_others_are_stopped(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ("screen", "notify", "--set", f"telemetry.ports.notify={port}")
        with service(settings, *words, log=tmp_path / "log") as running:
            assert running.wait(PATIENCE_SECONDS) == 3
    said = (tmp_path / "log").read_text()
    assert f"port {port} of 127.0.0.1 cannot be used" in said
    assert "brentwatch: notify ended with exit code 3; stopping the other services" in said
    await_true(lambda: joined(settings) == set(), "all have left their groups")


def outgoing(topic: str, value: bytes) -> Outgoing:
    return Outgoing(topic=topic, key=b"KAZ", value=value)


def answered(settings: KafkaSettings) -> int:
    """How many messages the screen has answered."""
    return sum(committed(settings, settings.group("screen")).values())


def joined(settings: KafkaSettings) -> set[str]:
    """The services that are members of their groups."""
    return {name for name in ALL if members(settings, settings.group(name))}
