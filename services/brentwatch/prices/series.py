"""The series to fetch, with their settings, and when their prices can be seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from brentwatch.core.domain import Instrument, Series
from brentwatch.core.errors import SettingsError
from brentwatch.core.sessions.calendar import HasHours
from brentwatch.prices.settings import PricesSettings

A_WEEK = timedelta(days=7)
_A_DAY = timedelta(days=1)

DAYS_A_SESSION = 1.5
"""Calendar days for one session, in the long run: 366 days have about 250 sessions."""
"""No pause of trade is longer than a week: this period has a completed session."""


def list_series(instruments: Sequence[Instrument], settings: PricesSettings) -> dict[Series, tuple[int, ...]]:
    """The series of all instruments, then those of their 5-minute bars, each with the partitions it goes to.

    Raises:
        SettingsError: if instruments that share a series disagree about its sessions.
    """
    daily = {each.series.name: _check_users(each.series, instruments) for each in instruments}
    bars = [
        (five_minutes, users)
        for users in daily.values()
        if (five_minutes := users[0].series.five_minutes) is not None
        if settings.intraday or any(each.intraday is not None for each in users)
    ]
    every = [*((users[0].series, users) for users in daily.values()), *bars]
    return {
        apply_settings(series, settings): tuple(sorted(each.partition for each in users))
        for series, users in every
    }


def _check_users(series: Series, instruments: Sequence[Instrument]) -> list[Instrument]:
    """The instruments that are tested on a series."""
    users = [each for each in instruments if each.series.name == series.name]
    if odd := [each.name for each in users if each.series != users[0].series]:
        raise SettingsError(
            f"instruments {users[0].name} and {', '.join(odd)} are tested on {series.name}, but have another "
            "calendar, settlement, zone or roll; expected the same values, since a series settles once"
        )
    return users


def apply_settings(series: Series, settings: PricesSettings) -> Series:
    """The series with the delay from the settings."""
    chosen = settings.series.get(series.name)
    if chosen is None or chosen.delay_minutes is None:
        return series
    return replace(series, delay=timedelta(minutes=chosen.delay_minutes))


def choose_providers(series: Series, settings: PricesSettings) -> tuple[str, ...]:
    """The names of the providers of a series, in order of preference."""
    chosen = settings.series.get(series.name)
    return chosen.providers if chosen is not None and chosen.providers else series.providers[:1]


def find_late_series(instruments: Sequence[Instrument], settings: PricesSettings) -> dict[str, str]:
    """The series that cannot be live, each with a sentence about the reason and the consequence.

    A `delay_minutes` of a day or less declares that the operator has a source without this delay.
    """
    return {
        each.series.name: f"{each.series.name} cannot be live: {each.series.late}. "
        f"{_describe_outcome(each.series, instruments)}"
        for each in instruments
        if not apply_settings(each.series, settings).is_live
    }


def _describe_outcome(series: Series, instruments: Sequence[Instrument]) -> str:
    users = [each.name for each in instruments if each.series.name == series.name and each.alerts]
    if not users:
        return "It is tested and shown, but opens no alerts"
    return f"Alerts of {', '.join(users)} are as late; set alerts = false to turn them off"


def find_due(series: Series, newest: date) -> datetime:
    """When the price of the session after `newest` can be seen."""
    return series.closes_at(series.find_next(newest)) + series.delay


def find_following_due(series: Series, now: datetime) -> datetime:
    """The first time after `now` at which a new daily price can be seen, by the calendar."""
    session = series.load_calendar().find_on_or_after((now - series.delay).date() - _A_DAY)
    while (seen := series.closes_at(session) + series.delay) <= now:
        session = series.find_next(session)
    return seen


def find_trading_time(series: Series, now: datetime, asked_at: datetime | None) -> datetime:
    """`now` during a session, or after it until all its bars were fetched; otherwise the next start.

    `asked_at` is the time of the last answer, or None. A service that was down at the close, even over a
    weekend, fetches the last bars when it is back.
    """
    calendar = series.load_calendar()
    if not isinstance(calendar, HasHours):
        return now
    session = calendar.find_on_or_after((now - A_WEEK).date())
    while (over := calendar.hours(session).closes_at + series.delay) <= now:
        if asked_at is None or asked_at < over:
            return now
        session = series.find_next(session)
    return max(now, calendar.hours(session).opens_at + series.delay)
