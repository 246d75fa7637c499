"""The cost of metrics: per event in the screen and the monitor, and of a scrape of a busy monitor.

Two workers handle the same records, block by block in turn, one with metrics and one without. The cost is the
median over the pairs of blocks, so that other load on the machine affects both.
"""

from __future__ import annotations

import gc
import time
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.measurement import AtMost, Measurement, Reference
from benchmarks.stream.histories import FEED, Events, Prices
from prometheus_client import CollectorRegistry, Counter, generate_latest

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.monitor import service as monitor_service
from brentwatch.screen import service as screen_service
from brentwatch.screen.settings import ScreenSettings
from brentwatch.settings.composed import Settings
from brentwatch.settings.instruments import InstrumentSettings
from brentwatch.stream import Partition, Record, Stateful
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics, register_process_metrics
from brentwatch.telemetry.server import hide_creation_times
from brentwatch.telemetry.settings import TelemetrySettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from brentwatch.stream import Outgoing
    from brentwatch.telemetry.definition import Metric

    Handle = Callable[[Record], Sequence[Outgoing]]

PAIRS, BLOCK = 60, 200
SHORT_PAIRS, SHORT_BLOCK = 3, 20
SCRAPES, SHORT_SCRAPES = 101, 5
MOST_COST, MOST_SCRAPE = 1.03, 1.5


class NoMetrics(Metrics):
    """Metrics that count nothing."""

    def count(self, metric: Metric, amount: float = 1, /, **labels: str) -> None:
        """Nothing."""

    def count_flood(self, metric: Metric, /, **labels: str) -> None:
        """Nothing."""

    def set(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Nothing."""

    def observe(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Nothing."""

    def bind_histogram(self, metric: Metric, /, **labels: str) -> Callable[[float], None]:
        """A metric that does nothing."""
        return lambda _: None


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """The cost of metrics for each kind of event, and the cost of a scrape."""
    pairs, block = (SHORT_PAIRS, SHORT_BLOCK) if short else (PAIRS, BLOCK)
    cases = (
        ("screen, events filtered out", partial(_open_screen, 1.0), _list_sent),
        ("screen, events admitted", partial(_open_screen, 0.0), _list_sent),
        ("monitor, events admitted", _open_monitor, _list_admitted),
    )
    for name, open_worker, list_records in cases:
        handles = [open_worker(kind(CollectorRegistry(), _service_of(name))) for kind in (Metrics, NoMetrics)]
        counted, bare = _measure_pairs(handles, list_records(pairs * block), block)
        reference = Reference("without metrics", bare)
        yield Measurement(f"{name}, counted", counted, "µs/event", AtMost(MOST_COST, reference))
    scrape, plain, series = _measure_scrapes(SHORT_SCRAPES if short else SCRAPES, pairs * block)
    reference = Reference(f"{series} plain counters", plain)
    yield Measurement("scrape of a busy monitor", scrape, "ms", AtMost(MOST_SCRAPE, reference))


def _service_of(name: str) -> str:
    return name.partition(",")[0]


def _measure_pairs(handles: Sequence[Handle], records: Sequence[Record], block: int) -> tuple[float, float]:
    """Microseconds of an event with metrics, by the median of the ratios, and without."""
    ratios, bare = list[float](), list[float]()
    for number in range(0, len(records), block):
        part = records[number : number + block]
        seconds = [0.0, 0.0]
        for which in (0, 1) if number // block % 2 else (1, 0):
            seconds[which] = _spend(handles[which], part)
        ratios.append(seconds[0] / seconds[1])
        bare.append(1e6 * seconds[1] / len(part))
    return median(ratios) * median(bare), median(bare)


def _spend(handle: Handle, records: Sequence[Record]) -> float:
    """Processor seconds without garbage collection, which happens to either worker at random."""
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        for record in records:
            handle(record)
        return time.process_time() - began
    finally:
        gc.enable()


def _make_telemetry(metrics: Metrics, service: str) -> Telemetry:
    return Telemetry(
        metrics, Health(60.0), make_logger(TelemetrySettings(log_level="error"), service=service)
    )


def _build_settings(minimum_exposure: float = 0.0) -> Settings:
    return Settings(
        instruments={BRENT_SPOT.name: InstrumentSettings.describe(BRENT_SPOT)},
        screen=ScreenSettings(minimum_exposure={FEED: minimum_exposure}),
    )


def _open_screen(minimum_exposure: float, metrics: Metrics) -> Handle:
    job = screen_service.prepare(
        _build_settings(minimum_exposure), _make_telemetry(metrics, screen_service.SERVICE)
    )
    worker: Any = job.open(Partition(job.topic, 0))
    handle: Handle = worker.handle
    return handle


def _open_monitor(metrics: Metrics) -> Handle:
    return _open_worker(metrics).handle


def _open_worker(metrics: Metrics) -> Stateful:
    """A monitor that has read its prices."""
    job = monitor_service.prepare(_build_settings(), _make_telemetry(metrics, monitor_service.SERVICE))
    place = Partition(job.topic, BRENT_SPOT.partition)
    worker = job.open(place)
    if not isinstance(worker, Stateful):
        raise TypeError(f"the worker of the monitor is a {type(worker).__name__}; expected one with a state")
    prices = Prices()
    for value in (prices.calm(1_000, warmup=True), prices.calm(1)):
        worker.handle(Record(partition=place, offset=0, value=value))
    return worker


def _list_sent(count: int) -> list[Record]:
    now = datetime.now(UTC)  # like live events, whose age falls into the first buckets
    return _build_records("unrest.events", Events().sent, count, now)


def _list_admitted(count: int) -> list[Record]:
    prices = Prices()
    prices.calm(1_001)
    return _build_records("impact.timeline", Events().admitted, count, prices.between)


def _build_records(
    topic: str, make: Callable[[datetime], tuple[bytes, bytes]], count: int, known_at: datetime
) -> list[Record]:
    made = [make(known_at) for _ in range(count)]
    place = Partition(topic, 0)
    return [Record(partition=place, offset=0, key=key, value=value) for key, value in made]


def _measure_scrapes(times: int, events: int) -> tuple[float, float, int]:
    """Milliseconds of a scrape of a monitor after many events and of plain counters, and their number."""
    registry = CollectorRegistry()
    register_process_metrics(registry)
    worker = _open_worker(Metrics(registry, monitor_service.SERVICE))
    for record in _list_admitted(min(events, 2_000)):
        worker.handle(record)
    worker.renew_lease(5.0)
    shown: Any = hide_creation_times(registry)
    series = sum(1 for line in generate_latest(shown).splitlines() if not line.startswith(b"#"))
    plain: Any = hide_creation_times(_make_counters(series))
    scrape, scrape_plain = partial(generate_latest, shown), partial(generate_latest, plain)
    pairs = [(_time(scrape), _time(scrape_plain)) for _ in range(times)]
    bare = median(other for _, other in pairs)
    return median(one / other for one, other in pairs) * bare, bare, series


def _make_counters(count: int) -> CollectorRegistry:
    registry = CollectorRegistry()
    for number in range(count):
        Counter(f"plain_{number}", "A plain counter.", registry=registry).inc()
    return registry


def _time(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)
