"""Corroboration: another paper, other words, within two hours; and what an event says of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.ingest.feeds.gdelt_stub import FIRST, row
from tests.ingest.feeds.test_happenings import taken

from brentwatch.core.domain import EventClass
from brentwatch.ingest.feeds.gdelt_rows import Report, parse_report
from brentwatch.ingest.feeds.happenings import Happenings
from brentwatch.ingest.feeds.headlines import Headlines
from brentwatch.ingest.gdelt_words.headline import read_headline
from brentwatch.ingest.gdelt_words.vocabulary import load_vocabulary
from brentwatch.wire.event_document import LocationPrecision

QUARTER = timedelta(minutes=15)
ONE = "https://one.example/protesters-storm-city-hall-in-aktau"
COPY = "https://two.example/protesters-storm-city-hall-in-aktau"
TWO = "https://two.example/thousands-join-protest-over-fuel-price"
THREE = "https://three.example/unrest-spreads-as-crowds-fill-square"


def report(number: int, url: str, **changes: object) -> Report:
    line = row(number, url=url, **changes)  # type: ignore[arg-type]  # fields of a row by their names
    found = parse_report(line, 3, load_vocabulary())
    assert isinstance(found, Report), found
    return found


@pytest.mark.parametrize(
    ("addresses", "count", "confidence"),
    [
        ([ONE], 1, None),
        ([ONE, ONE], 1, None),
        ([ONE, COPY], 1, None),
        ([ONE, "https://one.example/thousands-join-protest-over-fuel-price"], 1, None),
        ([ONE, "https://two.example/7"], 1, None),
        ([ONE, TWO], 2, 0.8),
        ([ONE, COPY, TWO], 2, 0.8),
        ([ONE, TWO, THREE], 3, 0.9),
    ],
)
def test_a_headline_counts_with_other_words_from_another_paper(
    addresses: list[str], count: int, confidence: float | None
) -> None:
    headlines = Headlines()
    for address in addresses:
        headlines.add(read_headline(address), FIRST)
    assert (headlines.count, headlines.confidence) == (count, confidence)


@pytest.mark.parametrize(("minutes", "count"), [(120, 2), (121, 1)])
def test_it_counts_within_two_hours(minutes: int, count: int) -> None:
    headlines = Headlines()
    headlines.add(read_headline(ONE), FIRST)
    headlines.add(read_headline(TWO), FIRST + timedelta(minutes=minutes))
    assert headlines.count == count


def test_the_highest_count_stays_and_memory_is_bounded() -> None:
    headlines = Headlines()
    for number in range(100):
        letters = "abcdefghij"
        words = "-".join(
            letters[int(digit)] * 3 + letters[number % 10] for digit in f"{number:02}{number:02}"
        )
        headlines.add(
            read_headline(f"https://paper{number}.example/{words}-{letters[number // 10] * 4}"), FIRST
        )
    assert headlines.count == len(headlines.recent) == 12
    headlines.add(read_headline(ONE), FIRST + timedelta(days=1))
    assert (headlines.count, len(headlines.recent)) == (12, 1)


def test_the_revision_is_known_when_the_second_headline_came_and_says_so() -> None:
    happenings = Happenings()
    (first,) = taken(happenings, report(1, ONE, mentions=50))
    assert first.attention is not None
    assert first.reliability is not None
    assert (first.attention.headlines, first.reliability.confidence) == (1, None)
    assert taken(happenings, report(2, COPY, mentions=1), at=FIRST + QUARTER) == []
    (second,) = taken(happenings, report(3, TWO, mentions=1), at=FIRST + 2 * QUARTER)
    assert (second.event_id, second.revision, second.known_at) == ("gdelt:1", 1, FIRST + 2 * QUARTER)
    assert second.attention is not None
    assert second.reliability is not None
    assert (second.attention.headlines, second.reliability.confidence) == (2, 0.8)


def test_after_a_restart_a_story_is_corroborated_anew_and_loses_nothing() -> None:
    happenings, again = Happenings(), Happenings()
    for document in taken(happenings, report(1, ONE, mentions=50), report(2, TWO, mentions=1)):
        again.recall(document)
    assert taken(again, report(3, THREE, mentions=1), at=FIRST + QUARTER) == []
    four = "https://four.example/riot-police-fire-tear-gas-near-harbour"
    five = "https://five.example/dozens-hurt-when-demonstration-turned-ugly"
    assert taken(again, report(4, four, mentions=1), at=FIRST + QUARTER) == []
    (told,) = taken(again, report(5, five, mentions=1), at=FIRST + QUARTER)
    assert told.reliability is not None
    assert told.reliability.confidence == 0.9


def test_a_mute_report_joins_and_never_begins() -> None:
    happenings = Happenings()
    assert taken(happenings, report(1, "https://two.example/7")) == []
    assert len(happenings) == 0
    taken(happenings, report(2, ONE, mentions=1))
    (grown,) = taken(happenings, report(3, "https://two.example/7", mentions=9), at=FIRST + QUARTER)
    assert (grown.event_id, grown.reports) == ("gdelt:2", 2)


def test_a_moved_report_has_its_country_and_no_coordinates() -> None:
    moved = report(1, "https://one.example/soldiers-kill-nine-in-libya", code="190")
    assert (moved.country, moved.place, moved.admin1) == ("LBY", "Libya", "")
    assert (moved.lat, moved.lon, moved.precision) == (None, None, LocationPrecision.COUNTRY)
    (event,) = taken(Happenings(), moved)
    assert event.location is not None
    assert (event.country, event.location.town) == ("LBY", None)


def test_the_oil_door_makes_an_event_of_a_code_that_is_no_unrest() -> None:
    door = report(1, "https://one.example/explosion-at-refinery-in-libya", code="010")
    assert (door.event_class, door.country) == (EventClass.ATTACK_INFRASTRUCTURE, "LBY")


def test_a_small_protest_at_home_is_told_once_ten_papers_tell_of_it() -> None:
    happenings = Happenings()
    words = ["alder", "birch", "cedar", "elder", "fir", "hazel", "larch", "maple", "oak", "pine"]
    for number, word in enumerate(words):
        url = f"https://{word}.example/{word}-{word}son-{word}ville-protest"
        told = taken(happenings, report(number, url, country="US", place="Reno, Nevada"))
        assert len(told) == (number == 9)
    assert told[0].reports == 10
