from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from tests.notify.alerts import ALERT
from tests.wire.strategies import alerts
from tests.wire.validators import validator

from brentwatch.core.domain import HEADLINE, Alert, Cause, Severity
from brentwatch.wire import json_schemas
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.published import decode_alert, encode_alert

EXAMPLES = json_schemas.read_examples("alert.v1")
FULL: dict[str, Any] = json.loads(EXAMPLES["window_added.json"])
REMEDY = "correct whoever publishes alerts, as schemas/alert.v1.schema.json says"


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
    validator("alert.v1").validate(json.loads(encode_alert(alert)))


def test_the_alert_of_the_other_tests_can_be_sent() -> None:
    validator("alert.v1").validate(json.loads(encode_alert(ALERT)))
    assert decode_alert(encode_alert(ALERT)).alert == ALERT


@pytest.mark.parametrize("file", EXAMPLES)
def test_an_example_is_what_would_be_written(file: str) -> None:
    published = decode_alert(EXAMPLES[file])

    assert published.alert.headline.window == HEADLINE
    assert json.loads(encode_alert(published.alert, published.text)) == json.loads(EXAMPLES[file])


def test_an_alert_of_an_older_version_has_no_words_and_is_written_without() -> None:
    older = json.dumps({name: value for name, value in FULL.items() if name != "text"}).encode()
    published = decode_alert(older)

    assert published.text is None
    assert published.alert == decode_alert(EXAMPLES["window_added.json"]).alert
    assert json.loads(encode_alert(published.alert)) == json.loads(older)


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


def test_a_move_without_a_known_event_is_an_alert_too() -> None:
    alert = decode_alert(EXAMPLES["unexplained.json"]).alert

    assert (alert.severity, alert.events, alert.exposure) == (Severity.INFO, (), None)


def test_a_revision_may_say_that_p_is_no_longer_below_the_level() -> None:
    alert = decode_alert(EXAMPLES["above_the_level.json"]).alert

    assert (alert.cause, alert.below_level, alert.p > alert.level) == (Cause.PRICE_REVISION, False, True)


@pytest.mark.parametrize("level", [0, -0.01, 1.01])
def test_a_level_is_above_zero_and_at_most_one(level: float) -> None:
    assert refused(FULL | {"level": level}).faults[0].startswith(f"level is {level}; expected `float` ")
    with pytest.raises(InvalidMessage, match="level is"):
        encode_alert(replace(ALERT, level=level))


def test_all_faults_of_an_alert_are_told_at_once() -> None:
    error = refused(
        FULL
        | {"alert_id": "i" * 65, "revision": 0, "cause": "whim", "severity": "loud", "direction": "sideways"}
        | {"p": -0.1, "windows": [FULL["headline"], FULL["headline"] | {"observed": -1}], "move": None}
    )

    assert error.reason is DeadLetterReason.SCHEMA
    assert [fault.split()[0] for fault in error.faults] == [
        "alert_id",
        "revision",
        "cause",
        "severity",
        "direction",
        "p",
        "windows[1].observed",
        "move",
    ]
    assert error.faults[6] == f"windows[1].observed is -1; expected `int` >= 0; {REMEDY}"


@pytest.mark.parametrize("field", [name for name in FULL if name != "text"])
def test_a_field_that_is_missing_is_named(field: str) -> None:
    error = refused({name: value for name, value in FULL.items() if name != field})

    assert error.faults == (f"{field} is missing; it is required; {REMEDY}",)


def test_a_headline_is_a_test_that_was_made() -> None:
    error = refused(FULL | {"headline": {"status": "pending", "settles_at": "2022-01-05T16:30:00Z"}})

    assert error.reason is DeadLetterReason.SCHEMA
    assert error.faults[0].startswith("headline")


def test_a_window_that_ends_before_it_starts_contradicts_itself() -> None:
    error = refused(FULL | {"windows": [FULL["headline"] | {"window": {"start": 1, "end": 0}}]})

    assert error.reason is DeadLetterReason.CONTRADICTION
    assert error.faults == (
        f"windows[0].window is [1, 0]; an end at or after the start was wanted; {REMEDY}",
    )


@pytest.mark.parametrize("data", [b"", b"not json", b"\xff"])
def test_an_alert_that_is_not_json_says_so(data: bytes) -> None:
    assert refused(data).reason is DeadLetterReason.NOT_JSON
