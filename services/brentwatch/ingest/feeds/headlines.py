"""Corroboration: how many different headlines of different papers reported one happening within two hours.

Copies of one text and articles of one paper are not independent. So a headline counts only if its domain is
new and its words overlap by less than 0.6 (Jaccard) with each headline that counts already. At most twelve
are remembered. The highest count remains; after a restart it starts with the last published value, and rises
only with later headlines.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from brentwatch.ingest.gdelt_words.headline import Headline, measure_overlap

WITHIN = timedelta(hours=2)
SAME_FROM = 0.6
_MOST = 12
_CONFIDENCES = (None, None, 0.8, 0.9)
"""The values for no headline, one, two, three or more."""


@dataclass(frozen=True, slots=True)
class SeenHeadline:
    """A headline that counts."""

    known_at: datetime
    domain: str
    words: frozenset[str]


@dataclass(slots=True)
class Headlines:
    """The headlines of one happening; `count` is the highest number within two hours."""

    count: int = 0
    recent: list[SeenHeadline] = field(default_factory=list)

    def add(self, headline: Headline, known_at: datetime) -> None:
        """Add a headline; mute ones do not count."""
        if headline.is_mute:
            return
        self.recent = [each for each in self.recent if each.known_at >= known_at - WITHIN]
        words = frozenset(headline.words)
        if len(self.recent) < _MOST and all(_differs(each, headline.domain, words) for each in self.recent):
            self.recent.append(SeenHeadline(known_at, headline.domain, words))
        self.count = max(self.count, len(self.recent))

    @property
    def level(self) -> int:
        """0 without headlines, 1 for one, 2 for two, 3 for more."""
        return min(self.count, len(_CONFIDENCES) - 1)

    @property
    def confidence(self) -> float | None:
        """0.8 for one other headline, 0.9 for two; None without corroboration."""
        return _CONFIDENCES[self.level]


def _differs(seen: SeenHeadline, domain: str, words: frozenset[str]) -> bool:
    return seen.domain != domain and measure_overlap(seen.words, words) < SAME_FROM
