"""The figures of an alert: the move against its forecast, and what could not be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.message.figures import (
    dollars,
    level,
    p_value,
    percent,
    percent_range,
    simple,
    size,
)

if TYPE_CHECKING:
    from brentwatch.core.domain.alerts import Alert
    from brentwatch.core.domain.study import Found, Move

SIGMA = "\N{GREEK SMALL LETTER SIGMA}"


def found_line(alert: Alert) -> str:
    """The estimate, its range, its p against the alert level, its size in the forecast's own measure."""
    test = alert.headline
    name = "Abnormal move" if alert.below_level else "Abnormal return"
    moved = f"{name} {percent(test.car)}{_in_dollars(test.car, alert.move)}"
    interval = f"95 % range {percent_range(test.low, test.high)}"
    return f"{moved}, {interval}, {_against_level(alert)} · {abs(test.statistic):.1f} {SIGMA} of the forecast"


def _in_dollars(car: float, move: Move) -> str:
    """Nothing where the price before was zero or below: no percentage of it can be taken."""
    if move.previous_close <= 0.0:
        return ""
    return f" ({dollars(move.previous_close * simple(car) / 100.0, digits=1)} vs previous close)"


def _against_level(alert: Alert) -> str:
    if alert.below_level:
        return f"{p_value(alert.p)} (alert level {level(alert.level)})"
    return f"{p_value(alert.p)} ({no_longer(alert)})"


def no_longer(alert: Alert) -> str:
    """Why an alert that was published would not be opened by the prices as they are now."""
    if alert.p > alert.level:
        return f"no longer below the level {level(alert.level)}"
    return "no longer below the level: the revised price allows no test"


def normal_range(found: Found) -> tuple[float, float]:
    """Where the return stays 95 times in 100 if nothing happens, as log fractions."""
    half = (found.high - found.low) / 2.0
    return found.expected - half, found.expected + half


def unseen_line(alert: Alert) -> str:
    """The move that this test would have found four times in five."""
    smallest = size(alert.headline.mde_alert)
    return f"Minimum detectable effect {smallest} at the alert level {level(alert.level)}, with 80 % power"
