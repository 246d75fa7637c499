"""The abnormal return of a window: what the price did, less what was forecast, and how far out that lies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from brentwatch.core.refused import Refused
from brentwatch.core.significance.student_t import half_width, minimum_detectable_effect, p_value
from brentwatch.core.study import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.normal_returns.forecast import Forecast, Path
    from brentwatch.core.windows import Window

NULL_OF_A_SESSION = "the return of the session is a draw from the forecast made the session before"
NULL_OF_A_SUM = "the summed return of the window is a draw from the forecast made the session before it"
_USUAL_LEVEL = 0.05


def abnormal_return(
    window: Window, closes: Sequence[float], path: Path | Refused, alert_level: float
) -> Found | Refused:
    """The test of `window` on the sessions that have settled so far.

    Args:
        window: the planned sessions.
        closes: USD/bbl; the close before the window, then one for each settled session of it, at least one.
        path: the forecast made at that first close.
        alert_level: the level for which the smallest move that could be seen is told, beside 5 %.
    """
    if isinstance(path, Refused):
        return path
    if min(closes) <= 0.0:
        return Refused(
            f"the price fell to {min(closes)} USD/bbl within the window or right before it; a log return "
            "needs prices above zero: judge this window by USD/bbl"
        )
    observed = len(closes) - 1
    return _found(window, observed, math.log(closes[-1] / closes[0]), path.steps[observed - 1], alert_level)


def _found(window: Window, observed: int, total: float, forecast: Forecast, alert_level: float) -> Found:
    car = total - forecast.expected
    half = half_width(forecast)
    return Found(
        window=window,
        observed=observed,
        planned=window.sessions,
        null=NULL_OF_A_SESSION if window.sessions == 1 else NULL_OF_A_SUM,
        total=total,
        expected=forecast.expected,
        car=car,
        standard_error=forecast.standard_error,
        low=car - half,
        high=car + half,
        statistic=car / forecast.standard_error,
        degrees_of_freedom=forecast.degrees_of_freedom,
        p=p_value(total, forecast),
        mde_05=minimum_detectable_effect(forecast, _USUAL_LEVEL),
        mde_alert=minimum_detectable_effect(forecast, alert_level),
    )
