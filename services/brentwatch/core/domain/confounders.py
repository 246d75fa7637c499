"""What else could have moved the price on a session: shown beside a study, never used to cancel a test."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache

from brentwatch.core.sessions.roll import NO_ROLL, ROLLS, find_splice


class ConfounderKind(StrEnum):
    """What sort of thing happened on the session."""

    OPEC_PLUS = "opec_plus"
    WEEKLY_REPORT = "weekly_report"
    ROLL = "roll"
    HOLIDAY = "holiday"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confounder:
    """One thing on one session's date, in a sentence, with the address of its source."""

    session: date
    kind: ConfounderKind
    text: str
    source: str


_WEDNESDAY, _THURSDAY = 2, 3
_LONGEST_WEEKEND = 3


@lru_cache(maxsize=4096)
def list_rule_confounders(
    roll: str, session: date, before: date, earlier: date | None = None
) -> tuple[Confounder, ...]:
    """The confounders that follow from the calendar; `roll` is the roll rule of the series.

    `before` is the session before this one, and `earlier` the one before that, None if it is not known.
    """
    found: list[Confounder] = []
    if is_weekly_report(session):
        found.append(
            Confounder(
                session=session,
                kind=ConfounderKind.WEEKLY_REPORT,
                text="The weekly petroleum report of the United States comes out, 10:30 New York or later",
                source="https://www.eia.gov/petroleum/supply/weekly/schedule.php",
            )
        )
    if roll != NO_ROLL and (end := find_splice(roll, earlier, before, session)):
        found.append(
            Confounder(
                session=session,
                kind=ConfounderKind.ROLL,
                text=(
                    f"The front contract expired on {end}: one of the first two returns after it holds the "
                    "step to the next contract"
                ),
                source=ROLLS[roll].source,
            )
        )
    if (days := (session - before).days) > _LONGEST_WEEKEND:
        found.append(
            Confounder(
                session=session,
                kind=ConfounderKind.HOLIDAY,
                text=f"The session answers for {days} calendar days, since {before}: more news than usual",
                source="the series itself",
            )
        )
    return tuple(found)


def is_weekly_report(session: date) -> bool:
    """True on Wednesdays, or on Thursdays if a United States federal holiday comes before in the week."""
    monday = session - timedelta(days=session.weekday())
    late = any(
        monday + timedelta(days=day) in _list_federal_holidays(session.year) for day in range(_THURSDAY)
    )
    return session.weekday() == (_THURSDAY if late else _WEDNESDAY)


@cache
def _list_federal_holidays(year: int) -> frozenset[date]:
    """The federal holidays of one year and the days around it."""
    from pandas.tseries.holiday import USFederalHolidayCalendar

    days = USFederalHolidayCalendar().holidays(f"{year - 1}-12-20", f"{year + 1}-01-10")
    return frozenset(day.date() for day in days)
