"""The breaks of trade: when a break begins and ends, its kind, and whether the contract changes over it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from brentwatch.core.domain import BreakKind, find_next_session
from brentwatch.core.sessions.calendar import Calendar, HasHours
from brentwatch.core.sessions.roll import NO_ROLL, find_expiry

_A_DAY = timedelta(days=1)
_AN_HOUR = timedelta(hours=1)
_LONGEST_NIGHT = 8.0
_WEEKEND = (40.0, 60.0)
_FIRST_OF_MONTH = 3


def classify_break(hours: float) -> BreakKind:
    """The kind of a break by its `hours`, from the scheduled close to the scheduled re-open.

    A break of up to 8 hours is a night, one of 40 to 60 hours a weekend, any other is long. Before a holiday
    on Monday trade re-opens on Sunday, so that break is a weekend.
    """
    if hours <= _LONGEST_NIGHT:
        return BreakKind.NIGHT
    shortest, longest = _WEEKEND
    return BreakKind.WEEKEND if shortest <= hours <= longest else BreakKind.LONG


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingBreak:
    """The break before `session`, from `closes_at` of the session `previous` to `opens_at` (UTC).

    `scheduled` is false if an override moves the re-open away from the rule of the calendar.
    """

    previous: date
    session: date
    closes_at: datetime
    opens_at: datetime
    scheduled: bool = True

    @property
    def kind(self) -> BreakKind:
        """Its kind, by its length."""
        return classify_break((self.opens_at - self.closes_at) / _AN_HOUR)

    def holds(self, instant: datetime) -> bool:
        """True for an instant within this break."""
        return self.closes_at <= instant < self.opens_at


def find_break(calendar: HasHours, session: date, rule: HasHours | None = None) -> TradingBreak:
    """The break before an expected session.

    Args:
        calendar: the calendar of the series, with its overrides.
        session: an expected session.
        rule: the same calendar without overrides; None if there are none.
    """
    previous, hours = find_previous_session(calendar, session), calendar.hours(session)
    return TradingBreak(
        previous=previous,
        session=session,
        closes_at=calendar.hours(previous).closes_at,
        opens_at=hours.opens_at,
        scheduled=_is_on_schedule(rule, session, hours.opens_at),
    )


def _is_on_schedule(rule: HasHours | None, session: date, opens_at: datetime) -> bool:
    if rule is None or rule.find_on_or_after(session) != session:
        return True
    return rule.hours(session).opens_at == opens_at


def find_previous_session(calendar: Calendar, session: date) -> date:
    """The session that a calendar expects before `session`."""
    day = session - _A_DAY
    while calendar.find_on_or_after(day) != day:
        day -= _A_DAY
    return day


def explain_roll_day(calendar: Calendar, roll: str, session: date) -> str | None:
    """Why the gap before a session may hold the step to another contract; None if it does not.

    This is for a continuous series that names no contract. `cl` rolls in the first session after the last
    trading day. `brent` may roll in the last session of a month and the first three, because sources of BZ
    differ. Only sessions with a settlement count; one without belongs to the next session that settles.

    Raises:
        SettingsError: if there is no such rule.
    """
    if roll == NO_ROLL:
        return None
    if roll == "brent":
        return _explain_month_end(calendar, session)
    before = _find_settled_before(calendar, session)
    if end := find_expiry(roll, before, session):
        return f"the front contract expired on {end}, and the source does not name its contracts"
    return None


def _explain_month_end(calendar: Calendar, session: date) -> str | None:
    following = find_next_session(calendar, session)
    while calendar.is_unpriced(following):
        following = find_next_session(calendar, following)
    before = session
    for _ in range(_FIRST_OF_MONTH):
        before = _find_settled_before(calendar, before)
    if before.month == session.month == following.month:
        return None
    return (
        "the source may change its contract in the last session of a month and the first three, and it does "
        "not name its contracts"
    )


def _find_settled_before(calendar: Calendar, session: date) -> date:
    before = find_previous_session(calendar, session)
    while calendar.is_unpriced(before):
        before = find_previous_session(calendar, before)
    return before
