"""The calendar of an instrument with bars of five minutes: one that knows when trade begins and ends."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from brentwatch.core.errors import SettingsError
from brentwatch.core.sessions.calendar import HasHours
from brentwatch.core.sessions.table import load

if TYPE_CHECKING:
    from brentwatch.core.monitor.state import Rules
    from brentwatch.core.sessions.overrides import Override


def load_trading_calendar(rules: Rules) -> HasHours:
    """The calendar of the instrument.

    Raises:
        SettingsError: if it does not know when its sessions trade.
    """
    instrument = rules.instrument
    calendar = _load_with_hours(instrument.calendar, instrument.overrides)
    if calendar is None:
        raise SettingsError(
            f"instrument {instrument.name} has bars of five minutes ({instrument.intraday}), and its "
            f"calendar {instrument.calendar!r} has no hours; one that has was wanted: choose globex or ice"
        )
    return calendar


@cache
def _load_with_hours(name: str, overrides: tuple[Override, ...]) -> HasHours | None:
    """Remembered: to look at a protocol takes as long as half of a bar, and every bar asks."""
    calendar = load(name, overrides)
    return calendar if isinstance(calendar, HasHours) else None
