"""The line of an event: where, since when, barrels at risk, who vouches for it, and no foreign trick."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.notify.alerts import EVENT

from brentwatch.core.domain import EventClass, Verification
from brentwatch.message.foreign import clean, cut_text, parse_host, quote_text
from brentwatch.message.words import write_event_line


def parts(**changes: Any) -> list[str]:
    return write_event_line(replace(EVENT, **changes)).split(" · ")


def test_an_event_says_what_where_and_since_when() -> None:
    what, known, *_ = parts(place="nationwide", country="KAZ", event_class=EventClass.WAR_ONSET)
    assert (what, known) == ("Outbreak of war, nationwide, Kazakhstan", "known Sat 14 Sep 00:45 UTC")
    assert parts(place=None)[0] == "Attack on infrastructure, Saudi Arabia"
    assert parts(place="Abqaiq, Saudi Arabia")[0] == "Attack on infrastructure, Abqaiq, Saudi Arabia"


@pytest.mark.parametrize("event_class", EventClass)
def test_every_class_reads_as_words(event_class: EventClass) -> None:
    assert "_" not in parts(event_class=event_class)[0]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"production_kbd": 1_726.5, "exposure": 0.651}, "exposure 0.65 (1.7 mb/d)"),
        ({"production_kbd": 48.6, "transit_kbd": 8_600.0}, "exposure 0.98 (49 kb/d and 8.6 mb/d in transit)"),
        ({"production_kbd": 0.0, "transit_kbd": 20_900.0}, "exposure 0.98 (20.9 mb/d in transit)"),
        ({"country": "YEM"}, "exposure 0.98 (Saudi Arabia, 9.7 mb/d)"),
        ({"exposure": None, "exposure_country": None, "production_kbd": None}, "exposure unknown"),
    ],
)
def test_barrels_at_risk_say_whose_they_are(changes: dict[str, Any], expected: str) -> None:
    assert parts(**changes)[2] == expected


@pytest.mark.parametrize(
    ("verification", "source", "expected"),
    [
        (Verification.CURATED, "https://www.upi.com/a?b", '"Drones" (source: upi.com)'),
        (Verification.CURATED, None, '"Drones" (curated, no source named)'),
        (Verification.HUMAN, "https://www.upi.com/", '"Drones" (unverified)'),
        (Verification.MACHINE, "https://www.upi.com/", '"Drones" (unverified)'),
        (None, None, '"Drones" (unverified)'),
    ],
)
def test_a_headline_is_quoted_and_unverified_unless_curated(
    verification: Verification | None, source: str | None, expected: str
) -> None:
    assert parts(summary="Drones", verification=verification, source=source)[-1] == expected


def test_an_event_without_a_headline_says_so() -> None:
    assert parts(summary=" \x07 ")[-1] == "no headline (source: example.org)"


def test_marks_tell_a_day_from_an_hour_and_late_from_early() -> None:
    assert parts(by_day=True)[3] == "time of day unknown: counted for two sessions"
    assert parts(by_day=True, carried=True, late=True)[3:5] == [
        "time of day unknown: counted for two sessions, this is the second",
        "late: arrived after the session was tested",
    ]


def test_a_quotation_cannot_be_closed_from_within() -> None:
    assert quote_text('x" (source: reuters.com)', 60) == '"x\' (source: reuters.com)"'


def test_what_is_too_long_says_that_it_goes_on() -> None:
    assert cut_text("a long name", 7) == "a long…"
    assert quote_text("a" * 300, 200) == f'"{"a" * 199}…"'


def test_control_and_bidirectional_characters_go_and_space_is_single() -> None:
    assert clean("\x1b[31m a\u202eb\u00a0\n\tc\ud800") == "[31m ab c"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://user:word@www.example.org:8080/a", "example.org"),
        ("a newspaper of Friday", "a newspaper of Friday"),
        ("https://[broken", "https://[broken"),
    ],
)
def test_a_source_is_its_host_or_what_it_says(source: str, expected: str) -> None:
    assert parse_host(source) == expected
