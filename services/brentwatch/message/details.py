"""The detail of an alert: its figures, what they rest on, how to read them, and the record of its level."""

from collections.abc import Iterator
from dataclasses import dataclass

from brentwatch.core import domain
from brentwatch.core.domain import (
    DERIVED_ONLY,
    NO_LOG_RETURN,
    PARTIAL_HISTORY,
    PRICE_REVISION,
    SPANS_MISSING_SESSIONS,
    UNCALIBRATED,
    Alert,
    LevelRecord,
    is_derived_only,
)
from brentwatch.message import figures
from brentwatch.message.alert_state import name_move
from brentwatch.message.findings import describe_power
from brentwatch.message.foreign import clean


@dataclass(frozen=True, slots=True)
class Feedback:
    """What people said of earlier alerts of one severity: `useful` of `total`."""

    useful: int
    total: int


def describe_move(alert: Alert) -> str:
    """The estimate, its range, and its p against the alert level."""
    test = alert.headline
    moved = f"{name_move(alert)} {figures.format_percent(test.car)}{convert_to_dollars(test.car, alert)}"
    interval = f"95 % range {figures.format_percent_range(test.low, test.high)}"
    return f"{moved}, {interval}, {_compare_with_level(alert)}"


def convert_to_dollars(car: float, alert: Alert) -> str:
    """An abnormal move in USD/bbl; nothing where levels are not shown, or the price before was 0 or below."""
    before = alert.move.previous_close
    if is_derived_only(alert) or before <= 0.0:
        return ""
    dollars = before * figures.convert_to_percent(car) / 100.0
    return f" ({figures.format_dollars(dollars)})" if abs(dollars) < _LARGEST_DOLLARS else ""


_LARGEST_DOLLARS = 10_000_000.0


def _compare_with_level(alert: Alert) -> str:
    level = figures.format_level(alert.level)
    if alert.below_level:
        return f"{figures.format_p_value(alert.p)} (alert level {level})"
    why = "" if alert.p > alert.level else ": the revised price allows no test"
    return f"{figures.format_p_value(alert.p)} (no longer below the level {level}{why})"


def normal_range(found: domain.Found) -> tuple[float, float]:
    """Where the return stays 95 times in 100 if nothing happens, as log fractions."""
    half = (found.high - found.low) / 2.0
    return found.expected - half, found.expected + half


def describe_detectable_move(alert: domain.Alert) -> str:
    """The move that this test would have found four times in five."""
    return (
        f"At the alert level {figures.format_level(alert.level)} {describe_power(alert.headline.mde_alert)}"
    )


CAUTION = "Caution: moves that were selected for a small p read too large"

_FLAGS = {
    PRICE_REVISION: "price revised: tested again against the forecast that was made",
    NO_LOG_RETURN: "no log return: a price is zero or below",
    PARTIAL_HISTORY: "partial history: the oldest records of the timeline are missing",
    SPANS_MISSING_SESSIONS: "prices of sessions are missing: the return is tested as the sum over them",
    DERIVED_ONLY: "price levels are not shown: the licence of the prices",
    "short_estimation": "short estimation: fitted on less history than the model wants",
    "gap": "gap: days without a price before the session",
    "known_at_assumed": "hypothetical: taken as known at settlement",
}
"""Flags of studies and alerts, and qualities of bars, in words."""


def write_data_line(alert: domain.Alert) -> str:
    """The series and its time, the model and how often it is wrong, and what is unusual about either."""
    series = f"{clean(alert.title)} (series {clean(alert.series)})"
    parts = [
        series,
        _format_times(alert),
        f"model {clean(alert.model)}",
        _describe_calibration(alert.calibration),
        *describe_flags(alert),
    ]
    return "Data: " + " · ".join(parts)


def _format_times(alert: domain.Alert) -> str:
    """When the session settled, and how new the newest thing in the alert is."""
    settled = f"settled {figures.format_utc(alert.settled_at, year=True)}"
    if alert.known_at <= alert.settled_at:
        return settled
    age = figures.format_duration(alert.known_at - alert.settled_at)
    return f"{settled}, as of {figures.format_utc(alert.known_at)} ({age} later)"


def _describe_calibration(calibration: domain.Calibration | None) -> str:
    if calibration is None:
        return domain.UNCALIBRATED
    years = f"{calibration.first.year} to {calibration.last.year}"
    measured = "" if calibration.vintage is None else f"; measured on {clean(calibration.vintage)}"
    return (
        f"false alarms at 0.01: {calibration.size_01:.4f} (n = {calibration.n:,} sessions, {years}{measured})"
    )


def describe_flags(alert: Alert, but: tuple[str, ...] = ()) -> Iterator[str]:
    """Each flag once, in words; whether the model is calibrated is told already, and those of `but`."""
    for flag in dict.fromkeys((*alert.flags, *alert.move.quality)):
        if flag not in (UNCALIBRATED, *but):
            yield _FLAGS.get(flag, clean(flag.replace("_", " ")))


def write_track_record(alert: Alert, record: LevelRecord | None, feedback: Feedback | None) -> list[str]:
    """What alerts of this level came to: in the bundled record, and by the answers of those who had them.

    A record of another series or level tells nothing of this alert, and is left out.
    """
    is_own = record is not None and (record.series, record.level) == (alert.series, alert.level)
    told = _describe_record(record) if record is not None and is_own else ""
    if feedback is None or feedback.total == 0:
        return [f"At this level: {told}"] if told else []
    answers = f"{feedback.useful:,} useful of {feedback.total:,}"
    if not told:
        return [f"Your answers on alerts of this severity: {answers}"]
    return [f"At this level: {told}; yours: {answers}"]


def _describe_record(record: LevelRecord) -> str:
    after = (
        "1 followed an unrest event"
        if record.after_events == 1
        else (f"{record.after_events:,} followed an unrest event")
    )
    return (
        f"{figures.format_count(record.abnormal, 'session')} of {record.sessions:,} in {record.years} years, "
        f"where chance alone gives about {record.by_chance:.0f}; {after}"
    )
