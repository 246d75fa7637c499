"""What the monitor keeps comes back to the last bit, or stops the reader with a sentence."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests.wire.strategies import alerts, studies

from brentwatch.core.domain import BRENT_SPOT, Alert, Bar, SessionStudy
from brentwatch.core.errors import SettingsError
from brentwatch.core.ids import alert_id, study_id
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.core.monitor.state_values import Session, Value, take_snapshot
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.wire.json_schemas import read_examples
from brentwatch.wire.published import decode_alert, decode_study
from brentwatch.wire.state import decode_saved, encode_saved

DAY = date(2022, 1, 5)
_OLDER = (Path(__file__).parents[1] / "data" / "state_of_an_older_version.b64").read_bytes()
OLDER_VALUES = [
    value.encode()
    for line in gzip.decompress(base64.b64decode(_OLDER)).splitlines()
    if '"Study"' in (value := json.loads(line).get("value", "")) or '"Session"' in value
]


@pytest.mark.parametrize("history", ["libya-2011", "abqaiq-2019"])
@pytest.mark.slow
def test_every_value_of_a_state_comes_back_as_it_was(history: str) -> None:
    state = create_state(build_rules(BRENT_SPOT))
    kinds: set[str] = set()
    for number, signal in enumerate(find_history(history).signals):
        state, _ = step(state, signal)
        if number % 200 == 0 or number > 1_600:
            kept = take_snapshot(state)
            kinds |= {key.partition(":")[0] for key in kept}
            for value in kept.values():
                data = encode_saved(value)
                assert encode_saved(decode_saved(data)) == data

    assert kinds >= {"meta", "bar", "fit", "memory", "event", "session", "forecasts", "joined", "study"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"version": 1, "value": {"$": "Rumour"}}',
        b'{"version": 1, "value": {"$": "Bar", "session": 1}}',
        b'{"version": 1, "value": {"$": "date", "=": "yesterday"}}',
        b'{"version": "x", "value": 1}',
    ],
)
def test_what_is_no_value_of_ours_stops_and_says_what_to_do(data: bytes) -> None:
    with pytest.raises(SettingsError, match=r"cannot be read .*expected a value that"):
        decode_saved(data)


def test_what_a_newer_version_wrote_stops_and_says_what_to_do() -> None:
    data = json.dumps({"version": 11, "value": {"$": "Bar", "of": "the future"}}).encode()
    with pytest.raises(SettingsError, match=r"a newer brentwatch wrote the state \(version 11;"):
        decode_saved(data)


def test_studies_and_alerts_of_an_older_version_are_read_as_those_of_today() -> None:
    values = [decode_saved(each) for each in OLDER_VALUES]
    studies = [each for each in values if isinstance(each, SessionStudy)]
    records = [each.record for each in values if isinstance(each, Session)]
    (alert,) = [each.old_alert for each in records if each.old_alert is not None]

    assert (len(studies), {each.revision for each in studies}) == (18, {1, 3})
    for each in studies:
        assert each.study_id == study_id(each.instrument, each.session, each.window, each.model)
    assert (alert.alert_id, alert.revision) == (alert_id("brent-spot", alert.session), 1)
    assert alert.tests[0].p == 0.0027667097836770885
    assert alert.tests[0].study_id in {each.study_id for each in studies}
    for value in values:
        assert decode_saved(encode_saved(value)) == value


def test_an_alert_within_a_session_of_version_8_keeps_its_own_id() -> None:
    """The saved value is that of the example of version 1, as version 8 tagged it."""
    document = json.loads(read_examples("alert.v1")["within_the_session.json"])
    del document["text"]
    data = json.dumps({"version": 8, "rules": 6, "value": tag_value("Alert", document)}).encode()

    alert: object = decode_saved(data)  # a session holds it; alone it is no value of a state

    assert alert == decode_alert(read_examples("alert.v1")["within_the_session.json"]).alert
    assert isinstance(alert, Alert)
    assert alert.alert_id == "36b083d64e8ede7ad392"


def test_a_study_within_a_session_of_version_8_is_one_of_a_window() -> None:
    document = json.loads(read_examples("study.v1")["within_found.json"])
    data = json.dumps({"version": 8, "rules": 6, "value": tag_value("Study", document)}).encode()

    assert decode_saved(data) == decode_study(read_examples("study.v1")["within_found.json"])


def tag_value(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """The object and what it holds, with the tags of the state."""
    kinds = {"found": "Found", "pending": "NotYet", "refused": "Refused"}
    name = kinds.get(value.get("status", ""), name)
    return {"$": name} | {key: tag_item(key, item) for key, item in value.items() if key != "status"}


def tag_item(key: str, value: Any) -> Any:
    match value:
        case dict():
            return tag_value(key.capitalize(), value)
        case list():
            return [tag_item(key, item) for item in value]
        case str() if key.endswith("_at") or key == "data_through":
            return {"$": "datetime", "=": value.replace("Z", "+00:00")}
        case str() if key in ("session", "previous_session"):
            return {"$": "date", "=": value}
        case str() if key in ("cause", "severity", "direction", "event_class", "kind"):
            return {"$": key.capitalize(), "=": value}
    return value


@pytest.mark.parametrize("kind", ["Study", "Alert"])
def test_a_study_or_an_alert_of_an_older_version_that_is_damaged_stops(kind: str) -> None:
    data = json.dumps({"version": 8, "value": {"$": kind, "headline": 1, "study_id": 7}}).encode()
    with pytest.raises(SettingsError, match=r"cannot be read \(ValidationError: .*expected a value that"):
        decode_saved(data)


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=50)
@given(alerts | studies)
def test_a_study_or_an_alert_of_any_kind_comes_back_to_the_last_bit(value: Value) -> None:
    data = encode_saved(value)

    assert decode_saved(data) == value
    assert encode_saved(decode_saved(data)) == data


def test_a_field_that_an_older_version_did_not_know_takes_its_default() -> None:
    document = json.loads(
        encode_saved(Bar(session=DAY, closes_at=datetime(2022, 1, 5, 16, 30, tzinfo=UTC), close=8.0))
    )
    del document["value"]["interval"]

    value = decode_saved(json.dumps(document).encode())

    assert isinstance(value, Bar)
    assert (value.session, value.interval) == (DAY, "1d")
