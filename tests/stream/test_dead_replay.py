"""A letter goes back as what it was, with its attempt; what may not go back is refused with every reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from brentwatch.core.errors import InvalidInput
from brentwatch.stream import Outgoing, Partition
from brentwatch.stream.dead_letters.topic import MOST_ATTEMPTS, Letter, prepare_replay

EVENTS = "demo.unrest.events"
LETTER = Letter(
    offset=12,
    written_at=None,
    reason="schema",
    detail="why",
    origin=Partition(EVENTS, 7),
    origin_offset=41,
    key=b"KAZ",
    value=b"{}",
    headers=(("ce_id", b"1"), ("ce_id", b"2")),
    truncated="",
    attempt=0,
)


def refusal(letter: Letter, body: bytes | None = None, *, force: bool = False) -> tuple[str, ...]:
    with pytest.raises(InvalidInput) as caught:
        prepare_replay(letter, EVENTS, body, force=force)
    return caught.value.faults


def test_it_goes_back_to_its_partition_with_its_key_its_headers_and_the_first_attempt() -> None:
    assert prepare_replay(LETTER, EVENTS) == Outgoing(
        topic=EVENTS,
        partition=7,
        key=b"KAZ",
        value=b"{}",
        headers=(("ce_id", b"1"), ("ce_id", b"2"), ("attempt", b"1")),
    )


def test_the_attempt_is_counted_on_in_one_header() -> None:
    again = replace(LETTER, attempt=1, headers=(("attempt", b"1"), ("ce_id", b"1")))
    assert prepare_replay(again, EVENTS).headers == (("ce_id", b"1"), ("attempt", b"2"))


def test_a_corrected_body_goes_in_place_of_the_original() -> None:
    assert prepare_replay(LETTER, EVENTS, b"[]").value == b"[]"


@pytest.mark.parametrize("topic", ["demo.impact.timeline", "demo.impact.alerts", "unrest.events"])
def test_nothing_goes_to_another_topic(topic: str) -> None:
    letter = replace(LETTER, origin=Partition(topic, 0))
    for given in (None, b"[]"):
        (fault,) = refusal(letter, given, force=True)
        assert fault.startswith(f"letter 12 comes from {topic}; expected a letter from demo.unrest.events")


def test_after_five_attempts_it_must_be_forced() -> None:
    often = replace(LETTER, attempt=MOST_ATTEMPTS)
    assert prepare_replay(replace(LETTER, attempt=MOST_ATTEMPTS - 1), EVENTS).headers[-1] == ("attempt", b"5")
    assert refusal(often, b"[]")[0].startswith("letter 12 was replayed 5 times already; expected at most 5")
    assert prepare_replay(often, EVENTS, force=True).headers[-1] == ("attempt", b"6")


@pytest.mark.parametrize("changed", [{"value": b""}, {"truncated": "9 bytes of value, 1 headers"}])
def test_what_is_not_whole_needs_a_body(changed: dict[str, Any]) -> None:
    letter = replace(LETTER, **changed)
    assert "give it with --body FILE" in refusal(letter, force=True)[0]
    assert prepare_replay(letter, EVENTS, b"[]").value == b"[]"


def test_an_empty_body_is_none() -> None:
    assert "has no body; expected one to send" in refusal(LETTER, b"")[0]


def test_every_reason_is_told_at_once() -> None:
    bad = replace(LETTER, attempt=9, value=b"", origin=Partition("x", 0))
    assert len(refusal(bad)) == 3
