"""What the alert levels of an instrument imply where nothing but noise is tested."""

from brentwatch.core.domain import Instrument
from brentwatch.core.intraday.minutes import BUDGET

SESSIONS_A_YEAR = 252


def estimate_yearly_false_alarms(instrument: Instrument) -> float:
    """How many alerts noise alone brings at most: in every session the daily test, and those within it.

    0 for an instrument that opens no alerts.
    """
    if not instrument.alerts:
        return 0.0
    within = BUDGET if instrument.intraday is not None else 0.0
    return SESSIONS_A_YEAR * (instrument.alert_level + within)
