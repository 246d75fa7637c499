"""What the monitor keeps comes back to the last bit, or stops the reader with a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from brentwatch.core.domain import BRENT_SPOT, Bar, EventAdmitted
from brentwatch.core.errors import SettingsError
from brentwatch.core.intraday.openings import SessionTests
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.core.monitor.state import Known
from brentwatch.core.monitor.state_values import take_snapshot
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.wire.state import decode_saved, encode_saved

DAY = date(2022, 1, 5)


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
    with pytest.raises(SettingsError, match=r"cannot be read .*expected one that"):
        decode_saved(data)


def test_what_a_newer_version_wrote_stops_and_says_what_to_do() -> None:
    data = json.dumps({"version": 7, "value": {"$": "Bar", "of": "the future"}}).encode()
    with pytest.raises(SettingsError, match=r"written in version 7 by a newer brentwatch"):
        decode_saved(data)


def test_the_tests_of_a_session_are_read_as_version_2_wrote_them() -> None:
    tests = [{"$": "OpenedTest", "slot": slot, "events": ["desk:1"]} for slot in (12, 190)]
    value = {"$": "SessionTests", "tests": tests, "untested": ["desk:2"], "largest": 0.5}

    assert decode_saved(json.dumps({"version": 2, "value": value}).encode()) == SessionTests((12, 190), 0.5)


def test_an_event_is_read_as_version_4_wrote_it_without_nearness() -> None:
    signal = next(each for each in find_history("abqaiq-2019").signals if isinstance(each, EventAdmitted))
    known = Known(event=signal.event, exposure=None, known_at=signal.known_at, live=True, nearness=0.5)
    document = json.loads(encode_saved(known)) | {"version": 4}
    del document["value"]["nearness"]

    assert decode_saved(json.dumps(document).encode()) == replace(known, nearness=0.0)


def test_a_field_that_an_older_version_did_not_know_takes_its_default() -> None:
    document = json.loads(
        encode_saved(Bar(session=DAY, closes_at=datetime(2022, 1, 5, 16, 30, tzinfo=UTC), close=8.0))
    )
    del document["value"]["interval"]

    value = decode_saved(json.dumps(document).encode())

    assert isinstance(value, Bar)
    assert (value.session, value.interval) == (DAY, "1d")
