"""How long a monitor takes to restore its state, with many events that wait for their session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measurement import AtMost, Measurement, Reference
from benchmarks.stream import bare, throughput, worker
from benchmarks.stream.installation import spot_alone

from brentwatch.stream import STATE

if TYPE_CHECKING:
    from collections.abc import Iterator


def measure(bootstrap: str, *, short: bool = False) -> Iterator[Measurement]:
    """Seconds from the assigned partition to the restored state; each waiting event is two keys."""
    waiting = throughput.SHORT_ADMITTED if short else throughput.ADMITTED
    kafka, _ = throughput.monitored(bootstrap, waiting)
    (report,) = worker.ended(worker.start("monitor", spot_alone(kafka)))
    keys = 2 * waiting
    seconds = keys / bare.consumed(bootstrap, kafka.topic(STATE), 1, keys)
    loop = Reference(f"a bare poll loop of {keys:,} keys of the state", seconds)
    yield Measurement(f"restore, {waiting:,} events wait", report.restored, "s", AtMost(8, loop))
