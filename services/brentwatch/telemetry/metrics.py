"""The metrics of one service, in a registry that is handed in: count, set, observe."""

import platform
import threading
from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.registry import Collector

from brentwatch import __version__
from brentwatch.telemetry.definition import Kind, Metric, check_labels, combine_labels
from brentwatch.telemetry.table import BUILD_INFO, METRICS, PREFIX


class Metrics:
    """The metrics that `service` fills, by the table in `telemetry/table.py`.

    A gauge without labels appears when it is first set: until then its value is not known.
    """

    def __init__(self, registry: CollectorRegistry, service: str) -> None:
        kept = [metric for metric in METRICS if service in metric.services]
        self._tallies: dict[tuple[object, ...], int] = {}
        self._totals = _FollowedTotals()
        registry.register(self._totals)  # first, so that it is asked before the counters are
        self._families = {metric.name: _make_family(metric, registry) for metric in kept}
        self._children: dict[tuple[object, ...], Any] = {}
        self._unset = {metric.name for metric in kept if metric.kind is Kind.GAUGE}
        self._registry = registry
        for metric in kept:
            self.declare(metric)
        self.set(BUILD_INFO, 1, version=__version__, python=platform.python_version())

    def count(self, metric: Metric, amount: float = 1, /, **labels: str) -> None:
        """Add to a counter.

        Raises:
            InvalidInput: if a label has a value that the table does not know.
        """
        self._find_child(metric, labels).inc(amount)

    def count_flood(self, metric: Metric, /, **labels: str) -> None:
        """Add one to a counter in a third of the time, of which one thread alone may count.

        Raises:
            InvalidInput: if a label has a value that the table does not know.
        """
        key = (metric.name, *labels.items())
        if key not in self._tallies:
            check_labels(metric, labels)
            self._tallies[key] = 0
            self.follow_total(metric, lambda: self._tallies[key], **labels)
        self._tallies[key] += 1

    def bind_counter(self, metric: Metric, /, **labels: str) -> Callable[[], None]:
        """What adds one to a counter, from any thread.

        Raises:
            InvalidInput: if a label has a value that the table does not know.
        """
        added: Callable[[], None] = self._find_child(metric, labels).inc
        return added

    def bind_histogram(self, metric: Metric, /, **labels: str) -> Callable[[float], None]:
        """What puts a value into a histogram, looked up once.

        Raises:
            InvalidInput: if a label has a value that the table does not know.
        """
        observe: Callable[[float], None] = self._find_child(metric, labels).observe
        return observe

    def follow_total(self, metric: Metric, read_total: Callable[[], int], /, **labels: str) -> None:
        """Let a counter follow a number that only rises, read when somebody looks at the registry.

        For what is counted a hundred thousand times a second: a counter takes ten times as long as a number.

        Raises:
            InvalidInput: if a label has a value that the table does not know.
        """
        self._totals.follow(self._find_child(metric, labels), read_total)

    def set(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Set a gauge.

        Raises:
            InvalidInput: if a label has a value that the table does not know.
        """
        self._find_child(metric, labels).set(value)
        if metric.name in self._unset:
            self._unset.remove(metric.name)
            self._registry.register(self._families[metric.name])

    def observe(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Put a value into a histogram.

        Raises:
            InvalidInput: if a label has a value that the table does not know.
        """
        self._find_child(metric, labels).observe(value)

    def forget(self, metric: Metric, /, **labels: str) -> None:
        """Remove one gauge: its partition or instrument now belongs to another process."""
        self._families[metric.name].remove_by_labels(dict(labels))
        self._children.clear()

    def _find_child(self, metric: Metric, labels: Mapping[str, str]) -> Any:
        """The one with these labels, looked up once: services count a hundred thousand times a second."""
        key = (metric.name, *labels.items())
        child = self._children.get(key)
        if child is None:
            check_labels(metric, labels)
            family = self._families[metric.name]
            child = self._children[key] = family.labels(**labels) if labels else family
        return child

    def declare(self, metric: Metric, /, **known: str) -> None:
        """Create a counter or histogram at 0 for every value of its closed labels.

        The open ones are `known`; nothing is created while one of them is not.
        """
        if metric.kind is Kind.GAUGE:
            return
        for labels in combine_labels(metric, known):
            self._families[metric.name].labels(**labels)


class _FollowedTotals(Collector):
    """Brings counters up to date before a registry shows them; it has no metrics of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._followed: list[tuple[Any, Callable[[], int]]] = []
        self._counted: list[int] = []

    def follow(self, child: Any, read_total: Callable[[], int]) -> None:
        """Let a counter follow what `read_total` gives."""
        with self._lock:
            self._followed.append((child, read_total))
            self._counted.append(read_total())

    def collect(self) -> tuple[()]:
        with self._lock:  # two may scrape at once
            for at, (child, read_total) in enumerate(self._followed):
                total = read_total()
                child.inc(total - self._counted[at])
                self._counted[at] = total
        return ()


def register_process_metrics(registry: CollectorRegistry) -> None:
    """Add what the process itself uses: CPU, memory, file descriptors, start time, and which Python it is."""
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)


def _make_family(metric: Metric, registry: CollectorRegistry) -> Any:
    names = [label.name for label in metric.labels]
    match metric.kind:
        case Kind.COUNTER:
            return Counter(PREFIX + metric.name, metric.help, names, registry=registry)
        case Kind.GAUGE:
            return Gauge(PREFIX + metric.name, metric.help, names, registry=None)
        case Kind.HISTOGRAM:
            return Histogram(
                PREFIX + metric.name, metric.help, names, registry=registry, buckets=metric.buckets
            )
