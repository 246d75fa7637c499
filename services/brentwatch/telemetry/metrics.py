"""The metrics of one service, in a registry that is handed in: count, set, observe."""

from __future__ import annotations

import platform
from itertools import product
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from brentwatch import __version__
from brentwatch.core.errors import InvalidInput
from brentwatch.telemetry.table import BUILD_INFO, METRICS, PREFIX, Kind, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client import CollectorRegistry


class Metrics:
    """The metrics that `service` fills, by the table in `telemetry/table.py`.

    A gauge without labels appears when it is first set: until then its value is not known.
    """

    def __init__(self, registry: CollectorRegistry, service: str) -> None:
        kept = [metric for metric in METRICS if service in metric.services]
        self._counters = {
            metric: _counter(metric, registry) for metric in kept if metric.kind is Kind.COUNTER
        }
        self._gauges = {metric: _gauge(metric) for metric in kept if metric.kind is Kind.GAUGE}
        self._histograms = {
            metric: _histogram(metric, registry) for metric in kept if metric.kind is Kind.HISTOGRAM
        }
        self._unset = set(self._gauges)
        self._registry = registry
        for metric in kept:
            self.declare(metric)
        self.set(BUILD_INFO, 1, version=__version__, python=platform.python_version())

    def count(self, metric: Metric, amount: float = 1, /, **labels: str) -> None:
        """Add to a counter.

        Raises:
            InvalidInput: if a label has a value that the table does not know.
        """
        _check(metric, labels)
        counter = self._counters[metric]
        (counter.labels(**labels) if labels else counter).inc(amount)

    def set(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Set a gauge.

        Raises:
            InvalidInput: if a label has a value that the table does not know.
        """
        _check(metric, labels)
        gauge = self._gauges[metric]
        (gauge.labels(**labels) if labels else gauge).set(value)
        if metric in self._unset:
            self._unset.remove(metric)
            self._registry.register(gauge)

    def observe(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Put a value into a histogram.

        Raises:
            InvalidInput: if a label has a value that the table does not know.
        """
        _check(metric, labels)
        histogram = self._histograms[metric]
        (histogram.labels(**labels) if labels else histogram).observe(value)

    def forget(self, metric: Metric, /, **labels: str) -> None:
        """Take back one gauge: what it told of is no longer ours."""
        self._gauges[metric].remove_by_labels(dict(labels))

    def declare(self, metric: Metric, /, **known: str) -> None:
        """Create a counter at 0 for every value of its closed labels, once the open ones are `known`."""
        if metric.kind is not Kind.COUNTER:
            return
        for labels in _combinations(metric, known):
            self._counters[metric].labels(**labels)


def _combinations(metric: Metric, known: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The label sets of a metric; none while an open label is not known."""
    if not metric.labels:
        return
    choices = [(known[label.name],) if label.name in known else label.values for label in metric.labels]
    names = [label.name for label in metric.labels]
    for values in product(*choices):
        yield dict(zip(names, values, strict=True))


def _check(metric: Metric, labels: Mapping[str, str]) -> None:
    closed = {label.name: label.values for label in metric.labels if label.values}
    for name, values in closed.items():
        if labels.get(name) not in values:
            raise InvalidInput(
                f"{name} of {metric.name} is {labels.get(name)!r}; one of {', '.join(values)} was wanted: "
                "use one of them, or add the new one to telemetry/table.py"
            )


def _names(metric: Metric) -> list[str]:
    return [label.name for label in metric.labels]


def _counter(metric: Metric, registry: CollectorRegistry) -> Counter:
    return Counter(PREFIX + metric.name, metric.help, _names(metric), registry=registry)


def _gauge(metric: Metric) -> Gauge:
    return Gauge(PREFIX + metric.name, metric.help, _names(metric), registry=None)


def _histogram(metric: Metric, registry: CollectorRegistry) -> Histogram:
    return Histogram(
        PREFIX + metric.name, metric.help, _names(metric), registry=registry, buckets=metric.buckets
    )
