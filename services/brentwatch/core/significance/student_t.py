"""The t test of one session or one sum of sessions against its forecast, with range and power."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy.special import stdtr, stdtrit

if TYPE_CHECKING:
    from brentwatch.core.normal_returns.forecast import Forecast

RANGE_COVERAGE = 0.95
POWER = 0.80


def p_value(total: float, forecast: Forecast) -> float:
    """Two-sided p of the summed return `total` (log fraction) under `forecast`."""
    distance = abs(total - forecast.expected) / forecast.scale
    return float(2.0 * stdtr(forecast.degrees_of_freedom, -distance))


def half_width(forecast: Forecast, coverage: float = RANGE_COVERAGE) -> float:
    """Half the range that holds `coverage` of what noise does, as a log fraction."""
    return forecast.scale * _quantile(forecast, 0.5 + coverage / 2.0)


def minimum_detectable_effect(forecast: Forecast, level: float, power: float = POWER) -> float:
    """The abnormal move (log fraction) that a two-sided test at `level` would find with probability `power`.

    scale * (t(1 - level / 2) + t(power)); the far tail, below 1e-4, is left out.
    """
    return forecast.scale * (_quantile(forecast, 1.0 - level / 2.0) + _quantile(forecast, power))


def _quantile(forecast: Forecast, probability: float) -> float:
    return float(stdtrit(forecast.degrees_of_freedom, probability))
