"""The vocabulary and the gazetteer: two data files that are read once into maps.

A row of `vocabulary.csv` has a group of words, the reason for it, and the words. A row of `gazetteer.csv` has
a country, a kind of name, a reason and the names. Words are lower case; phrases have underscores. A file with
faults is refused when it is loaded, with all faults at once.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeVar

from brentwatch.core.errors import InvalidInput
from brentwatch.wire.countries import read_country_table

LONGEST_PHRASE = 4
"""The most words of a phrase."""


class WordGroup(StrEnum):
    """The groups of words that the rules use."""

    ARMED_ALONE = "armed alone"
    WEAPON = "weapon"
    ARMED_ACTOR = "armed actor"
    TARGET = "target"
    ACTION = "action"
    ASSAULT = "assault"
    GUNSHOT = "gunshot"
    ACCIDENT = "accident"
    STREET = "street"
    CLASH = "clash"
    CROWD = "crowd"
    STRIKE = "strike"
    WORKER = "worker"
    CALLED_OFF = "called off"
    BLOCKADE = "blockade"
    PASSAGE = "passage"
    CLOSING = "closing"
    EMERGENCY = "emergency"
    EMERGENCY_PHRASE = "emergency phrase"
    DISASTER = "disaster"
    CRIME = "crime"
    PAST = "past"
    LEISURE = "leisure"
    OPINION = "opinion"
    INTENT = "intent"
    DONE = "done"
    SPEECH = "speech"
    SANCTIONS = "sanctions"
    SECTION = "section"
    OIL = "oil"
    SHIPPING = "shipping"
    HARM = "harm"
    ATTACK = "attack"
    PRICE = "price"
    VITAL = "vital"
    COUP = "coup"
    UNREAL_COUP = "unreal coup"
    WHERE = "where"
    DIRECTION = "direction"
    MONTH = "month"


class NameKind(StrEnum):
    """What a name in the gazetteer is."""

    COUNTRY = "country"
    TOWN = "town"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """The country (ISO 3166-1 alpha-3) that a name means, and whether it is a place or its people."""

    country: str
    kind: NameKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Groups by word, and places by name; phrases are joined by underscores."""

    groups: Mapping[str, tuple[WordGroup, ...]]
    places: Mapping[str, NamedPlace]
    openers: frozenset[str]
    """First words of the phrases in `groups`: most words start none."""
    name_openers: frozenset[str]
    """First words of the names in `places`, and their possessives."""


Row = Mapping[str, str]
Found = TypeVar("Found")


@cache
def load_vocabulary() -> Vocabulary:
    """The bundled files.

    Raises:
        InvalidInput: if one is faulty.
    """
    data = files("brentwatch.ingest.gdelt_words") / "data"
    return parse_vocabulary(
        (data / "vocabulary.csv").read_text("utf-8"), (data / "gazetteer.csv").read_text("utf-8")
    )


def parse_vocabulary(words: str, names: str) -> Vocabulary:
    """The text of the two files.

    Raises:
        InvalidInput: with all faults: no reason, an unknown group, kind or country, a word twice.
    """
    faults: list[str] = []
    groups: dict[str, tuple[WordGroup, ...]] = {}
    for number, word, group in _read_rows("vocabulary.csv", words, "words", _read_group, faults):
        if group in groups.get(word, ()):
            faults.append(
                f"vocabulary.csv, row {number}: {word} is twice in {group}; expected once; remove it"
            )
        groups[word] = (*groups.get(word, ()), group)
    places: dict[str, NamedPlace] = {}
    for number, name, place in _read_rows("gazetteer.csv", names, "names", _read_place, faults):
        if name in places:
            faults.append(
                f"gazetteer.csv, row {number}: {name} is in the file twice; expected once; remove it"
            )
        places[name] = place
    if faults:
        raise InvalidInput(*faults)
    openers = frozenset(word.partition("_")[0] for word in groups if "_" in word)
    firsts = {name.partition("_")[0] for name in places}
    return Vocabulary(
        groups=groups,
        places=places,
        openers=openers,
        name_openers=frozenset(firsts | {f"{first}s" for first in firsts}),
    )


def _read_rows(
    file: str, text: str, column: str, read: Callable[[Row], Found], faults: list[str]
) -> Iterator[tuple[int, str, Found]]:
    """The number of the row, the word, and the result of `read`; faults are added to `faults`."""
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        where = f"{file}, row {number}"
        try:
            found = read(row)
        except ValueError as error:
            faults.append(f"{where}: {error}")
            continue
        if not (row.get("reason") or "").strip():
            faults.append(f"{where}: the reason is empty; expected the reason for these {column}; add it")
        for word in (row.get(column) or "").split():
            if not _is_word(word):
                faults.append(
                    f"{where}: {word} is not a word; expected lower-case letters, at most {LONGEST_PHRASE} "
                    "words joined by underscores: correct it"
                )
            yield number, word, found


def _read_group(row: Row) -> WordGroup:
    return WordGroup(_read_one_of(row.get("group") or "", "group", WordGroup))


def _read_place(row: Row) -> NamedPlace:
    codes = [each.iso3 for each in read_country_table()]
    country = _read_one_of(row.get("country") or "", "country", codes)
    return NamedPlace(country, NameKind(_read_one_of(row.get("kind") or "", "kind", NameKind)))


def _read_one_of(text: str, what: str, known: Iterable[str]) -> str:
    every = list(known)
    if text not in every:
        raise ValueError(f"{what} is {text!r}; expected one of {', '.join(every)}: correct it")
    return text


def _is_word(text: str) -> bool:
    parts = text.split("_")
    return len(parts) <= LONGEST_PHRASE and all(part.isalpha() and part == part.lower() for part in parts)
