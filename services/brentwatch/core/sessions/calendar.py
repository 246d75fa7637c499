"""What a calendar knows: which sessions are expected, and of some when they trade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from brentwatch.core.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo


class Calendar(Protocol):
    """The sessions that are expected. Which session really was, the prices say."""

    def find_on_or_after(self, day: date) -> date:
        """The first expected session on or after `day`."""

    def is_unpriced(self, session: date) -> bool:
        """True for an expected session that sources of this market leave out by rule: it is not missing."""

    def is_never_traded(self, day: date) -> bool:
        """True for a day that no source has a price of: what a file has there is no session."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From `opens_at` (UTC, inclusive) to `closes_at` (UTC, exclusive).

    Raises:
        InvalidInput: if it closes before it opens.
    """

    opens_at: datetime
    closes_at: datetime

    def __post_init__(self) -> None:
        if self.closes_at <= self.opens_at:
            raise InvalidInput(
                f"trade is said to end at {self.closes_at.isoformat()}, and to begin at "
                f"{self.opens_at.isoformat()}; a later end was wanted: correct the override of that day"
            )

    def __contains__(self, instant: datetime) -> bool:
        return self.opens_at <= instant < self.closes_at


@runtime_checkable
class HasHours(Calendar, Protocol):
    """A calendar that also knows when its sessions trade, in the clock of `zone`."""

    zone: ZoneInfo

    def hours(self, session: date) -> Hours:
        """When trade of a session begins and ends."""
