"""A price series: on which days it has sessions, when they settle, which providers have it and how late."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from brentwatch.core.sessions import table
from brentwatch.core.sessions.calendar import Calendar, Override

DAILY, FIVE_MINUTES = "1d", "5m"
"""The intervals of bars."""

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The prices of one thing from one kind of source; series are never mixed.

    `settlement` is a wall-clock time in `time_zone` (IANA name). `calendar` is a name in `core/sessions`, and
    `overrides` correct its rule. `roll` is a rule in `core/sessions/roll.py` that says when contracts expire;
    `none` if the series is not a future. `product` is the NYMEX code of its contracts, or empty. Prices are
    in `unit`. A price counts as known `delay` after its close; before that its bar is not finished.
    `bars_delay` is the delay of its 5-minute bars, None if it has none. `providers` have its prices: the
    first is used unless the settings name others. `late` says why the series cannot be live, and is empty if
    it can.
    """

    name: str
    calendar: str
    settlement: time
    time_zone: str
    roll: str
    product: str = ""
    overrides: tuple[Override, ...] = ()
    interval: str = DAILY
    unit: str = "USD/bbl"
    delay: timedelta = timedelta(0)
    bars_delay: timedelta | None = None
    providers: tuple[str, ...] = ("file",)
    late: str = ""

    @property
    def is_daily(self) -> bool:
        """True if a session has one price."""
        return self.interval == DAILY

    @property
    def is_live(self) -> bool:
        """True if its prices can be seen within a day, as far as is known."""
        return not self.late or self.delay <= _A_DAY

    @property
    def five_minutes(self) -> "Series | None":
        """The series of its 5-minute bars, None if it has none."""
        if self.bars_delay is None:
            return None
        name = f"{self.name}-{FIVE_MINUTES}"
        return replace(self, name=name, interval=FIVE_MINUTES, delay=self.bars_delay, bars_delay=None)

    def load_calendar(self) -> Calendar:
        """The calendar of expected sessions.

        Raises:
            SettingsError: if there is no such calendar.
        """
        return table.load(self.calendar, self.overrides)

    def closes_at(self, session: date) -> datetime:
        """The instant (UTC) at which a session settles; clock changes of its time zone are applied."""
        local = datetime.combine(session, self.settlement, tzinfo=ZoneInfo(self.time_zone))
        return local.astimezone(UTC)

    def find_next(self, session: date) -> date:
        """The expected session after `session`."""
        return find_next_session(self.load_calendar(), session)

    def find_session_after(self, instant: datetime) -> date:
        """The first expected session whose settlement lies strictly after `instant` (UTC)."""
        day = instant.astimezone(ZoneInfo(self.time_zone)).date()
        session = self.load_calendar().find_on_or_after(day)
        return session if self.closes_at(session) > instant else self.find_next(session)

    def has_session(self, day: date) -> bool:
        """True if a session is expected on that day."""
        return self.load_calendar().find_on_or_after(day) == day


def find_next_session(calendar: Calendar, session: date) -> date:
    """The session that a calendar expects after `session`."""
    return calendar.find_on_or_after(session + _A_DAY)


SERIES = {
    each.name: each
    for each in (
        Series(
            name="brent-spot",
            calendar="london",
            settlement=time(16, 30),
            time_zone="Europe/London",
            roll="none",
            # On Wednesdays for data up to Monday: two days at the earliest, nine at the latest.
            delay=timedelta(days=2),
            providers=("fred", "eia", "file"),
            late="EIA publishes days later",
        ),
        Series(
            name="brent-front",
            calendar="globex",
            settlement=time(14, 30),
            time_zone="America/New_York",
            roll="brent",
            product="BZ",
            # Yahoo's row of the day changes until 17:00 in New York, and its rows come 15 minutes late.
            delay=timedelta(hours=3),
            bars_delay=timedelta(minutes=15),
            providers=("yahoo", "massive", "file"),
        ),
        Series(
            name="wti-front",
            calendar="globex",
            settlement=time(14, 30),
            time_zone="America/New_York",
            roll="cl",
            product="CL",
            delay=timedelta(hours=3),
            bars_delay=timedelta(minutes=15),
            providers=("yahoo", "massive", "file"),
        ),
    )
}
"""The built-in series, by name; the settings of an instrument define others."""
