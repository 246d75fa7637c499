"""`ice`: the sessions of Brent futures at ICE Futures Europe, by rule.

This calendar is our own, because the one that libraries call ICE is the American exchange, with its holidays.
ICE Brent trades Monday to Friday, 01:00 to 23:00 in London, and for Monday from 23:00 on Sunday. It is closed
on New Year's Day, Good Friday and Christmas Day, and on the Monday after if New Year's Day or Christmas Day
falls on a Sunday. English bank holidays trade. Other announcements of the exchange, such as an early close,
are overrides (`calendar.py`).
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from brentwatch.core.sessions.business_days import FRIDAY
from brentwatch.core.sessions.calendar import Hours

_OPENS, _CLOSES = time(1, 0), time(23, 0)
_A_DAY = timedelta(days=1)
_MONDAY = 0


class Ice:
    """Expected sessions of ICE Brent."""

    zone = ZoneInfo("Europe/London")

    def find_on_or_after(self, day: date) -> date:
        """The first session on or after `day`."""
        while day.weekday() > FRIDAY or _is_holiday(day):
            day += _A_DAY
        return day

    def is_unpriced(self, session: date) -> bool:
        """False: each session of ICE Brent settles."""
        return False

    def is_never_traded(self, day: date) -> bool:
        """True for every day without a session."""
        return self.find_on_or_after(day) != day

    def hours(self, session: date) -> Hours:
        """When trade of a session begins and ends."""
        after_sunday = session.weekday() == _MONDAY
        opens = (session - _A_DAY, _CLOSES) if after_sunday else (session, _OPENS)
        return Hours(self._combine_utc(*opens), self._combine_utc(session, _CLOSES))

    def _combine_utc(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)


def _is_holiday(day: date) -> bool:
    if day == good_friday(day.year):
        return True
    kept = [day, day - _A_DAY] if day.weekday() == _MONDAY else [day]
    return any((each.month, each.day) in ((1, 1), (12, 25)) for each in kept)


def good_friday(year: int) -> date:
    """Two days before Easter Sunday of the Gregorian calendar, by the computus."""
    golden, century, of_century = year % 19, year // 100, year % 100
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - moon + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1) - 2 * _A_DAY
