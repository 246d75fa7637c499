"""The abnormal return of a window: the return less its forecast, with p, range and power."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from brentwatch.core.domain import USUAL_LEVEL, Found, Refused, Window
from brentwatch.core.forecasts.given_alert import estimate_given_alert

if TYPE_CHECKING:
    from brentwatch.core.forecasts.forecast import Forecast, Path


RANGE_COVERAGE = 0.95
POWER = 0.80


def p_value(total: float, forecast: Forecast) -> float:
    """Two-sided p of the summed return `total` (log fraction) under `forecast`."""
    return forecast.tail(total - forecast.expected)


def find_noise(forecast: Forecast, coverage: float = RANGE_COVERAGE) -> tuple[float, float]:
    """How far noise reaches below and above `expected` in `coverage` of all cases: two log fractions >= 0."""
    tail = 1.0 - coverage
    return forecast.distance(tail, up=False), forecast.distance(tail, up=True)


def minimum_detectable_effect(forecast: Forecast, level: float, power: float = POWER) -> float:
    """The abnormal rise (log fraction) that a two-sided test at `level` would find with probability `power`.

    It is scale * (t(1 - level / 2) + t(power)) for a t forecast; the far tail, below 1e-4, is left out. A
    fall of that size is found less often if the lower tail is wider.
    """
    return forecast.distance(level, up=True) + forecast.distance(2.0 * (1.0 - power), up=False)


NULL_OF_A_SESSION = "the return of the session is a draw from the forecast made the session before"
NULL_OF_A_SUM = "the summed return of the window is a draw from the forecast made the session before it"
NULL_OF_A_SPAN = (
    "the return over sessions of which some have no price is a draw from the forecast of their sum"
)


def measure_abnormal_return(
    window: Window,
    closes: Sequence[float],
    path: Path | Refused,
    alert_level: float,
    missing: Sequence[date] = (),
    *,
    opens_alerts: bool = False,
) -> Found | Refused:
    """The test of `window` on the sessions that have settled so far.

    Args:
        window: the planned sessions.
        closes: USD/bbl; the close before the window, then one for each settled session of it, at least one.
        path: the forecast made at that first close.
        alert_level: the level for which the detectable move is given, in addition to 5 %.
        missing: the sessions without a price after the first settled one; the path covers those before it.
        opens_alerts: whether this test opens an alert if it is at the alert level.
    """
    if isinstance(path, Refused):
        return path
    if min(closes) <= 0.0:
        return Refused(
            f"the price fell to {min(closes)} USD/bbl within the window or right before it; a log return "
            "needs prices above zero: judge this window by USD/bbl"
        )
    observed = len(closes) - 1
    at = observed - 1 + len(missing)
    if at >= len(path.steps):
        return Refused(
            f"the window spans {at + path.spans} sessions, of which {observed} have a price, and the "
            f"forecast reaches {len(path.steps) - 1 + path.spans}: prices are missing from {missing[0]} on; "
            "add them to the source, or name holidays in calendar_overrides"
        )
    total, spans = math.log(closes[-1] / closes[0]), bool(missing) or path.spans > 1
    null, forecast = _choose_null(window, spans=spans), path.steps[at]
    found = _build_found(window, observed, total, forecast, alert_level, null)
    if not opens_alerts or found.p > alert_level:
        return found
    below, above = forecast.distance(alert_level, up=False), forecast.distance(alert_level, up=True)
    given = estimate_given_alert(
        found.car, forecast.tail, below=below, above=above, standard_error=forecast.standard_error
    )
    return replace(found, given_alert=given)


def _choose_null(window: Window, *, spans: bool) -> str:
    if spans:
        return NULL_OF_A_SPAN
    return NULL_OF_A_SESSION if window.sessions == 1 else NULL_OF_A_SUM


def _build_found(
    window: Window, observed: int, total: float, forecast: Forecast, alert_level: float, null: str
) -> Found:
    car = total - forecast.expected
    below, above = find_noise(forecast)
    return Found(
        window=window,
        observed=observed,
        planned=window.sessions,
        null=null,
        total=total,
        expected=forecast.expected,
        car=car,
        standard_error=forecast.standard_error,
        low=car - above,
        high=car + below,
        statistic=car / forecast.standard_error,
        degrees_of_freedom=forecast.degrees_of_freedom,
        p=p_value(total, forecast),
        mde_05=minimum_detectable_effect(forecast, USUAL_LEVEL),
        mde_alert=minimum_detectable_effect(forecast, alert_level),
    )
