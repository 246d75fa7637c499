"""Finds the country in a headline, which is right far more often than the place in GDELT.

If there is exactly one country after `in`, `at`, `across`, `inside` or `outside`, it is used. Otherwise, if
the headline does not name the country of the row, the first named country that is not a home country is used.
Names of countries and towns count after these words; names of peoples count only if nothing else is named.
Armed events in a home country are moved to the first other country in the headline.
"""

from collections.abc import Iterator, Sequence

from brentwatch.ingest.gdelt_words.vocabulary import (
    LONGEST_PHRASE,
    NamedPlace,
    NameKind,
    Vocabulary,
    WordGroup,
)

HOME = frozenset({"USA", "GBR", "CAN", "AUS", "IRL", "NZL", "NOR"})
"""Home countries, with most of the papers: crime and small protests fill their pages."""


def find_country(words: Sequence[str], country: str, vocabulary: Vocabulary) -> tuple[str, tuple[str, ...]]:
    """The country of a report whose row has `country`, and the names that decided, if any."""
    named = list(_find_names(words, vocabulary))
    after = {
        place.country: name for at, name, place in named if _is_after_where(words, at, place, vocabulary)
    }
    if len(after) == 1:
        return next(iter(after.items()))[0], tuple(after.values())
    if any(place.country == country for _, _, place in named):
        return country, ()
    return _choose_abroad(named) or (country, ())


def find_abroad(words: Sequence[str], vocabulary: Vocabulary) -> tuple[str, tuple[str, ...]] | None:
    """The first named country that is not a home country, for armed events of a home country."""
    return _choose_abroad(list(_find_names(words, vocabulary)))


def _choose_abroad(named: Sequence[tuple[int, str, NamedPlace]]) -> tuple[str, tuple[str, ...]] | None:
    """The named places; peoples only if no place is named."""
    for is_people in (False, True):
        for _, name, place in named:
            if (place.kind is NameKind.PEOPLE) is is_people and place.country not in HOME:
                return place.country, (name,)
    return None


def _find_names(words: Sequence[str], vocabulary: Vocabulary) -> Iterator[tuple[int, str, NamedPlace]]:
    """Each name with the index of its first word; the longest one that begins there."""
    at = 0
    while at < len(words):
        if words[at] not in vocabulary.name_openers:
            at += 1
            continue
        length, name, place = _find_name(words, at, vocabulary)
        if place is not None:
            yield at, name, place
        at += length


def _find_name(words: Sequence[str], at: int, vocabulary: Vocabulary) -> tuple[int, str, NamedPlace | None]:
    for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
        name = "_".join(words[at : at + length])
        place = vocabulary.places.get(name) or vocabulary.places.get(name.removesuffix("s"))
        if place is not None:
            return length, name, place
    return 1, "", None


def _is_after_where(words: Sequence[str], at: int, place: NamedPlace, vocabulary: Vocabulary) -> bool:
    if place.kind is NameKind.PEOPLE or at == 0:
        return False
    before = vocabulary.groups.get(words[at - 1], ())
    if WordGroup.DIRECTION in before and at > 1:
        before = vocabulary.groups.get(words[at - 2], ())
    return WordGroup.WHERE in before
