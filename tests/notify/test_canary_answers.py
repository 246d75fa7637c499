"""The answers to canaries become metrics and nothing else, also those that are read late."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from prometheus_client import CollectorRegistry
from tests.notify.alerts import alert
from tests.notify.test_worker import RECORDS, Notifying, broker, publish
from tests.stream.fake_group import SETTINGS, FakeBroker

from brentwatch.notify.canary_answers import CanaryMeter
from brentwatch.notify.service import SERVICE
from brentwatch.stream import CANARIES, DEAD, Outgoing, Partition, Record
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.canaries import CanaryAnswer, encode_canary_answer
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage

SENT = datetime(2022, 1, 5, 12, tzinfo=UTC)
PLACE = Partition(SETTINGS.topic(CANARIES), 0)

__all__ = ["broker"]


def answer(instrument: str = "brent-spot", sent_at: datetime = SENT) -> bytes:
    return encode_canary_answer(
        CanaryAnswer(canary_id="canary:1", instrument=instrument, sent_at=sent_at, offset=3)
    )


class Measuring:
    """A meter of two instruments with a clock of its own."""

    def __init__(self) -> None:
        self.registry, self.said, self.now = CollectorRegistry(), StringIO(), SENT
        log = make_logger(TelemetrySettings(log_format="json"), service=SERVICE, stream=self.said)
        metrics = Metrics(self.registry, SERVICE)
        names = ("brent-front", "brent-spot")
        self.meter = CanaryMeter(names, metrics, log, lambda: self.now.timestamp())

    def read(self, value: bytes | None, after: timedelta = timedelta()) -> None:
        """Read an answer that was written when it was sent, so long after that."""
        self.now = SENT + after
        written = int(1000 * SENT.timestamp())
        record = Record(partition=PLACE, offset=0, value=value, timestamp=written, is_append_time=True)
        assert list(self.meter.handle(record)) == []

    def show(self, metric: str, instrument: str = "brent-spot", **labels: str) -> float | None:
        name = f"brentwatch_canary_{metric}"
        return self.registry.get_sample_value(name, {"instrument": instrument, **labels})


def test_each_instrument_of_the_settings_is_there_at_zero_before_the_first_answer() -> None:
    measuring = Measuring()
    for name in ("brent-front", "brent-spot"):
        assert measuring.show("answer_seconds_count", name) == 0.0
        assert measuring.show("newest_answered_timestamp_seconds", name) is None


def test_an_answer_counts_for_its_instrument_from_sending_to_now() -> None:
    measuring = Measuring()
    measuring.read(answer(), timedelta(seconds=0.3))
    assert measuring.show("answer_seconds_sum") == pytest.approx(0.3)
    assert measuring.show("answer_seconds_bucket", le="0.25") == 0.0
    assert measuring.show("answer_seconds_bucket", le="0.5") == 1.0
    assert measuring.show("newest_answered_timestamp_seconds") == SENT.timestamp()
    assert measuring.show("answer_seconds_count", "brent-front") == 0.0


def test_an_answer_that_is_read_late_counts_with_its_true_latency_and_never_turns_the_newest_back() -> None:
    measuring = Measuring()
    measuring.read(answer(sent_at=SENT + timedelta(minutes=5)), timedelta(minutes=5))
    measuring.read(answer(), timedelta(hours=2))
    assert measuring.show("answer_seconds_bucket", le="3600.0") == 1.0
    assert measuring.show("answer_seconds_bucket", le="+Inf") == 2.0
    assert measuring.show("newest_answered_timestamp_seconds") == SENT.timestamp() + 300.0


def test_clocks_that_differ_make_no_negative_time() -> None:
    measuring = Measuring()
    measuring.read(answer(), timedelta(seconds=-2))
    assert measuring.show("answer_seconds_sum") == 0.0


def test_an_instrument_that_the_settings_do_not_have_makes_no_label_and_is_told_once() -> None:
    measuring = Measuring()
    for name in ("urals", "dubai"):
        measuring.read(answer(name))
    assert measuring.show("answer_seconds_count", "urals") is None
    assert measuring.said.getvalue().count("canary answered for an unknown instrument") == 1


@pytest.mark.parametrize("value", [None, b"{", b"{}", b"[]", answer("")])
def test_what_is_no_answer_is_a_dead_letter(value: bytes | None) -> None:
    with pytest.raises(InvalidMessage):
        Measuring().read(value)


def test_an_answer_of_the_future_is_refused() -> None:
    with pytest.raises(InvalidMessage) as caught:
        Measuring().read(answer(sent_at=SENT + timedelta(minutes=11)))
    assert caught.value.reason is DeadLetterReason.FUTURE


def write(broker: FakeBroker, *values: bytes) -> None:
    broker.append(Outgoing(topic=PLACE.topic, partition=0, value=value) for value in values)


def count(notifying: Notifying) -> float | None:
    return notifying.read_metric("canary_answer_seconds_count", instrument="brent-spot")


def test_the_copying_job_reads_the_answers_and_copies_nothing_of_them(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        write(broker, answer(), b"{")
        one.run()
        assert count(one) == 1.0
        assert one.accepted == []
    assert broker.logs[RECORDS] == []
    assert [
        each.value
        for each in broker.read(Partition(SETTINGS.topic(DEAD), 0), 0, 9)[0]
        if isinstance(each, Record)
    ] == [b"{"]


def test_answers_from_before_the_first_start_do_not_count_and_those_of_an_outage_do(
    broker: FakeBroker,
) -> None:
    write(broker, answer())
    with closing(Notifying(broker)) as one:
        one.run()
        assert count(one) == 0.0
    write(broker, answer(), answer())
    with closing(Notifying(broker)) as two:
        two.run()
        assert count(two) == 2.0
        assert two.read_metric("canary_answer_seconds_bucket", instrument="brent-spot", le="3600.0") == 0.0
    with closing(Notifying(broker)) as three:
        three.run()
        assert count(three) == 0.0


def test_a_notifier_that_has_alerts_but_never_read_answers_begins_at_their_end(broker: FakeBroker) -> None:
    with closing(Notifying(broker)) as one:
        one.run()
        publish(broker, alert())
        one.run()
    assert broker.logs[RECORDS], "it is not new: alerts of the past would be news"
    del broker.groups[SETTINGS.group(SERVICE)].committed[PLACE]
    write(broker, answer())
    with closing(Notifying(broker)) as two:
        two.run()
        assert count(two) == 0.0
        assert broker.groups[SETTINGS.group(SERVICE)].committed[PLACE] == 1
