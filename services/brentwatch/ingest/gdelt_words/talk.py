"""Finds words that are not news of unrest: crime, the past, and talk.

Each function returns the words that decided, or none.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from brentwatch.ingest.gdelt_words.headline import Headline, Hits
from brentwatch.ingest.gdelt_words.kinds import UnrestKind
from brentwatch.ingest.gdelt_words.vocabulary import Vocabulary, WordGroup

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_FIRST_DAYS = 5
"""Days of a month in which articles still write about the month before."""


def find_crime(hits: Hits) -> tuple[str, ...]:
    """A crime that courts or county police deal with."""
    return tuple(hits.get(WordGroup.CRIME, ())[:1])


def find_past(headline: Headline, hits: Hits, known: date) -> tuple[str, ...]:
    """Remembrance, an earlier year, or another month after `in`."""
    if words := hits.get(WordGroup.PAST):
        return (words[0],)
    first = known.year - 1 if known.month == 1 else known.year
    if years := [each for each in headline.years if each < first]:
        return (str(years[0]),)
    return _find_other_month(headline.words, known)


def _find_other_month(words: Sequence[str], known: date) -> tuple[str, ...]:
    now = {_MONTHS[known.month - 1]}
    if known.day <= _FIRST_DAYS:
        now.add(_MONTHS[known.month - 2])
    for before, word in pairwise(words):
        if before in ("in", "last", "since") and word in _MONTHS and word not in now:
            return before, word
    return ()


def find_talk(headline: Headline, hits: Hits, kind: UnrestKind, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Film, sport or opinion, as words or as a section; for arms also accident, intent and speech.

    A cancelled event or a strike that is only planned is talk as well.
    """
    for group in (WordGroup.LEISURE, WordGroup.OPINION, WordGroup.SANCTIONS):
        if words := hits.get(group):
            return (words[0],)
    if words := _find_section(headline, vocabulary):
        return words
    if kind is UnrestKind.ARMED:
        return _find_armed_talk(hits)
    is_intended = kind is UnrestKind.STRIKE and WordGroup.INTENT in hits
    return tuple(hits.get(WordGroup.INTENT if is_intended else WordGroup.CALLED_OFF, ())[:1])


def _find_section(headline: Headline, vocabulary: Vocabulary) -> tuple[str, ...]:
    for section in sorted(headline.sections):
        if WordGroup.SECTION in vocabulary.groups.get(section, ()):
            return (section,)
    return ()


def _find_armed_talk(hits: Hits) -> tuple[str, ...]:
    if WordGroup.ACCIDENT in hits and WordGroup.GUNSHOT not in hits:
        return (hits[WordGroup.ACCIDENT][0],)
    if WordGroup.INTENT in hits and WordGroup.DONE not in hits:
        return (hits[WordGroup.INTENT][0],)
    return tuple(hits.get(WordGroup.SPEECH, ())[:1])
