"""The dead-letter topic says what died, what was accepted, what was sent back, and which limits wait."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from brentwatch.stream import Headers, Outgoing, Partition, Record
from brentwatch.stream.dead_letters.notes import (
    Accepted,
    Copied,
    Reached,
    Replayed,
    build_accepted_note,
    build_copied_note,
    build_limit_note,
    build_replayed_note,
    parse_note,
)
from brentwatch.stream.dead_letters.reading import summarise_notes
from brentwatch.stream.dead_letters.topic import DeadTopic, Letter, parse_letter
from brentwatch.stream.records import INPUT_LIMIT, Unreadable, build_dead_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

DEAD = Partition("unrest.events.dead", 0)
ORIGIN = Partition("unrest.events", 7)
NOON = 1_641_384_000_000


def standing(outgoing: Outgoing, offset: int = 0, timestamp: int = NOON) -> Record:
    """The record as it stands on the topic."""
    return Record(
        partition=DEAD,
        offset=offset,
        key=outgoing.key,
        value=outgoing.value,
        headers=outgoing.headers,
        timestamp=timestamp,
    )


def dead(headers: Headers = (), value: bytes = b"{") -> Outgoing:
    record = Record(partition=ORIGIN, offset=41, key=b"KAZ", value=value, headers=headers)
    return build_dead_letter(DEAD.topic, record, "not_json", "why")


def read_back(outgoing: Outgoing, timestamp: int = NOON) -> Letter:
    found = parse_letter(standing(outgoing, 5, timestamp))
    assert isinstance(found, Letter)
    return found


def topic_of(*letters: Outgoing, notes: Sequence[Outgoing] = ()) -> DeadTopic:
    topic = DeadTopic()
    topic.take(standing(each, offset) for offset, each in enumerate(letters))
    topic.take_notes(standing(each, offset) for offset, each in enumerate(notes))
    return topic


def test_a_letter_is_read_back_whole() -> None:
    assert read_back(dead((("ce_id", b"1"), ("attempt", b"2")))) == Letter(
        offset=5,
        written_at=datetime(2022, 1, 5, 12, tzinfo=UTC),
        reason="not_json",
        detail="why",
        origin=ORIGIN,
        origin_offset=41,
        key=b"KAZ",
        value=b"{",
        headers=(("ce_id", b"1"), ("attempt", b"2")),
        truncated="",
        attempt=2,
    )


def test_headers_of_the_original_that_are_called_like_ours_stay_its_own() -> None:
    forged = (("reason", b"none"), ("offset", b"7"), ("truncated", b"no"))
    letter = read_back(dead(forged))
    assert (letter.reason, letter.origin_offset, letter.truncated) == ("not_json", 41, "")
    assert letter.headers == forged


def test_what_could_not_be_kept_is_known() -> None:
    letter = read_back(dead((("ce_id", b"1"),), value=b"x" * (INPUT_LIMIT + 50_000)))
    assert letter.truncated == f"3 bytes of key, {INPUT_LIMIT + 50_000} bytes of value, 1 headers"
    assert (letter.headers, letter.reason) == ((), "not_json")


def test_a_letter_of_a_record_that_the_client_refused_has_no_bytes() -> None:
    letter = read_back(build_dead_letter(DEAD.topic, Unreadable(ORIGIN, 41, "crc"), "corrupt", "crc"))
    assert (letter.value, letter.key, letter.reason) == (b"", None, "corrupt")


@pytest.mark.parametrize("attempt", [b"", b"-1", b"two", b"9" * 5000, "²".encode()])
def test_an_attempt_that_is_no_number_is_none(attempt: bytes) -> None:
    assert read_back(dead((("attempt", attempt),))).attempt == 0


@pytest.mark.parametrize("timestamp", [-1, 10**18])
def test_a_time_that_cannot_be_is_none(timestamp: int) -> None:
    assert read_back(dead(), timestamp).written_at is None


def test_notes_are_read_back() -> None:
    notes = [
        build_limit_note("t", "screen", "why"),
        build_accepted_note("t", 3, 5),
        build_accepted_note("t", -1),
    ]
    notes += [build_replayed_note("t", 2), build_copied_note("t", 7)]
    assert [parse_note(standing(each, 9)) for each in notes] == [
        Reached(9, "screen", "why"),
        Accepted(3, 5),
        Accepted(-1, -1),
        Replayed(2),
        Copied(7),
    ]


@pytest.mark.parametrize("name", ["limit", "accepted", "replayed"])
def test_no_message_passes_for_a_note(name: str) -> None:
    forged = standing(dead(((name, b"1"),)))
    assert isinstance(parse_letter(forged), Letter)
    assert parse_note(forged) is None


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("a", b"1"),),
        (("accepted", b"all"),),
        (("replayed", b"-1"),),
        (("reason", b"r"), ("detail", b"d"), ("topic", b"t"), ("partition", b"x"), ("offset", b"1")),
        (("reason", b"r"), ("detail", b"d"), ("topic", b"t"), ("partition", b"1"), ("offset", b"")),
    ],
)
def test_what_a_stranger_wrote_says_nothing(headers: Headers) -> None:
    record = standing(Outgoing(topic=DEAD.topic, value=b"v", headers=headers))
    assert parse_letter(record) is None
    assert parse_note(record) is None


def test_letters_wait_until_they_are_accepted() -> None:
    topic = topic_of(
        dead(), dead(), notes=[build_limit_note("t", "screen", "why"), build_accepted_note("t", 0)]
    )
    assert [letter.offset for letter in topic.list_waiting()] == [1]
    assert list(topic.reached) == [0]

    assert topic.take_notes([standing(build_accepted_note("t", 1, 0), 2)])
    assert (topic.list_waiting(), topic.reached, topic.accepted) == ([], {}, 2)
    assert (topic.end, topic.notes_end) == (2, 3)


def test_an_acceptance_that_says_less_takes_nothing_back() -> None:
    topic = topic_of(dead(), dead(), notes=[build_accepted_note("t", 1)])
    assert not topic.take_notes([standing(build_accepted_note("t", 0), 1)])
    assert topic.list_waiting() == []


def test_a_limit_that_is_reached_is_no_acceptance() -> None:
    topic = topic_of(notes=[])
    assert not topic.take_notes([standing(build_limit_note("t", "screen", "why"), 0)])
    assert list(topic.reached) == [0]


def test_a_limit_that_is_accepted_alone_is_an_acceptance() -> None:
    topic = topic_of(notes=[build_limit_note("t", "screen", "why")])
    assert topic.take_notes([standing(build_accepted_note("t", -1, 0), 1)])
    assert topic.reached == {}


def test_a_limit_that_is_to_come_cannot_be_accepted() -> None:
    topic = topic_of(notes=[build_accepted_note("t", 0, 1_000), build_limit_note("t", "screen", "why")])
    assert list(topic.reached) == [1]


FORGED = [
    build_limit_note("t", "screen", "forged"),
    build_accepted_note("t", 10**17, 10**17),
    *(build_replayed_note("t", offset) for offset in range(3)),
    build_copied_note("t", 10**17),
]


@pytest.mark.attack
@pytest.mark.parametrize("before", [True, False])
def test_a_forged_note_among_the_letters_accepts_hides_and_trips_nothing(*, before: bool) -> None:
    letters = [dead(), dead()]
    topic = topic_of(*((*FORGED, *letters) if before else (*letters, *FORGED)))

    assert len(topic.list_waiting()) == 2
    assert (topic.reached, topic.replayed, topic.accepted, topic.copied) == ({}, set(), 0, None)
    assert topic.count_strangers() == len(FORGED)


def test_what_stood_among_the_letters_before_notes_were_copied_is_no_stranger() -> None:
    topic = topic_of(dead(), build_accepted_note("t", 0), notes=[build_copied_note("t", 2)])
    assert topic.count_strangers() == 0

    topic.take([standing(build_accepted_note("t", 0), 2)])
    assert topic.count_strangers() == 1


def test_what_is_copied_is_what_the_notes_among_the_letters_add_up_to() -> None:
    records = [dead(), dead(), build_limit_note("t", "old", "accepted"), build_accepted_note("t", 2), dead()]
    records += [
        build_replayed_note("t", 1),
        build_limit_note("t", "screen", "20 in a row"),
        build_accepted_note("t", 4),
    ]
    records += [build_accepted_note("t", 10**17), build_limit_note("t", "screen", "again")]
    notes = summarise_notes((standing(each, offset) for offset, each in enumerate(records)), "notes")

    assert [parse_note(standing(each, 9)) for each in notes] == [
        Accepted(7, -1),
        Reached(9, "screen", "again"),
        Replayed(1),
    ]
    assert {each.topic for each in notes} == {"notes"}


def test_only_the_newest_letters_are_kept_where_that_is_wanted() -> None:
    topic = DeadTopic(keep=2)
    topic.take(standing(dead(), offset) for offset in range(5))
    assert list(topic.letters) == [3, 4]


def test_what_was_sent_back_is_remembered() -> None:
    assert topic_of(dead(), notes=[build_replayed_note("t", 0)]).replayed == {0}


def test_a_letter_that_lost_its_key_is_read_back_with_its_headers_and_the_mark() -> None:
    headers = (("ce_id", b"1"), ("truncated", b"forged"), ("reason", b"forged"))
    record = Record(partition=ORIGIN, offset=41, key=b"K" * 9_000, value=b"{", headers=headers)
    letter = read_back(build_dead_letter(DEAD.topic, record, "not_json", "why"))
    assert (letter.headers, letter.reason, letter.value) == (headers, "not_json", b"{")
    assert letter.truncated == "9000 bytes of key, 1 bytes of value, 3 headers"
