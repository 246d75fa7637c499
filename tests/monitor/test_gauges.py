"""What the state of a monitor shows: its market, its open studies, its price and its active events."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from immutables import Map
from prometheus_client import CollectorRegistry
from tests.message.studies import provisional_study
from tests.notify.alerts import EVENT, HEADLINE_TEST, heads_up_alert, reopen_alert, settled_alert

from brentwatch.core.domain import (
    BRENT_FRONT,
    BRENT_SPOT,
    Alert,
    Found,
    PriceLevels,
    PublishAlert,
    Refused,
    Window,
)
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.core.monitor.state import MonthlyFit, SessionRecord
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.monitor.active_events import ActiveEvent, EventBoard, list_active_events
from brentwatch.monitor.gauges import StateGauges, find_awaited_settlement
from brentwatch.monitor.service import SERVICE, Monitor
from brentwatch.stream import KafkaSettings, Partition, Record
from brentwatch.telemetry import table
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.domain import Instrument, Signal

SPOT = {"instrument": "brent-spot"}
FRONT = {"instrument": "brent-front"}
SIGNALS = find_history("abqaiq-2019").signals
ATTACK = next(at for at, each in enumerate(SIGNALS) if getattr(each, "event", None))


class Desk:
    """A monitor with a clock of its own, its registry and its slots."""

    def __init__(self, instrument: Instrument = BRENT_SPOT) -> None:
        self.registry = CollectorRegistry()
        self.metrics = metrics = Metrics(self.registry, SERVICE)
        self.board = EventBoard(metrics)
        self.now = 0.0
        self.log = io.StringIO()
        log = make_logger(TelemetrySettings(log_level="info"), service=SERVICE, stream=self.log)
        self.monitor = Monitor(instrument, KafkaSettings(), metrics, log, self.board, now=lambda: self.now)

    def play(self, signals: Sequence[Signal]) -> None:
        """Handle these, each an hour after it was known, and show the state."""
        for offset, signal in enumerate(signals):
            self.now = signal.known_at.timestamp() + 3600
            place = Partition("impact.timeline", 0)
            self.monitor.handle(Record(partition=place, offset=offset, value=encode_signal(signal)))
        self.now += 2
        self.monitor.renew_lease(5.0)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"brentwatch_{name}", labels)

    def infos(self) -> list[dict[str, str]]:
        return [
            sample.labels
            for family in self.registry.collect()
            for sample in family.samples
            if sample.name == "brentwatch_active_event_info"
        ]


@pytest.fixture(scope="module")
def waiting() -> Desk:
    """The attack is known, and its session has not settled."""
    desk = Desk()
    desk.play(SIGNALS[: ATTACK + 1])
    return desk


@pytest.fixture(scope="module")
def settled() -> Desk:
    """Its session has settled, and two more."""
    desk = Desk()
    later = SIGNALS[ATTACK].known_at + timedelta(days=5)
    desk.play([each for each in SIGNALS if each.known_at <= later])
    return desk


def test_an_event_that_waits_for_its_session_has_a_slot_and_no_move(waiting: Desk) -> None:
    (info,) = waiting.infos()
    assert (info["slot"], info["session"], info["country"]) == ("0", "2019-09-16", "SAU")
    assert waiting.value("active_event_car_ratio", slot="0", window="[0, 0]") is None
    assert waiting.value("studies_open", **SPOT) == 1


def test_an_event_whose_session_has_settled_shows_its_move_range_and_p(settled: Desk) -> None:
    (slot,) = (info["slot"] for info in settled.infos() if info["session"] == "2019-09-16")
    move, normal, p = (
        settled.value(f"active_event_{name}", slot=slot, window="[0, 0]")
        for name in ("car_ratio", "normal_range_ratio", "p_value")
    )
    assert move is not None
    assert normal is not None
    assert p is not None
    assert move > normal > 0
    assert p < 0.01
    assert (settled.value("studies_open", **SPOT) or 0) > 1, "[0, 5] is not over"


def test_the_alert_of_the_timeline_is_timed_by_the_clock_of_the_monitor(settled: Desk) -> None:
    assert settled.value("window_close_to_alert_seconds_count", stage="settlement") == 1
    assert (settled.value("window_close_to_alert_seconds_sum", stage="settlement") or 0) >= 3600
    assert settled.value("event_to_alert_seconds_count", stage="settlement") == 1


def test_a_thread_is_counted_as_a_heads_up_and_once_more_as_an_alert(settled: Desk) -> None:
    """Two sessions have news that matters; one of them is abnormal, and each has more than one revision."""
    assert settled.value("heads_ups_total", **SPOT) == 2
    assert settled.value("alerts_total", severity="critical", direction="up") == 1
    assert settled.value("stage_lead_seconds_count", stage="heads-up") == 2
    assert settled.value("stage_lead_seconds_count", stage="settlement") == 2


def test_revisions_that_one_record_brings_are_measured_after_each_other() -> None:
    """The second revision of a thread in one step is no first one."""
    desk = Desk()
    told = dict[str, Alert]()
    for alert in (heads_up_alert(), reopen_alert(), settled_alert()):
        desk.monitor._answer_effect(PublishAlert(alert), b"{}", told)
    assert desk.value("heads_ups_total", instrument="brent-front") == 1
    assert desk.value("alerts_total", severity="high", direction="up") == 1


def test_the_oldest_session_without_a_final_price_is_told() -> None:
    desk, state = Desk(BRENT_FRONT), create_state(build_rules(BRENT_FRONT))
    waiting = Map({day: provisional_study(session=day) for day in (date(2022, 1, 6), date(2022, 1, 5))})
    for number, (shown, expected) in enumerate(
        [
            (state, 0.0),
            (replace(state, provisional=waiting), datetime(2022, 1, 5, 19, 30, tzinfo=UTC).timestamp()),
            (state, 0.0),
        ]
    ):
        gauges = StateGauges(desk.metrics, BRENT_FRONT, desk.board, partial(float, 2 * number))
        gauges.show(shown)
        assert desk.value("provisional_oldest_session_timestamp_seconds", **FRONT) == expected


def test_a_provisional_result_is_no_move_of_an_active_event() -> None:
    study = provisional_study(events=(EVENT,), events_total=1, model=HEADLINE_MODEL)
    assert isinstance(study.result, Found)
    record = SessionRecord(
        session=study.session,
        settles_at=study.bar_ends_at,
        known_at=study.known_at,
        studies=Map({study.study_id: study}),
    )
    state = create_state(build_rules(BRENT_FRONT)).set_expected(record)
    assert [(each.event, each.results) for each in list_active_events(state)] == [(EVENT, ())]


def test_an_alert_is_logged_as_information_since_the_service_works(settled: Desk) -> None:
    lines = [json.loads(line) for line in settled.log.getvalue().splitlines()]
    assert {line["level"] for line in lines if line["event"] == "alert"} == {"info"}


def test_a_voided_record_is_counted_and_changes_nothing() -> None:
    desk = Desk()
    desk.monitor.void({ATTACK})
    desk.play(SIGNALS[: ATTACK + 1])
    assert desk.value("voided_records_total", **SPOT) == 1
    assert desk.infos() == []


def test_a_later_session_ends_what_is_active() -> None:
    desk = Desk()
    desk.play(SIGNALS)
    assert desk.value("active_event_info", slot="0") is None
    assert all(info["session"] != "2019-09-16" for info in desk.infos())


def test_the_last_price_is_shown_where_price_levels_may_be(settled: Desk) -> None:
    assert settled.value("price_last_close_usd_per_barrel", **SPOT) == pytest.approx(64, abs=5)
    hidden = Desk(replace(BRENT_SPOT, price_levels=PriceLevels.DERIVED_ONLY))
    hidden.play(SIGNALS[: ATTACK + 1])
    assert hidden.value("price_last_close_usd_per_barrel", **SPOT) is None
    assert hidden.value("studies_open", **SPOT) == 1


def test_the_settlement_that_is_awaited_is_that_of_the_first_session_without_a_price(waiting: Desk) -> None:
    settles_at = datetime(2019, 9, 16, 15, 30, tzinfo=UTC)  # the Monday after the attack
    assert waiting.value("price_awaited_settlement_timestamp_seconds", **SPOT) == settles_at.timestamp()


def test_no_price_is_awaited_of_a_holiday_that_sources_leave_out() -> None:
    state = replace(
        create_state(build_rules(BRENT_FRONT)), complete_through=datetime(2024, 7, 3, 19, tzinfo=UTC)
    )
    settles_at = datetime(2024, 7, 5, 18, 30, tzinfo=UTC)  # Friday; the 4th of July is a holiday of New York
    assert find_awaited_settlement(state) == settles_at


def test_a_model_that_could_not_be_fitted_is_told_until_the_next_fit(settled: Desk) -> None:
    assert settled.value("model_fit_failed", **SPOT) == 0
    state = create_state(build_rules(BRENT_SPOT))
    failed = replace(state, fits=state.fits.set("garch-t", MonthlyFit((2019, 9), Refused("it diverged"))))
    desk = Desk()
    for shown, expected in ((state, None), (failed, 1)):
        StateGauges(desk.metrics, BRENT_SPOT, desk.board, lambda: 0.0).show(shown)
        assert desk.value("model_fit_failed", **SPOT) == expected


def test_a_partition_that_went_shows_nothing_more() -> None:
    desk = Desk()
    desk.play(SIGNALS[: ATTACK + 1])
    desk.monitor.renew_lease(0.0)
    assert desk.infos() == []
    for name in (
        *("studies_open", "price_last_close_usd_per_barrel", "price_last_bar_timestamp_seconds"),
        *("price_awaited_settlement_timestamp_seconds", "model_fit_failed"),
        "provisional_oldest_session_timestamp_seconds",
    ):
        assert desk.value(name, **SPOT) is None


def test_the_market_is_open_by_its_calendar_and_unknown_where_that_has_no_hours() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, SERVICE)
    now = datetime(2024, 1, 22, 15, tzinfo=UTC)  # Monday, 10:00 in New York
    for instrument in (BRENT_FRONT, BRENT_SPOT):
        board = EventBoard(metrics)
        StateGauges(metrics, instrument, board, lambda: now.timestamp()).show(
            create_state(build_rules(instrument))
        )
    assert registry.get_sample_value("brentwatch_market_open", {"instrument": "brent-front"}) == 1
    assert registry.get_sample_value("brentwatch_market_open", SPOT) is None


def test_the_gauges_are_brought_up_to_date_once_a_second() -> None:
    desk = Desk(BRENT_FRONT)
    open_at = datetime(2024, 1, 22, 21, 59, 59, 500_000, tzinfo=UTC).timestamp()
    for desk.now, expected in ((open_at, 1), (open_at + 0.9, 1), (open_at + 1.1, 0)):
        desk.monitor.renew_lease(5.0)
        assert desk.value("market_open", instrument="brent-front") == expected


def test_an_event_keeps_its_slot_and_a_free_one_is_taken_again() -> None:
    registry = CollectorRegistry()
    board = EventBoard(Metrics(registry, SERVICE))
    board.show("a", [active("one"), active("two")])
    board.show("b", [active("three")])
    board.show("a", [active("two", Window(0, 1)), active("four")])
    assert slots(registry) == {"0": "four", "1": "two", "2": "three"}
    moved = ("brentwatch_active_event_car_ratio", {"slot": "1", "window": "[0, 1]"})
    assert registry.get_sample_value(*moved) == pytest.approx(0.1163, abs=1e-4)


def test_more_events_than_slots_are_not_shown_and_take_nothing_from_others() -> None:
    registry = CollectorRegistry()
    board = EventBoard(Metrics(registry, SERVICE))
    board.show("b", [active("other")])
    board.show("a", [active(str(number)) for number in range(50)])
    shown = slots(registry)
    assert len(shown) == table.ACTIVE_EVENT_SLOTS
    assert shown["0"] == "other"


def active(event_id: str, *windows: Window) -> ActiveEvent:
    found: tuple[Found, ...] = tuple(replace(HEADLINE_TEST, window=window) for window in windows)
    return ActiveEvent(replace(EVENT, event_id=event_id), "2019-09-16", found)


def slots(registry: CollectorRegistry) -> dict[str, str]:
    samples = [sample for family in registry.collect() for sample in family.samples]
    infos = [sample.labels for sample in samples if sample.name == "brentwatch_active_event_info"]
    return {info["slot"]: info["event_id"] for info in infos}


def test_the_stories_and_the_largest_evidence_are_shown() -> None:
    desk = Desk()
    desk.play(SIGNALS[:ATTACK])
    before = desk.value("stories_followed", **SPOT), desk.value("story_evidence", **SPOT)
    desk.play(SIGNALS)
    state = create_state(build_rules(BRENT_SPOT))
    for signal in SIGNALS:
        state, _ = step(state, signal)
    held = state.stories

    assert before == (0.0, 1.0)
    assert desk.value("stories_followed", **SPOT) == len(held) > 0
    assert desk.value("story_evidence", **SPOT) == max(each.evidence.evidence for each in held)
