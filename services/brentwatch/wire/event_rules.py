"""The rules of an unrest event that hold between fields, and the years in which its times must lie."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from brentwatch.core.domain import derive_future_allowance
from brentwatch.wire.event_document import Fatalities, Location, UnrestEventDocument
from brentwatch.wire.input_faults import DeadLetterReason, show_value

FIRST_YEAR, LAST_YEAR = 1900, 2098
"""The years allowed for a time from outside, as written and in UTC: other years are mistakes.

A study may be of 2099: the sessions of an event at the end of 2098 are those of January.
"""

Fault = tuple[DeadLetterReason, str]


def find_broken_rules(event: UnrestEventDocument) -> list[Fault]:
    """Each broken rule with its reason: first the rules of the schema, then the rules of this file.

    The check must be fast, for a hundred thousand events a second: a rule that holds costs one comparison.
    """
    faults: list[Fault] = []
    start, end = event.occurred.start, event.occurred.end
    if (
        end is not None
        or event.ingested_at is not None
        or not _is_ours(start)
        or not _is_ours(event.known_at)
    ):
        faults += _check_years(event)
    location, deaths = event.location, event.fatalities
    if location is not None and (location.lat is None) is not (location.lon is None):
        faults.append(_describe_coordinates(location))
    if event.known_at < start and not event.scheduled and _is_past_its_day(event):
        faults.append(_describe_early_knowledge(event))
    if end is not None and end < start:
        faults.append(_describe_early_end(start, end))
    if deaths is not None and not _is_in_order(deaths):
        faults.append(_describe_deaths(deaths))
    return faults


def _is_past_its_day(event: UnrestEventDocument) -> bool:
    """A bare date is known at midnight, and may have happened at any hour of that day."""
    start, known_at = event.occurred.start, event.known_at
    return start - known_at > derive_future_allowance(event.occurred.precision, start, known_at)


def _is_ours(time: datetime) -> bool:
    return find_year_fault("", time) is None


def find_year_fault(name: str, time: date) -> Fault | None:
    """What is wrong with the year of a time or a date, and what is expected; None if the year is allowed.

    A schema only checks the year as written; a time whose year in UTC is not allowed is refused here.
    """
    if FIRST_YEAR < time.year < LAST_YEAR:  # so is its year in UTC
        return None
    expected = f"expected a year from {FIRST_YEAR} to {LAST_YEAR}"
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        return DeadLetterReason.SCHEMA, f"{name} is {show_value(time)}; {expected}"
    if isinstance(time, datetime) and not FIRST_YEAR <= time.astimezone(UTC).year <= LAST_YEAR:
        return DeadLetterReason.CONTRADICTION, f"{name} is {show_value(time)}; {expected} in UTC too"
    return None


def _is_in_order(deaths: Fatalities) -> bool:
    low, high = deaths.low, deaths.high
    return (low is None or low <= deaths.best) and (high is None or deaths.best <= high)


def _check_years(event: UnrestEventDocument) -> Iterator[Fault]:
    times = {
        "occurred.start": event.occurred.start,
        "occurred.end": event.occurred.end,
        "known_at": event.known_at,
        "ingested_at": event.ingested_at,
    }
    for name, time in times.items():
        if time is not None and (fault := find_year_fault(name, time)) is not None:
            yield fault[0], f"{fault[1]}; correct the time"


def _describe_coordinates(location: Location) -> Fault:
    return (
        DeadLetterReason.SCHEMA,
        f"location has lat {location.lat} and lon {location.lon}; expected both or neither; "
        "add the missing one or remove both",
    )


def _describe_early_knowledge(event: UnrestEventDocument) -> Fault:
    return (
        DeadLetterReason.KNOWN_BEFORE_OCCURRED,
        f"known_at {event.known_at.isoformat()} is before occurred.start "
        f"{event.occurred.start.isoformat()}; only a scheduled event can be known before it happens; "
        "correct one of the two, or set scheduled to true",
    )


def _describe_early_end(start: datetime, end: datetime) -> Fault:
    return (
        DeadLetterReason.CONTRADICTION,
        f"occurred.end {end.isoformat()} is before occurred.start {start.isoformat()}; "
        "expected an end at or after the start; swap them or remove the end",
    )


def _describe_deaths(deaths: Fatalities) -> Fault:
    return (
        DeadLetterReason.CONTRADICTION,
        f"fatalities are low {deaths.low}, best {deaths.best}, high {deaths.high}; "
        "expected low <= best <= high; put them in order",
    )
