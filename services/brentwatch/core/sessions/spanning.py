"""How many sessions a return spans: one, and each expected session in between that was never priced.

A session that the calendar expects is not missing where the sources of its market leave it out by rule
(`Calendar.is_unpriced`): EIA Brent and New York's futures have no price on holidays of the United States,
which London and Globex trade on. A day that the calendar does not expect is a holiday, and never missing.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.sessions.calendar import Calendar

_A_DAY = timedelta(days=1)


def list_missing_sessions(calendar: Calendar, before: date, session: date) -> tuple[date, ...]:
    """The sessions expected strictly between two priced ones that should have had a price, and have none."""
    missing, day = list[date](), calendar.find_on_or_after(before + _A_DAY)
    while day < session:
        if not calendar.is_unpriced(day):
            missing.append(day)
        day = calendar.find_on_or_after(day + _A_DAY)
    return tuple(missing)


def count_spanned_sessions(calendar: Calendar, before: date, session: date) -> int:
    """How many sessions the return from the price of `before` to that of `session` stands for; 1 is usual."""
    return 1 + len(list_missing_sessions(calendar, before, session))


def find_spanning_sessions(calendar: Calendar, sessions: Sequence[date]) -> dict[date, int]:
    """Of priced `sessions`, ascending, those whose return spans more than one, with how many it spans."""
    spans = (
        (later, count_spanned_sessions(calendar, earlier, later)) for earlier, later in pairwise(sessions)
    )
    return {session: count for session, count in spans if count > 1}
