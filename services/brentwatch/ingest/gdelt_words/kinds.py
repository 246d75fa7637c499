"""Finds the kind of unrest in a headline: armed, emergency, blockade, strike or street.

*armed*: a sufficient word, or a weapon or armed actor and another word of action, or a target and a word of
assault (a fire in a market is not enough).
*emergency*: curfew or martial law, or a state of emergency without a word of weather, health or school.
*blockade*: a blockade, or a strait or canal and a word of closing.
*strike*: a strike with those who strike, and no weapon.
*street*: a protest, or clashes with those who clash in streets.
*oil door*: an oil word and one of harm, or a shipping word and one of attack, and no word of prices: of any
code.
"""

from enum import StrEnum

from brentwatch.ingest.gdelt_words.headline import Hits
from brentwatch.ingest.gdelt_words.vocabulary import WordGroup


class UnrestKind(StrEnum):
    """The kinds of unrest."""

    ARMED = "armed"
    EMERGENCY = "emergency"
    BLOCKADE = "blockade"
    STRIKE = "strike"
    STREET = "street"


_ARMED_PAIRS = (
    (WordGroup.WEAPON, WordGroup.ACTION),
    (WordGroup.ARMED_ACTOR, WordGroup.ACTION),
    (WordGroup.TARGET, WordGroup.ASSAULT),
)


def find_kinds(hits: Hits) -> dict[UnrestKind, tuple[str, ...]]:
    """The kinds of unrest in the words, the gravest first, each with the words that decided."""
    found = {
        UnrestKind.ARMED: find_armed(hits),
        UnrestKind.EMERGENCY: find_emergency(hits),
        UnrestKind.BLOCKADE: find_blockade(hits),
        UnrestKind.STRIKE: find_strike(hits),
        UnrestKind.STREET: find_street(hits),
    }
    return {kind: words for kind, words in found.items() if words}


def find_armed(hits: Hits) -> tuple[str, ...]:
    """The words for fighting, if any."""
    if alone := hits.get(WordGroup.ARMED_ALONE):
        return (alone[0],)
    return next((words for one, other in _ARMED_PAIRS if (words := _pair(hits, one, other))), ())


def find_emergency(hits: Hits) -> tuple[str, ...]:
    """The words for suspended rights."""
    if WordGroup.DISASTER in hits:
        return ()
    words = hits.get(WordGroup.EMERGENCY) or hits.get(WordGroup.EMERGENCY_PHRASE)
    return (words[0],) if words else ()


def find_blockade(hits: Hits) -> tuple[str, ...]:
    """The words for a closed route."""
    if words := hits.get(WordGroup.BLOCKADE):
        return (words[0],)
    return _pair(hits, WordGroup.PASSAGE, WordGroup.CLOSING)


def find_strike(hits: Hits) -> tuple[str, ...]:
    """The words for a strike."""
    return () if WordGroup.WEAPON in hits else _pair(hits, WordGroup.STRIKE, WordGroup.WORKER)


def find_street(hits: Hits) -> tuple[str, ...]:
    """The words for a crowd."""
    if words := hits.get(WordGroup.STREET):
        return (words[0],)
    return _pair(hits, WordGroup.CLASH, WordGroup.CROWD)


def find_oil_door(hits: Hits) -> tuple[str, ...]:
    """The words for harm to oil or its transport."""
    if WordGroup.PRICE in hits:
        return ()
    return _pair(hits, WordGroup.OIL, WordGroup.HARM) or _pair(hits, WordGroup.SHIPPING, WordGroup.ATTACK)


def _pair(hits: Hits, one: WordGroup, other: WordGroup) -> tuple[str, ...]:
    """The first word of each group; one word cannot count for both."""
    pairs = ((first, second) for first in hits.get(one, ()) for second in hits.get(other, ()))
    return next((pair for pair in pairs if pair[0] != pair[1]), ())
