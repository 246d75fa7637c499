"""What a feed is: something outside that is asked now and then, and gives canonical unrest events.

Where a feed stands is kept nowhere but on the topic itself. Before the first asking the service hands it the
documents that the topic holds, as far back as its `memory`; from these it finds where to go on. What it sends
twice has the same `event_id` and `revision` both times, and whoever reads drops the second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

    from brentwatch.wire.event_document import UnrestEventDocument


@dataclass(frozen=True, slots=True)
class FeedDelivery:
    """Events to be written together, and how many reports were `left_out`, by reason (`LEFT_OUT`)."""

    documents: tuple[UnrestEventDocument, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    errors: tuple[Exception, ...] = ()
    """Unexpected errors: each is logged with its traceback, and counted in `left_out` as internal."""
    remarks: tuple[str, ...] = ()
    """How something was read, for the log."""
    fallbacks: tuple[str, ...] = ()
    """Why another address stood in: each is logged as a warning and counted."""


LEFT_OUT = (
    "unreadable",  # a row that is not as the feed's own layout says
    "class",  # no unrest, by the feed's own code
    "old",  # it happened more than `oldest_days` before it became known
    "future",  # it speaks of a day that is still to come
    "nowhere",  # no country, or one that has no ISO code
    "known",  # the topic holds it already
    "unknown",  # a deletion of what the topic does not hold
    "file",  # a whole file that cannot be had any more, or cannot be read
    "internal",  # an unexpected error of ours: it is logged with its traceback
)
"""Why a report leads to no event: the values of a metric's label."""


class Feed(Protocol):
    """A source of unrest events."""

    @property
    def memory(self) -> timedelta:
        """How far back the topic is to be read before the first asking."""

    def recall(self, document: UnrestEventDocument) -> None:
        """Take in one document that the topic holds, of whatever feed, revisions of one event in order."""

    def poll(self, now: datetime) -> Iterator[FeedDelivery]:
        """What is new. A delivery counts as written once the next one is asked for.

        After an error the next `poll` begins with what is not yet delivered. A feed whose delivery could not
        be written is of no more use: open it anew, and let it recall.

        Raises:
            NoAnswer: if the feed gives nothing now.
            InvalidInput: if what it gives can never be used: somebody must look.
        """
