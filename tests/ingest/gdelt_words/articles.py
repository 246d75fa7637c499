"""Addresses of our own making, and what the words of one come to."""

from __future__ import annotations

from datetime import date

from brentwatch.core.domain import EventClass
from brentwatch.ingest.gdelt_words.judging import LeavesOut, Passes, judge, read_article
from brentwatch.ingest.gdelt_words.vocabulary import load_vocabulary

KNOWN = date(2024, 5, 17)


def judged(
    headline: str,
    *,
    event_class: EventClass | None = EventClass.ARMED_CLASH,
    country: str = "KAZ",
    section: str = "news",
    known: date = KNOWN,
) -> Passes | LeavesOut:
    """What becomes of a report with that headline in its address."""
    vocabulary = load_vocabulary()
    address = f"https://example.org/{section}/{headline.replace(' ', '-')}"
    return judge(read_article(address, vocabulary), event_class, country, known, vocabulary)
