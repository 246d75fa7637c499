"""What becomes of one message: admitted to the timeline, filtered, or dead. A function, without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.events import Status
from brentwatch.core.exposure import Exposure, ExposureTable, highest
from brentwatch.core.signals import EventAdmitted
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.dead_letter import InvalidMessage
from brentwatch.wire.unrest_event import to_core

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brentwatch.core.events import UnrestEvent
    from brentwatch.stream.records import Headers
    from brentwatch.wire.event_document import UnrestEventDocument


@dataclass(frozen=True, slots=True)
class Rules:
    """What the screen knows: exposure by country, and the lowest weight it admits from a feed."""

    exposure: ExposureTable
    minimum_exposure: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Admitted:
    """The event goes to the timeline, with the whole document it came in."""

    signal: EventAdmitted
    document: UnrestEventDocument


@dataclass(frozen=True, slots=True)
class Filtered:
    """The event can be read and is not wanted; `reason` is a sentence."""

    event: UnrestEvent
    reason: str


@dataclass(frozen=True, slots=True)
class Dead:
    """The message cannot be read; `error` says why."""

    error: InvalidMessage


Decision = Admitted | Filtered | Dead


def screen(value: bytes | None, headers: Headers, rules: Rules) -> Decision:
    """Decide about the message with that value and those headers."""
    try:
        document = decode_message(value, headers)
    except InvalidMessage as error:
        return Dead(error)
    event = to_core(document)
    exposure = highest(event.countries, rules.exposure)
    if reason := _unwanted(event, exposure, rules):
        return Filtered(event, reason)
    return Admitted(EventAdmitted(event=event, exposure=exposure), document)


def _unwanted(event: UnrestEvent, exposure: Exposure | None, rules: Rules) -> str:
    """Why the event is filtered; empty when it passes.

    Unknown exposure is not low exposure. A retraction always passes: what it takes back may have been
    admitted under other rules.
    """
    minimum = rules.minimum_exposure.get(event.feed, 0.0)
    if exposure is None or exposure.weight >= minimum or event.status is Status.RETRACT:
        return ""
    return (
        f"exposure {exposure.weight:.3f} of {exposure.country} is below the {minimum:.3f} that "
        f"screen.minimum_exposure asks of feed {event.feed}"
    )
