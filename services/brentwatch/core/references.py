"""The events of a session as a study or an alert lists them, and the barrels at risk among them.

A session may have thousands of events and lists twenty: one that joins is compared with those twenty alone.
"""

from __future__ import annotations

from dataclasses import replace
from heapq import nsmallest
from typing import TYPE_CHECKING

from brentwatch.core.state import Listed
from brentwatch.core.study import LISTED_EVENTS, EventRef

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from brentwatch.core.state import Joined, Known, SessionRecord, State


def with_list(state: State, record: SessionRecord) -> SessionRecord:
    """The record with its events listed, from all of them where the list was not kept."""
    if record.listed is not None:
        return record
    live = [reference(known, joined) for known, joined in state.live(record)]
    return replace(record, listed=Listed(_first(live), len(live)))


def and_one_more(listed: Listed | None, known: Known, joined: Joined) -> Listed | None:
    """The list once a live event has joined that was not among the session's events before."""
    if listed is None:
        return None
    more = reference(known, joined)
    if len(listed.events) == LISTED_EVENTS and _rank(listed.events[-1]) < _rank(more):
        return Listed(listed.events, listed.total + 1)
    return Listed(_first((*listed.events, more)), listed.total + 1)


def _first(events: Iterable[EventRef]) -> tuple[EventRef, ...]:
    return tuple(nsmallest(LISTED_EVENTS, events, key=_rank))


def _rank(ref: EventRef) -> tuple[float, datetime, str]:
    """By exposure, the highest first; unknown exposure comes after all others, which is not zero."""
    return 1.0 if ref.exposure is None else -ref.exposure, ref.known_at, ref.event_id


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
