"""Yahoo in the course of a day: all is fifteen minutes late, the newest bar and row unfinished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import numpy as np
from tests.prices.stub import Answer
from tests.prices.yahoo_site import chart, midnight

from brentwatch.core.intraday.clock import BAR, SETTLEMENT, SLOTS, find_session_start, slot_of, time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DELAY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Sessions, oldest first, and the price at the end of every slot of each (S, 276)."""

    sessions: Sequence[date]
    closes: np.ndarray[tuple[int, int], np.dtype[np.float64]]

    def moved(self, by: float, slot: int) -> Days:
        """The same with all prices of the last session from a slot on moved by a log fraction."""
        closes = self.closes.copy()
        closes[-1, slot:] = np.round(closes[-1, slot:] * np.exp(by), 2)
        return Days(self.sessions, closes)


class LateYahoo:
    """Answers for a chart what can be seen of a series at the time that `now` (UTC) tells.

    Rows are times with opens and closes.
    """

    def __init__(self, days: Days, now: Callable[[], datetime]) -> None:
        self._days = days
        self._now = now

    def answer(self, target: str) -> Answer:
        """Rows from `period1` on, in the interval that is asked for; of cookies it knows nothing."""
        if "/chart/" not in target:
            return Answer(status=404)
        query = parse_qs(urlsplit(target).query)
        since = datetime.fromtimestamp(int(query.get("period1", ["0"])[0]), UTC)
        seen, interval = self._now() - DELAY, query["interval"][0]
        rows = self._daily(seen) if interval == "1d" else self._fine(since, seen)
        asked = [row for row in rows if row[0] >= since]
        closes = {at: close for at, _, close in asked}
        return Answer(chart(closes, interval, opens=[first for _, first, _ in asked]))

    def _daily(self, seen: datetime) -> Iterator[tuple[datetime, float, float]]:
        """The row of the day follows the price, and ends on that of the settlement."""
        for session, closes in zip(self._days.sessions, self._days.closes.tolist(), strict=True):
            if find_session_start(session) <= seen:
                yield midnight(session), closes[0], closes[min(_newest(session, seen), SETTLEMENT)]

    def _fine(self, since: datetime, seen: datetime) -> Iterator[tuple[datetime, float, float]]:
        """A bar that is not finished stands at the price of the one before it."""
        asked = [each for each in self._days.sessions if time_of(each, SLOTS) >= since]
        if not asked:
            return
        for session, closes in zip(asked, self._days.closes[-len(asked) :].tolist(), strict=True):
            newest = _newest(session, seen)
            for slot, price in enumerate(closes):
                if (opens_at := time_of(session, slot)) <= seen:
                    shown = price if opens_at + BAR <= seen else closes[newest]
                    yield opens_at, shown, shown


def _newest(session: date, seen: datetime) -> int:
    """The last slot of a session that has ended; its first where none has."""
    return min(max(slot_of(session, seen) - 1, 0), SLOTS - 1)
