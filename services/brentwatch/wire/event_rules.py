"""The rules of an unrest event that hold between fields, and the years in which its times must lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.wire.dead_letter import DeadLetterReason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from brentwatch.wire.event_document import Fatalities, Location, UnrestEventDocument

FIRST_YEAR, LAST_YEAR = 1900, 2099
"""The years that a time may name, as written: beyond them stands a mistake."""

Fault = tuple[DeadLetterReason, str]


def broken_rules(event: UnrestEventDocument) -> Iterator[Fault]:
    """Each broken rule with its reason, what the schema states first, then what only this file states."""
    yield from _years(event)
    if event.location is not None:
        yield from _coordinates(event.location)
    yield from _times(event)
    if event.fatalities is not None:
        yield from _fatalities(event.fatalities)


def _years(event: UnrestEventDocument) -> Iterator[Fault]:
    for name, time in _named_times(event):
        if time is not None and not FIRST_YEAR <= time.year <= LAST_YEAR:
            yield (
                DeadLetterReason.SCHEMA,
                f"{name} is {time.isoformat()}; a year from {FIRST_YEAR} to {LAST_YEAR} was wanted; "
                "correct the time",
            )


def _named_times(event: UnrestEventDocument) -> tuple[tuple[str, datetime | None], ...]:
    return (
        ("occurred.start", event.occurred.start),
        ("occurred.end", event.occurred.end),
        ("known_at", event.known_at),
        ("ingested_at", event.ingested_at),
    )


def _coordinates(location: Location) -> Iterator[Fault]:
    if (location.lat is None) != (location.lon is None):
        yield (
            DeadLetterReason.SCHEMA,
            f"location has lat {location.lat} and lon {location.lon}; both or neither were wanted; "
            "add the missing one or leave out both",
        )


def _times(event: UnrestEventDocument) -> Iterator[Fault]:
    start, end = event.occurred.start, event.occurred.end
    if event.known_at < start and not event.scheduled:
        yield (
            DeadLetterReason.KNOWN_BEFORE_OCCURRED,
            f"known_at {event.known_at.isoformat()} lies before occurred.start {start.isoformat()}; "
            "only a scheduled event can be known before it happens; "
            "correct one of the two, or set scheduled to true",
        )
    if end is not None and end < start:
        yield (
            DeadLetterReason.CONTRADICTION,
            f"occurred.end {end.isoformat()} lies before occurred.start {start.isoformat()}; "
            "an end at or after the start was wanted; exchange them or leave out the end",
        )


def _fatalities(deaths: Fatalities) -> Iterator[Fault]:
    low = deaths.best if deaths.low is None else deaths.low
    high = deaths.best if deaths.high is None else deaths.high
    if not low <= deaths.best <= high:
        yield (
            DeadLetterReason.CONTRADICTION,
            f"fatalities are low {deaths.low}, best {deaths.best}, high {deaths.high}; "
            "low <= best <= high was wanted; put them in order",
        )
