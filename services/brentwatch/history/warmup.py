"""Which sessions of a history are tested; all others only feed the estimation."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC
from typing import TYPE_CHECKING

from brentwatch.core.domain.windows import LAST_TAU

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from brentwatch.core.domain.bars import Bar
    from brentwatch.core.domain.events import UnrestEvent


def find_tested_sessions(bars: Iterable[Bar], events: Iterable[UnrestEvent]) -> frozenset[date]:
    """The sessions in the windows of `events`, by the sessions of `bars` that there really were.

    A window runs from the first settlement strictly after `known_at`, or of a bare date from the session of
    that date or the first one later, to the end of the longest window. An
    event whose time is known to the day only is attached to two sessions: its windows end one session later.
    """
    ordered = sorted({(bar.closes_at, bar.session) for bar in bars})
    closes = [close for close, _ in ordered]
    sessions = [session for _, session in ordered]
    tested: set[date] = set()
    for event in events:
        first = _find_first(event, closes, sessions)
        last = first + LAST_TAU + (0 if event.precision.within_a_day else 1)
        tested.update(sessions[first : last + 1])
    return frozenset(tested)


def _find_first(event: UnrestEvent, closes: Sequence[datetime], sessions: Sequence[date]) -> int:
    if event.is_bare_date:
        return bisect_left(sessions, event.known_at.astimezone(UTC).date())
    return bisect_right(closes, event.known_at)
