"""Which row is tau 0: the first session that settles after the news was known, of those the prices have.

Forward only. A bare date is known before the settlement of its session, so tau 0 is that session or the next
there is; an instant is taken as it is, and the first settlement strictly after it counts.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from brentwatch.core.domain.alignment import settlement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from brentwatch.core.domain.instruments import Instrument


def find_tau_zero(sessions: Sequence[date], instrument: Instrument, known: date | datetime) -> int:
    """The row of tau 0 in ascending `sessions`; their number where that session is still to come.

    Args:
        sessions: those that the prices have.
        instrument: says when its sessions settle, and in which zone.
        known: when the news was knowable, a day in the zone of the instrument or an aware instant.
    """
    if not isinstance(known, datetime):
        return bisect_left(sessions, known)
    row = bisect_left(sessions, known.astimezone(ZoneInfo(instrument.time_zone)).date())
    settled = row < len(sessions) and settlement(instrument, sessions[row]) <= known
    return row + 1 if settled else row
