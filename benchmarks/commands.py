"""How long a new user waits for help, one story, the whole catalogue and its report; the share of imports."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.child import command, in_turn
from benchmarks.imports import beside_imports
from benchmarks.measurement import AtMost, Beside, Measurement, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.child import Run

_LIMIT_MB = 400.0
_PAGE_MB = 1.5


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """Processor time and peak memory of three commands."""
    times = 1 if short else 9
    shown, bare = in_turn(("-m", "brentwatch", "--help"), ("-c", "import click"), times)
    reference = Reference("Python that imports click", 1000 * bare.seconds)
    yield Measurement("brentwatch --help", 1000 * shown.seconds, "ms", AtMost(2.5, reference))
    imports, story = beside_imports("replay", "kazakhstan-2022", times=1 if short else 5)
    yield from _rows("replay kazakhstan-2022", story, imports, most=0.5)
    limit = Reference("its limit of 400 MB", _LIMIT_MB)
    yield Measurement("its peak memory", story.megabytes, "MB", AtMost(1.0, limit))
    beside = Reference("that of its imports", imports.megabytes)
    yield Measurement("its peak memory again", story.megabytes, "MB", AtMost(1.25, beside))
    if short:
        return
    whole = command("replay", "catalogue", times=3)
    yield from _rows("replay catalogue", whole, imports, most=3.0)
    yield from _measure_report()


def _measure_report() -> Iterator[Measurement]:
    """The report of the catalogue, in turn with the replay alone."""
    replay = ("-m", "brentwatch", "replay", "catalogue")
    with TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        alone, whole = in_turn(replay, (*replay, "--report", str(page)), times=3)
        size = page.stat().st_size / 1e6
    reference = Reference("replay catalogue", alone.seconds)
    yield Measurement("replay catalogue --report", whole.seconds, "s", AtMost(3.0, reference))
    yield Measurement("its page", size, "MB", AtMost(1.0, Reference("its limit of 1.5 MB", _PAGE_MB)))


def _rows(name: str, whole: Run, imports: Run, most: float) -> Iterator[Measurement]:
    reference = Reference("its imports", imports.seconds)
    yield Measurement(name, whole.seconds, "s", Beside(reference))
    share = Reference("the whole", 100.0)
    yield Measurement("  of which imports", 100 * imports.seconds / whole.seconds, "%", Beside(share))
    yield Measurement("  without imports", whole.seconds - imports.seconds, "s", AtMost(most, reference))
