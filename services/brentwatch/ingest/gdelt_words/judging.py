"""Judges whether a GDELT report is about current unrest, by its code and the words of its address.

The checks, in order: code or oil door, words, kind, crime, past, talk, place, class, home rule. A report
without a headline is mute: it may join an event but never starts one. Measured precision: docs/feeds.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from brentwatch.core.domain import EventClass
from brentwatch.ingest.gdelt_words.headline import Headline, Hits, find_groups, read_headline
from brentwatch.ingest.gdelt_words.kinds import UnrestKind, find_kinds, find_oil_door
from brentwatch.ingest.gdelt_words.places import HOME, find_abroad, find_country
from brentwatch.ingest.gdelt_words.talk import find_crime, find_past, find_talk
from brentwatch.ingest.gdelt_words.vocabulary import Vocabulary, WordGroup


class WordReason(StrEnum):
    """Why the word filter leaves a report out: labels of the metric `REPORTS_LEFT_OUT`."""

    CLASS = "class"
    MUTE = "mute"
    KIND = "kind"
    CRIME = "crime"
    PAST = "past"
    TALK = "talk"
    PLACE = "place"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Passes:
    """The report is about unrest; `is_moved` if its place is that of the words, not of the row."""

    country: str
    kind: UnrestKind
    event_class: EventClass
    is_moved: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeavesOut:
    """The report is left out for that reason, because of these words; `kind` and `country` if known."""

    reason: WordReason
    words: tuple[str, ...] = ()
    kind: UnrestKind | None = None
    country: str = ""
    event_class: EventClass | None = None
    """For a report that only the home rule leaves out: its class by the words."""


_KINDS: Mapping[EventClass, UnrestKind] = {
    EventClass.PROTEST: UnrestKind.STREET,
    EventClass.RIOT: UnrestKind.STREET,
    EventClass.VIOLENT_CRACKDOWN: UnrestKind.STREET,
    EventClass.STRIKE: UnrestKind.STRIKE,
    EventClass.BLOCKADE: UnrestKind.BLOCKADE,
    EventClass.STATE_OF_EMERGENCY: UnrestKind.EMERGENCY,
}
_CLASSES = {
    UnrestKind.STREET: EventClass.PROTEST,
    UnrestKind.STRIKE: EventClass.STRIKE,
    UnrestKind.BLOCKADE: EventClass.BLOCKADE,
    UnrestKind.EMERGENCY: EventClass.STATE_OF_EMERGENCY,
    UnrestKind.ARMED: EventClass.ARMED_CLASH,
}


@dataclass(frozen=True, slots=True)
class Article:
    """The content of an article's address: its headline, and the groups of its words."""

    headline: Headline
    hits: Hits

    @property
    def door(self) -> tuple[str, ...]:
        """The words that open the oil door; empty if it stays shut."""
        return find_oil_door(self.hits)


def read_article(address: str, vocabulary: Vocabulary) -> Article:
    """The article of that address."""
    headline = read_headline(address)
    return Article(headline, find_groups(headline, vocabulary))


def judge(
    article: Article, event_class: EventClass | None, country: str, known: date, vocabulary: Vocabulary
) -> Passes | LeavesOut:
    """The judgement of a report whose row has that class (None: its code is not unrest) and country.

    `known` is the day on which the row was added. The result depends on nothing else.
    """
    door = article.door
    if event_class is None and not door:
        return LeavesOut(WordReason.CLASS)
    if article.headline.is_mute:
        return LeavesOut(WordReason.MUTE, article.headline.words)
    kinds = find_kinds(article.hits) or ({UnrestKind.ARMED: door} if door else {})
    if not kinds:
        return LeavesOut(WordReason.KIND)
    kind = choose_kind(kinds, event_class)
    if (refused := _refuse(article, kind, known, vocabulary)) is not None:
        return LeavesOut(*refused, kind, country)
    return _place(article, kind, kinds[kind], event_class, country, vocabulary)


def _refuse(
    article: Article, kind: UnrestKind, known: date, vocabulary: Vocabulary
) -> tuple[WordReason, tuple[str, ...]] | None:
    """Why words of unrest are not news of unrest, and the words that decide it."""
    headline, hits = article.headline, article.hits
    if words := find_crime(hits):
        return WordReason.CRIME, words
    if words := find_past(headline, hits, known):
        return WordReason.PAST, words
    if words := find_talk(headline, hits, kind, vocabulary):
        return WordReason.TALK, words
    return None


def _place(
    article: Article,
    kind: UnrestKind,
    words: tuple[str, ...],
    event_class: EventClass | None,
    country: str,
    vocabulary: Vocabulary,
) -> Passes | LeavesOut:
    where, names = find_country(article.headline.words, country, vocabulary)
    if kind is UnrestKind.ARMED and where in HOME:
        where, names = find_abroad(article.headline.words, vocabulary) or (where, names)
    decided = (*words, *names)
    if kind is UnrestKind.ARMED and where in HOME:
        return LeavesOut(WordReason.PLACE, decided, kind, where)
    event_class = choose_class(article.hits, kind, event_class)
    if is_small_at_home(article.hits, kind, where):
        return LeavesOut(WordReason.HOME, decided, kind, where, event_class)
    return Passes(where, kind, event_class, where != country, decided)


def choose_kind(kinds: Mapping[UnrestKind, tuple[str, ...]], event_class: EventClass | None) -> UnrestKind:
    """The kind of the row's own class if the words have it too, otherwise the gravest."""
    own = None if event_class is None else _find_kind(event_class)
    return next(iter(kinds)) if own is None or own not in kinds else own


def choose_class(hits: Hits, kind: UnrestKind, event_class: EventClass | None) -> EventClass:
    """The class by the words: coup, oil or ships under attack, the row's own if it is of that kind."""
    if kind is UnrestKind.ARMED:
        if WordGroup.COUP in hits and WordGroup.UNREAL_COUP not in hits:
            return EventClass.COUP
        if WordGroup.ATTACK in hits and WordGroup.SHIPPING in hits:
            return EventClass.ATTACK_SHIPPING
        if WordGroup.ATTACK in hits and WordGroup.OIL in hits:
            return EventClass.ATTACK_INFRASTRUCTURE
    if event_class is not None and _find_kind(event_class) is kind:
        return event_class
    return _CLASSES[kind]


def is_small_at_home(hits: Hits, kind: UnrestKind, country: str) -> bool:
    """True for a protest or strike in a home country that does not concern oil."""
    is_daily = kind in (UnrestKind.STREET, UnrestKind.STRIKE)
    return is_daily and country in HOME and WordGroup.VITAL not in hits


def _find_kind(event_class: EventClass) -> UnrestKind:
    return _KINDS.get(event_class, UnrestKind.ARMED)
