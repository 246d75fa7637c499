"""Finds the words in an article's address: most papers write the headline into it.

The headline is the part of the path, or the value of the query, with the most words. Its words are lower
case, without extension, percent signs and anything with a digit; single letters, such as the `s` of a
possessive, are removed. `sections` are the words of the other parts of the path, such as `sport` or
`opinion`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from brentwatch.ingest.gdelt_words.vocabulary import LONGEST_PHRASE, Vocabulary, WordGroup

FEWEST_WORDS = 3
"""A headline with fewer words is mute: it says too little."""

_LONGEST_ADDRESS = 2048
_MOST_WORDS = 40
_EXTENSION = re.compile(r"\.[a-z]{2,5}$")
_WORD = re.compile(r"[^\W_]+")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

Hits = Mapping[WordGroup, Sequence[str]]
"""The words and phrases of a headline by their groups, each in the order of the headline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """`words` in their order, `domain` of the paper without `www.`, `text` of the headline as it stands."""

    words: tuple[str, ...] = ()
    domain: str = ""
    text: str = ""
    other_words: tuple[tuple[str, ...], ...] = ()

    @property
    def is_mute(self) -> bool:
        """True if the address has no headline."""
        return len(self.words) < FEWEST_WORDS

    @property
    def sections(self) -> frozenset[str]:
        """The words of the other parts of the address."""
        return frozenset(word for part in self.other_words for word in part)

    @property
    def years(self) -> tuple[int, ...]:
        """Numbers of four digits in the headline."""
        return tuple(int(each) for each in _YEAR.findall(self.text))


def read_headline(address: str) -> Headline:
    """The headline in an address; a mute one if it has none."""
    host, _, rest = address[:_LONGEST_ADDRESS].partition("://")[2].partition("#")[0].partition("/")
    path, _, query = rest.partition("?")
    texts = [_EXTENSION.sub("", part) for part in path.lower().split("/") if part]
    texts += [pair.partition("=")[2] for pair in query.lower().split("&") if pair]
    texts = [unquote(text).lower() if "%" in text else text for text in texts] or [""]
    split = [_split_words(text) for text in texts]
    counts = [len(words) for words in split]
    most = max(counts)
    at = len(counts) - 1 - counts[::-1].index(most)  # of equal ones the last, which is mostly the headline
    return Headline(
        words=split[at],
        domain=host.rpartition("@")[2].partition(":")[0].lower().removeprefix("www."),
        text=texts[at],
        other_words=tuple(split[:at] + split[at + 1 :]),
    )


def find_groups(headline: Headline, vocabulary: Vocabulary) -> Hits:
    """The groups of the words and phrases of a headline."""
    found: dict[WordGroup, list[str]] = {}
    for phrase in _list_phrases(headline.words, vocabulary):
        for group in vocabulary.groups.get(phrase, ()):
            found.setdefault(group, []).append(phrase)
    return found


def _list_phrases(words: Sequence[str], vocabulary: Vocabulary) -> Iterator[str]:
    """Every word, and phrases of up to four words that may be known, joined by underscores."""
    for at, word in enumerate(words):
        yield word
        if word in vocabulary.openers:
            for length in range(2, min(LONGEST_PHRASE, len(words) - at) + 1):
                yield "_".join(words[at : at + length])


def measure_overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard: shared words by all words of two headlines, 0 to 1; 1 if both are empty."""
    together = len(one | other)
    return len(one & other) / together if together else 1.0


def _split_words(text: str) -> tuple[str, ...]:
    if "'" in text or "\u2019" in text:
        text = text.replace("'", "").replace("\u2019", "")
    return tuple([word for word in _WORD.findall(text) if len(word) > 1 and word.isalpha()][:_MOST_WORDS])
