"""The notifier on a fake cluster: what is recorded, and what people receive, whatever is killed when."""

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from structlog.typing import FilteringBoundLogger
from tests.notify.alerts import alert, tested_alert
from tests.notify.desk import make_policies, make_route
from tests.notify.memory import MemoryChannel
from tests.notify.test_senders import LOG
from tests.stream.fake_group import SETTINGS, FakeBroker
from tests.stream.processes import Process

from brentwatch.core.domain import Alert
from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.canary_answers import CanaryMeter
from brentwatch.notify.composing import compose_message
from brentwatch.notify.dispatch import Dispatcher
from brentwatch.notify.messages import Message, Receipt, Rejected, Revisions
from brentwatch.notify.pacing import BrokerClock
from brentwatch.notify.service import FOLD_GROUP, SERVICE, build_jobs
from brentwatch.notify.stages import Route
from brentwatch.notify.values import CURSOR
from brentwatch.notify.worker import DeliveryWorker
from brentwatch.stream import ALERTS, CANARIES, DEAD, DELIVERIES, DELIVERIES_STATE, Outgoing, Partition
from brentwatch.stream.facts import Disagreed
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.deliveries import (
    AlertRecord,
    AnswerKind,
    AnswerRecord,
    AttemptOutcome,
    AttemptRecord,
    DeliveryRecord,
    DueRecord,
    decode_delivery_record,
    encode_delivery_record,
)
from brentwatch.wire.published import encode_alert

PUBLISHED, STATE, RECORDS = (
    Partition(SETTINGS.topic(name), 0) for name in (ALERTS, DELIVERIES_STATE, DELIVERIES)
)


class Notifying:
    """One process of the notifier; what it records waits while `is_cut_off`."""

    def __init__(
        self,
        broker: FakeBroker,
        *routes: Route,
        replica: str = "one",
        rebuild: bool = False,
        clock: BrokerClock | None = None,
        log: FilteringBoundLogger = LOG,
    ) -> None:
        self.broker = broker
        self.policies = make_policies(*routes)
        self.channels = {name: MemoryChannel(route.revisions) for name, route in self.policies.routes.items()}
        self.registry = CollectorRegistry()
        metrics = Metrics(self.registry, SERVICE)
        self.waiting: list[tuple[Outgoing, Callable[[], None]]] = []
        self.is_cut_off = False
        self.dispatcher = Dispatcher(
            self.policies.routes,
            self.channels,
            self.record,
            metrics,
            log,
            replica=replica,
            clock=clock,
        )
        copying, folding = build_jobs(
            SETTINGS,
            self.policies,
            self.dispatcher,
            metrics,
            meter=CanaryMeter(["brent-spot"], metrics, log),
            is_new=lambda: not broker.logs[RECORDS],
        )
        self.jobs = copying, replace(folding, rebuild=rebuild)
        self.replica = replica
        self.start()

    def start(self) -> None:
        """Open the clients."""
        self.copying, self.folding = (Process(self.broker, job, self.replica) for job in self.jobs)

    def restart_clients(self) -> None:
        """Kafka fails: all clients are closed, and opened again."""
        self.close()
        self.start()

    def record(self, key: str, value: bytes, written: Callable[[], None] = lambda: None) -> None:
        outgoing = Outgoing(topic=RECORDS.topic, partition=0, key=key.encode(), value=value)
        self.waiting.append((outgoing, written))

    def write(self) -> None:
        """The broker takes what was recorded."""
        waiting, self.waiting = self.waiting, []
        for outgoing, written in waiting:
            self.broker.append([outgoing])
            written()

    def fold(self, turns: int = 4) -> None:
        """Copy and fold, and send nothing."""
        for _ in range(turns):
            self.copying.turn()
            self.folding.turn()

    def send(self) -> None:
        """Make every attempt that can be made now."""
        while any(sender.turn() for sender in self.dispatcher.senders.values()):
            if not self.is_cut_off:
                self.write()

    def run(self, rounds: int = 3) -> None:
        """Copy, fold, send and record."""
        for _ in range(rounds):
            self.fold()
            self.send()
            if not self.is_cut_off:
                self.write()
        self.fold()

    def close(self) -> None:
        """The process ends, or its clients."""
        for each in (self.copying, self.folding):
            each.close()

    @property
    def accepted(self) -> list[str]:
        """The ids of what was accepted, channel by channel."""
        return [message.id for channel in self.channels.values() for message in channel.accepted]

    def read_metric(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"brentwatch_{name}", labels)


@pytest.fixture
def broker() -> Iterator[FakeBroker]:
    made = FakeBroker()
    for name in (ALERTS, CANARIES, DELIVERIES, DELIVERIES_STATE, DEAD):
        made.make_topic(SETTINGS.topic(name))
    made.make_topic(f"{SETTINGS.topic(DEAD)}.notes")
    yield made
    assert made.open_clients == 0


def publish(broker: FakeBroker, *alerts: Alert) -> None:
    broker.append(Outgoing(topic=PUBLISHED.topic, partition=0, value=encode_alert(each)) for each in alerts)


def read_records(broker: FakeBroker) -> list[DeliveryRecord]:
    return [decode_delivery_record(each.value or b"") for each in broker.logs[RECORDS] if each is not None]  # type: ignore[union-attr] # none is unreadable


def named(number: int) -> Alert:
    return alert(alert_id=f"alert-{number}")


def test_an_alert_is_recorded_sent_and_its_outcome_recorded(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1))
        one.run()
        assert one.accepted == ["alert-1:1"]
        assert [type(each) for each in read_records(broker)] == [AlertRecord, AttemptRecord]
        assert one.read_metric("deliveries", channel="chat", state="accepted") == 1.0
        assert one.read_metric("deliveries", channel="chat", state="pending") == 0.0
        assert one.read_metric("notifications_total", channel="chat", outcome="accepted") == 1.0


def test_the_latency_of_an_alert_runs_from_when_it_was_known_to_its_acceptance(broker: FakeBroker) -> None:
    clock = BrokerClock()
    known_at = clock.now() - timedelta(hours=1)
    with closing(Notifying(broker, clock=clock)) as one:
        assert one.read_metric("alert_latency_seconds_count", channel="chat") == 0.0
        one.run()
        publish(broker, alert(known_at=known_at, settles_at=known_at))
        one.run()
        assert one.read_metric("alert_latency_seconds_count", channel="chat") == 1.0
        assert one.read_metric("alert_latency_seconds_bucket", channel="chat", le="1800.0") == 0.0
        assert one.read_metric("alert_latency_seconds_bucket", channel="chat", le="7200.0") == 1.0
        assert one.read_metric("notification_latency_seconds_count", channel="chat") == 1.0


def test_the_breaker_of_a_channel_that_fails_again_and_again_is_shown_open(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        assert one.read_metric("breaker_open", channel="chat") == 0.0
        for _ in range(5):
            one.dispatcher.senders["chat"].pace.note_failure(None)
        one.run()
        assert one.read_metric("breaker_open", channel="chat") == 1.0


def test_the_words_of_a_notice_are_recorded_with_its_outcome_and_those_of_an_alert_once(
    broker: FakeBroker,
) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1))
        one.run()
        until = datetime.now(UTC) + timedelta(days=1)
        silence = AnswerRecord(
            id="s",
            answer=AnswerKind.SILENCE,
            at=until,
            by="anna",
            via="x",
            until=until,
            reason="\x1b\né" * 300,
        )
        broker.append([Outgoing(topic=RECORDS.topic, partition=0, value=encode_delivery_record(silence))])
        one.run()
        alerted, told = (each for each in read_records(broker) if isinstance(each, AttemptRecord))
        assert alerted.words == ""
        assert told.words.startswith("Silenced until ")
        lock_screen, card = told.words.split("\n")
        assert (len(lock_screen) <= 120, len(card) <= 300) == (True, True)
        assert " by anna: é é" in card
        assert card.isprintable()
        assert one.read_metric("notification_latency_seconds_count", channel="chat") == 2.0
        assert one.read_metric("alert_latency_seconds_count", channel="chat") == 1.0, "a notice is no alert"


def test_nothing_is_sent_before_its_record_is_committed(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1))
        one.copying.turn(3)
        assert len(read_records(broker)) == 1
        broker.is_away = True
        for _ in range(3):
            with pytest.raises(Unavailable):
                one.folding.turn()
            one.send()
        assert one.accepted == []
        broker.is_away = False


def test_a_restart_sends_nothing_again(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1), named(2))
        one.run()
        assert len(one.accepted) == 2
    with closing(Notifying(broker)) as two:
        two.run()
        assert two.accepted == []
        publish(broker, named(3))
        two.run()
        assert two.accepted == ["alert-3:1"]
        assert two.read_metric("deliveries", channel="chat", state="accepted") == 3.0
        assert two.read_metric("notifications_total", channel="chat", outcome="accepted") == 1.0


def test_a_process_that_dies_after_the_receiver_has_accepted_sends_one_copy_with_the_same_id(
    broker: FakeBroker,
) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1))
        one.is_cut_off = True
        one.run()
        assert one.accepted == ["alert-1:1"]
    with closing(Notifying(broker)) as two:
        two.run()
        assert two.accepted == ["alert-1:1"]
        assert two.folding.heard.of(Disagreed) == []
    with closing(Notifying(broker)) as three:
        three.run()
        assert three.accepted == []


def test_an_outcome_that_is_known_survives_a_restart_of_the_clients(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1))
        one.is_cut_off = True
        one.run()
        one.restart_clients()
        one.run()
        assert one.accepted == ["alert-1:1"]
        one.is_cut_off = False
        one.run()
        one.restart_clients()
        one.run()
        assert one.accepted == ["alert-1:1"]
        assert one.read_metric("delivery_copies", channel="chat") == 0.0


def test_a_new_group_sends_nothing_of_the_past_and_misses_nothing_after_it_began(broker: FakeBroker) -> None:
    publish(broker, named(1), named(2))
    with closing(Notifying(broker)) as one:
        one.copying.turn(3)
    publish(broker, named(3))
    with closing(Notifying(broker)) as two:
        two.run()
        assert two.accepted == ["alert-3:1"]


def test_a_lost_offset_copies_all_again_and_sends_nothing_twice(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1), named(2))
        one.run()
    broker.groups[SETTINGS.group(SERVICE)].committed.clear()
    with closing(Notifying(broker)) as two:
        two.run()
        assert two.accepted == []
        assert two.read_metric("alerts_suppressed_total", reason="repeat") == 2.0


def test_an_offset_beyond_the_topic_of_alerts_does_not_stop_the_notifier(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1))
        one.run()
    broker.groups[SETTINGS.group(SERVICE)].committed[PUBLISHED] = 99
    publish(broker, named(2))
    with closing(Notifying(broker)) as two:
        two.run()
        assert two.accepted == ["alert-2:1"]


@pytest.mark.parametrize("moved", [None, 0, 1, 99])
def test_an_offset_that_disagrees_with_the_state_is_told_and_the_state_followed(
    broker: FakeBroker, moved: int | None
) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1), named(2))
        one.run()
    committed = broker.groups[SETTINGS.group(FOLD_GROUP)].committed
    if moved is None:
        committed.clear()
    else:
        committed[RECORDS] = moved
    with closing(Notifying(broker)) as two:
        two.run()
        publish(broker, named(3))
        two.run()
        assert two.accepted == ["alert-3:1"]
        assert len(two.folding.heard.of(Disagreed)) == 1
        assert two.read_metric("deliveries", channel="chat", state="accepted") == 3.0


def forget_state(broker: FakeBroker) -> None:
    broker.logs[STATE].clear()


def spoil_state(broker: FakeBroker) -> None:
    broker.append([Outgoing(topic=STATE.topic, partition=0, key=b"thread:alert-1", value=b"{")])


def lose_a_value(broker: FakeBroker) -> None:
    broker.append([Outgoing(topic=STATE.topic, partition=0, key=b"thread:alert-1", value=None)])


@pytest.mark.parametrize("spoil", [forget_state, spoil_state, lose_a_value])
def test_a_state_that_is_lost_is_made_anew_and_nothing_is_sent_twice(
    broker: FakeBroker, spoil: object
) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1), named(2))
        one.run()
        one.channels["chat"].answers += [Unavailable("down")] * 9
        publish(broker, named(3))
        one.run()
    spoil(broker)  # type: ignore[operator] # one of the three above
    for disagreements in (1, 0):
        with closing(Notifying(broker)) as two:
            two.run()
            assert two.accepted == (["alert-3:1"] if disagreements else [])
            assert len(two.folding.heard.of(Disagreed)) == disagreements
            assert two.read_metric("deliveries", channel="chat", state="accepted") == 3.0


def test_a_state_of_a_newer_version_stops_the_notifier(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1))
        one.run()
    newer = b'{"offset":2,"keys":4,"version":99}'
    broker.append([Outgoing(topic=STATE.topic, partition=0, key=CURSOR, value=newer)])
    with closing(Notifying(broker)) as two, pytest.raises(SettingsError, match="version 99"):
        two.run()


def test_a_rebuild_sends_nothing_but_what_was_to_be_sent(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1), named(2))
        one.run()
        one.channels["chat"].answers += [Unavailable("down")] * 9
        publish(broker, named(3))
        one.run()
    with closing(Notifying(broker, make_route(), make_route("mail"), rebuild=True)) as two:
        two.run()
        assert two.accepted == ["alert-3:1"]
        assert two.read_metric("deliveries", channel="chat", state="accepted") == 3.0
        publish(broker, named(4))
        two.run()
        assert two.accepted == ["alert-3:1", "alert-4:1", "alert-4:1"]


def test_a_rebuild_holds_back_nothing_that_only_new_settings_would(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1))
        one.run()
    digesting = make_route("mail", digest_minutes=1)
    with closing(Notifying(broker, make_route(), digesting, rebuild=True)) as two:
        two.run()
        (worker,) = two.folding.life._ready.values()
        assert isinstance(worker, DeliveryWorker)
        assert not worker._values["held"]
        assert not worker._values["timer"]


def test_what_was_to_go_to_a_channel_that_is_gone_ends_as_failed(broker: FakeBroker) -> None:
    with closing(Notifying(broker, make_route(), make_route("mail"))) as one:
        one.run()
        one.channels["mail"].answers += [Unavailable("down")] * 9
        publish(broker, named(1))
        one.run()
    with closing(Notifying(broker)) as two:
        two.run()
        assert two.accepted == []
        assert two.read_metric("deliveries", channel="mail", state="failed") == 1.0
        assert two.read_metric("deliveries", channel="mail", state="pending") == 0.0
        two.restart_clients()
        two.run()
    last = read_records(broker)[-1]
    assert isinstance(last, AttemptRecord)
    assert (last.outcome, last.channel) == (AttemptOutcome.FAILED, "mail")


def test_a_standby_takes_over_what_is_pending_and_the_first_sends_no_more(broker: FakeBroker) -> None:
    with closing(Notifying(broker, replica="one")) as one, closing(Notifying(broker, replica="two")) as two:
        one.run()
        two.run()
        one.channels["chat"].answers += [Unavailable("down")]
        publish(broker, named(1))
        one.run()
        two.run()
        assert one.accepted + two.accepted == []
        for group in (SERVICE, FOLD_GROUP):
            broker.give_up(SETTINGS.group(group), SETTINGS.name_member(SETTINGS.group(group)))
        two.run()
        assert two.accepted == ["alert-1:1"]
        one.folding.turn()
        one.send()
        assert one.accepted == []


def test_a_process_that_lost_the_partition_shows_no_figures_of_it(broker: FakeBroker) -> None:
    """A standby would otherwise tell for ever of what was pending when it was the active one."""
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1))
        one.run()
        assert one.read_metric("outbox_pending", channel="chat") == 0.0
        one.restart_clients()
        for name in ("outbox_pending", "delivery_copies", "outbox_oldest_pending_timestamp_seconds"):
            assert one.read_metric(name, channel="chat") is None
        assert one.read_metric("deliveries", channel="chat", state="accepted") is None
        one.run()
        assert one.read_metric("deliveries", channel="chat", state="accepted") == 1.0


def test_feedback_is_a_gauge_that_a_restart_keeps_and_another_answer_moves(broker: FakeBroker) -> None:
    def read(one: Notifying) -> tuple[float | None, ...]:
        return tuple(
            one.read_metric("alert_feedback", severity="critical", answer=answer)
            for answer in ("useful", "false_alarm")
        )

    def answer(by: str, kind: AnswerKind) -> None:
        now, name = datetime.now(UTC), f"{by}-{kind}"
        told = AnswerRecord(id=name, thread=thread, answer=kind, at=now, by=by, via="command")
        one.record(name, encode_delivery_record(told))
        one.write()

    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, named(1))
        one.run()
        thread = named(1).alert_id
        assert read(one) == (0.0, 0.0)
        answer("anna", AnswerKind.USEFUL)
        answer("ben", AnswerKind.USEFUL)
        one.run()
        assert read(one) == (2.0, 0.0)
        one.restart_clients()
        assert read(one) == (None, None)
        one.run()
        assert read(one) == (2.0, 0.0)
        answer("ben", AnswerKind.FALSE_ALARM)
        one.run()
        assert read(one) == (1.0, 1.0)


def test_a_broker_that_is_silent_for_a_while_stops_the_sending_and_loses_nothing(broker: FakeBroker) -> None:
    """The group is silent, and takes nothing away: polls give nothing and raise nothing meanwhile."""
    with closing(Notifying(broker)) as one:
        one.run()
        one.channels["chat"].answers.append(Unavailable("down"))
        publish(broker, named(1))
        one.run()
        broker.silence = SETTINGS.session_timeout_seconds / 2
        one.dispatcher.lease.renew(0.0)  # its time is over
        one.dispatcher.senders["chat"].pace._not_before = 0.0
        one.run()
        assert one.accepted == []
        broker.silence = 0.0
        one.run()
        assert one.accepted == ["alert-1:1"]


def test_a_timer_is_recorded_when_it_is_due_and_ends_a_silence(broker: FakeBroker) -> None:
    now = datetime.now(UTC)
    with closing(Notifying(broker)) as one:
        one.run()
        silence = AnswerRecord(
            id="lunch",
            answer=AnswerKind.SILENCE,
            at=now,
            by="anna",
            via="command",
            until=now + timedelta(seconds=0.2),
        )
        one.record("lunch", encode_delivery_record(silence))
        one.run()
        publish(broker, named(1))
        one.run()
        while not any(isinstance(each, DueRecord) for each in read_records(broker)):
            one.run()
        one.run()
        assert [each.id for each in one.channels["chat"].accepted] == [
            "silence:lunch:start",
            "silence:lunch:end",
        ]


def test_a_program_that_is_down_for_long_gets_all_in_order_and_holds_up_no_other_channel(
    broker: FakeBroker,
) -> None:
    routes = make_route("webhook", Revisions.EVERY, per_minute=6000), make_route("chat", per_minute=6000)
    with closing(Notifying(broker, *routes)) as one:
        one.run()
        one.channels["webhook"].answers += [Unavailable("down")]
        publish(broker, *map(named, range(20)))
        one.run()
        assert len(one.channels["chat"].accepted) >= 5
        assert one.channels["webhook"].accepted == []


def test_nothing_more_is_sent_before_the_last_acceptance_is_written(broker: FakeBroker) -> None:
    """A process that dies costs one copy a channel, however many alerts wait."""
    routes = make_route("chat", per_minute=6000), make_route("mail", per_minute=6000)
    with closing(Notifying(broker, *routes)) as one:
        one.run()
        publish(broker, *map(named, range(3)))
        one.is_cut_off = True
        one.run()
        assert one.accepted == ["alert-0:1", "alert-0:1"]
        one.write()
        one.run()
        assert len(one.accepted) == 4
    with closing(Notifying(broker, *routes)) as two:
        two.run()
        assert two.accepted == ["alert-1:1", "alert-2:1"] * 2


def revise(number: int, *revisions: int) -> list[Alert]:
    name = f"alert-{number}"
    return [replace(tested_alert(p=0.009 / each), alert_id=name, revision=each) for each in revisions]


def test_revisions_that_come_at_once_go_out_in_their_order(broker: FakeBroker) -> None:
    routes = make_route("webhook", Revisions.EVERY, per_minute=6000), make_route("chat", per_minute=6000)
    with closing(Notifying(broker, *routes)) as one:
        one.run()
        publish(broker, *(each for number in range(5) for each in revise(number, 1, 2, 3)))
        one.fold()
    with closing(Notifying(broker, *routes)) as two:
        for _ in range(6):  # the token bucket gives five at a time
            two.run()
            for sender in two.dispatcher.senders.values():
                sender.pace._tokens = 5.0
        sent = [message.id for message in two.channels["webhook"].accepted]
        for number in range(5):
            ours = [each for each in sent if each.startswith(f"alert-{number}:")]
            assert ours == [f"alert-{number}:{revision}" for revision in (1, 2, 3)]
        assert {each.id for each in two.channels["chat"].accepted} == {f"alert-{n}:3" for n in range(5)}


HOURS = 7


@pytest.mark.parametrize("jump", [-HOURS, HOURS])
def test_a_jump_of_the_clock_of_this_machine_changes_nothing(broker: FakeBroker, jump: int) -> None:
    wall = [time.time()]
    with closing(Notifying(broker, clock=BrokerClock(wall=lambda: wall[0]))) as one:
        one.run()
        one.channels["chat"].answers.append(Unavailable("down"))
        publish(broker, named(1))
        one.run()
        wall[0] += 3600 * jump
        one.restart_clients()
        one.dispatcher.senders["chat"].pace._not_before = 0.0
        one.run()
        assert one.accepted == ["alert-1:1"]
        expect_silence_of(one, 0.2)


@pytest.mark.parametrize("wrong", [-HOURS, HOURS])
def test_a_clock_that_is_wrong_at_the_start_is_put_right_by_the_broker(
    broker: FakeBroker, wrong: int
) -> None:
    clock = BrokerClock(wall=lambda: time.time() + 3600 * wrong)
    with closing(Notifying(broker, clock=clock)) as one:
        one.run()
        publish(broker, named(1))
        one.run()
        assert one.accepted == ["alert-1:1"]
        assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 60
        expect_silence_of(one, 0.2)
        assert sum(isinstance(each, DueRecord) for each in read_records(broker)) == 1


def expect_silence_of(one: Notifying, seconds: float) -> None:
    """A silence of so many seconds begins and ends, by the broker's clock and no other."""
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    silence = AnswerRecord(
        id="lunch", answer=AnswerKind.SILENCE, at=until, by="anna", via="command", until=until
    )
    one.record("lunch", encode_delivery_record(silence))
    one.run()
    assert one.accepted[-1] == "silence:lunch:start"
    while not any(isinstance(each, DueRecord) for each in read_records(one.broker)):
        one.run()
    assert datetime.now(UTC) >= until
    one.run()
    assert one.accepted[-1] == "silence:lunch:end"


@pytest.mark.parametrize("said", ["x" * 5000, "\udcff"])
def test_whatever_a_receiver_says_ends_the_delivery(broker: FakeBroker, said: str) -> None:
    """An outcome that the fold could not read would be sent again after each restart."""
    with closing(Notifying(broker)) as one:
        one.run()
        one.channels["chat"].answers.append(Receipt(said, 200, said))
        publish(broker, named(1))
        one.run()
        assert one.read_metric("deliveries", channel="chat", state="accepted") == 1.0
        one.channels["chat"].answers += [Unavailable(said), Rejected(said)]
        publish(broker, named(2))
        one.run()
        one.dispatcher.senders["chat"].pace._not_before = 0.0
        one.run()
        assert one.read_metric("deliveries", channel="chat", state="failed") == 1.0


def test_a_message_that_cannot_be_composed_fails_alone_with_its_traceback(
    broker: FakeBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours in the words of one alert."""

    def compose(name: str, *rest: Any) -> tuple[Message, str]:
        if "alert-1" in name:
            raise ZeroDivisionError("a template")
        return compose_message(name, *rest)

    monkeypatch.setattr("brentwatch.notify.senders.compose_message", compose)
    told = io.StringIO()
    log = make_logger(TelemetrySettings(log_format="json"), service=SERVICE, stream=told)
    with closing(Notifying(broker, log=log)) as one:
        one.run()
        publish(broker, named(0), named(1), named(2))
        one.run()
        assert one.accepted == ["alert-0:1", "alert-2:1"]
        assert one.read_metric("deliveries", channel="chat", state="failed") == 1.0
        attempted = {"channel": "chat", "class": "internal"}
        assert one.registry.get_sample_value("brentwatch_notification_attempts_total", attempted) == 1.0
    (line,) = [each for each in map(json.loads, told.getvalue().splitlines()) if "traceback" in each]
    assert line["delivery"] == "chat:alert-1:1"
    assert "in compose" in line["traceback"]
    assert "ZeroDivisionError: a template" in line["traceback"]
