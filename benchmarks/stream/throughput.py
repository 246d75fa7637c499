"""How many records a second go through a screen and a monitor, beside a loop that only polls."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measurement import AtLeast, Beside, Measurement
from benchmarks.stream import bare, worker
from benchmarks.stream.histories import FEED, Events, Prices
from benchmarks.stream.installation import fill, install

from brentwatch.screen.settings import ScreenSettings
from brentwatch.settings.composed import Settings
from brentwatch.stream.records import Outgoing
from brentwatch.stream.topics import EVENTS, TIMELINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.stream.worker import Report

    from brentwatch.stream.settings import KafkaSettings

SENT = 100_000
ADMITTED = 50_000
PARTITIONS = 12
_TIMES = 3


def measure(bootstrap: str) -> Iterator[Measurement]:
    """A poll loop and a screen in turn on the same topic; two screens; a monitor whose events all wait."""
    kafka = install(bootstrap)
    topic = kafka.topic(EVENTS)
    fill(kafka, _sent(topic))
    polled, screened = [], []
    for number in range(_TIMES):
        polled.append(bare.consumed(bootstrap, topic, PARTITIONS, SENT))
        (report,) = worker.ended(worker.start("screen", _filtering(kafka, f"one{number}")))
        screened.append(report.rate)
    rate = median(screened)
    yield Measurement(
        "screen, events filtered out", rate, "events/s", Beside("a bare poll loop", median(polled))
    )
    yield Measurement("the same as a ratio", rate / median(polled), "", AtLeast(0.5))
    yield Measurement("two screens", _two(kafka), "events/s", Beside("one screen", rate))
    _, report = monitored(bootstrap)
    yield Measurement("monitor, events admitted", report.rate, "events/s", AtLeast(5_000))


def monitored(bootstrap: str) -> tuple[KafkaSettings, Report]:
    """A monitor, whose events all wait for one session, and the installation that it leaves."""
    kafka = install(bootstrap)
    fill(kafka, _admitted(kafka.topic(TIMELINE)))
    (report,) = worker.ended(worker.start("monitor", Settings(kafka=kafka)))
    return kafka, report


def _sent(topic: str) -> Iterator[Outgoing]:
    events, at = Events(), Prices().between
    for _ in range(SENT):
        key, value = events.sent(at)
        yield Outgoing(topic=topic, key=key, value=value)


def _admitted(timeline: str) -> Iterator[Outgoing]:
    events, prices = Events(), Prices()
    yield Outgoing(topic=timeline, partition=0, value=prices.calm(1_000, warmup=True))
    yield Outgoing(topic=timeline, partition=0, value=prices.calm(1))
    for _ in range(ADMITTED):
        key, value = events.admitted(prices.between)
        yield Outgoing(topic=timeline, partition=0, key=key, value=value)


def _filtering(kafka: KafkaSettings, group: str, replica: str = "one") -> Settings:
    """A screen that has read nothing yet, and that no event is heavy enough for."""
    own = kafka.model_copy(
        update={"group_prefix": f"{group}.", "replica": replica, "session_timeout_seconds": 6.0}
    )
    return Settings(kafka=own, screen=ScreenSettings(minimum_exposure={FEED: 1.0}))


def _two(kafka: KafkaSettings) -> float:
    """Events a second of both, while both read: before that one of them has all partitions."""
    processes = [worker.start("screen", _filtering(kafka, "two", name)) for name in ("left", "right")]
    reports = worker.ended(*processes)
    start = max(report.turns[0][0] for report in reports)
    end = min(report.turns[-1][0] for report in reports)
    return sum(report.between(start, end) for report in reports) / (end - start)
