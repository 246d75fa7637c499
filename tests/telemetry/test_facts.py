"""What the fold asks for and notes, as metrics."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from tests.message.studies import provisional_study, reopen_study, study, window_study
from tests.notify.alerts import (
    ALERT,
    EVENT,
    FIRST_BAR,
    REOPENS_AT,
    SETTLES_AT,
    final_alert,
    heads_up_alert,
    provisional_alert,
    reopen_alert,
    settled_alert,
    within_alert,
)

from brentwatch.core.domain import (
    BRENT_FRONT,
    Alert,
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
    Stage,
    Study,
)
from brentwatch.telemetry.facts import declare_counters, measure
from brentwatch.telemetry.metrics import Metrics

SESSION, SETTLED = ALERT.session, ALERT.settles_at


def bar(outcome: BarOutcome) -> Noted:
    return Noted(
        BarSeen(series="brent-spot", session=SESSION, closes_at=SETTLED, close=68.42, outcome=outcome)
    )


def measured(*effects: Effect, now: float = SETTLED.timestamp()) -> CollectorRegistry:
    """The metrics after these effects; each alert is a revision of the one before it."""
    registry, before = CollectorRegistry(), None
    metrics = Metrics(registry, "monitor")
    for effect in effects:
        measure(metrics, "brent-spot", effect, now, before=before)
        before = effect.alert if isinstance(effect, PublishAlert) else before
    return registry


def measured_as_they_came(*alerts: Alert) -> CollectorRegistry:
    """The metrics after the revisions of a thread, each measured when it was known."""
    registry, before = CollectorRegistry(), None
    metrics = Metrics(registry, "monitor")
    for alert in alerts:
        measure(metrics, alert.instrument, PublishAlert(alert), alert.known_at.timestamp(), before=before)
        before = alert
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


@pytest.mark.parametrize(
    ("published", "kind"),
    [
        (study(), "session"),
        (provisional_study(), "provisional"),
        (window_study(), "within"),
        (reopen_study(), "re-open"),
    ],
)
def test_studies_are_counted_by_their_kind_and_what_they_say(published: Study, kind: str) -> None:
    pending = replace(published, result=NotYet(settles_at=SETTLED), revision=2)
    registry = measured(PublishStudy(published), PublishStudy(pending))

    assert value(registry, "studies_total", test=kind, outcome="found") == 1
    assert value(registry, "studies_total", test=kind, outcome="pending") == 1


def test_a_provisional_result_is_no_p_value_of_a_session() -> None:
    registry = measured(PublishStudy(provisional_study()))
    declared = CollectorRegistry()
    declare_counters(Metrics(declared, "monitor"), BRENT_FRONT)

    assert value(declared, "p_value_count", series="brent-front") == 0
    assert value(registry, "p_value_count", series="brent-front") is None


def test_an_alert_is_counted_once_and_each_of_its_revisions() -> None:
    registry = measured(PublishAlert(ALERT), PublishAlert(replace(ALERT, revision=2, cause=Cause.WINDOW)))

    assert value(registry, "alerts_total", severity="critical", direction="up") == 1
    assert value(registry, "alert_revisions_total", cause="opened") == 1
    assert value(registry, "alert_revisions_total", cause="window") == 1
    assert value(registry, "unexplained_moves_total") == 0


def test_an_alert_without_an_event_is_an_unexplained_move() -> None:
    registry = measured(PublishAlert(replace(ALERT, severity=Severity.INFO)))

    assert value(registry, "unexplained_moves_total") == 1


def test_a_heads_up_is_counted_for_itself_and_an_alert_once_it_has_a_severity() -> None:
    registry = measured_as_they_came(heads_up_alert())
    assert value(registry, "heads_ups_total", instrument="brent-front") == 1
    assert count_alerts(registry) == 0

    thread = heads_up_alert(), reopen_alert(), provisional_alert(), settled_alert(), final_alert()
    registry = measured_as_they_came(*thread)
    assert value(registry, "heads_ups_total", instrument="brent-front") == 1
    assert value(registry, "alerts_total", severity="high", direction="up") == 1
    assert count_alerts(registry) == 1


def test_a_heads_up_that_ends_quietly_is_no_alert() -> None:
    quiet = final_alert(severity=None, tests=())
    assert count_alerts(measured_as_they_came(heads_up_alert(), quiet)) == 0


def count_alerts(registry: CollectorRegistry) -> float:
    return sum(count for name, _, count in samples(registry) if name == "brentwatch_alerts_total")


def test_an_alert_is_timed_once_from_its_first_event_and_from_the_end_of_the_window_of_its_test() -> None:
    opened, (event,) = SETTLED.timestamp() + 10800, ALERT.events
    later = replace(event, event_id="desk:later", known_at=event.known_at + timedelta(hours=9))
    alert = replace(ALERT, events=(later, event), events_total=2)
    registry = measured(
        PublishAlert(alert), PublishAlert(replace(alert, revision=2, cause=Cause.WINDOW)), now=opened
    )

    first = event.known_at.timestamp()
    assert value(registry, "window_close_to_alert_seconds_sum", stage="settlement") == 10800
    assert value(registry, "window_close_to_alert_seconds_count", stage="within") == 0
    assert value(registry, "event_to_alert_seconds_sum", stage="settlement") == opened - first
    assert value(registry, "event_to_alert_seconds_count", stage="settlement") == 1


def test_an_alert_of_a_re_open_is_timed_from_its_first_bar_when_it_first_has_a_severity() -> None:
    registry = measured_as_they_came(heads_up_alert(), reopen_alert(), settled_alert())
    since = reopen_alert().known_at

    assert value(registry, "window_close_to_alert_seconds_sum", stage="re-open") == 15 * 60
    assert (since - FIRST_BAR).total_seconds() == 15 * 60
    assert value(registry, "event_to_alert_seconds_count", stage="re-open") == 1
    assert value(registry, "event_to_alert_seconds_sum", stage="re-open") == seconds_since_news(
        reopen_alert()
    )
    assert value(registry, "event_to_alert_seconds_count", stage="settlement") == 0


def test_each_stage_is_timed_from_the_news_when_it_first_answers_abnormal_or_not() -> None:
    quiet = reopen_alert(severity=None, tests=())
    thread = (
        heads_up_alert(),
        quiet,
        replace(quiet, revision=3, known_at=REOPENS_AT + timedelta(hours=2)),
        provisional_alert(),
        replace(provisional_alert(), cause=Cause.EVENT_JOINED, known_at=SETTLES_AT + timedelta(hours=1)),
        settled_alert(),
        final_alert(),
    )
    registry = measured_as_they_came(*thread)

    assert value(registry, "stage_lead_seconds_sum", stage="heads-up") == 0
    for alert in (quiet, provisional_alert(), settled_alert()):
        assert value(registry, "stage_lead_seconds_count", stage=alert.stage) == 1
        assert value(registry, "stage_lead_seconds_sum", stage=alert.stage) == seconds_since_news(alert)
    assert value(registry, "stage_lead_seconds_count", stage="within") == 0
    assert value(registry, "stage_lead_seconds_count", stage="final") is None


def seconds_since_news(alert: Alert) -> float:
    return (alert.known_at - EVENT.known_at).total_seconds()


@pytest.mark.parametrize("stage", [each for each in Stage if each is not Stage.FINAL])
def test_every_stage_is_there_before_it_first_answers(stage: Stage) -> None:
    assert value(measured(), "stage_lead_seconds_count", stage=stage) == 0


def test_an_alert_within_the_session_is_timed_from_the_end_of_its_window() -> None:
    (test,) = within_alert().tests
    registry = measured(PublishAlert(within_alert()), now=test.window.ends_at.timestamp() + 30)

    assert value(registry, "window_close_to_alert_seconds_sum", stage="within") == 30


def test_an_alert_without_an_event_has_no_time_from_an_event() -> None:
    registry = measured(PublishAlert(replace(ALERT, events=(), events_total=0)))

    assert value(registry, "event_to_alert_seconds_count", stage="settlement") == 0
    assert value(registry, "stage_lead_seconds_count", stage="settlement") == 0


def samples(registry: CollectorRegistry) -> list[tuple[str, dict[str, str], float]]:
    found = [sample for family in registry.collect() for sample in family.samples]
    return [(each.name, each.labels, each.value) for each in found if not each.name.endswith("_created")]


def test_a_canary_counts_nothing() -> None:
    canary = Noted(CanarySeen(canary_id="c", known_at=SETTLED))

    assert samples(measured(canary)) == samples(measured())
