"""The test of one session or one sum of sessions against its forecast, with range and power."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brentwatch.core.forecasts.forecast import Forecast

RANGE_COVERAGE = 0.95
POWER = 0.80


def p_value(total: float, forecast: Forecast) -> float:
    """Two-sided p of the summed return `total` (log fraction) under `forecast`."""
    return forecast.tail(abs(total - forecast.expected))


def half_width(forecast: Forecast, coverage: float = RANGE_COVERAGE) -> float:
    """Half the range that holds `coverage` of what noise does, as a log fraction."""
    return forecast.distance(1.0 - coverage)


def minimum_detectable_effect(forecast: Forecast, level: float, power: float = POWER) -> float:
    """The abnormal move (log fraction) that a two-sided test at `level` would find with probability `power`.

    scale * (t(1 - level / 2) + t(power)) for a t forecast; the far tail, below 1e-4, is left out.
    """
    return forecast.distance(level) + forecast.distance(2.0 * (1.0 - power))
