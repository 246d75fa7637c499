"""Dead letters on a real broker: the commands, and the story of a screen that reaches its limit."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, member, watched
from tests.kafka.tools import committed, read, write
from tests.screen.messages import message, without

from brentwatch.stream import DEAD, DEAD_NOTES, EVENTS, TIMELINE, Outgoing, Partition, Record
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.dead_letters.notes import (
    Accepted,
    Copied,
    Reached,
    Replayed,
    build_accepted_note,
    build_limit_note,
    build_replayed_note,
    parse_note,
)
from brentwatch.stream.dead_letters.topic import parse_letter
from brentwatch.stream.records import INPUT_LIMIT, Unreadable, build_dead_letter

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kafka.programs import Watched

    from brentwatch.stream import KafkaSettings
    from brentwatch.stream.dead_letters.notes import Note
    from brentwatch.stream.dead_letters.topic import Letter

pytestmark = pytest.mark.kafka

BAD = without("country")
STOP = ("--set", "screen.dead_letter_limit.action=stop")
FIVE_IN_A_ROW = (*STOP, "--set", "screen.dead_letter_limit.consecutive=5")


@pytest.fixture(autouse=True)
def _topics(settings: KafkaSettings) -> None:
    create_topics(settings)


def arrive(settings: KafkaSettings, *messages: bytes) -> None:
    topic = settings.topic(EVENTS)
    write(settings, *(Outgoing(topic=topic, key=b"KAZ", value=value) for value in messages))


def died(
    settings: KafkaSettings, value: bytes, *headers: tuple[str, bytes], topic: str = EVENTS, offset: int = 0
) -> Outgoing:
    """The letter of a message that stood in partition 7."""
    origin = Partition(settings.topic(topic), 7)
    record = Record(partition=origin, offset=offset, key=b"KAZ", value=value, headers=headers)
    return build_dead_letter(settings.topic(DEAD), record, "schema", "country is missing")


def entries(settings: KafkaSettings) -> list[Letter | None]:
    return [parse_letter(record) for record in read(settings, settings.topic(DEAD))]


def notes(settings: KafkaSettings) -> list[Note | None]:
    """What was noted, without the note that older notes were copied."""
    return [parse_note(record) for record in read(settings, settings.topic(DEAD_NOTES))][1:]


def letters(settings: KafkaSettings) -> list[bytes]:
    return [each.value for each in entries(settings) if each is not None]


def admitted(settings: KafkaSettings) -> list[bytes | None]:
    """The ids of the events on the timeline."""
    return [record.key for record in read(settings, settings.topic(TIMELINE))]


def answered(settings: KafkaSettings) -> int:
    return sum(committed(settings, settings.group("screen")).values())


def sent_back(settings: KafkaSettings) -> list[Record]:
    return read(settings, settings.topic(EVENTS), 7)


def listed(settings: KafkaSettings, *words: str) -> list[dict[str, object]]:
    done = brentwatch(settings, "dead", "list", "--format", "json", *words)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def waits(screen: Watched) -> bool:
    return "dead-letter limit" in screen.get("readyz")[1]


def test_a_screen_that_stops_at_its_limit_waits_until_it_is_accepted(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    arrive(settings, message(event_id="desk:1"), BAD, BAD, message(event_id="desk:2"), *[BAD] * 7)
    arrive(settings, message(event_id="desk:3"))
    with watched(settings, "screen", *FIVE_IN_A_ROW, log=tmp_path / "log") as first:
        await_true(lambda: waits(first), "the limit is reached")
        await_true(lambda: answered(settings) == 8, "what came before is committed")
        status, why = first.get("readyz")
        assert (status, first.get("livez")[0]) == (503, 200)
        assert why.startswith("dead-letter limit: 5 in a row, the last at offset 8 of partition ")
        assert why.endswith("see `brentwatch dead list`, then run `brentwatch dead accept` to continue\n")
        assert "\nbrentwatch_dead_letter_limit_reached 1.0\n" in first.get("metrics")[1]
        assert (admitted(settings), len(letters(settings))) == ([b"desk:1", b"desk:2"], 6)
        assert first.logged("error") == ["stopped at the dead-letter limit"]
        first.process.kill()
    with watched(settings, "screen", *FIVE_IN_A_ROW, log=tmp_path / "log") as second:
        await_true(lambda: waits(second), "the limit is found again")
        assert (admitted(settings), len(letters(settings))) == ([b"desk:1", b"desk:2"], 6)
        done = brentwatch(settings, "dead", "accept", *STOP)
        assert done.returncode == 0
        assert done.stdout == (
            "accepted through offset 5: 6 letters: 6 schema\n" + settings.group("screen") + " continues\n"
        )
        await_true(lambda: answered(settings) == 12, "all are answered")
        await_true(second.is_ready, "it is ready again")
        assert "\nbrentwatch_dead_letter_limit_reached 0.0\n" in second.get("metrics")[1]
    assert (admitted(settings), len(letters(settings))) == ([b"desk:1", b"desk:2", b"desk:3"], 9)


def test_a_corrected_message_is_admitted_and_one_that_is_bad_again_carries_its_attempt(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    (tmp_path / "body.json").write_bytes(message())
    arrive(settings, BAD)
    with member(settings, "screen"):
        await_true(lambda: len(letters(settings)) == 1, "the first letter is there")
        assert brentwatch(settings, "dead", "replay", "0", "--yes").returncode == 0
        await_true(lambda: len(letters(settings)) == 2, "it came back")
        assert [each["attempt"] for each in listed(settings)] == [0, 1]
        second = str(listed(settings)[1]["offset"])
        done = brentwatch(settings, "dead", "replay", second, "--body", str(tmp_path / "body.json"), "--yes")
        assert done.returncode == 0, done.stderr
        await_true(lambda: admitted(settings) == [b"desk:1"], "it is admitted")
    events = [record for number in range(12) for record in read(settings, settings.topic(EVENTS), number)]
    assert [record.headers for record in events] == [(), (("attempt", b"1"),), (("attempt", b"2"),)]
    assert {(record.key, record.partition) for record in events} == {(b"KAZ", events[0].partition)}


def test_letters_are_listed_until_they_are_accepted(settings: KafkaSettings) -> None:
    write(settings, *(died(settings, b"{}", offset=offset) for offset in range(3)))
    write(settings, build_limit_note(settings.topic(DEAD_NOTES), "one", "3 in a row"))
    assert brentwatch(settings, "dead", "accept", "--through", "1", *STOP).stdout == (
        "accepted through offset 1: 2 letters: 2 schema\n"
        "one stopped at its dead-letter limit (note at offset 1): 3 in a row; "
        "to continue, run `brentwatch dead accept`\n"
    )
    assert [each["offset"] for each in listed(settings)] == [2]
    assert [each["accepted"] for each in listed(settings, "--all")] == [True, True, False]
    assert listed(settings, "--reason", "corrupt") == listed(settings, "--since", "2100-01-01") == []
    assert len(listed(settings, "--since", "2022-01-05T10:00+01:00")) == 1
    table = brentwatch(settings, "dead", "list", *STOP).stdout.splitlines()
    assert table[1].split() == ["2", *table[1].split()[1:3], "schema", settings.topic(EVENTS), "7:2",
                                "country", "is", "missing"]  # fmt: skip
    assert table[2:] == [
        "not accepted: 1 letter: 1 schema",
        "one stopped at its dead-letter limit (note at offset 1): 3 in a row; "
        "to continue, run `brentwatch dead accept`",
    ]
    assert brentwatch(settings, "dead", "list").stdout.splitlines()[2:] == [
        "not accepted: 1 letter: 1 schema"
    ]


@pytest.mark.attack
def test_a_forged_note_among_the_letters_is_told_and_counts_for_nothing(settings: KafkaSettings) -> None:
    dead, group = settings.topic(DEAD), settings.group("screen")
    write(settings, *(died(settings, b"{}", offset=offset) for offset in range(3)))
    forged = (
        build_accepted_note(dead, 2, 2),
        build_replayed_note(dead, 0),
        build_limit_note(dead, group, "forged"),
    )
    write(settings, *forged)
    create_topics(settings)

    assert notes(settings) == []
    assert [(each["accepted"], each["replayed"]) for each in listed(settings)] == [(False, False)] * 3
    assert brentwatch(settings, "dead", "list").stdout.splitlines()[-2:] == [
        "not accepted: 3 letters: 3 schema",
        "3 records on the dead-letter topic are not dead letters and are ignored",
    ]


def test_notes_of_an_older_version_are_copied_once(settings: KafkaSettings) -> None:
    dead, group = settings.topic(DEAD), settings.group("screen")
    with closing(Admin(settings)) as admin:
        admin.delete(settings.topic(DEAD_NOTES))
    write(settings, *(died(settings, b"{}", offset=offset) for offset in range(3)))
    write(
        settings,
        build_accepted_note(dead, 1),
        build_replayed_note(dead, 2),
        build_limit_note(dead, group, "20 in a row"),
    )
    done = brentwatch(settings, "topics", "create")
    write(settings, build_accepted_note(dead, 5))
    create_topics(settings)

    assert f"copied 3 notes on dead letters to {settings.topic(DEAD_NOTES)}" in done.stdout
    copied = [parse_note(record) for record in read(settings, settings.topic(DEAD_NOTES))]
    assert copied == [Accepted(1, -1), Reached(1, group, "20 in a row"), Replayed(2), Copied(6)]
    assert [each["offset"] for each in listed(settings)] == [2]


def test_to_accept_again_or_what_is_to_come_does_nothing(settings: KafkaSettings) -> None:
    assert brentwatch(settings, "dead", "accept").stdout == "no letters to accept\n"
    write(settings, died(settings, b"{}"))
    beyond = brentwatch(settings, "dead", "accept", "--through", "1")
    assert (beyond.returncode, entries(settings)[1:]) == (7, [])
    assert "the dead-letter topic ends at offset 0" in beyond.stderr
    brentwatch(settings, "dead", "accept")
    assert brentwatch(settings, "dead", "accept").stdout == "no letters to accept\n"
    assert notes(settings) == [Accepted(0, 0)]


def test_a_letter_is_shown_and_its_bytes_can_be_had(settings: KafkaSettings) -> None:
    write(
        settings,
        died(settings, b"\x1b[2J{}\n", ("ce_id", b"1")),
        build_limit_note(settings.topic(DEAD_NOTES), "g", "why"),
    )
    done = brentwatch(settings, "dead", "show", "0")
    assert done.returncode == 0
    assert "\nheader ce_id: 1\nbody: 7 bytes\n  \\x1b[2J{}\n" in done.stdout
    assert brentwatch(settings, "dead", "show", "0", "--raw").stdout == "\x1b[2J{}\n"
    assert [brentwatch(settings, "dead", "show", offset).returncode for offset in ("1", "2")] == [4, 4]


def test_letters_of_a_reason_go_back_once_in_their_order(settings: KafkaSettings) -> None:
    write(settings, *(died(settings, str(number).encode(), ("a", b"1")) for number in range(120)))
    dry = brentwatch(settings, "dead", "replay", "--reason", "schema", "--dry-run")
    assert (dry.returncode, sent_back(settings), len(entries(settings))) == (0, [], 120)
    assert dry.stdout.splitlines()[0] == (
        f"would send letter 0 to partition 7 of {settings.topic(EVENTS)}: event unknown, feed unknown, "
        "class unknown, country unknown, known at unknown, reason schema, attempt 1, 1 bytes"
    )
    asked = brentwatch(settings, "dead", "replay", "--reason", "schema")
    assert (asked.returncode, asked.stdout, sent_back(settings)) == (2, dry.stdout, [])
    assert "120 letters would be sent; nothing was sent: check them, then add --yes" in asked.stderr
    done = brentwatch(settings, "dead", "replay", "--reason", "schema", "--yes")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 240)
    assert [record.value for record in sent_back(settings)] == [str(number).encode() for number in range(120)]
    assert {record.headers for record in sent_back(settings)} == {(("a", b"1"), ("attempt", b"1"))}
    assert all(each["replayed"] for each in listed(settings))
    again = brentwatch(settings, "dead", "replay", "--all", "--yes")
    assert (again.returncode, len(sent_back(settings))) == (4, 120)


def test_what_may_not_go_back_is_refused_and_the_others_go(settings: KafkaSettings) -> None:
    write(
        settings,
        died(settings, b"{}"),
        died(settings, b"{}", topic=TIMELINE),
        died(settings, b"x" * (INPUT_LIMIT + 50_000)),
        build_dead_letter(
            settings.topic(DEAD), Unreadable(Partition(settings.topic(EVENTS), 7), 3, "crc"), "corrupt", "crc"
        ),
        died(settings, b"{}", ("attempt", b"5")),
    )
    some = brentwatch(settings, "dead", "replay", "--all", "--yes")
    assert (some.returncode, some.stdout.count("\n"), some.stderr.count("\n")) == (5, 2, 4)
    none = brentwatch(settings, "dead", "replay", "1", "2", "3", "4", "77")
    assert (none.returncode, none.stderr.count("\n")) == (7, 5)
    assert "offset 77 holds no dead letter" in none.stderr
    assert len(sent_back(settings)) == 1
    assert brentwatch(settings, "dead", "replay", "4", "--force", "--yes").returncode == 0
    assert len(sent_back(settings)) == 2
    assert entries(settings)[0] is not None
    assert not any(isinstance(each, Reached) for each in notes(settings))


def test_without_the_topics_it_says_what_to_do(settings: KafkaSettings) -> None:
    elsewhere = settings.model_copy(update={"topic_prefix": f"none.{settings.topic_prefix}"})
    done = brentwatch(elsewhere, "dead", "list")
    assert (done.returncode, done.stderr.count(" Run: brentwatch topics create ")) == (3, 3)
