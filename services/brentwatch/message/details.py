"""The detail of an alert: its tests one by one, their data, and the record of its level."""

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
    AlertTest,
    LevelRecord,
    Stage,
    is_derived_only,
)
from brentwatch.message import figures, outcomes
from brentwatch.message.alert_state import is_withdrawn, name_move
from brentwatch.message.certainty import describe_detectable
from brentwatch.message.foreign import clean


@dataclass(frozen=True, slots=True)
class Feedback:
    """What people said of earlier alerts of one severity: `useful` of `total`."""

    useful: int
    total: int


def write_session_lines(alert: Alert, test: AlertTest) -> Iterator[str]:
    """The settlement, or its provisional answer: the estimate, and what the test would have found."""
    if test.stage is Stage.PROVISIONAL:
        yield "Provisional, from the last bar before the settlement; the settlement follows"
    told = describe_estimate(alert, test)
    yield told if len(alert.tests) == 1 else f"Session: {told[:1].lower()}{told[1:]}"
    yield describe_detectable_move(test)


def describe_estimate(alert: Alert, test: AlertTest) -> str:
    """The estimate, its range, and its p against the alert level."""
    effect, given = figures.choose_estimate(test)
    dollars = convert_to_dollars(effect.estimate, alert, test)
    span = f"95 % range {figures.format_percent_range(effect.low, effect.high)}"
    moved = f"{name_move(test)} {figures.format_percent(effect.estimate)}{dollars}"
    return f"{moved}, {span}{given}, {_compare_with_level(alert, test)}"


def describe_selection(test: AlertTest) -> str:
    """The estimate without the correction for selection, or a note that there is no correction."""
    if test.given_alert is None:
        return "Note: moves that are selected for a small p tend to be overestimated"
    span = figures.format_percent_range(test.range.low, test.range.high)
    measured = f"{figures.format_percent(test.estimate)}, 95 % range {span}"
    return (
        f"As measured: {measured}. Moves that alert tend to be overestimated; the estimate corrects for that"
    )


def convert_to_dollars(estimate: float, alert: Alert, test: AlertTest) -> str:
    """An abnormal move in USD/bbl; empty if levels are not shown or the price before was 0 or below."""
    before = test.move.previous_close
    if is_derived_only(alert) or before <= 0.0:
        return ""
    dollars = before * figures.convert_to_percent(estimate) / 100.0
    return f" ({figures.format_dollars(dollars)})" if abs(dollars) < _LARGEST_DOLLARS else ""


_LARGEST_DOLLARS = 10_000_000.0


def _compare_with_level(alert: Alert, test: AlertTest) -> str:
    level, p = figures.format_level(test.level), outcomes.format_test_p(test)
    if test.is_abnormal:
        return f"{p} (alert level {level})"
    return (
        f"{p} (now above the alert level {level})"
        if is_withdrawn(alert)
        else f"{p} (above the alert level {level})"
    )


def describe_detectable_move(test: AlertTest) -> str:
    """The move that this test would have found four times in five."""
    return f"At the alert level {figures.format_level(test.level)} {describe_detectable(test)}"


_FLAGS = {
    PRICE_REVISION: "price revised: tested again against the same forecast",
    NO_LOG_RETURN: "no log return: a price is zero or below",
    PARTIAL_HISTORY: "partial history: the oldest records of the timeline are missing",
    SPANS_MISSING_SESSIONS: "prices of some sessions are missing: the return over all of them is tested",
    DERIVED_ONLY: "price levels not shown (licence of the prices)",
    "short_estimation": "short estimation: fitted on less history than the model needs",
    "gap": "gap: days without a price before the session",
    "known_at_assumed": "backtest assumption: price known at settlement",
}
"""Flags of studies and alerts, and qualities of bars, in words."""


def write_data_line(alert: domain.Alert) -> str:
    """The series and its time, the model and how often it is wrong, and what is unusual about either."""
    parts = [
        f"{clean(alert.title)} (series {clean(alert.series)})",
        _format_times(alert),
        _name_model(alert),
        _describe_calibration(alert.calibration),
        *describe_flags(alert),
    ]
    return "Data: " + " · ".join(parts)


def _name_model(alert: domain.Alert) -> str:
    edition = f", edition {alert.model_version}" if alert.model_version > 1 else ""
    return f"model {clean(alert.model)}{edition}"


def _format_times(alert: domain.Alert) -> str:
    """When the session settles or settled, and how new the newest thing in the alert is."""
    at = figures.format_utc(alert.settles_at, year=True)
    if alert.known_at < alert.settles_at:
        return f"settles {at}"
    if alert.known_at == alert.settles_at:
        return f"settled {at}"
    age = figures.format_duration(alert.known_at - alert.settles_at)
    return f"settled {at}, as of {figures.format_utc(alert.known_at)} ({age} later)"


def _describe_calibration(calibration: domain.Calibration | None) -> str:
    if calibration is None:
        return domain.UNCALIBRATED
    years = f"{calibration.first.year} to {calibration.last.year}"
    measured = "" if calibration.vintage is None else f"; measured on {clean(calibration.vintage)}"
    return (
        f"false alarms at 0.01: {calibration.size_01:.4f} (n = {calibration.n:,} sessions, {years}{measured})"
    )


def describe_flags(alert: Alert, but: tuple[str, ...] = ()) -> Iterator[str]:
    """Each flag once, in words, without those of `but` and the one on calibration."""
    qualities = [quality for each in alert.tests for quality in each.move.quality]
    for flag in dict.fromkeys((*alert.flags, *qualities)):
        if flag not in (UNCALIBRATED, *but):
            yield _FLAGS.get(flag, clean(flag.replace("_", " ")))


def write_track_record(alert: Alert, record: LevelRecord | None, feedback: Feedback | None) -> list[str]:
    """The track record of alerts at this level: the bundled record, and the feedback of people.

    A record of another series or level, and one that includes this session, are left out.
    """
    told = "" if record is None or not _is_own(alert, record) else _describe_record(record)
    if feedback is None or feedback.total == 0:
        return [f"At this level: {told}"] if told else []
    answers = f"{feedback.useful:,} useful of {feedback.total:,}"
    if told:
        return [f"At this level: {told}; your feedback: {answers}"]
    earlier = "heads-ups" if alert.severity is None else "alerts of this severity"
    return [f"Your feedback on {earlier}: {answers}"]


def _is_own(alert: Alert, record: LevelRecord) -> bool:
    test = alert.find_test(Stage.SETTLEMENT) or alert.find_test(Stage.PROVISIONAL)
    is_own = test is not None and (record.series, record.level) == (alert.series, test.level)
    return is_own and record.last < alert.session


def _describe_record(record: LevelRecord) -> str:
    after = (
        "1 followed an unrest event"
        if record.after_events == 1
        else (f"{record.after_events:,} followed an unrest event")
    )
    return (
        f"{figures.format_count(record.abnormal, 'session')} of {record.sessions:,} in {record.years} years "
        f"(about {record.by_chance:.0f} expected by chance); {after}"
    )
