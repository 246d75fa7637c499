"""Intraday windows: 15 and 60 minutes from the first clean bar after the news, and their error budget."""

from dataclasses import dataclass

from brentwatch.core.domain import Instrument
from brentwatch.core.intraday.clock import BAR

LEVEL = 0.001
"""p at or below it alerts: two tests a session of two windows each share .004."""

BUDGET = 0.004
"""False alarms a session at most: two tests of two windows at .001 each."""

INTRADAY_MODEL = "intraday"
"""The name of the model by which windows within a session are tested."""

SMALLEST_TOLD = 0.0005
"""No p is told more exactly than "p < 0.0005": the tail that it is read from is not known better."""

FEWEST_SESSIONS = 40
"""Sessions of bars below which nothing is tested: 60 calendar days of bars are about 41."""

ENOUGH_SESSIONS = 120
"""Sessions of bars below which a test is flagged `SHORT_HISTORY`."""

SHORT_HISTORY = "short_history"


@dataclass(frozen=True, slots=True, order=True)
class Minutes:
    """So many bars of five minutes, the first of them the first clean one."""

    bars: int

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return self.bars * int(BAR.total_seconds()) // 60

    def __str__(self) -> str:
        return f"{self.minutes} minutes"


QUARTER, HOUR = Minutes(3), Minutes(12)
WINDOWS = (QUARTER, HOUR)


SESSIONS_A_YEAR = 252


def estimate_yearly_false_alarms(instrument: Instrument) -> float:
    """How many alerts noise alone brings at most: in every session the daily test, and those within it.

    0 for an instrument that opens no alerts.
    """
    if not instrument.alerts:
        return 0.0
    within = BUDGET if instrument.intraday is not None else 0.0
    return SESSIONS_A_YEAR * (instrument.alert_level + within)
