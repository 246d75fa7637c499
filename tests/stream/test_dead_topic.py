"""The dead-letter topic says what died, what was accepted, what was sent back, and which limits wait."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from brentwatch.stream.dead_letters import INPUT_LIMIT, dead_letter
from brentwatch.stream.dead_topic import (
    Accepted,
    DeadTopic,
    Letter,
    Reached,
    Replayed,
    accepted_note,
    entry,
    limit_note,
    replayed_note,
)
from brentwatch.stream.records import Headers, Outgoing, Partition, Record, Unreadable

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
    return dead_letter(DEAD.topic, record, "not_json", "why")


def letter_of(outgoing: Outgoing, timestamp: int = NOON) -> Letter:
    found = entry(standing(outgoing, 5, timestamp))
    assert isinstance(found, Letter)
    return found


def topic_of(*outgoing: Outgoing) -> DeadTopic:
    topic = DeadTopic()
    topic.take(standing(each, offset) for offset, each in enumerate(outgoing))
    return topic


def test_a_letter_is_read_back_whole() -> None:
    assert letter_of(dead((("ce_id", b"1"), ("attempt", b"2")))) == Letter(
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
    letter = letter_of(dead(forged))
    assert (letter.reason, letter.origin_offset, letter.truncated) == ("not_json", 41, "")
    assert letter.headers == forged


def test_what_could_not_be_kept_is_known() -> None:
    letter = letter_of(dead((("ce_id", b"1"),), value=b"x" * (INPUT_LIMIT + 50_000)))
    assert letter.truncated == f"3 bytes of key, {INPUT_LIMIT + 50_000} bytes of value, 1 headers"
    assert (letter.headers, letter.reason) == ((), "not_json")


def test_a_letter_of_a_record_that_the_client_refused_has_no_bytes() -> None:
    letter = letter_of(dead_letter(DEAD.topic, Unreadable(ORIGIN, 41, "crc"), "corrupt", "crc"))
    assert (letter.value, letter.key, letter.reason) == (b"", None, "corrupt")


@pytest.mark.parametrize("attempt", [b"", b"-1", b"two", b"9" * 5000, "²".encode()])
def test_an_attempt_that_is_no_number_is_none(attempt: bytes) -> None:
    assert letter_of(dead((("attempt", attempt),))).attempt == 0


@pytest.mark.parametrize("timestamp", [-1, 10**18])
def test_a_time_that_cannot_be_is_none(timestamp: int) -> None:
    assert letter_of(dead(), timestamp).written_at is None


def test_notes_are_read_back() -> None:
    notes = [limit_note("t", "screen", "why"), accepted_note("t", 3), replayed_note("t", 2)]
    assert [entry(standing(note, 9)) for note in notes] == [
        Reached(9, "screen", "why"),
        Accepted(3),
        Replayed(2),
    ]


@pytest.mark.parametrize("name", ["limit", "accepted", "replayed"])
def test_no_message_passes_for_a_note(name: str) -> None:
    assert isinstance(entry(standing(dead(((name, b"1"),)))), Letter)


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
    assert entry(standing(Outgoing(topic=DEAD.topic, value=b"v", headers=headers))) is None


def test_letters_wait_until_they_are_accepted() -> None:
    topic = topic_of(dead(), dead(), limit_note("t", "screen", "why"), accepted_note("t", 0))
    assert [letter.offset for letter in topic.waiting()] == [1]
    assert list(topic.reached) == [2]

    assert topic.take([standing(accepted_note("t", 2), 4)])
    assert (topic.waiting(), topic.reached, topic.accepted, topic.end) == ([], {}, 3, 5)


def test_an_acceptance_that_says_less_takes_nothing_back() -> None:
    topic = topic_of(dead(), dead(), accepted_note("t", 1))
    assert not topic.take([standing(accepted_note("t", 0), 3)])
    assert topic.waiting() == []


def test_what_is_to_come_cannot_be_accepted() -> None:
    topic = topic_of(accepted_note("t", 1_000), dead())
    assert [letter.offset for letter in topic.waiting()] == [1]


def test_only_the_newest_letters_are_kept_where_that_is_wanted() -> None:
    topic = DeadTopic(keep=2)
    topic.take(standing(dead(), offset) for offset in range(5))
    assert list(topic.letters) == [3, 4]


def test_what_was_sent_back_is_remembered() -> None:
    assert topic_of(dead(), replayed_note("t", 0)).replayed == {0}


def test_a_letter_that_lost_its_key_is_read_back_with_its_headers_and_the_mark() -> None:
    headers = (("ce_id", b"1"), ("truncated", b"forged"), ("reason", b"forged"))
    record = Record(partition=ORIGIN, offset=41, key=b"K" * 9_000, value=b"{", headers=headers)
    letter = letter_of(dead_letter(DEAD.topic, record, "not_json", "why"))
    assert (letter.headers, letter.reason, letter.value) == (headers, "not_json", b"{")
    assert letter.truncated == "9000 bytes of key, 1 bytes of value, 3 headers"
