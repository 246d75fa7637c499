"""Every series that a query may ask for: its kind, its labels, and their values where they are listed.

Ours come from the table of metrics. There are also those of the Python process, those that Prometheus
itself makes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from brentwatch.telemetry.definition import Kind, Metric
from brentwatch.telemetry.table import EVERY, METRICS, PREFIX

_ALSO_SCRAPED = ("prometheus", "alertmanager")
JOBS = (*EVERY, *_ALSO_SCRAPED)
"""The names of scrape jobs: one for each service, and those of the programs that watch."""

OPEN: tuple[str, ...] = ()
"""Any value: the label has no closed list."""


class SeriesKind(Enum):
    """How a series moves, which says what may be done with it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    RECORDED = "result of a recording rule"


@dataclass(frozen=True, slots=True)
class KnownSeries:
    """One name that stands in a query. `labels` are None where they are not known: any will do."""

    name: str
    kind: SeriesKind
    labels: Mapping[str, tuple[str, ...]] | None


def list_known_series() -> dict[str, KnownSeries]:
    """All of them by name."""
    ours = [series for metric in METRICS for series in _list_series(metric)]
    return {each.name: each for each in (*ours, *_list_others())}


def _list_series(metric: Metric) -> Iterable[KnownSeries]:
    name = PREFIX + metric.name
    labels = _add_target(metric.services) | {label.name: label.values for label in metric.labels}
    match metric.kind:
        case Kind.COUNTER:
            yield KnownSeries(name, SeriesKind.COUNTER, labels)
        case Kind.GAUGE:
            yield KnownSeries(name, SeriesKind.GAUGE, labels)
        case Kind.HISTOGRAM:
            bounds = (*map(_write_bound, metric.buckets), "+Inf")
            whole = KnownSeries(name, SeriesKind.COUNTER, labels)
            yield replace(whole, name=f"{name}_bucket", labels=labels | {"le": bounds})
            yield replace(whole, name=f"{name}_sum")
            yield replace(whole, name=f"{name}_count")


def _write_bound(bound: float) -> str:
    """As the client library writes it."""
    return repr(float(bound))


def _add_target(jobs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The labels that Prometheus gives to every series of a target."""
    return {"job": jobs, "instance": OPEN}


_PROCESS = {
    "process_virtual_memory_bytes": SeriesKind.GAUGE,
    "process_resident_memory_bytes": SeriesKind.GAUGE,
    "process_start_time_seconds": SeriesKind.GAUGE,
    "process_cpu_seconds_total": SeriesKind.COUNTER,
    "process_open_fds": SeriesKind.GAUGE,
    "process_max_fds": SeriesKind.GAUGE,
    "up": SeriesKind.GAUGE,
    "scrape_duration_seconds": SeriesKind.GAUGE,
    "scrape_samples_scraped": SeriesKind.GAUGE,
}


def _list_others() -> Iterable[KnownSeries]:
    for name, kind in _PROCESS.items():
        yield KnownSeries(name, kind, _add_target(JOBS))
    python = {"version": OPEN, "implementation": OPEN, "major": OPEN, "minor": OPEN, "patchlevel": OPEN}
    yield KnownSeries("python_info", SeriesKind.GAUGE, _add_target(EVERY) | python)
    for name in ("ALERTS", "ALERTS_FOR_STATE"):
        yield KnownSeries(name, SeriesKind.GAUGE, None)
