"""What the fold asked for and noted, as metrics: one `match`, which the type checker holds complete."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from brentwatch.core import domain
from brentwatch.core.intraday.minutes import estimate_yearly_false_alarms
from brentwatch.telemetry import table

if TYPE_CHECKING:
    from brentwatch.telemetry.metrics import Metrics

_FRESH = (domain.BarOutcome.NEW, domain.BarOutcome.WARMUP)
_REVISED = (domain.BarOutcome.REVISED, domain.BarOutcome.REVISED_CLOSED)


def measure(
    metrics: Metrics,
    instrument: str,
    effect: domain.Effect,
    now: float,
    *,
    before: domain.Alert | None = None,
) -> None:
    """Count one effect of the fold of `instrument`, as it happens; `now` is in seconds since 1970.

    `before` is the revision before that of an alert, None of the first one.
    """
    match effect:
        case domain.PublishStudy(study=study):
            metrics.count(table.STUDIES, test=study.test, outcome=study.result.status)
        case domain.PublishAlert(alert=alert):
            _measure_thread(metrics, alert, before, now)
        case domain.Noted(fact=fact):
            _measure_fact(metrics, instrument, fact)
        case _:
            assert_never(effect)


def measure_newest(metrics: Metrics, instrument: str, closes_at: datetime) -> None:
    """When the newest bar closed, which is still so after a restore; what was counted was so in its time."""
    metrics.set(table.PRICE_LAST_BAR, closes_at.timestamp(), instrument=instrument)


def measure_intraday(metrics: Metrics, instrument: str, sessions: int) -> None:
    """Number of complete sessions of 5-minute bars that the next intraday test uses."""
    metrics.set(table.INTRADAY_SESSIONS, sessions, instrument=instrument)


def measure_false_alarms(metrics: Metrics, instrument: domain.Instrument) -> None:
    """What the alert levels of an instrument imply."""
    metrics.set(table.FALSE_ALARMS, estimate_yearly_false_alarms(instrument), instrument=instrument.name)


def declare_counters(metrics: Metrics, instrument: domain.Instrument) -> None:
    """Create the counters of an instrument at 0, so that a rule sees the first count as a rise."""
    for metric in (table.SESSIONS_TESTED, table.P_VALUE):
        metrics.declare(metric, series=instrument.series.name)
    for metric in (table.PRICE_BARS, table.PRICE_REVISIONS, table.RECORDS_VOIDED, table.HEADS_UPS):
        metrics.declare(metric, instrument=instrument.name)


def _measure_thread(metrics: Metrics, alert: domain.Alert, before: domain.Alert | None, now: float) -> None:
    metrics.count(table.ALERT_REVISIONS, cause=alert.cause)
    since_news = _measure_since_news(alert, now)
    if before is None and alert.stage is domain.Stage.HEADS_UP:
        metrics.count(table.HEADS_UPS, instrument=alert.instrument)
    is_new = (before is None or before.stage is not alert.stage) and alert.stage is not domain.Stage.FINAL
    if is_new and since_news is not None:
        metrics.observe(table.STAGE_LEAD, since_news, stage=alert.stage)
    if before is None or before.severity is None:
        _measure_first_severity(metrics, alert, since_news, now)


def _measure_since_news(alert: domain.Alert, now: float) -> float | None:
    """Seconds since the earliest listed event was known; None without one."""
    known = min((event.known_at.timestamp() for event in alert.events), default=None)
    return None if known is None else max(0.0, now - known)


def _measure_first_severity(
    metrics: Metrics, alert: domain.Alert, since_news: float | None, now: float
) -> None:
    test = alert.lead
    if alert.severity is None or test is None:
        return
    metrics.count(table.ALERTS, severity=alert.severity, direction=test.direction)
    if alert.severity is domain.Severity.INFO:
        metrics.count(table.UNEXPLAINED_MOVES)
    since_close = max(0.0, now - test.window.ends_at.timestamp())
    metrics.observe(table.WINDOW_CLOSE_TO_ALERT, since_close, stage=test.stage)
    if since_news is not None:
        metrics.observe(table.EVENT_TO_ALERT, since_news, stage=test.stage)


def _measure_fact(metrics: Metrics, instrument: str, fact: domain.Fact) -> None:
    match fact:
        case domain.EventSeen(outcome=outcome):
            metrics.count_flood(table.EVENTS_CONSUMED, outcome=outcome)  # they come in floods
        case domain.BarSeen():
            _measure_bar(metrics, instrument, fact)
        case domain.SessionDecided(series=series, outcome=outcome, p=p):
            metrics.count(table.SESSIONS_TESTED, series=series, outcome=outcome)
            if p is not None:
                metrics.observe(table.P_VALUE, p, series=series)
        case domain.CanarySeen():
            pass  # who sent the canary looks for it
        case _:
            assert_never(fact)


def _measure_bar(metrics: Metrics, instrument: str, bar: domain.BarSeen) -> None:
    metrics.count(table.PRICE_BARS, instrument=instrument, outcome=bar.outcome)
    if bar.outcome in _FRESH:
        measure_newest(metrics, instrument, bar.closes_at)
    if bar.outcome in _REVISED:
        metrics.count(table.PRICE_REVISIONS, instrument=instrument)
