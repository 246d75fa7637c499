"""Records a second through a screen and a monitor, compared with a loop that only polls."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measurement import AtLeast, Beside, Measurement, Reference
from benchmarks.stream import bare, worker
from benchmarks.stream.histories import FEED, Events, Prices
from benchmarks.stream.installation import fill, install, spot_alone
from benchmarks.stream.worker import Report

from brentwatch.screen.settings import ScreenSettings
from brentwatch.stream import EVENTS, TIMELINE, Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.settings.composed import Settings
    from brentwatch.stream import KafkaSettings

SENT = 100_000
ADMITTED = 50_000
SHORT_SENT, SHORT_ADMITTED = 5_000, 2_500
PARTITIONS = 12
_TIMES = 3
_MORE = (0, 1, 2, 4)
"""How many times the events are added before each try."""


def measure(bootstrap: str, *, short: bool = False) -> Iterator[Measurement]:
    """A poll loop and a screen in turn on the same topic; two screens; a monitor whose events all wait."""
    sent, admitted, times = (SHORT_SENT, SHORT_ADMITTED, 1) if short else (SENT, ADMITTED, _TIMES)
    kafka = install(bootstrap)
    topic = kafka.topic(EVENTS)
    fill(kafka, _sent(topic, sent))
    polled, screened = [], []
    for number in range(times):
        polled.append(bare.consumed(bootstrap, topic, PARTITIONS, sent))
        (report,) = worker.ended(worker.start("screen", _filtering(kafka, f"one{number}")))
        screened.append(report.rate)
    rate, loop = median(screened), Reference("a bare poll loop", median(polled))
    yield Measurement("screen, events filtered out", rate, "events/s", AtLeast(0.5, loop))
    yield Measurement(
        "two screens", _two(kafka, sent, short=short), "events/s", Beside(Reference("one screen", rate))
    )
    kafka, report = monitored(bootstrap, admitted)
    bare_rate = bare.consumed(bootstrap, kafka.topic(TIMELINE), 1, admitted)
    timeline = Reference("a bare poll loop on the timeline", bare_rate)
    yield Measurement("monitor, events admitted", report.rate, "events/s", AtLeast(0.02, timeline))


def monitored(bootstrap: str, admitted: int) -> tuple[KafkaSettings, Report]:
    """A monitor whose events all wait for one session, and its installation."""
    kafka = install(bootstrap)
    fill(kafka, _admitted(kafka.topic(TIMELINE), admitted))
    (report,) = worker.ended(worker.start("monitor", spot_alone(kafka)))
    return kafka, report


def _sent(topic: str, count: int) -> Iterator[Outgoing]:
    events, at = Events(), Prices().between
    for _ in range(count):
        key, value = events.sent(at)
        yield Outgoing(topic=topic, key=key, value=value)


def _admitted(timeline: str, count: int) -> Iterator[Outgoing]:
    events, prices = Events(), Prices()
    yield Outgoing(topic=timeline, partition=0, value=prices.calm(1_000, warmup=True))
    yield Outgoing(topic=timeline, partition=0, value=prices.calm(1))
    for _ in range(count):
        key, value = events.admitted(prices.between)
        yield Outgoing(topic=timeline, partition=0, key=key, value=value)


def _filtering(kafka: KafkaSettings, group: str, replica: str = "one") -> Settings:
    """A screen that has read nothing yet, with a limit that no event reaches."""
    own = kafka.model_copy(
        update={"group_prefix": f"{group}.", "replica": replica, "session_timeout_seconds": 6.0}
    )
    return spot_alone(own, screen=ScreenSettings(minimum_exposure={FEED: 1.0}))


def _two(kafka: KafkaSettings, sent: int, *, short: bool) -> float | None:
    """Events a second while both read; None if one read everything before the other had its partitions.

    The benchmark then tries again with more events, up to eight times as many, because the time to share
    partitions is not measured here. A short run uses the whole time instead, in which the second may be late.
    """
    if short:
        return whole_time(*_both(kafka, "two"))
    for number, more in enumerate(_MORE):
        if more:
            fill(kafka, _sent(kafka.topic(EVENTS), more * sent))
        rate = together(*_both(kafka, f"two{number}"))
        if rate is not None:
            return rate
    return None


def _both(kafka: KafkaSettings, group: str) -> list[Report]:
    settings = [_filtering(kafka, group, name) for name in ("left", "right")]
    return worker.ended(*(worker.start("screen", each) for each in settings))


def whole_time(*reports: Report) -> float:
    """Records a second of all, from the first turn of any to the last of any."""
    turns = sorted(turn for report in reports for turn in report.turns)
    return Report(turns=turns, began=min(report.began for report in reports)).rate


def together(one: Report, other: Report) -> float | None:
    """Records a second of both, between the first turn of the later and the last of the earlier."""
    if not (one.turns and other.turns):
        return None
    start = max(one.turns[0][0], other.turns[0][0])
    end = min(one.turns[-1][0], other.turns[-1][0])
    read = one.between(start, end) + other.between(start, end)
    return read / (end - start) if end > start and read else None
