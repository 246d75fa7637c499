"""What a broker refuses is told by its kind; that it should run is said of one that does not answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from kafka.producer.record_accumulator import RecordAccumulator
from tests.kafka.jobs import adding, place
from tests.kafka.patience import await_true
from tests.kafka.tools import beside, make_topic, write, write_values

from brentwatch.core.errors import Unavailable
from brentwatch.stream import Outgoing, loop
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.facts import Broken

if TYPE_CHECKING:
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

RUNNING = "expected a running broker"


@pytest.fixture
def hasty(settings: KafkaSettings) -> KafkaSettings:
    """Settings that give up soon."""
    return settings.model_copy(update={"request_timeout_seconds": 1.5, "delivery_timeout_seconds": 2.0})


def test_a_record_that_is_larger_than_its_topic_allows_is_told(settings: KafkaSettings) -> None:
    topic = make_topic(settings, "out", 1, max_message_bytes="60")
    told = "a record is larger than max.message.bytes of its topic allows"
    with pytest.raises(Unavailable, match=told) as caught:
        write(settings, Outgoing(topic=topic, value=b"x" * 100, partition=0))
    assert RUNNING not in str(caught.value)


def test_a_clock_three_days_ahead_is_told(settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = make_topic(settings, "out")
    append = RecordAccumulator.append

    ahead = int((datetime.now(UTC) + timedelta(days=3)).timestamp() * 1000)

    def append_ahead(
        self: RecordAccumulator, partition: object, _: None, *rest: object, **more: object
    ) -> object:
        return append(self, partition, ahead, *rest, **more)

    monkeypatch.setattr(RecordAccumulator, "append", append_ahead)
    told = r"clock, 20.* UTC, .*; set both clocks by NTP"
    with pytest.raises(Unavailable, match=told) as caught:
        write(settings, Outgoing(topic=topic, value=b"x", partition=0))
    assert RUNNING not in str(caught.value)


def test_a_topic_that_does_not_exist_is_told_with_the_command_that_makes_it(hasty: KafkaSettings) -> None:
    with pytest.raises(Unavailable) as caught:
        write(hasty, Outgoing(topic=hasty.topic("nowhere"), value=b"x", partition=0))
    assert str(caught.value) == (
        f"topic {hasty.topic('nowhere')} does not exist on Kafka at {hasty.bootstrap}, or was deleted. To "
        f"create what is missing, run: brentwatch topics create --set kafka.bootstrap={hasty.bootstrap} "
        f"--set kafka.topic_prefix={hasty.topic_prefix}"
    )


@pytest.mark.parametrize("name", ["state", "in"])
def test_a_topic_that_is_deleted_while_the_service_runs_is_told(
    hasty: KafkaSettings, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_QUIET_BEATS", 0.5)
    source = make_topic(hasty, "in")
    make_topic(hasty, "state", cleanup_policy="compact")
    make_topic(hasty, "out")
    make_topic(hasty, "dead")
    write_values(hasty, source, b"1")
    with beside(hasty, adding(hasty)) as running:
        await_true(lambda: place(hasty) == {0: 1}, "the first is answered")
        admin = Admin(hasty)
        admin.delete(hasty.topic(name))
        admin.close()
        if name != "in":
            write_values(hasty, source, b"2")
        told = f"topic {hasty.topic(name)} does not exist on Kafka at "
        await_true(
            lambda: any(each.reason.startswith(told) for each in running.heard.of(Broken)), "it is told"
        )
