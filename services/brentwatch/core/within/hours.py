"""The calendar of an instrument with bars of five minutes: one that knows when trade begins and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.errors import SettingsError
from brentwatch.core.sessions.calendar import HasHours

if TYPE_CHECKING:
    from brentwatch.core.state import Rules


def trading_hours(rules: Rules) -> HasHours:
    """The calendar of the instrument.

    Raises:
        SettingsError: if it does not know when its sessions trade.
    """
    calendar = rules.calendar
    if isinstance(calendar, HasHours):
        return calendar
    raise SettingsError(
        f"instrument {rules.instrument.name} has bars of five minutes ({rules.instrument.intraday}), and its "
        f"calendar {rules.instrument.calendar!r} has no hours; one that has was wanted: choose globex or ice"
    )
