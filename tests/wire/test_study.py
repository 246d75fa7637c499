from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from tests.wire.strategies import studies
from tests.wire.validators import validator

from brentwatch.core.domain import (
    BreakKind,
    Found,
    MoveFound,
    NotYet,
    ProvisionalStudy,
    Refused,
    ReopenStudy,
    SessionStudy,
    Study,
    Window,
    WindowStudy,
)
from brentwatch.wire import json_schemas
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.published import decode_study, encode_study

EXAMPLES = json_schemas.read_examples("study.v2")
FULL: dict[str, Any] = json.loads(EXAMPLES["found.json"])
READ = decode_study(EXAMPLES["found.json"])
assert isinstance(READ, SessionStudy)
FOUND = READ
REMEDY = "correct the program that publishes studies (schemas/study.v2.schema.json)"


def refused(document: Any) -> InvalidMessage:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(InvalidMessage) as caught:
        decode_study(data)
    return caught.value


def unwritten(study: Study) -> InvalidMessage:
    with pytest.raises(InvalidMessage) as caught:
        encode_study(study)
    return caught.value


@settings(deadline=None, derandomize=True)
@given(studies)
def test_a_study_comes_back_as_it_was_to_the_last_bit(study: Study) -> None:
    came_back = decode_study(encode_study(study))

    assert came_back == study
    assert repr(came_back) == repr(study)
    assert encode_study(came_back) == encode_study(study)


@settings(deadline=None, derandomize=True)
@given(studies)
def test_the_bytes_do_not_depend_on_the_zone_that_times_are_told_in(study: Study) -> None:
    elsewhere = study.known_at.astimezone(timezone(timedelta(hours=6)))

    assert encode_study(replace(study, known_at=elsewhere)) == encode_study(study)


@settings(deadline=None, derandomize=True)
@given(studies)
def test_what_is_written_is_what_the_schema_says(study: Study) -> None:
    validator("study.v2").validate(json.loads(encode_study(study)))


@pytest.mark.parametrize("file", EXAMPLES)
def test_an_example_is_what_would_be_written(file: str) -> None:
    assert json.loads(encode_study(decode_study(EXAMPLES[file]))) == json.loads(EXAMPLES[file])


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("found.json", Found),
        ("pending.json", NotYet),
        ("refused.json", Refused),
        ("provisional_found.json", Found),
        ("within_found.json", MoveFound),
        ("within_pending.json", NotYet),
        ("reopen_found.json", MoveFound),
        ("reopen_refused.json", Refused),
    ],
)
def test_the_status_tells_what_the_result_is(file: str, kind: type) -> None:
    assert type(decode_study(EXAMPLES[file]).result) is kind


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("found.json", SessionStudy),
        ("provisional_found.json", ProvisionalStudy),
        ("within_found.json", WindowStudy),
        ("reopen_found.json", ReopenStudy),
    ],
)
def test_the_kind_tells_what_the_study_is(file: str, kind: type) -> None:
    document = json.loads(EXAMPLES[file])

    assert type(decode_study(EXAMPLES[file])) is kind
    assert list(document)[:2] == ["version", "test"]
    for other in ("session", "provisional", "within", "re-open"):
        if other != document["test"]:
            assert refused(document | {"test": other}).reason is DeadLetterReason.SCHEMA


@pytest.mark.parametrize("kind", [None, "rumour", 1, ["session"]])
def test_a_kind_that_does_not_exist_is_refused_with_the_kinds_that_do(kind: object) -> None:
    said = f"test is {kind!r}; expected one of session, provisional, within, re-open; {REMEDY}"

    assert refused(FULL | {"test": kind}).faults == (said,)


def test_a_result_of_bars_is_not_one_of_settlements() -> None:
    reopened = json.loads(EXAMPLES["reopen_found.json"])

    assert refused(FULL | {"result": reopened["result"]}).faults[0].startswith("result is ")
    assert refused(reopened | {"result": FULL["result"]}).faults[0].startswith("result is ")


def test_a_reopen_says_which_break_it_ended_and_what_its_gaps_usually_are() -> None:
    study = decode_study(EXAMPLES["reopen_found.json"])

    assert isinstance(study, ReopenStudy)
    assert isinstance(study.result, MoveFound)
    assert study.reopen.kind is BreakKind.WEEKEND
    assert study.reopen.usual == study.result.usual


def test_a_study_of_a_higher_version_says_what_to_upgrade() -> None:
    (said,) = refused(FULL | {"version": 3}).faults

    assert said == "version is 3; expected at most 2: a newer brentwatch wrote it; upgrade this reader"


def test_a_window_that_is_not_complete_says_what_came_after_the_first_reaction() -> None:
    study = decode_study(EXAMPLES["partial_window.json"])

    assert isinstance(study, SessionStudy)
    assert isinstance(study.result, Found)
    assert (study.result.observed, study.result.planned, study.result.complete) == (3, 6, False)
    assert study.after is not None
    assert study.after.window == study.window.after == Window(1, 5)


def test_unknown_is_written_as_null_and_never_left_out() -> None:
    written = json.loads(encode_study(replace(FOUND, exposure=None, after=None, move=None, calibration=None)))

    assert [written[name] for name in ("exposure", "after", "move", "calibration")] == [None] * 4


def test_times_are_written_in_utc_and_read_into_it() -> None:
    known_at = datetime(2019, 9, 17, 0, 5, tzinfo=timezone(timedelta(hours=6)))
    written = json.loads(encode_study(replace(FOUND, known_at=known_at)))
    read = decode_study(json.dumps(FULL | {"known_at": "2019-09-17T00:05:00+06:00"}).encode())

    assert written["known_at"] == "2019-09-16T18:05:00Z"
    assert (read.known_at, read.known_at.tzinfo) == (known_at, UTC)


def test_a_whole_number_is_read_however_it_is_written() -> None:
    assert decode_study(json.dumps(FULL | {"revision": 2.0, "exposure": 1}).encode()) == replace(
        FOUND, exposure=1.0
    )


def test_a_whole_number_of_the_core_is_written_as_it_will_be_read() -> None:
    assert isinstance(FOUND.result, Found)
    study = replace(FOUND, result=replace(FOUND.result, degrees_of_freedom=119))

    assert encode_study(decode_study(encode_study(study))) == encode_study(study)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_is_not_written_not_even_as_null(number: float) -> None:
    assert FOUND.move is not None
    error = unwritten(replace(FOUND, exposure=number, move=replace(FOUND.move, log_return=number)))

    assert [fault.split()[0] for fault in error.faults] == ["exposure", "move.log_return"]


def test_a_number_too_large_for_double_precision_is_refused_by_reader_and_schema() -> None:
    document = FULL | {"move": FULL["move"] | {"close": 10**309}}

    assert "number out of range" in refused(document).faults[0]
    assert not validator("study.v2").is_valid(document)


def test_all_faults_of_a_study_are_told_before_it_is_written() -> None:
    error = unwritten(replace(FOUND, study_id="", revision=0, model="", exposure=1.5))

    assert error.reason is DeadLetterReason.SCHEMA
    assert [fault.split()[0] for fault in error.faults] == ["study_id", "revision", "model", "exposure"]
    assert error.faults[1] == f"revision is 0; expected `int` >= 1; {REMEDY}"


def test_twenty_events_are_written_and_one_more_is_not() -> None:
    twenty = replace(FOUND, events=FOUND.events * 10)

    assert decode_study(encode_study(twenty)) == twenty
    assert unwritten(replace(FOUND, events=(*twenty.events, FOUND.events[0]))).faults[0].startswith("events ")
    document = FULL | {"events": FULL["events"] * 10 + FULL["events"][:1]}
    assert refused(document).faults[0].startswith("events ")
    assert not validator("study.v2").is_valid(document)


def test_all_faults_of_a_message_are_told_at_once() -> None:
    error = refused(
        FULL
        | {"window": {"start": 0}, "result": {"status": "found", "p": 2}, "flags": [""]}
        | {"events": [FULL["events"][0] | {"country": "Saudi Arabia"}], "calibration": 1}
    )

    assert error.reason is DeadLetterReason.SCHEMA
    assert [fault.split()[0] for fault in error.faults] == [
        "events[0].country",
        "flags[0]",
        "window",
        "result.p",
        "calibration",
    ]
    assert error.faults[3] == f"result.p is 2; expected `float` <= 1.0; {REMEDY}"


@pytest.mark.parametrize("field", [name for name in FULL if name not in ("version", "test")])
def test_a_field_that_is_missing_is_named(field: str) -> None:
    error = refused({name: value for name, value in FULL.items() if name != field})

    assert error.faults == (f"{field} is missing; it is required; {REMEDY}",)


@pytest.mark.parametrize(
    "result", [{}, {"status": "maybe"}, {"reason": "none"}, FULL["result"] | {"status": 1}]
)
def test_a_result_without_a_known_status_is_refused(result: dict[str, Any]) -> None:
    error = refused(FULL | {"result": result})

    assert error.reason is DeadLetterReason.SCHEMA
    assert error.faults[0].startswith("result")


def test_every_window_that_ends_before_it_starts_is_told() -> None:
    error = refused(
        FULL
        | {"window": {"start": 1, "end": 0}, "after": FULL["result"] | {"window": {"start": 3, "end": 2}}}
    )

    assert error.reason is DeadLetterReason.CONTRADICTION
    assert error.faults == (
        f"window is [1, 0]; expected an end at or after the start; {REMEDY}",
        f"after.window is [3, 2]; expected an end at or after the start; {REMEDY}",
    )


def test_a_year_beyond_reason_is_refused_whether_read_or_written() -> None:
    sentence = f"overlaps[0] is 1899-12-31; expected a year from 1900 to 2099; {REMEDY}"
    long_ago = datetime(1899, 12, 31, tzinfo=UTC)

    assert refused(FULL | {"overlaps": ["1899-12-31"]}).faults == (sentence,)
    assert unwritten(replace(FOUND, overlaps=(long_ago.date(),))).faults == (sentence,)
    assert unwritten(replace(FOUND, known_at=long_ago)).faults[0].startswith("known_at is 1899-12-31T00:00")


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 60])
def test_a_message_that_is_not_json_says_so(data: bytes) -> None:
    assert refused(data).reason is DeadLetterReason.NOT_JSON


@pytest.mark.parametrize("document", [None, 1, "text", [FULL]])
def test_json_that_is_no_object_is_against_the_schema(document: Any) -> None:
    error = refused(document)

    assert error.reason is DeadLetterReason.SCHEMA
    assert "expected a JSON object" in error.faults[0]
