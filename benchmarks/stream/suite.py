"""The part of `make bench` that needs a broker: one benchmark after the other on the same broker."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.stream.installation import any_broker
from tests.kafka import broker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.measurement import Measurement

PARTS = {
    "throughput": "benchmarks.stream.throughput:measure",
    "latency": "benchmarks.stream.latency:measure",
    "sending": "benchmarks.stream.sending:measure",
    "restore": "benchmarks.stream.restore:measure",
    "bars": "benchmarks.stream.bars:measure",
    "memory": "benchmarks.stream.memory:measure",
    "soak": "benchmarks.stream.memory:soak",
}
"""The parts by name; `soak` takes long and runs only if it is named."""


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """Every part except the long one; without a broker none, with a message."""
    return measured([name for name in PARTS if name != "soak"], short=short)


def measured(chosen: Iterable[str], *, short: bool = False) -> Iterator[Measurement]:
    """The figures of the chosen parts."""
    if missing := broker.missing():
        print(f"skipped, speed on a broker: {missing}", file=sys.stderr)
        return
    with any_broker() as bootstrap:
        for name in chosen:
            yield from part(name, bootstrap, short=short)


def part(name: str, bootstrap: str, *, short: bool) -> Iterator[Measurement]:
    """The figures of one part, on the broker there."""
    module, _, attribute = PARTS[name].partition(":")
    yield from getattr(import_module(module), attribute)(bootstrap, short=short)
