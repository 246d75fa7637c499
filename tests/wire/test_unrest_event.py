from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brentwatch.core.domain import EventClass, Precision, Status, UnrestEvent, Verification
from brentwatch.core.errors import InvalidInput
from brentwatch.wire import json_schemas
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.unrest_event import (
    LARGEST_MESSAGE,
    convert_from_core,
    convert_to_core,
    decode_event,
    encode_event,
    read_event_class,
)

MINIMAL: dict[str, Any] = json.loads(json_schemas.read_examples("unrest_event.v1")["minimal.json"])
FULL: dict[str, Any] = json.loads(json_schemas.read_examples("unrest_event.v1")["full.json"])


def refused(document: Any) -> InvalidMessage:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(InvalidMessage) as caught:
        decode_event(data)
    return caught.value


def test_times_become_utc_whatever_their_offset() -> None:
    document = decode_event(json.dumps(FULL).encode())

    assert document.occurred.start == datetime(2022, 1, 5, 10, 37, tzinfo=UTC)
    assert [document.occurred.start.tzinfo, document.known_at.tzinfo] == [UTC, UTC]
    assert document.occurred.end is not None
    assert document.occurred.end.isoformat() == "2022-01-05T16:52:00.250000+00:00"


def test_the_core_event_tells_what_the_document_tells() -> None:
    assert convert_to_core(decode_event(json.dumps(FULL).encode())) == UnrestEvent(
        event_id="catalogue:KAZ-2022-01-05B",
        revision=2,
        status=Status.UPDATE,
        occurred_at=datetime(2022, 1, 5, 10, 37, tzinfo=UTC),
        precision=Precision.MINUTE,
        known_at=datetime(2022, 1, 5, 10, 37, tzinfo=UTC),
        country="KAZ",
        extra_countries=("KGZ",),
        place="Almaty",
        event_class=EventClass.RIOT,
        scheduled=True,
        summary="Crowds take the Almaty city hall; the presidential residence is reported on fire.",
        verification=Verification.CURATED,
        fatalities=3,
        source="https://example.org/chronology",
        feed="catalogue",
        confidence=0.9,
        novelty=0.25,
        story_id="catalogue:KAZ-2022-01-02A",
    )


@pytest.mark.parametrize(
    ("changes", "story_id"),
    [
        ({}, "desk:1"),
        ({"provenance": {"feed": "file"}}, "desk:1"),
        ({"reliability": {"verification": "curated"}, "provenance": {"feed": "desk"}}, "desk:1"),
        ({"reliability": {"verification": "machine"}}, None),
        ({"provenance": {"feed": "gdelt"}}, None),
    ],
)
def test_the_story_that_a_machine_gave_is_not_a_persons(
    changes: dict[str, object], story_id: str | None
) -> None:
    document = MINIMAL | {"story_id": "desk:1"} | changes

    assert convert_to_core(decode_event(json.dumps(document).encode())).story_id == story_id


def test_unknown_deaths_are_not_zero_deaths() -> None:
    unknown = convert_to_core(decode_event(json.dumps(MINIMAL | {"fatalities": None}).encode()))
    none = convert_to_core(decode_event(json.dumps(MINIMAL | {"fatalities": {"best": 0}}).encode()))

    assert (unknown.fatalities, none.fatalities) == (None, 0)


@pytest.mark.parametrize("file", json_schemas.read_examples("unrest_event.v1"))
def test_an_event_that_is_written_is_read_as_the_same(file: str) -> None:
    document = decode_event(json_schemas.read_examples("unrest_event.v1")[file])

    assert decode_event(encode_event(document)) == document


@pytest.mark.parametrize("file", json_schemas.read_examples("unrest_event.v1"))
def test_a_core_event_survives_its_smallest_document(file: str) -> None:
    event = convert_to_core(decode_event(json_schemas.read_examples("unrest_event.v1")[file]))

    assert convert_to_core(convert_from_core(event)) == event


def test_a_message_of_64_kib_is_read_and_one_byte_more_is_not() -> None:
    data = json.dumps(MINIMAL).encode()

    assert decode_event(data.ljust(LARGEST_MESSAGE)).event_id == MINIMAL["event_id"]
    error = refused(data.ljust(LARGEST_MESSAGE + 1))
    assert error.reason is DeadLetterReason.TOO_LARGE
    assert error.faults == (
        "the message has 65,537 bytes; expected at most 65,536; "
        "shorten the event: send the facts and a link, not the article",
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"not json",
        b'{"event_id": ',
        b'{"event_id": "a"} {}',
        b'{"event_id": NaN}',
        b'{"event_id": "\xff"}',
        b'{"event_id": "\\ud800"}',
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
    ],
)
def test_what_is_not_json_is_a_dead_letter_and_nothing_worse(data: bytes) -> None:
    error = refused(data)

    assert error.reason is DeadLetterReason.NOT_JSON
    assert "expected one JSON object in UTF-8" in error.faults[0]


@pytest.mark.parametrize("document", [None, 1, "text", [], [MINIMAL]])
def test_json_that_is_no_object_is_against_the_schema(document: Any) -> None:
    error = refused(document)

    assert error.reason is DeadLetterReason.SCHEMA
    assert "expected a JSON object" in error.faults[0]


def test_all_faults_of_an_event_are_told_at_once() -> None:
    error = refused(
        MINIMAL
        | {"event_id": "a b", "country": "Kazakhstan", "event_class": "picnic", "revision": -1}
        | {"location": {"lat": 95, "lon": 1}, "sources": [{"url": "https://example.org"}, {"url": "nowhere"}]}
    )

    assert error.reason is DeadLetterReason.SCHEMA
    assert [fault.partition(" is ")[0] for fault in error.faults] == [
        "event_id",
        "revision",
        "country",
        "location.lat",
        "event_class",
        "sources[1].url",
    ]
    assert error.faults[3] == (
        "location.lat is 95; expected `float` <= 90.0; "
        "correct it according to schemas/unrest_event.v1.schema.json and send the event again"
    )


@pytest.mark.parametrize("field", MINIMAL)
def test_a_required_field_that_is_missing_is_named(field: str) -> None:
    error = refused({name: value for name, value in MINIMAL.items() if name != field})

    assert error.reason is DeadLetterReason.SCHEMA
    assert error.faults == (
        f"{field} is missing; it is required; "
        "correct it according to schemas/unrest_event.v1.schema.json and send the event again",
    )


@pytest.mark.parametrize("coordinates", [{"lat": 43.2}, {"lon": 76.9}, {"lat": None, "lon": 0}])
def test_a_latitude_stands_with_its_longitude_or_not_at_all(coordinates: dict[str, Any]) -> None:
    error = refused(MINIMAL | {"location": coordinates})

    assert error.reason is DeadLetterReason.SCHEMA
    assert "expected both or neither" in error.faults[0]


def test_an_event_cannot_be_known_before_it_happens_unless_it_was_scheduled() -> None:
    early = MINIMAL | {"known_at": "2022-01-01T23:59:59Z"}

    error = refused(early)
    assert error.reason is DeadLetterReason.KNOWN_BEFORE_OCCURRED
    assert error.faults == (
        "known_at 2022-01-01T23:59:59+00:00 is before occurred.start 2022-01-02T00:00:00+00:00; "
        "only a scheduled event can be known before it happens; "
        "correct one of the two, or set scheduled to true",
    )
    scheduled = convert_to_core(decode_event(json.dumps(early | {"scheduled": True}).encode()))
    assert scheduled.occurred_at - scheduled.known_at == timedelta(seconds=1)


def test_offsets_count_when_times_are_compared() -> None:
    same_instant = MINIMAL | {
        "occurred": {"start": "2022-01-02T01:00:00Z", "precision": "hour"},
        "known_at": "2022-01-02T07:00:00+06:00",
    }

    assert decode_event(json.dumps(same_instant).encode()).known_at.hour == 1


@pytest.mark.parametrize(
    "contradiction",
    [
        {"occurred": {"start": "2022-01-02T00:00:00Z", "end": "2022-01-01T00:00:00Z", "precision": "day"}},
        {"fatalities": {"low": 4, "best": 3}},
        {"fatalities": {"best": 3, "high": 2}},
    ],
)
def test_an_event_that_contradicts_itself_is_refused(contradiction: dict[str, Any]) -> None:
    assert refused(MINIMAL | contradiction).reason is DeadLetterReason.CONTRADICTION


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00+01:00", "1899-12-31T00:00:00Z", "2100-01-01T00:00:00Z"]
)
def test_a_year_beyond_reason_is_refused_and_breaks_no_arithmetic(time: str) -> None:
    error = refused(MINIMAL | {"occurred": {"start": time, "precision": "year"}, "known_at": time})

    assert error.reason is DeadLetterReason.SCHEMA
    assert [fault.partition(" is ")[0] for fault in error.faults] == ["occurred.start", "known_at"]


def test_a_bare_date_may_have_happened_at_any_hour_of_its_day() -> None:
    occurred = {"start": "2022-01-02T18:30:00Z", "precision": "day"}
    bare = convert_to_core(decode_event(json.dumps(MINIMAL | {"occurred": occurred}).encode()))
    assert bare.is_bare_date

    for start in ("9999-12-31T23:59:59-14:00", "0001-01-01T05:00:00+00:00", "0001-01-01T00:00:00+14:00"):
        end = MINIMAL | {"occurred": occurred | {"start": start}, "known_at": "0001-01-01T00:00:00Z"}
        assert refused(end).reason is DeadLetterReason.SCHEMA

    day_before = MINIMAL | {"occurred": occurred, "known_at": "2022-01-01T00:00:00Z"}
    assert refused(day_before).reason is DeadLetterReason.KNOWN_BEFORE_OCCURRED


@pytest.mark.parametrize(
    "time", ["1900-01-01T00:00:00+14:00", "2098-12-31T23:59:59-12:00"], ids=["too early", "too late"]
)
@pytest.mark.parametrize("field", ["known_at", "ingested_at"])
def test_a_time_that_leaves_the_years_in_utc_is_refused(time: str, field: str) -> None:
    """It would be written to the timeline in UTC, and refused there."""
    error = refused(MINIMAL | {field: time, "scheduled": True})

    assert error.reason is DeadLetterReason.CONTRADICTION
    assert "in UTC too" in error.faults[0]


@pytest.mark.parametrize("time", ["2099-01-01T00:00:00Z", "2099-12-31T23:59:59Z", "1899-12-31T23:59:59Z"])
def test_a_time_whose_sessions_could_not_be_published_is_refused(time: str) -> None:
    error = refused(MINIMAL | {"known_at": time})

    assert error.reason is DeadLetterReason.SCHEMA
    assert "expected a year from 1900 to 2098" in error.faults[0]


@pytest.mark.parametrize("revision", [2**53, 10**30, 1e308])
def test_a_revision_beyond_what_json_readers_keep_is_refused(revision: float) -> None:
    assert refused(MINIMAL | {"revision": revision}).reason is DeadLetterReason.SCHEMA


def test_null_for_an_optional_field_is_a_field_left_out() -> None:
    names = ("extra_countries", "taxonomy", "actors", "sources", "summary", "scheduled")
    nulls = dict.fromkeys(names) | {"location": {"place": "Aktau", "precision": None}}
    plain = MINIMAL | {"location": {"place": "Aktau"}}

    assert decode_event(json.dumps(MINIMAL | nulls).encode()) == decode_event(json.dumps(plain).encode())


@pytest.mark.parametrize("field", ["event_id", "revision", "status", "occurred", "known_at", "country"])
def test_null_for_a_required_field_is_told(field: str) -> None:
    assert f"{field} is None" in refused(MINIMAL | {field: None}).faults[0]


@pytest.mark.parametrize(
    "text", ["armed_clash", "Armed clash", "ARMED-CLASH", " armed  Clash ", "Armed_Clash"]
)
def test_a_class_is_read_in_any_case_with_spaces_or_hyphens(text: str) -> None:
    assert read_event_class(text) is EventClass.ARMED_CLASH


@pytest.mark.parametrize("text", ["", "Attack", "armedclash", "nan"])
def test_an_unknown_class_lists_the_valid_ones(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_event_class(text)
    assert all(each.value in str(caught.value) for each in EventClass)
    assert repr(text) in str(caught.value)
