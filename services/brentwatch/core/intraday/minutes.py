"""Intraday windows: 15 and 60 minutes from the first clean bar after the news, and their error budget."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from brentwatch.core.domain import GivenAlert, Instrument
from brentwatch.core.intraday.clock import BAR

LEVEL = 0.001
"""The alert level of one window: two tests a session with two windows each share 0.004."""

MOST_TESTS = 2
"""The most tests in one session."""

BUDGET = 0.004
"""The most false alarms per session: two tests with two windows at 0.001 each."""

INTRADAY_MODEL = "intraday"
"""The name of the model by which windows within a session are tested."""

SMALLEST_TOLD = 0.0005
"""A smaller p is shown as "p < 0.0005": the tail is not known more exactly."""

FEWEST_SESSIONS = 40
"""With fewer sessions of bars nothing is tested; 60 calendar days have about 41."""

ENOUGH_SESSIONS = 120
"""With fewer sessions of bars a test is flagged `SHORT_HISTORY`."""

SHORT_HISTORY = "short_history"


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsFound:
    """A test of bars and its estimate, for a window or a re-open; all returns as log fractions.

    `move` runs from `price_before` at `begins_at` to `price_after` at `ends_at` (UTC, USD/bbl; NaN if a price
    is missing); its expected value is zero. `low` to `high` is its 95 % range. `usual` is the mean absolute
    move of its kind, and `z` the absolute move divided by it. `p` is two-sided and never shown below
    `SMALLEST_TOLD`. `mde_05` and `mde_alert` are the moves that are found with 80 % power at 5 % and at the
    alert level. The test looked back on `sessions` sessions, or breaks of its kind. `given_alert` is the
    effect given that the move reached the alert level.
    """

    begins_at: datetime
    ends_at: datetime
    null: str
    move: float
    low: float
    high: float
    usual: float
    z: float
    p: float
    mde_05: float
    mde_alert: float
    price_before: float
    price_after: float
    sessions: int
    flags: tuple[str, ...] = ()
    given_alert: GivenAlert | None = None
    status: ClassVar[str] = "found"

    @property
    def alerts(self) -> bool:
        """True if p is at or below the alert level."""
        return self.p <= LEVEL


@dataclass(frozen=True, slots=True, order=True)
class Minutes:
    """A window of `bars` 5-minute bars, beginning with the first clean bar."""

    bars: int

    @property
    def minutes(self) -> int:
        """The length of the window."""
        return self.bars * int(BAR.total_seconds()) // 60

    def __str__(self) -> str:
        return f"{self.minutes} minutes"


QUARTER, HOUR = Minutes(3), Minutes(12)
WINDOWS = (QUARTER, HOUR)


SESSIONS_A_YEAR = 252

PROVISIONAL_LOOK = 1.05
"""The most false alarms of both looks at a settlement, relative to one look.

With 5-minute bars a session is tested on the provisional and on the final settlement.
"""


def estimate_yearly_false_alarms(instrument: Instrument) -> float:
    """The most false alarms a year: from the daily test of every session, and the tests within it.

    0 for an instrument that opens no alerts.
    """
    if not instrument.alerts:
        return 0.0
    if instrument.intraday is None:
        return SESSIONS_A_YEAR * instrument.alert_level
    return SESSIONS_A_YEAR * (instrument.alert_level * PROVISIONAL_LOOK + BUDGET)


def sum_yearly_false_alarms(instruments: Iterable[Instrument]) -> float:
    """The most false alarms a year of all instruments together: the sum over the instruments."""
    return sum(map(estimate_yearly_false_alarms, instruments))
