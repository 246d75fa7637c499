"""What the fold asks for and notes, as metrics."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from tests.notify.alerts import ALERT, INTRADAY

from brentwatch.core.domain import (
    BarOutcome,
    BarSeen,
    CanarySeen,
    Cause,
    Effect,
    EventOutcome,
    EventSeen,
    Noted,
    NotYet,
    PublishAlert,
    PublishStudy,
    SessionDecided,
    SessionOutcome,
    Severity,
    Study,
    Window,
)
from brentwatch.telemetry.facts import measure
from brentwatch.telemetry.metrics import Metrics

SESSION, SETTLED, MOVE, FOUND = ALERT.session, ALERT.settled_at, ALERT.move, ALERT.headline
STUDY = Study(
    study_id="s",
    revision=1,
    known_at=SETTLED,
    instrument="brent-spot",
    series="brent-spot",
    session=SESSION,
    window=Window(0, 0),
    model="garch-t",
    events=(),
    events_total=0,
    exposure=None,
    result=FOUND,
    after=None,
    move=MOVE,
    flags=(),
    confounders=(),
    overlaps=(),
    calibration=None,
)


def test_a_study_within_the_session_is_counted_by_its_model() -> None:
    registry = measured(PublishStudy(replace(STUDY, model="intraday")))
    labels = {"model": "intraday", "outcome": "found"}
    assert registry.get_sample_value("brentwatch_studies_total", labels) == 1.0


def bar(outcome: BarOutcome) -> Noted:
    return Noted(
        BarSeen(series="brent-spot", session=SESSION, closes_at=SETTLED, close=68.42, outcome=outcome)
    )


def measured(*effects: Effect, now: float = SETTLED.timestamp()) -> CollectorRegistry:
    registry = CollectorRegistry()
    metrics = Metrics(registry, "monitor")
    for effect in effects:
        measure(metrics, "brent-spot", effect, now)
    return registry


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"brentwatch_{name}", labels)


@pytest.mark.parametrize("outcome", EventOutcome)
def test_every_outcome_of_an_event_is_counted(outcome: EventOutcome) -> None:
    registry = measured(Noted(EventSeen(event_id="a:1", revision=0, outcome=outcome, detail="")))

    assert value(registry, "events_consumed_total", outcome=outcome) == 1


@pytest.mark.parametrize("outcome", BarOutcome)
def test_every_outcome_of_a_bar_is_counted(outcome: BarOutcome) -> None:
    assert value(measured(bar(outcome)), "price_bars_total", instrument="brent-spot", outcome=outcome) == 1


def test_only_new_bars_move_the_time_of_the_newest() -> None:
    newest = ("price_last_bar_timestamp_seconds", {"instrument": "brent-spot"})

    assert value(measured(bar(BarOutcome.REPEATED)), newest[0], **newest[1]) is None
    assert value(measured(bar(BarOutcome.NEW)), newest[0], **newest[1]) == SETTLED.timestamp()


def test_revised_bars_are_counted_as_revisions() -> None:
    registry = measured(bar(BarOutcome.NEW), bar(BarOutcome.REVISED), bar(BarOutcome.REVISED_CLOSED))

    assert value(registry, "price_revisions_total", instrument="brent-spot") == 2


def test_a_roll_correction_is_no_price_revision() -> None:
    registry = measured(bar(BarOutcome.ROLL_CORRECTED))

    labels = {"instrument": "brent-spot", "outcome": "roll_corrected"}
    assert value(registry, "price_bars_total", **labels) == 1
    assert not value(registry, "price_revisions_total", instrument="brent-spot")


def test_a_session_is_counted_and_its_p_value_kept_where_there_is_one() -> None:
    tested = SessionDecided(series="brent-spot", session=SESSION, outcome=SessionOutcome.TESTED, p=0.04)
    missing = SessionDecided(series="brent-spot", session=SESSION, outcome=SessionOutcome.MISSING, p=None)

    registry = measured(Noted(tested), Noted(missing))

    assert value(registry, "sessions_tested_total", series="brent-spot", outcome="tested") == 1
    assert value(registry, "sessions_tested_total", series="brent-spot", outcome="missing") == 1
    assert value(registry, "p_value_count", series="brent-spot") == 1
    assert value(registry, "p_value_bucket", series="brent-spot", le="0.01") == 0
    assert value(registry, "p_value_bucket", series="brent-spot", le="0.05") == 1


def test_studies_are_counted_by_what_they_say() -> None:
    registry = measured(
        PublishStudy(STUDY), PublishStudy(replace(STUDY, result=NotYet(settles_at=SETTLED), revision=2))
    )

    assert value(registry, "studies_total", model="garch-t", outcome="found") == 1
    assert value(registry, "studies_total", model="garch-t", outcome="pending") == 1


def test_an_alert_is_counted_once_and_each_of_its_revisions() -> None:
    registry = measured(PublishAlert(ALERT), PublishAlert(replace(ALERT, revision=2, cause=Cause.WINDOW)))

    assert value(registry, "alerts_total", severity="critical", direction="up") == 1
    assert value(registry, "alert_revisions_total", cause="opened") == 1
    assert value(registry, "alert_revisions_total", cause="window") == 1
    assert value(registry, "unexplained_moves_total") == 0


def test_an_alert_without_an_event_is_an_unexplained_move() -> None:
    registry = measured(PublishAlert(replace(ALERT, severity=Severity.INFO)))

    assert value(registry, "unexplained_moves_total") == 1


def test_an_alert_is_timed_from_its_first_event_and_from_the_end_of_its_window_once() -> None:
    opened, (event,) = SETTLED.timestamp() + 10800, ALERT.events
    later = replace(event, event_id="desk:later", known_at=event.known_at + timedelta(hours=9))
    alert = replace(ALERT, events=(later, event), events_total=2)
    registry = measured(
        PublishAlert(alert), PublishAlert(replace(alert, revision=2, cause=Cause.WINDOW)), now=opened
    )

    first = event.known_at.timestamp()
    assert value(registry, "window_close_to_alert_seconds_sum", test="daily") == 10800
    assert value(registry, "window_close_to_alert_seconds_count", test="intraday") == 0
    assert value(registry, "event_to_alert_seconds_sum", test="daily") == opened - first
    assert value(registry, "event_to_alert_seconds_count", test="daily") == 1


def test_an_alert_within_the_session_is_timed_from_the_end_of_its_window() -> None:
    within = INTRADAY.within
    assert within
    registry = measured(PublishAlert(INTRADAY), now=within.ends_at.timestamp() + 30)

    assert value(registry, "window_close_to_alert_seconds_sum", test="intraday") == 30


def test_an_alert_without_an_event_has_no_time_from_an_event() -> None:
    registry = measured(PublishAlert(replace(ALERT, events=(), events_total=0)))

    assert value(registry, "event_to_alert_seconds_count", test="daily") == 0


def samples(registry: CollectorRegistry) -> list[tuple[str, dict[str, str], float]]:
    found = [sample for family in registry.collect() for sample in family.samples]
    return [(each.name, each.labels, each.value) for each in found if not each.name.endswith("_created")]


def test_a_canary_counts_nothing() -> None:
    canary = Noted(CanarySeen(canary_id="c", known_at=SETTLED))

    assert samples(measured(canary)) == samples(measured())
