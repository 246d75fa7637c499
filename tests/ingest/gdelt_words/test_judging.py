"""Each rule of words, in its order, by headlines of our own making."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.gdelt_words.articles import KNOWN, judged

from brentwatch.core.domain import EventClass
from brentwatch.ingest.gdelt_words.judging import LeavesOut, Passes, WordReason, judge, read_article
from brentwatch.ingest.gdelt_words.kinds import UnrestKind
from brentwatch.ingest.gdelt_words.vocabulary import load_vocabulary
from brentwatch.telemetry import table

FEEDS = Path(__file__).parents[3] / "docs" / "feeds.md"

KINDS = [
    ("airstrike on the old town", UnrestKind.ARMED),
    ("civil war reaches the coast", UnrestKind.ARMED),
    ("soldiers kill nine in the hills", UnrestKind.ARMED),
    ("missile hits ministry", UnrestKind.ARMED),
    ("villages attacked at night", UnrestKind.ARMED),
    ("thousands protest against fuel price", UnrestKind.STREET),
    ("supporters clash outside parliament", UnrestKind.STREET),
    ("nurses on strike over pay", UnrestKind.STRIKE),
    ("indefinite strike begins today", UnrestKind.STRIKE),
    ("farmers blockade border crossing", UnrestKind.BLOCKADE),
    ("hormuz closed to all traffic", UnrestKind.BLOCKADE),
    ("curfew after a night of fear", UnrestKind.EMERGENCY),
    ("state of emergency declared by president", UnrestKind.EMERGENCY),
]


@pytest.mark.parametrize(("headline", "kind"), KINDS)
def test_the_kind_is_told_by_words(headline: str, kind: UnrestKind) -> None:
    found = judged(headline)
    assert isinstance(found, Passes), found
    assert found.kind is kind


@pytest.mark.parametrize(
    "headline",
    [
        "bakery wins a prize",
        "soldiers get new boots",
        "market fire burns for hours",
        "storm hits airport",
        "violence of the sea",
        "strike by lightning in a field",
        "state of emergency after flood",
        "state of emergency over covid cases",
        "hormuz is a blue strait",
    ],
)
def test_what_tells_of_no_unrest_is_left_out_by_kind(headline: str) -> None:
    assert judged(headline) == LeavesOut(WordReason.KIND)


def test_a_strike_with_weapons_is_no_strike_of_workers() -> None:
    found = judged("drone strike kills workers", event_class=EventClass.STRIKE)
    assert isinstance(found, Passes)
    assert found.kind is UnrestKind.ARMED


REFUSED = [
    ("gunmen in court over raid", WordReason.CRIME),
    ("protesters and a murder", WordReason.CRIME),
    ("shelling remembered on anniversary", WordReason.PAST),
    ("riots of 1992 in pictures", WordReason.PAST),
    ("militants killed in august", WordReason.PAST),
    ("protests since january in the north", WordReason.PAST),
    ("coup in a new film", WordReason.TALK),
    ("why the protests grow", WordReason.TALK),
    ("sanctions after protests", WordReason.TALK),
    ("navy ship crash leaves nine dead", WordReason.TALK),
    ("army could attack rebels", WordReason.TALK),
    ("troops launch drill at the border", WordReason.TALK),
    ("minister condemns attack by militants", WordReason.TALK),
    ("protest called off by union", WordReason.TALK),
    ("nurses threaten strike", WordReason.TALK),
]


@pytest.mark.parametrize(("headline", "reason"), REFUSED)
def test_crime_past_and_talk_are_left_out_with_the_words_that_decided(
    headline: str, reason: WordReason
) -> None:
    found = judged(headline)
    assert isinstance(found, LeavesOut), found
    assert found.reason is reason
    assert found.words


@pytest.mark.parametrize(
    "headline",
    [
        "army could strike back after rebels killed nine",
        "navy ship hit by missile after crash",
        "militants killed in may",
        "riots of 2024 go on",
    ],
)
def test_what_has_happened_all_the_same_passes(headline: str) -> None:
    assert isinstance(judged(headline), Passes)


def test_the_month_before_is_no_past_in_the_first_days_of_a_month() -> None:
    headline = "militants killed in april"
    assert isinstance(judged(headline, known=date(2024, 5, 2)), Passes)
    assert isinstance(judged(headline, known=date(2024, 5, 20)), LeavesOut)


@pytest.mark.parametrize("section", ["opinion", "sport", "crime", "history"])
def test_a_section_of_the_paper_counts(section: str) -> None:
    found = judged("thousands protest against fuel price", section=section)
    assert isinstance(found, LeavesOut)
    assert (found.reason, found.words) == (WordReason.TALK, (section,))


def test_a_code_or_the_oil_door_is_a_condition() -> None:
    assert judged("thousands protest against fuel price", event_class=None) == LeavesOut(WordReason.CLASS)
    found = judged("explosion at refinery in aktau", event_class=None)
    assert isinstance(found, Passes)
    assert found.event_class is EventClass.ATTACK_INFRASTRUCTURE


@pytest.mark.parametrize(
    "headline",
    [
        "refinery profits hit record high",
        "tanker prices hit a high",
        "pipeline opens to visitors",
        "tanker arrives with water",
        "drones over the city",
    ],
)
def test_the_door_stays_shut_for_prices_and_without_harm_or_oil(headline: str) -> None:
    assert judged(headline, event_class=None) == LeavesOut(WordReason.CLASS)


def test_a_short_headline_is_mute_whatever_it_says() -> None:
    assert judged("riots spread") == LeavesOut(WordReason.MUTE, ("riots", "spread"))


CLASSES = [
    ("soldiers seize power in coup", EventClass.PROTEST, EventClass.COUP),
    ("drones hit refinery at night", EventClass.ARMED_CLASH, EventClass.ATTACK_INFRASTRUCTURE),
    ("missile hits oil tanker off coast", EventClass.BOMBARDMENT, EventClass.ATTACK_SHIPPING),
    ("soldiers kill nine in the hills", EventClass.BOMBARDMENT, EventClass.BOMBARDMENT),
    ("soldiers kill nine in the hills", EventClass.PROTEST, EventClass.ARMED_CLASH),
    ("thousands protest against fuel price", EventClass.RIOT, EventClass.RIOT),
    ("thousands protest against fuel price", EventClass.ARMED_CLASH, EventClass.PROTEST),
    ("nurses on strike over pay", EventClass.ARMED_CLASH, EventClass.STRIKE),
    ("farmers blockade border crossing", EventClass.PROTEST, EventClass.BLOCKADE),
    ("curfew after a night of fear", EventClass.PROTEST, EventClass.STATE_OF_EMERGENCY),
]


@pytest.mark.parametrize(("headline", "own", "told"), CLASSES)
def test_the_class_is_the_rows_own_where_it_is_of_that_kind_else_that_of_the_words(
    headline: str, own: EventClass, told: EventClass
) -> None:
    found = judged(headline, event_class=own)
    assert isinstance(found, Passes), found
    assert found.event_class is told


PLACES = [
    ("soldiers kill nine in libya", "KAZ", "LBY", True),
    ("soldiers kill nine in northern nigeria", "KAZ", "NGA", True),
    ("israeli warplanes strike soldiers in gaza", "ISR", "PSE", True),
    ("libya and niger soldiers killed", "NER", "LBY", True),
    ("libya soldiers killed near niger", "LBY", "LBY", False),
    ("soldiers kill nine in libya and in iraq", "LBY", "LBY", False),
    ("iraqi soldiers kill nine", "KAZ", "IRQ", True),
    ("kazakhstans soldiers kill nine", "KAZ", "KAZ", False),
    ("us soldiers strike houthis", "USA", None, False),
    ("us soldiers kill nine militants from yemen", "USA", "YEM", True),
    ("soldiers kill nine", "KAZ", "KAZ", False),
]


@pytest.mark.parametrize(("headline", "own", "country", "moved"), PLACES)
def test_the_place_is_that_of_the_words_where_they_name_one(
    headline: str, own: str, country: str | None, moved: bool
) -> None:
    found = judged(headline, country=own)
    if country is None:
        assert isinstance(found, LeavesOut)
        assert found.reason is WordReason.PLACE
    else:
        assert isinstance(found, Passes)
        assert (found.country, found.is_moved) == (country, moved)


def test_a_protest_at_home_needs_something_of_oil() -> None:
    small = judged("thousands protest in texas", event_class=EventClass.PROTEST, country="USA")
    assert isinstance(small, LeavesOut)
    assert (small.reason, small.country, small.event_class) == (WordReason.HOME, "USA", EventClass.PROTEST)
    vital = judged("thousands protest at port in texas", event_class=EventClass.PROTEST, country="USA")
    assert isinstance(vital, Passes)
    abroad = judged("thousands protest in nigeria", event_class=EventClass.PROTEST, country="USA")
    assert isinstance(abroad, Passes)


@given(
    st.lists(st.sampled_from(sorted(load_vocabulary().groups)[::7]), max_size=12),
    st.sampled_from([None, *EventClass]),
    st.sampled_from(["KAZ", "USA", "LBY", "PSE"]),
)
def test_the_answer_depends_on_its_arguments_alone(
    words: list[str], event_class: EventClass | None, country: str
) -> None:
    vocabulary = load_vocabulary()
    address = "https://example.org/" + "-".join(words).replace("_", "-")
    first = judge(read_article(address, vocabulary), event_class, country, KNOWN, vocabulary)
    judge(
        read_article("https://example.org/riots-in-paris-again", vocabulary), None, "FRA", KNOWN, vocabulary
    )
    assert judge(read_article(address, vocabulary), event_class, country, KNOWN, vocabulary) == first


def test_every_reason_is_a_label_of_the_metric_and_is_explained() -> None:
    (label,) = [each for each in table.REPORTS_LEFT_OUT.labels if each.name == "reason"]
    page = FEEDS.read_text(encoding="utf-8")
    for reason in WordReason:
        assert reason.value in label.values
        assert f"| `{reason.value}` |" in page
