"""The details of an alert: its figures, what they rest on and how to read them."""

from collections.abc import Iterator

from brentwatch.core import domain
from brentwatch.message import figures
from brentwatch.message.foreign import clean

SIGMA = "\N{GREEK SMALL LETTER SIGMA}"


def describe_move(alert: domain.Alert) -> str:
    """The estimate, its range, its p against the alert level, its size in the forecast's own measure."""
    test = alert.headline
    name = "Abnormal move" if alert.below_level else "Abnormal return"
    moved = f"{name} {figures.format_percent(test.car)}{_convert_to_dollars(test.car, alert.move)}"
    interval = f"95 % range {figures.format_percent_range(test.low, test.high)}"
    return (
        f"{moved}, {interval}, {_compare_with_level(alert)} · {abs(test.statistic):.1f} {SIGMA} of the "
        "forecast"
    )


def _convert_to_dollars(car: float, move: domain.Move) -> str:
    """Nothing where the price before was zero or below: no percentage of it can be taken."""
    if move.previous_close <= 0.0:
        return ""
    dollars = move.previous_close * figures.convert_to_percent(car) / 100.0
    return f" ({figures.format_dollars(dollars, digits=1)} vs previous close)"


def _compare_with_level(alert: domain.Alert) -> str:
    if alert.below_level:
        return f"{figures.format_p_value(alert.p)} (alert level {figures.format_level(alert.level)})"
    return f"{figures.format_p_value(alert.p)} ({explain_level_missed(alert)})"


def explain_level_missed(alert: domain.Alert) -> str:
    """Why an alert that was published would not be opened by the prices as they are now."""
    if alert.p > alert.level:
        return f"no longer below the level {figures.format_level(alert.level)}"
    return "no longer below the level: the revised price allows no test"


def normal_range(found: domain.Found) -> tuple[float, float]:
    """Where the return stays 95 times in 100 if nothing happens, as log fractions."""
    half = (found.high - found.low) / 2.0
    return found.expected - half, found.expected + half


def describe_detectable_move(alert: domain.Alert) -> str:
    """The move that this test would have found four times in five."""
    smallest = figures.format_size(alert.headline.mde_alert)
    return (
        f"Minimum detectable effect {smallest} at the alert level {figures.format_level(alert.level)}, with "
        "80 % "
        "power"
    )


CAUTION = "Caution: a move selected for its p reads too large"

_FLAGS = {
    domain.PRICE_REVISION: "price revised: tested again against the forecast that was made",
    domain.NO_LOG_RETURN: "no log return: a price is zero or below",
    domain.PARTIAL_HISTORY: "partial history: the oldest records of the timeline are missing",
    domain.SPANS_MISSING_SESSIONS: (
        "prices of sessions are missing: the return is tested as the sum over them"
    ),
    "short_estimation": "short estimation: fitted on less history than the model wants",
    "gap": "gap: days without a price before the session",
    "known_at_assumed": "hypothetical: taken as known at settlement",
}
"""Flags of studies and qualities of bars, in words."""


def write_data_line(alert: domain.Alert) -> str:
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


def _format_times(alert: domain.Alert) -> str:
    """When the session settled, and how new the newest thing in the alert is."""
    settled = f"settled {figures.format_utc(alert.settled_at, year=True)}"
    return (
        settled
        if alert.known_at <= alert.settled_at
        else f"{settled}, as of {figures.format_utc(alert.known_at)}"
    )


def _describe_calibration(calibration: domain.Calibration | None) -> str:
    if calibration is None:
        return domain.UNCALIBRATED
    years = f"{calibration.first.year} to {calibration.last.year}"
    false = figures.format_fraction(calibration.size_01, 4)
    measured = "" if calibration.vintage is None else f"; measured on {clean(calibration.vintage)}"
    return f"false alarms at .01: {false} (n = {calibration.n:,} sessions, {years}{measured})"


def _describe_flags(alert: domain.Alert) -> Iterator[str]:
    """Each flag once, in words; whether the model is calibrated is told already."""
    for flag in dict.fromkeys((*alert.flags, *alert.move.quality)):
        if flag != domain.UNCALIBRATED:
            yield _FLAGS.get(flag, clean(flag.replace("_", " ")))
