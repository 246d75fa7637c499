"""The roll: when a contract stops trading, and which return is then a splice of two contracts.

Theory. A series of front-month prices continues with the next contract after the front one has expired, and
one return holds the step between the two. Which return that is depends on the vendor: two downloads of the
same series have the step in the first return after an expiry, or in the second, because their rows of the
first session after it differ. So both returns are left out of every test and fit (`find_splice`), and a
change of that row is not a price revision (`is_after_expiry`). This holds for every series with a rule, as
long as no source names the contract of a price. Only sessions with a price count here: a session without one
has no return.

Rules. Each gives, by contract month, the last session in which a contract trades:

* `brent`: ICE Brent, and BZ at NYMEX, which follows it. Contract months since March 2016 expire on the last
  business day of the second month before, or one business day earlier if that is the business day before
  Christmas or New Year's Day. Contract months until February 2016 expire on the business day before the 15th
  day before the first of the month, or before the last banking day up to that day (product specification of
  ICE Futures Europe). Business days are those of London.
* `cl`: NYMEX WTI. It expires three business days before the 25th of the month before, or four if the 25th is
  not a business day (CME rulebook, chapter 200). Business days are those of New York; until 2006 NYMEX was
  closed on the day after Thanksgiving.
* `none`: a spot price, or a series that is adjusted for its rolls.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from brentwatch.core.errors import SettingsError
from brentwatch.core.sessions import table
from brentwatch.core.sessions.business_days import FRIDAY

NO_ROLL = "none"
_BY_LAST_DAY = (2016, 3)
_LAST_CLOSED_FRIDAY = 2006
"""The last year in which NYMEX was closed on the day after Thanksgiving."""
_A_DAY = timedelta(days=1)
_FIFTEEN = timedelta(days=15)
LONGEST_BREAK = timedelta(days=5)
"""The longest break between two sessions, assumed before the oldest price, whose predecessor is unknown."""


@dataclass(frozen=True, slots=True)
class RollRule:
    """When the contract of a year and month expires, the products in words, and the source of the rule."""

    expiry: Callable[[int, int], date]
    words: str
    source: str


def find_splice(rule: str, earlier: date | None, before: date, session: date) -> date | None:
    """The expiry after which the return from session `before` to `session` is the first or the second.

    The result is None if the return is neither, and so holds no step to another contract. `earlier` is the
    priced session before `before`, None if there is none.

    Raises:
        SettingsError: if there is no such rule.
    """
    return find_expiry(rule, before - LONGEST_BREAK if earlier is None else earlier, session)


def find_spliced_sessions(rule: str, sessions: Sequence[date]) -> frozenset[date]:
    """The priced `sessions`, ascending, whose return is the first or second after an expiry.

    Raises:
        SettingsError: if there is no such rule.
    """
    earlier = (None, *sessions)
    returns = zip(earlier, sessions, sessions[1:], strict=False)
    return frozenset(session for each, before, session in returns if find_splice(rule, each, before, session))


def is_after_expiry(rule: str, sessions: Sequence[date], session: date) -> bool:
    """Whether `session` is the first after an expiry among the priced `sessions`, ascending.

    Raises:
        SettingsError: if there is no such rule.
    """
    at = bisect_left(sessions, session)
    return at > 0 and find_expiry(rule, sessions[at - 1], session) is not None


def find_expiry(rule: str, before: date, session: date) -> date | None:
    """The first expiry on or after `before` and before `session`; None if there is none.

    Raises:
        SettingsError: if there is no such rule.
    """
    return None if rule == NO_ROLL else _find_expiry(check_rule(rule), before, session)


def find_front_month(rule: str, session: date) -> date:
    """The first day of the contract month of the front contract: the next to expire, on `session` or later.

    Raises:
        SettingsError: if there is no such rule, or it has no contracts.
    """
    if check_rule(rule) == NO_ROLL:
        raise SettingsError(
            f"the roll rule is {NO_ROLL}, which has no contracts; expected {' or '.join(ROLLS)}: set roll, "
            "or choose a provider that needs no contract"
        )
    months = _list_months(session, session)
    return next(day for day in months if find_last_session(rule, day) >= session)


def find_last_session(rule: str, month: date) -> date:
    """The last session in which the contract of a month trades, by a rule with contracts."""
    return ROLLS[rule].expiry(month.year, month.month)


def check_rule(name: str) -> str:
    """The name, if there is such a rule.

    Raises:
        SettingsError: if there is no such rule.
    """
    if name != NO_ROLL and name not in ROLLS:
        raise SettingsError(f"no roll rule is called {name!r}; expected one of {describe_rules()}")
    return name


def describe_rules() -> str:
    """The names of all rules, each with its products."""
    told = [f"{name} ({rule.words})" for name, rule in ROLLS.items()]
    return f"{', '.join(told)} or {NO_ROLL} (a spot price, or a series adjusted for its rolls)"


@lru_cache(maxsize=8192)
def _find_expiry(rule: str, before: date, session: date) -> date | None:
    ends = (ROLLS[rule].expiry(day.year, day.month) for day in _list_months(before, session))
    return next((end for end in ends if before <= end < session), None)


def _list_months(before: date, session: date) -> list[date]:
    """The first days of the contract months that can expire in between: up to three months later."""
    first, last = before.replace(day=1), session.replace(day=1) + timedelta(days=95)
    return [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    ]


@lru_cache(maxsize=512)
def brent_expiry(year: int, month: int) -> date:
    """The last session in which the Brent contract of that month trades."""
    if (year, month) < _BY_LAST_DAY:
        return _find_day_before(_find_at_or_before(date(year, month, 1) - _FIFTEEN))
    of_the_month = _find_day_before(_find_previous_month(year, month))
    return _find_day_before(of_the_month) if _is_eve(of_the_month) else of_the_month


@lru_cache(maxsize=512)
def cl_expiry(year: int, month: int) -> date:
    """The last session in which the WTI contract of that month trades."""
    day = _find_previous_month(year, month).replace(day=25)
    for _ in range(3 if _is_new_york_day(day) else 4):
        day -= _A_DAY
        while not _is_new_york_day(day):
            day -= _A_DAY
    return day


ROLLS = {
    "brent": RollRule(
        brent_expiry, "ICE Brent, NYMEX BZ", "https://www.ice.com/products/219/Brent-Crude-Futures"
    ),
    "cl": RollRule(cl_expiry, "NYMEX WTI", "https://www.cmegroup.com/rulebook/NYMEX/2/200.pdf"),
}
"""The rules by name, apart from `none`."""


def _find_previous_month(year: int, month: int) -> date:
    return date(year, month - 1, 1) if month > 1 else date(year - 1, 12, 1)


def _is_new_york_day(day: date) -> bool:
    if (
        day.year <= _LAST_CLOSED_FRIDAY
        and day.month == 11
        and day.weekday() == FRIDAY
        and 23 <= day.day <= 29
    ):
        return False
    calendar = table.load("globex")
    return calendar.find_on_or_after(day) == day and not calendar.is_unpriced(day)


def _is_eve(day: date) -> bool:
    """The business day before Christmas or New Year's Day."""
    holidays = (date(day.year, 12, 25), date(day.year + 1, 1, 1))
    return any(_find_day_before(holiday) == day for holiday in holidays)


def _find_day_before(day: date) -> date:
    return _find_at_or_before(day - _A_DAY)


def _find_at_or_before(day: date) -> date:
    calendar = table.load("london")
    while calendar.find_on_or_after(day) != day:
        day -= _A_DAY
    return day
