"""How long a monitor takes to be back where it was, with many events that wait for their session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measurement import AtMost, Measurement
from benchmarks.stream import throughput, worker

from brentwatch.settings.composed import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


def measure(bootstrap: str) -> Iterator[Measurement]:
    """Seconds from the partition given to the state being there; each event that waits is two keys."""
    kafka, _ = throughput.monitored(bootstrap)
    (report,) = worker.ended(worker.start("monitor", Settings(kafka=kafka)))
    yield Measurement(f"restore, {throughput.ADMITTED:,} events wait", report.restored, "s", AtMost(5))
