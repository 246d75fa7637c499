"""A price series: on which days it has sessions, when they settle, who has its prices and how late."""

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

    `settlement` is a wall-clock time in `time_zone` (IANA name); `calendar` a name in `core/sessions`, whose
    rule the `overrides` correct. `roll` says when its contracts expire, `none` where it is no future: a name
    in `core/sessions/roll.py`. Prices are in `unit`. A price is taken to be known `delay` after its close,
    and until then its bar is not finished; `bars_delay` is that of its 5-minute bars, None where it has none.
    `providers` have its prices: the first is asked unless the settings name others of them. `late` says why
    the series cannot be live; it is empty where it can.
    """

    name: str
    calendar: str
    settlement: time
    time_zone: str
    roll: str
    overrides: tuple[Override, ...] = ()
    interval: str = DAILY
    unit: str = "USD/bbl"
    delay: timedelta = timedelta(0)
    bars_delay: timedelta | None = None
    providers: tuple[str, ...] = ("file",)
    late: str = ""

    @property
    def is_daily(self) -> bool:
        """True where a session has one price."""
        return self.interval == DAILY

    @property
    def is_live(self) -> bool:
        """True where a price is seen within a day, or nothing is known that makes it later."""
        return not self.late or self.delay <= _A_DAY

    @property
    def five_minutes(self) -> "Series | None":
        """The series of its 5-minute bars, None where it has none."""
        if self.bars_delay is None:
            return None
        name = f"{self.name}-{FIVE_MINUTES}"
        return replace(self, name=name, interval=FIVE_MINUTES, delay=self.bars_delay, bars_delay=None)

    def load_calendar(self) -> Calendar:
        """The sessions that are expected.

        Raises:
            SettingsError: if there is no such calendar.
        """
        return table.load(self.calendar, self.overrides)

    def closes_at(self, session: date) -> datetime:
        """The instant (UTC) at which a session settles, in its own zone and its clock changes."""
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
        """True where a session is expected on that day."""
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
            # Yahoo's row of the day changes until 17:00 in New York, and its rows come 15 minutes late.
            delay=timedelta(hours=3),
            bars_delay=timedelta(minutes=15),
            providers=("yahoo", "file"),
        ),
    )
}
"""The series that are built in, by name; the settings of an instrument make any other."""
