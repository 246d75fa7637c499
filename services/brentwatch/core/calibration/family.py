"""False alarms a session with so many events: the rule of two tests, where nothing happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.intraday.openings import SessionTests
from brentwatch.core.intraday.windows import LEVEL

if TYPE_CHECKING:
    import numpy as np

    from brentwatch.core.calibration.intraday_placebos import PlaceboSession

MOST_EVENTS = 8


def has_false_alarm(session: PlaceboSession, events: int, chance: np.random.Generator) -> bool:
    """Whether one session alarms with so many events, at any time of its trade and of any exposure."""
    slots = chance.integers(session.grid.opens, session.grid.closes, events)
    opened = SessionTests()
    for slot in sorted(slots.tolist()):
        opened, _ = opened.take(slot, float(chance.random()))
    return any(_has_alarm_at(session, slot) for slot in opened.slots)


def _has_alarm_at(session: PlaceboSession, slot: int) -> bool:
    """Whether a window that begins at a slot alarms; one that would cross the break is refused."""
    placebos = session.by_window.values()
    return any(bool(each.p[slot] <= LEVEL) for each in placebos if slot < len(each.p))
