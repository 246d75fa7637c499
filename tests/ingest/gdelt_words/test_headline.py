"""The headline is the part of an address with most words; what is no word of it is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brentwatch.ingest.gdelt_words.headline import find_groups, measure_overlap, read_headline
from brentwatch.ingest.gdelt_words.vocabulary import WordGroup, load_vocabulary


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://example.org/world/2024/05/07/troops-fire-on-crowd.html", ("troops", "fire", "on", "crowd")),
        ("https://example.org/Troops_Fire_On_Crowd/", ("troops", "fire", "on", "crowd")),
        ("https://example.org/troops-fire-on-crowd/a_4c97882b-6f88.html", ("troops", "fire", "on", "crowd")),
        ("https://example.org/index.php?id=7&title=troops+fire+on+crowd", ("troops", "fire", "on", "crowd")),
        ("https://example.org/troops%20fire%20on%20crowd", ("troops", "fire", "on", "crowd")),
        ("https://example.org/iran-s-troops-kill-4-idUSKBN27U0", ("iran", "troops", "kill")),
        ("https://example.org/minister%E2%80%99s-troops-fire", ("ministers", "troops", "fire")),
        ("https://example.org/troops-fire-on#comments-of-many-readers", ("troops", "fire", "on")),
        ("https://example.org/stories/202405070123.html", ("stories",)),
        ("https://example.org/?p=484607", ()),
        ("https://example.org", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_the_words_of_an_address(address: str, words: tuple[str, ...]) -> None:
    headline = read_headline(address)
    assert headline.words == words
    assert headline.is_mute == (len(words) < 3)


@pytest.mark.parametrize(
    "address",
    [
        "https://www.example.org/a",
        "http://EXAMPLE.org:8080/a",
        "https://somebody@example.org/a",
        "https://example.org",
    ],
)
def test_the_domain_is_the_paper(address: str) -> None:
    assert read_headline(address).domain == "example.org"


def test_other_parts_are_sections_and_years_are_those_of_the_headline() -> None:
    headline = read_headline("https://example.org/opinion/2019/riots-of-1968-in-paris")
    assert headline.sections == {"opinion"}
    assert headline.years == (1968,)


def test_phrases_are_found_where_they_stand_together() -> None:
    vocabulary = load_vocabulary()
    together = find_groups(read_headline("https://example.org/civil-war-in-the-north"), vocabulary)
    apart = find_groups(read_headline("https://example.org/war-is-never-civil"), vocabulary)
    assert together[WordGroup.ARMED_ALONE] == ["civil_war"]
    assert WordGroup.ARMED_ALONE not in apart


def test_the_overlap_is_shared_words_by_all_words() -> None:
    assert measure_overlap(frozenset("abc"), frozenset("bcd")) == 0.5
    assert measure_overlap(frozenset(), frozenset()) == 1.0


@given(st.text(max_size=300))
def test_any_text_has_a_headline(address: str) -> None:
    headline = read_headline(address)
    assert headline == read_headline(address)
    assert len(headline.words) <= 40
    assert all(word.isalpha() and len(word) > 1 for word in headline.words)
