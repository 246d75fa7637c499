"""What the scored record costs: writing, verifying and scoring every session of the bundled prices."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.child import command
from benchmarks.measurement import AtMost, Measurement, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.child import Run

_LIMIT_MB = 400.0


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """Processor time as multiples of `replay` of the same history, which tests one session in fourteen."""
    history, times = ("abqaiq-2019", 1) if short else ("catalogue", 3)
    source = ("--history", history) if short else ("--history", history, "--every-session")
    replayed = Reference(f"replay {history}", command("replay", history, times=times).seconds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.jsonl"
        written = command("record", "write", str(path), *source, times=1)
        yield Measurement("record write", written.seconds, "s", AtMost(7.0, replayed))
        yield _peak(written)
        checked = command("record", "verify", str(path), times=times)
        yield Measurement("record verify, the chain", checked.seconds, "s", AtMost(1.0, replayed))
        again = command("record", "verify", str(path), *source, times=1)
        yield Measurement("record verify, every number", again.seconds, "s", AtMost(7.0, replayed))
        yield _peak(again)
        scored = command("record", "score", str(path), times=times)
        yield Measurement("record score", scored.seconds, "s", AtMost(2.0, replayed))


def _peak(run: Run) -> Measurement:
    limit = Reference("its limit of 400 MB", _LIMIT_MB)
    return Measurement("its peak memory", run.megabytes, "MB", AtMost(1.0, limit))
