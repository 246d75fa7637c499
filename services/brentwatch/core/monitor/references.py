"""The events of a session as a study or an alert lists them, with their oil at risk.

A session may have thousands of events and lists twenty: an event that joins is compared with those twenty
only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from brentwatch.core.domain import EventRef
from brentwatch.core.monitor.listing import Candidate, Listed, build_candidate, weigh_event

if TYPE_CHECKING:
    from brentwatch.core.monitor.state import Joined, Known, SessionRecord, State


def fill_list(state: State, record: SessionRecord) -> SessionRecord:
    """The record with its list of events; without a saved list it is built from all events."""
    if record.listed is not None:
        return record
    return replace(record, listed=Listed.build(_build_candidate(*each) for each in state.select_live(record)))


def add_to_list(listed: Listed | None, known: Known, joined: Joined) -> Listed | None:
    """The list after a live event has joined that the session did not have before."""
    return None if listed is None else listed.add_candidate(_build_candidate(known, joined))


def _build_candidate(known: Known, joined: Joined) -> Candidate:
    weight = weigh_event(known.relevance, known.event.novelty, known.event.confidence)
    return build_candidate(build_reference(known, joined), known.event.feed, weight, over_cap=known.over_cap)


def build_reference(known: Known, joined: Joined) -> EventRef:
    """An event as a study of its session lists it."""
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
        standing=known.standing,
    )
