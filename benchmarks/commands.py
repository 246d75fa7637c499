"""How long a newcomer waits: help, one story, and the whole catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.child import command
from benchmarks.measurement import AtMost, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator


def measure() -> Iterator[Measurement]:
    """Wall clock and peak memory of three commands."""
    yield Measurement("brentwatch --help", 1000 * command("--help", times=9).seconds, "ms", AtMost(150))
    story = command("replay", "kazakhstan-2022", times=5)
    yield Measurement("replay kazakhstan-2022", story.seconds, "s", AtMost(2.5))
    yield Measurement("replay kazakhstan-2022, memory", story.megabytes, "MB", AtMost(400))
    yield Measurement("replay catalogue", command("replay", "catalogue", times=3).seconds, "s", AtMost(4))
