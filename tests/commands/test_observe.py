"""What the loop says about itself reaches metrics, health and log."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry

from brentwatch.commands.services.observe import Observer
from brentwatch.stream import Partition
from brentwatch.stream.facts import (
    Behind,
    Broken,
    DeadLettered,
    Delivered,
    Disagreed,
    LimitExceeded,
    LimitOpen,
    LimitReached,
    LimitUnknown,
    LoopFact,
    Orphaned,
    Rebalanced,
    Restored,
    RestoreHeld,
    Restoring,
    StageEnded,
    Stopped,
    StrangersFound,
    TransactionEnded,
    Turned,
    WentOnWithout,
)
from brentwatch.stream.records import Unreadable
from brentwatch.telemetry.health import Answer, Health
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings

if TYPE_CHECKING:
    from brentwatch.stream.facts import LoopFact

PLACE = Partition("impact.timeline", 0)
LABELS = {"topic": "impact.timeline", "partition": "0"}


class Watched:
    """An observer on a registry, a health and a log of its own; its clock stands still at 100."""

    def __init__(self, *facts: LoopFact, service: str = "monitor") -> None:
        self.now = 0.0
        self.registry = CollectorRegistry()
        self.health = Health(10.0, lambda: self.now)
        self.log = io.StringIO()
        log = make_logger(TelemetrySettings(), service=service, stream=self.log)
        observer = Observer(Metrics(self.registry, service), self.health, log, lambda: 100.0)
        for fact in facts:
            observer.tell(fact)
        self.tell = observer.tell

    def value(self, name: str, labels: dict[str, str] | None = None) -> float | None:
        return self.registry.get_sample_value(f"brentwatch_{name}", labels or {})

    def logged(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.log.getvalue().splitlines()]


def test_a_turn_is_a_beat_and_counts_its_records() -> None:
    watched = Watched(Turned(3, ready=True))

    assert watched.value("records_consumed_total") == 3
    assert watched.value("consumer_last_poll_timestamp_seconds") == 100.0
    assert watched.health.check_readiness().well
    assert watched.logged() == []


@pytest.mark.parametrize("fact", [Turned(0, ready=False), Delivered(5)])
def test_each_turn_and_each_part_of_one_puts_off_the_end_of_liveness(fact: LoopFact) -> None:
    watched = Watched()
    watched.now = 11.0
    assert not watched.health.check_liveness().well

    watched.tell(fact)

    assert watched.health.check_liveness().well
    assert not watched.health.check_readiness().well


def test_a_service_that_lost_its_place_is_not_ready() -> None:
    watched = Watched(Turned(0, ready=True), Turned(0, ready=False))

    assert watched.health.check_readiness().detail == "joining the consumer group"


def test_a_restore_is_not_ready_until_a_turn_says_so() -> None:
    watched = Watched(Turned(0, ready=True), Restoring(PLACE, 40))
    assert not watched.health.check_readiness().well
    assert "up to offset 40" in watched.health.check_readiness().detail

    watched.tell(RestoreHeld(PLACE, 7, 18.4))
    assert not watched.health.check_readiness().well

    watched.tell(Restored(PLACE, 40, 1.5))
    watched.tell(Turned(0, ready=True))

    assert watched.health.check_readiness().well
    assert watched.value("restore_duration_seconds_sum") == 1.5
    assert watched.logged() == [
        "restoring",
        "restore waits for a transaction that does not end: see `brentwatch doctor`",
        "restored",
    ]


@pytest.mark.parametrize(
    ("behind", "seconds"), [(Behind(PLACE, 7, 88.0), 12.0), (Behind(PLACE, 0, 88.0), 0.0)]
)
def test_the_lag_in_seconds_is_the_age_of_what_was_read_while_more_waits(
    behind: Behind, seconds: float
) -> None:
    watched = Watched(Rebalanced(frozenset({PLACE}), frozenset()), behind)
    assert watched.value("consumer_lag_seconds", LABELS) == seconds

    watched.tell(Rebalanced(frozenset(), frozenset({PLACE})))
    assert watched.value("consumer_lag_seconds", LABELS) is None


def test_stages_and_transactions_are_measured() -> None:
    watched = Watched(StageEnded("handle", 0.4), StageEnded("deliver", 0.2), TransactionEnded("fenced"))
    assert watched.value("stage_duration_seconds_sum", {"stage": "handle"}) == 0.4
    assert watched.value("stage_duration_seconds_sum", {"stage": "deliver"}) == 0.2
    assert watched.value("transactions_total", {"outcome": "fenced"}) == 1
    assert watched.value("transactions_total", {"outcome": "committed"}) == 0


def test_a_state_and_an_offset_that_do_not_match_are_counted() -> None:
    watched = Watched(Disagreed(PLACE, 7, "its group stands elsewhere"), service="notify")
    assert watched.value("state_disagreements_total") == 1


def test_the_lag_of_a_partition_is_known_while_it_is_ours() -> None:
    watched = Watched(Rebalanced(frozenset({PLACE}), frozenset()), Behind(PLACE, 7))
    assert watched.value("consumer_lag_records", LABELS) == 7
    assert watched.value("consumer_lag_seconds", LABELS) is None

    watched.tell(Rebalanced(frozenset(), frozenset({PLACE})))

    assert watched.value("consumer_lag_records", LABELS) is None
    assert watched.value("rebalances_total") == 2


def test_a_failure_of_kafka_forgets_the_lag_since_another_process_may_take_the_partition() -> None:
    watched = Watched(Behind(PLACE, 7), Broken("the broker is away", 1.0))
    assert watched.value("consumer_lag_records", LABELS) is None

    watched.tell(Behind(PLACE, 8))
    assert watched.value("consumer_lag_records", LABELS) == 8


def test_a_partition_that_went_before_its_lag_was_known_is_no_fault() -> None:
    assert Watched(Rebalanced(frozenset(), frozenset({PLACE}))).value("rebalances_total") == 1


def test_a_partition_without_an_owner_is_told_of() -> None:
    assert Watched(Orphaned(frozenset({PLACE}))).logged() == ["partitions without an owner are reassigned"]


def test_a_record_that_cannot_be_read_is_counted_and_logged() -> None:
    watched = Watched(DeadLettered(Unreadable(PLACE, 5, "checksum"), "corrupt", "checksum"))

    counted = {"topic": "impact.timeline", "reason": "corrupt"}
    assert watched.value("dead_letters_total", counted) == 1
    assert watched.logged() == ["dead letter"]


def test_a_failure_of_kafka_is_alive_and_not_ready() -> None:
    watched = Watched(Turned(0, ready=True))
    watched.now = 11.0

    watched.tell(Broken("no broker answers", 2.0))

    assert watched.health.check_liveness().well
    assert watched.health.check_readiness().detail == "no broker answers"
    assert watched.value("broker_failures_total") == 1
    assert watched.logged() == ["Kafka failed, reconnecting"]


def test_a_reached_dead_letter_limit_is_alive_and_not_ready_and_says_why() -> None:
    watched = Watched(LimitOpen(), Turned(0, ready=True), service="screen")
    assert watched.value("dead_letter_limit_reached") == 0
    watched.now = 11.0

    watched.tell(LimitReached("20 in a row; accept"))
    for _ in range(3):
        watched.tell(Turned(0, ready=False))

    assert watched.value("dead_letter_limit_reached") == 1
    assert watched.health.check_liveness().well
    assert not watched.health.check_readiness().well
    assert watched.health.check_readiness().detail == "20 in a row; accept"
    assert watched.logged() == ["dead-letter check passed", "stopped at the dead-letter limit"]


def test_a_service_over_its_dead_letter_limit_is_ready_and_degraded_until_it_is_below() -> None:
    watched = Watched(LimitExceeded("20 in a row; look"), Turned(23, ready=True), service="screen")

    assert watched.value("dead_letter_limit_reached") == 1
    assert watched.health.check_readiness() == Answer(True, "degraded: 20 in a row; look")
    assert watched.logged() == ["dead-letter limit exceeded, continuing"]

    watched.tell(LimitOpen())
    watched.tell(Turned(0, ready=True))

    assert watched.value("dead_letter_limit_reached") == 0
    assert watched.health.check_readiness() == Answer(True, "ready")
    assert watched.logged()[1:] == ["dead-letter check passed"]


def test_a_flood_of_dead_letters_is_counted_whole_and_logged_in_part() -> None:
    log, times = io.StringIO(), [100.0]
    registry = CollectorRegistry()
    logs = make_logger(TelemetrySettings(), service="screen", stream=log)
    observer = Observer(Metrics(registry, "screen"), Health(10.0), logs, lambda: times[0])
    for number in range(1_000):
        observer.tell(DeadLettered(Unreadable(PLACE, number, ""), "schema", "why"))
    observer.tell(DeadLettered(Unreadable(PLACE, 1_000, ""), "internal", "why", "Traceback: made up"))
    observer.tell(Turned(1_001, ready=True))
    times[0] += 60.0
    for _ in range(2):
        observer.tell(Turned(0, ready=True))
    observer.tell(DeadLettered(Unreadable(PLACE, 1_001, ""), "schema", "why"))

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [
        *["dead letter"] * 11,
        "more dead letters within a minute",
        "dead letter",
    ]
    assert (lines[10]["reason"], lines[11]["reason"], lines[11]["records"]) == ("internal", "schema", 990)
    counted = {"topic": "impact.timeline", "reason": "schema"}
    assert registry.get_sample_value("brentwatch_dead_letters_total", counted) == 1_001


def test_dead_letters_that_cannot_be_read_are_told_and_the_service_stays_as_it_was() -> None:
    watched = Watched(LimitUnknown("a transaction does not end"), service="screen")
    watched.tell(LimitOpen())
    watched.tell(Turned(0, ready=True))

    assert watched.logged() == [
        "dead letters cannot be read to the end, continuing",
        "dead-letter check passed",
    ]
    assert watched.health.check_readiness().well


def test_what_is_no_letter_among_the_letters_is_counted_and_told() -> None:
    watched = Watched(StrangersFound(3), service="screen")

    assert watched.value("dead_letter_strangers_total") == 3
    assert watched.logged()[0].startswith("ignored records on the dead-letter topic")


def test_an_accepted_dead_letter_limit_is_ready_again() -> None:
    watched = Watched(LimitReached("why"), LimitOpen(), Turned(0, ready=True), service="screen")

    assert watched.value("dead_letter_limit_reached") == 0
    assert watched.health.check_readiness().well


def test_an_error_nobody_thought_of_is_counted_and_logged_once_with_its_traceback() -> None:
    watched = Watched(DeadLettered(Unreadable(PLACE, 5, ""), "internal", "made up", "Traceback: made up"))
    labels = {"topic": "impact.timeline", "reason": "internal"}

    assert watched.value("dead_letters_total", labels) == 1
    (line,) = [json.loads(line) for line in watched.log.getvalue().splitlines()]
    assert (line["level"], line["traceback"], line["offset"]) == ("error", "Traceback: made up", 5)


def test_many_rejections_show_as_degraded_and_leave_the_service_ready() -> None:
    letter = DeadLettered(Unreadable(PLACE, 5, ""), "corrupt", "why")
    watched = Watched(*[letter] * 9, Turned(9, ready=True))
    assert watched.health.check_readiness() == Answer(True, "ready")

    watched.tell(letter)
    watched.tell(Turned(1, ready=True))
    assert watched.health.check_readiness().well
    assert watched.health.check_readiness().detail.startswith(
        "degraded: 10 records were rejected within the last hour"
    )


def test_rejections_of_more_than_an_hour_ago_are_forgotten() -> None:
    letter = DeadLettered(Unreadable(PLACE, 5, ""), "corrupt", "why")
    log = make_logger(TelemetrySettings(), service="monitor", stream=io.StringIO())
    health, times = Health(10.0), [100.0]
    observer = Observer(Metrics(CollectorRegistry(), "monitor"), health, log, lambda: times[0])
    for _ in range(12):
        observer.tell(letter)
    observer.tell(Turned(1, ready=True))
    assert "degraded" in health.check_readiness().detail

    times[0] += 3601.0
    observer.tell(Turned(0, ready=True))
    assert health.check_readiness().detail == "ready"


def test_a_partition_that_stopped_keeps_the_service_from_being_ready_until_it_goes() -> None:
    watched = Watched(
        Stopped(PLACE, "records are missing; run: brentwatch run monitor --partial"),
        Restoring(Partition("impact.timeline", 1), 7),
        Turned(3, ready=False),
    )
    assert (
        watched.health.check_readiness().detail
        == "records are missing; run: brentwatch run monitor --partial"
    )

    watched.tell(Rebalanced(frozenset(), frozenset({PLACE})))
    watched.tell(Turned(0, ready=True))

    assert watched.health.check_readiness().well
    assert watched.logged()[0] == "partition stopped"


def test_going_on_without_older_records_is_logged() -> None:
    assert Watched(WentOnWithout(PLACE, 261)).logged() == ["continuing without older records"]
