"""The figures of an alert: the move against its forecast, and what could not be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.message.figures import (
    convert_to_percent,
    format_dollars,
    format_level,
    format_p_value,
    format_percent,
    format_percent_range,
    format_size,
)

if TYPE_CHECKING:
    from brentwatch.core.domain.alerts import Alert
    from brentwatch.core.domain.study import Found, Move

SIGMA = "\N{GREEK SMALL LETTER SIGMA}"


def describe_move(alert: Alert) -> str:
    """The estimate, its range, its p against the alert level, its size in the forecast's own measure."""
    test = alert.headline
    name = "Abnormal move" if alert.below_level else "Abnormal return"
    moved = f"{name} {format_percent(test.car)}{_convert_to_dollars(test.car, alert.move)}"
    interval = f"95 % range {format_percent_range(test.low, test.high)}"
    return f"{moved}, {interval}, {_compare_with_level(alert)} · {abs(test.statistic):.1f} {SIGMA} of the forecast"


def _convert_to_dollars(car: float, move: Move) -> str:
    """Nothing where the price before was zero or below: no percentage of it can be taken."""
    if move.previous_close <= 0.0:
        return ""
    return f" ({format_dollars(move.previous_close * convert_to_percent(car) / 100.0, digits=1)} vs previous close)"


def _compare_with_level(alert: Alert) -> str:
    if alert.below_level:
        return f"{format_p_value(alert.p)} (alert level {format_level(alert.level)})"
    return f"{format_p_value(alert.p)} ({explain_level_missed(alert)})"


def explain_level_missed(alert: Alert) -> str:
    """Why an alert that was published would not be opened by the prices as they are now."""
    if alert.p > alert.level:
        return f"no longer below the level {format_level(alert.level)}"
    return "no longer below the level: the revised price allows no test"


def normal_range(found: Found) -> tuple[float, float]:
    """Where the return stays 95 times in 100 if nothing happens, as log fractions."""
    half = (found.high - found.low) / 2.0
    return found.expected - half, found.expected + half


def describe_detectable_move(alert: Alert) -> str:
    """The move that this test would have found four times in five."""
    smallest = format_size(alert.headline.mde_alert)
    return f"Minimum detectable effect {smallest} at the alert level {format_level(alert.level)}, with 80 % power"
