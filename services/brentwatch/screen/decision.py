"""What becomes of one message: admitted to the timeline, filtered, or dead. A function, without I/O.

What it gives a hundred thousand times a second is a Struct, as in `stream.records`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct

from brentwatch.core.events import Status
from brentwatch.core.exposure import Exposure, ExposureTable, highest
from brentwatch.core.signals import EventAdmitted
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.dead_letter import InvalidMessage
from brentwatch.wire.unrest_event import to_core

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brentwatch.stream.records import Headers
    from brentwatch.wire.event_document import UnrestEventDocument


@dataclass(frozen=True, slots=True)
class Rules:
    """What the screen knows: exposure by country, and the lowest weight it admits from a feed."""

    exposure: ExposureTable
    minimum_exposure: Mapping[str, float]


class Admitted(Struct, frozen=True):
    """The event goes to the timeline, with the whole document it came in."""

    signal: EventAdmitted
    document: UnrestEventDocument


class Filtered(Struct, frozen=True):
    """The event can be read and is not wanted: its `exposure` is below the `minimum` of its feed."""

    document: UnrestEventDocument
    exposure: Exposure
    minimum: float

    @property
    def reason(self) -> str:
        """Why, in a sentence; made when somebody asks, since most events of a feed may end here."""
        return (
            f"exposure {self.exposure.weight:.3f} of {self.exposure.country} is below the {self.minimum:.3f} "
            f"that screen.minimum_exposure asks of feed {_feed(self.document)}"
        )


@dataclass(frozen=True, slots=True)
class Dead:
    """The message cannot be read; `error` says why."""

    error: InvalidMessage


Decision = Admitted | Filtered | Dead


def screen(value: bytes | None, headers: Headers, rules: Rules) -> Decision:
    """Decide about the message with that value and those headers.

    Unknown exposure is not low exposure. A retraction always passes: what it takes back may have been
    admitted under other rules.
    """
    try:
        document = decode_message(value, headers)
    except InvalidMessage as error:
        return Dead(error)
    exposure = highest((document.country, *document.extra_countries), rules.exposure)
    minimum = rules.minimum_exposure.get(_feed(document), 0.0)
    if exposure is not None and exposure.weight < minimum and document.status is not Status.RETRACT:
        return Filtered(document, exposure, minimum)
    return Admitted(EventAdmitted(event=to_core(document), exposure=exposure), document)


def _feed(document: UnrestEventDocument) -> str:
    return document.provenance.feed if document.provenance else ""
