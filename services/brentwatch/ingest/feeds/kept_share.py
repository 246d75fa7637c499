"""The share of reports that the word filter kept, over the last day of files.

It shows whether the filter still fits the news: a share far outside its usual bounds means that GDELT has
changed its addresses, or that the vocabulary no longer matches the news.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from brentwatch.ingest.gdelt_words.judging import WordReason

FILES = 96
"""One day of files."""

FEWEST_REPORTS = 500
"""Judged reports before the share is compared with its bounds."""

LOWEST, HIGHEST = 0.01, 0.4
"""The share was 0.04 on labelled reports of 2025 and 2026, and 0.24 on those of 2020."""

JUDGED = tuple(reason.value for reason in WordReason if reason is not WordReason.CLASS)
"""The reasons for which the word filter leaves a report out."""


@dataclass(slots=True)
class KeptShare:
    """The kept and judged reports of each of the last 96 files."""

    files: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=FILES))
    is_unusual: bool = False

    def add(self, kept: int, left_out: Mapping[str, int]) -> str:
        """Add one file; returns a sentence when the share leaves its bounds, once until it is back."""
        self.files.append((kept, kept + sum(left_out.get(reason, 0) for reason in JUDGED)))
        share, was_unusual = self.share, self.is_unusual
        judged = sum(each for _, each in self.files)
        self.is_unusual = share is not None and judged >= FEWEST_REPORTS and not LOWEST <= share <= HIGHEST
        if share is None or not self.is_unusual or was_unusual:
            return ""
        return (
            f"{share:.1%} of the last {judged:,} reports with an unrest code were kept; expected "
            f"{LOWEST:.0%} to {HIGHEST:.0%}; inspect a file with brentwatch ingest explain; docs/feeds.md "
            "describes how to check the filter with your own labels"
        )

    @property
    def share(self) -> float | None:
        """Kept reports divided by judged reports, 0 to 1; None before any was judged."""
        judged = sum(each for _, each in self.files)
        return sum(kept for kept, _ in self.files) / judged if judged else None


def describe_file(name: str, rows: int, kept: int, left_out: Mapping[str, int]) -> str:
    """The log line for one file: the number of reports, how many were kept, and why others were not."""
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(left_out.items()) if count)
    return f"{name}: {rows:,} reports, {kept:,} kept" + (f"; left out: {reasons}" if reasons else "")
