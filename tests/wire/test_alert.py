from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from tests.wire.strategies import alerts
from tests.wire.validators import validator

from brentwatch.core.domain import Alert, Cause, Severity, Stage
from brentwatch.wire import json_schemas
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.published import decode_alert, encode_alert

EXAMPLES = json_schemas.read_examples("alert.v2")
FULL: dict[str, Any] = json.loads(EXAMPLES["window_added.json"])
ALERT = decode_alert(EXAMPLES["window_added.json"]).alert
REMEDY = "correct the program that publishes alerts (schemas/alert.v2.schema.json)"


def refused(document: Any) -> InvalidMessage:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(InvalidMessage) as caught:
        decode_alert(data)
    return caught.value


@settings(deadline=None, derandomize=True)
@given(alerts)
@pytest.mark.slow
def test_an_alert_comes_back_as_it_was_to_the_last_bit(alert: Alert) -> None:
    came_back = decode_alert(encode_alert(alert)).alert

    assert came_back == alert
    assert repr(came_back) == repr(alert)
    assert encode_alert(came_back) == encode_alert(alert)


@pytest.mark.slow
@settings(deadline=None, derandomize=True)
@given(alerts)
def test_what_is_written_is_what_the_schema_says(alert: Alert) -> None:
    validator("alert.v2").validate(json.loads(encode_alert(alert)))


@pytest.mark.parametrize("file", EXAMPLES)
def test_an_example_is_what_would_be_written(file: str) -> None:
    published = decode_alert(EXAMPLES[file])

    assert published.thread == published.alert.alert_id
    assert json.loads(encode_alert(published.alert, published.text)) == json.loads(EXAMPLES[file])


def test_the_version_comes_first_then_the_fields_of_the_core_and_the_words_last() -> None:
    names = list(json.loads(encode_alert(ALERT, decode_alert(EXAMPLES["window_added.json"]).text)))

    later = {"analogues", "stories"}
    assert names == ["version", *(each for each in Alert.__dataclass_fields__ if each not in later), "text"]


def test_an_alert_without_words_is_written_without() -> None:
    document = {name: value for name, value in FULL.items() if name != "text"}
    published = decode_alert(json.dumps(document).encode())

    assert (published.alert, published.text) == (ALERT, None)
    assert json.loads(encode_alert(published.alert)) == document


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "text is None; expected `object`, got `null`"),
        ({"lock_screen": "x"}, "text is {'lock_screen': 'x'}; object missing required field `card`"),
        ({"lock_screen": "x" * 121, "card": "x"}, "text.lock_screen is "),
        ({"lock_screen": "x\ny", "card": "x"}, "text.lock_screen is "),
        ({"lock_screen": "x", "card": "\n".join("1234567")}, "text.card is "),
        ({"lock_screen": "x", "card": "1\n\n2"}, "text.card is "),
    ],
)
def test_words_beyond_their_limits_are_refused(text: object, fault: str) -> None:
    (said,) = refused(FULL | {"text": text}).faults

    assert said.startswith(fault)


def test_a_heads_up_has_no_severity_and_no_tests() -> None:
    document = json.loads(EXAMPLES["heads_up.json"])
    alert = decode_alert(EXAMPLES["heads_up.json"]).alert

    assert (document["severity"], document["tests"]) == (None, [])
    assert (alert.stage, alert.severity, alert.lead) == (Stage.HEADS_UP, None, None)
    assert json.loads(encode_alert(alert))["severity"] is None


def test_a_thread_keeps_what_was_tested_at_each_stage() -> None:
    alert = decode_alert(EXAMPLES["provisional.json"]).alert

    assert [each.stage for each in alert.tests] == [Stage.REOPEN, Stage.PROVISIONAL]
    assert [each.is_abnormal for each in alert.tests] == [True, False]
    assert [each.stage for each in alert.untested] == [Stage.REOPEN]
    assert [each.stage for each in alert.upcoming] == [Stage.SETTLEMENT]


def test_a_move_without_a_known_event_is_an_alert_too() -> None:
    alert = decode_alert(EXAMPLES["unexplained.json"]).alert

    assert (alert.severity, alert.events, alert.exposure) == (Severity.INFO, (), None)


def test_a_revision_may_say_that_p_is_no_longer_below_the_level() -> None:
    alert = decode_alert(EXAMPLES["above_the_level.json"]).alert

    assert (alert.cause, alert.is_abnormal, alert.severity) == (Cause.PRICE_REVISION, False, Severity.INFO)


@pytest.mark.parametrize("level", [0, -0.01, 1.01])
def test_a_level_is_above_zero_and_at_most_one(level: float) -> None:
    test = FULL["tests"][0] | {"level": level}
    fault = f"tests[0].level is {level}; expected `float` "

    assert refused(FULL | {"tests": [test]}).faults[0].startswith(fault)
    with pytest.raises(InvalidMessage, match="level is"):
        encode_alert(replace(ALERT, tests=(replace(ALERT.tests[0], level=level),)))


def test_all_faults_of_an_alert_are_told_at_once() -> None:
    error = refused(
        FULL
        | {"alert_id": "i" * 65, "revision": 0, "stage": "rumour", "cause": "whim", "severity": "loud"}
        | {"tests": [FULL["tests"][0] | {"p": -0.1}], "upcoming": None}
        | {"windows": [FULL["windows"][0], FULL["windows"][0] | {"observed": -1}]}
    )

    assert error.reason is DeadLetterReason.SCHEMA
    assert [fault.split()[0] for fault in error.faults] == [
        "alert_id",
        "revision",
        "stage",
        "cause",
        "severity",
        "tests[0].p",
        "upcoming",
        "windows[1].observed",
    ]
    assert error.faults[7] == f"windows[1].observed is -1; expected `int` >= 0; {REMEDY}"


@pytest.mark.parametrize("field", [name for name in FULL if name not in ("version", "text")])
def test_a_field_that_is_missing_is_named(field: str) -> None:
    error = refused({name: value for name, value in FULL.items() if name != field})

    assert error.faults == (f"{field} is missing; it is required; {REMEDY}",)


def test_a_test_of_an_alert_was_made() -> None:
    error = refused(FULL | {"tests": [{"status": "pending", "settles_at": "2022-01-05T16:30:00Z"}]})

    assert error.reason is DeadLetterReason.SCHEMA
    assert error.faults[0].startswith("tests")


def test_a_window_that_ends_before_it_starts_contradicts_itself() -> None:
    error = refused(FULL | {"windows": [FULL["windows"][0] | {"window": {"start": 1, "end": 0}}]})

    assert error.reason is DeadLetterReason.CONTRADICTION
    assert error.faults == (f"windows[0].window is [1, 0]; expected an end at or after the start; {REMEDY}",)


def test_a_year_beyond_reason_is_found_in_a_test_of_the_alert() -> None:
    test = FULL["tests"][0]
    late = test | {"window": test["window"] | {"news_at": "2100-01-01T00:00:00Z"}}

    assert refused(FULL | {"tests": [late]}).faults[0].startswith("tests[0].window.news_at is 2100-01-01T00")


@pytest.mark.parametrize("data", [b"", b"not json", b"\xff"])
def test_an_alert_that_is_not_json_says_so(data: bytes) -> None:
    assert refused(data).reason is DeadLetterReason.NOT_JSON


def test_a_version_of_the_future_says_what_to_upgrade() -> None:
    error = refused({"version": 3, "alert_id": 7})

    assert error.reason is DeadLetterReason.SCHEMA
    assert error.faults == (
        "version is 3; expected at most 2: a newer brentwatch wrote it; upgrade this reader",
    )


@pytest.mark.parametrize("version", [None, True, 0, -1, 1.5, "2", [2], {}])
def test_what_is_no_version_is_refused(version: object) -> None:
    assert refused(FULL | {"version": version}).faults == (
        f"version is {version!r}; expected a number from 1 to 2; correct its writer",
    )


def test_a_document_without_its_version_is_read_as_version_1_and_lacks_its_fields() -> None:
    error = refused({name: value for name, value in FULL.items() if name != "version"})

    assert "settled_at is missing" in error.faults[0]
    assert "schemas/alert.v1.schema.json" in error.faults[0]
