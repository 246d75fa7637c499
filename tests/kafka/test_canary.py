"""A canary on a real broker: through the whole path for two instruments, market closed."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from tests.kafka.patience import await_true
from tests.kafka.programs import create_topics
from tests.kafka.tools import beside, values

from brentwatch.canary import service as canary
from brentwatch.monitor import service as monitor
from brentwatch.notify import service as notify
from brentwatch.screen import service as screen
from brentwatch.settings.composed import Settings
from brentwatch.stream import (
    ALERTS,
    CANARIES,
    DEAD,
    DELIVERIES,
    STUDIES,
    TIMELINE,
    Job,
    JobGroup,
    KafkaSettings,
)
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.producer import Producer
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.kafka

INSTRUMENTS = ("brent-front", "brent-spot")


class Running:
    """The services of an installation, on threads of the test, each with a registry of its own."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self.kafka, self.settings = kafka, Settings(kafka=kafka)

    def tell(self, name: str, registry: CollectorRegistry) -> Telemetry:
        log = make_logger(self.settings.telemetry.model_copy(update={"log_level": "error"}), service=name)
        return Telemetry(Metrics(registry, name), Health(60.0), log)

    def send(self, ago: float = 0.0) -> None:
        """Send one canary, by a clock that is so many seconds behind."""
        topic, telemetry = self.kafka.topic("unrest.events"), self.tell("canary", CollectorRegistry())
        sender = canary.CanarySender(
            topic, 12, 300.0, lambda: Producer(self.kafka), telemetry, lambda: time.time() - ago
        )
        sender.send()
        sender._close()

    @contextmanager
    def copying(self) -> Iterator[CollectorRegistry]:
        """The job of notify that copies alerts, from the moment at which it has its partitions."""
        registry = CollectorRegistry()
        work = notify.prepare(self.settings, self.tell("notify", registry))
        assert isinstance(work, JobGroup)
        with beside(self.kafka, work.beside[0]):
            await_true(self._has_begun, "the notifier has committed where it begins")
            yield registry

    def _has_begun(self) -> bool:
        with closing(Admin(self.kafka)) as admin:
            return len(admin.fetch_committed(self.kafka.group("notify"))) == 2

    def await_answers(self, count: int) -> None:
        topic = self.kafka.topic(CANARIES)
        await_true(lambda: len(values(self.kafka, topic)) == count, f"{count} answers are there")


def count(registry: CollectorRegistry, instrument: str, end: str = "count") -> float:
    name = f"brentwatch_canary_answer_seconds_{end}"
    return registry.get_sample_value(name, {"instrument": instrument}) or 0.0


def await_measured(registry: CollectorRegistry, times: int) -> None:
    await_true(
        lambda: [count(registry, each) for each in INSTRUMENTS] == [times] * 2, f"{times} are measured"
    )


@pytest.fixture
def running(settings: KafkaSettings) -> Iterator[Running]:
    create_topics(settings, defaults=True)
    made = Running(settings)
    with ExitStack() as opened:
        for module in (screen, monitor):
            work = module.prepare(made.settings, made.tell(module.SERVICE, CollectorRegistry()))
            assert isinstance(work, Job)
            opened.enter_context(beside(settings, work))
        yield made


def test_a_canary_is_measured_for_each_instrument_and_late_where_the_notifier_was_away(
    running: Running,
) -> None:
    kafka = running.kafka
    running.send()
    running.await_answers(2)
    with running.copying() as registry:
        running.send()
        await_measured(registry, 1)  # and not 2: the first is from before the notifier ever started
        newest = "brentwatch_canary_newest_answered_timestamp_seconds"
        sent = [registry.get_sample_value(newest, {"instrument": each}) or 0.0 for each in INSTRUMENTS]
        assert sent[0] == sent[1] > time.time() - 120.0
    running.send(ago=200.0)
    running.await_answers(6)
    with running.copying() as registry:
        await_measured(registry, 1)
        assert min(count(registry, each, "sum") for each in INSTRUMENTS) >= 200.0
    for name in (STUDIES, ALERTS, DELIVERIES, DEAD):
        assert values(kafka, kafka.topic(name)) == []
    assert [len(values(kafka, kafka.topic(TIMELINE), number)) for number in (0, 1)] == [3, 3]
