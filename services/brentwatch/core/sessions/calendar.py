"""Calendars: which sessions are expected, when they trade, and which days are overridden."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from brentwatch.core.errors import InvalidInput, SettingsError


class Calendar(Protocol):
    """The expected sessions. Prices show which sessions really took place."""

    def find_on_or_after(self, day: date) -> date:
        """The first expected session on or after `day`."""

    def is_unpriced(self, session: date) -> bool:
        """True for an expected session without a price by rule of this market: it is not missing."""

    def is_never_traded(self, day: date) -> bool:
        """True for a day without a price in any source: a row of that day is not a session."""


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
                f"trade ends at {self.closes_at.isoformat()} and begins at {self.opens_at.isoformat()}; "
                "expected an end after the beginning: correct the override of that day"
            )

    def __contains__(self, instant: datetime) -> bool:
        return self.opens_at <= instant < self.closes_at


@runtime_checkable
class HasHours(Calendar, Protocol):
    """A calendar with trading hours, in the time zone `zone`."""

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
    """An override of one session: `closed`, or it trades, with other hours if they are given.

    `opens` and `closes` are in the time zone of the calendar, on the date of the session.
    """

    session: date
    closed: bool = False
    opens: time | None = None
    closes: time | None = None


def apply_overrides(calendar: Calendar, overrides: Iterable[Override]) -> Calendar:
    """The calendar with its overrides; with trading hours if it has them."""
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
        """The answer of the rule, unless an override says that the session trades."""
        return session not in self._overrides and self._rule.is_unpriced(session)

    def is_never_traded(self, day: date) -> bool:
        """The answer of the override, or else of the rule."""
        override = self._overrides.get(day)
        return self._rule.is_never_traded(day) if override is None else override.closed


class OverriddenHours(Overridden):
    """The same for a calendar with trading hours."""

    def __init__(self, calendar: HasHours, overrides: Iterable[Override]) -> None:
        super().__init__(calendar, overrides)
        self._hours = calendar
        self.zone = calendar.zone

    def hours(self, session: date) -> Hours:
        """When trade of a session begins and ends.

        Raises:
            SettingsError: if the rule has no such session, and the override does not give both.
            InvalidInput: if the override closes it before it opens.
        """
        override = self._overrides.get(session, Override(session))
        opens, closes = (self._combine_utc(session, clock) for clock in (override.opens, override.closes))
        if opens and closes:
            return Hours(opens, closes)
        if self._rule.find_on_or_after(session) != session:
            raise SettingsError(
                f"the calendar has no hours for {session}; expected both opens and closes: add them in the "
                "file of overrides"
            )
        rule = self._hours.hours(session)
        return Hours(opens or rule.opens_at, closes or rule.closes_at)

    def _combine_utc(self, day: date, clock: time | None) -> datetime | None:
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC) if clock is not None else None
