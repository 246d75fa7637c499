"""The last lines of an alert: what the figures rest on and how to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.domain.study import (
    NO_LOG_RETURN,
    PARTIAL_HISTORY,
    PRICE_REVISION,
    SPANS_MISSING_SESSIONS,
    UNCALIBRATED,
)
from brentwatch.message.figures import format_fraction, format_utc
from brentwatch.message.foreign import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.core.domain.alerts import Alert
    from brentwatch.core.domain.study import Calibration

CAUTION = "Caution: a move selected for its p reads too large"

_FLAGS = {
    PRICE_REVISION: "price revised: tested again against the forecast that was made",
    NO_LOG_RETURN: "no log return: a price is zero or below",
    PARTIAL_HISTORY: "partial history: the oldest records of the timeline are missing",
    SPANS_MISSING_SESSIONS: "prices of sessions are missing: the return is tested as the sum over them",
    "short_estimation": "short estimation: fitted on less history than the model wants",
    "gap": "gap: days without a price before the session",
    "known_at_assumed": "hypothetical: taken as known at settlement",
}
"""Flags of studies and qualities of bars, in words."""


def write_data_line(alert: Alert) -> str:
    """The series and its time, the model and how often it is wrong, and what is unusual about either."""
    series = f"{clean(alert.title)} (series {clean(alert.series)})"
    parts = [
        series,
        _format_times(alert),
        f"model {alert.model}",
        _describe_calibration(alert.calibration),
        *_describe_flags(alert),
    ]
    return "Data: " + " · ".join(parts)


def _format_times(alert: Alert) -> str:
    """When the session settled, and how new the newest thing in the alert is."""
    settled = f"settled {format_utc(alert.settled_at, year=True)}"
    return settled if alert.known_at <= alert.settled_at else f"{settled}, as of {format_utc(alert.known_at)}"


def _describe_calibration(calibration: Calibration | None) -> str:
    if calibration is None:
        return UNCALIBRATED
    years = f"{calibration.first.year} to {calibration.last.year}"
    false = format_fraction(calibration.size_01, 4)
    measured = "" if calibration.vintage is None else f"; measured on {clean(calibration.vintage)}"
    return f"false alarms at .01: {false} (n = {calibration.n:,} sessions, {years}{measured})"


def _describe_flags(alert: Alert) -> Iterator[str]:
    """Each flag once, in words; whether the model is calibrated is told already."""
    for flag in dict.fromkeys((*alert.flags, *alert.move.quality)):
        if flag != UNCALIBRATED:
            yield _FLAGS.get(flag, clean(flag.replace("_", " ")))
