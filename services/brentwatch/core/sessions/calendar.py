"""What a calendar knows: which sessions are expected, when they trade, and on which days it is overridden."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from brentwatch.core.errors import InvalidInput, SettingsError


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


def is_trading(calendar: HasHours, instant: datetime) -> bool:
    """True while a session trades. A session may begin on the day before its date."""
    day = instant.astimezone(calendar.zone).date()
    today, tomorrow = (calendar.find_on_or_after(each) for each in (day, day + timedelta(days=1)))
    return instant in calendar.hours(today) or instant in calendar.hours(tomorrow)


@dataclass(frozen=True, slots=True)
class Override:
    """What holds of one session: `closed`, or it trades, with other hours where they are told.

    `opens` and `closes` are in the clock of the calendar, on the date of the session.
    """

    session: date
    closed: bool = False
    opens: time | None = None
    closes: time | None = None


def apply_overrides(calendar: Calendar, overrides: Iterable[Override]) -> Calendar:
    """The calendar with its overrides; with hours if it has some."""
    if isinstance(calendar, HasHours):
        return OverriddenHours(calendar, overrides)
    return Overridden(calendar, overrides)


class Overridden:
    """A calendar with its overrides."""

    def __init__(self, calendar: Calendar, overrides: Iterable[Override]) -> None:
        self._rule = calendar
        self._overrides = {each.session: each for each in overrides}
        self._added = sorted(each.session for each in self._overrides.values() if not each.closed)

    def find_on_or_after(self, day: date) -> date:
        """The first session on or after `day`."""
        while True:
            session = self._rule.find_on_or_after(day)
            if added := [each for each in self._added if day <= each < session]:
                return added[0]
            if session not in self._overrides or not self._overrides[session].closed:
                return session
            day = session + timedelta(days=1)

    def is_unpriced(self, session: date) -> bool:
        """As the rule says, unless an override says that it trades."""
        return session not in self._overrides and self._rule.is_unpriced(session)

    def is_never_traded(self, day: date) -> bool:
        """As the override says, else as the rule does."""
        override = self._overrides.get(day)
        return self._rule.is_never_traded(day) if override is None else override.closed


class OverriddenHours(Overridden):
    """The same for a calendar that has hours."""

    def __init__(self, calendar: HasHours, overrides: Iterable[Override]) -> None:
        super().__init__(calendar, overrides)
        self._hours = calendar
        self.zone = calendar.zone

    def hours(self, session: date) -> Hours:
        """When trade of a session begins and ends.

        Raises:
            SettingsError: if the rule has no such session, and the override does not tell both.
            InvalidInput: if the override closes it before it opens.
        """
        override = self._overrides.get(session, Override(session))
        opens, closes = (self._combine_utc(session, clock) for clock in (override.opens, override.closes))
        if opens and closes:
            return Hours(opens, closes)
        if self._rule.find_on_or_after(session) != session:
            raise SettingsError(
                f"the calendar has no hours for {session}; both were wanted: give opens and closes in the "
                "file of overrides"
            )
        rule = self._hours.hours(session)
        return Hours(opens or rule.opens_at, closes or rule.closes_at)

    def _combine_utc(self, day: date, clock: time | None) -> datetime | None:
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC) if clock is not None else None
