"""The events of a session as a study or an alert lists them, and the barrels at risk among them."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING

from brentwatch.core.study import LISTED_EVENTS, EventRef

if TYPE_CHECKING:
    from datetime import datetime

    from brentwatch.core.state import Joined, Known, SessionRecord, State


@dataclass(frozen=True, slots=True)
class Listed:
    """The highest by exposure, how many there are in all, and the highest exposure (None: none is known)."""

    events: tuple[EventRef, ...]
    total: int
    exposure: float | None


def listed(state: State, record: SessionRecord) -> Listed:
    """The events of a session; those of unknown exposure come after the others, which is not zero."""
    live = list(state.live(record))
    weights = [known.exposure.weight for known, _ in live if known.exposure is not None]
    first = nsmallest(LISTED_EVENTS, live, key=lambda item: _rank(item[0]))
    return Listed(tuple(reference(*item) for item in first), len(live), max(weights, default=None))


def _rank(known: Known) -> tuple[float, datetime, str]:
    weight = 1.0 if known.exposure is None else -known.exposure.weight
    return weight, known.known_at, known.event.event_id


def reference(known: Known, joined: Joined) -> EventRef:
    """An event as it stands with a session."""
    event, exposure = known.event, known.exposure
    return EventRef(
        event_id=event.event_id,
        revision=event.revision,
        known_at=known.known_at,
        country=event.country,
        place=event.place,
        event_class=event.event_class,
        summary=event.summary,
        verification=event.verification,
        source=event.source,
        exposure=None if exposure is None else exposure.weight,
        exposure_country=None if exposure is None else exposure.country,
        production_kbd=None if exposure is None else exposure.production_kbd,
        transit_kbd=None if exposure is None else exposure.transit_kbd,
        late=joined.late,
        by_day=known.by_day,
        carried=joined.carried,
    )
