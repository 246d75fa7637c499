"""The cost of judging a GDELT report by the words of its address: at most 50 microseconds."""

from __future__ import annotations

import time
from datetime import date
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measurement import AtMost, Measurement, Reference

from brentwatch.core.domain import EventClass
from brentwatch.ingest.gdelt_words.judging import judge, read_article
from brentwatch.ingest.gdelt_words.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESSES = (
    "https://www.example.org/2024/05/07/world/africa/troops-fire-on-protesters-in-eastern-nigeria-as-unrest-grows/",
    "https://example.net/news/article_4c97882b/local-bakery-wins-a-prize-for-the-best-bread-in-the-whole-county.html",
    "https://example.com/index.php?id=1234&title=refinery-hit-by-drones-overnight-near-the-port-of-aktau-say-officials",
    "https://example.org/stories/202405070123.html",
)
"""A long address that passes all rules, one without news, one with a query, and a mute one."""

_KNOWN = date(2024, 5, 7)
_REPORTS = 4_000
_TIMES = 5


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """Processor microseconds per report, and the limit; other load on the machine does not count."""
    reports, times = (40, 1) if short else (_REPORTS, _TIMES)
    spent = median(_judge(reports) for _ in range(times)) / reports * 1e6
    limit = Reference("its limit of 50 microseconds", 50.0)
    yield Measurement("gdelt, the words of a report", spent, "us", AtMost(1, limit))


def _judge(reports: int) -> float:
    vocabulary = load_vocabulary()
    began = time.process_time()
    for number in range(reports):
        article = read_article(ADDRESSES[number % len(ADDRESSES)], vocabulary)
        judge(article, EventClass.PROTEST, "KAZ", _KNOWN, vocabulary)
    return time.process_time() - began
