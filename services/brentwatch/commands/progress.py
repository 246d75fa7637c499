"""The progress of long work on standard error: a bar on a terminal, otherwise a line now and then.

Work that ends within two seconds shows nothing. A step is counted when it is done:

    for signal in track_progress(signals, "replay", unit="signals", total=len(signals)):
        fold(signal)

    with show_progress("history build", unit="files", total=35_040, done=1_200) as progress:
        for file in files:
            fetch(file)
            progress.advance()
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from brentwatch.commands.process import say

if TYPE_CHECKING:
    from rich import progress as rich_progress

Item = TypeVar("Item")

QUIET_SECONDS = 2.0
"""Shorter work shows no progress."""

LINE_SECONDS = 10.0
"""Between two lines."""

_REFRESH_SECONDS = 0.1


class ProgressDisplay(Protocol):
    """Where progress is shown."""

    def show(self, done: int, left_seconds: float | None) -> None:
        """Show how many steps are done and how long the others will take; None if that is not known."""

    def close(self) -> None:
        """Show nothing more."""


class StepCount:
    """Counts steps and shows them on a display, which is opened when the work has taken two seconds.

    `done` steps were done before: they count as progress, but say nothing of the speed.
    """

    def __init__(
        self,
        open_display: Callable[[], ProgressDisplay],
        *,
        total: int | None,
        done: int = 0,
        pause_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_display = open_display
        self._total = total
        self._before = self._done = done
        self._pause = pause_seconds
        self._clock = clock
        self._began = clock()
        self._next = self._began + QUIET_SECONDS
        self._display: ProgressDisplay | None = None

    def advance(self, steps: int = 1) -> None:
        """Count `steps` more as done."""
        self._done += steps
        now = self._clock()
        if now < self._next:
            return
        if self._display is None:
            self._display = self._open_display()
        self._display.show(self._done, self._estimate_left(now))
        self._next = now + self._pause

    def close(self) -> None:
        """The work has ended."""
        if self._display is not None:
            self._display.close()

    def _estimate_left(self, now: float) -> float | None:
        made = self._done - self._before
        if self._total is None or made <= 0:
            return None
        return max(self._total - self._done, 0) * (now - self._began) / made


class ProgressLines:
    """A sentence each time, for logs and files."""

    def __init__(self, what: str, unit: str, total: int | None) -> None:
        self._what, self._unit, self._total = what, unit, total

    def show(self, done: int, left_seconds: float | None) -> None:
        """Say one line."""
        if self._total is None:
            say(f"{self._what}: {done:,} {self._unit}")
            return
        left = "" if left_seconds is None else f", about {format_seconds(left_seconds)} left"
        share = 100 * done // max(self._total, 1)
        say(f"{self._what}: {done:,} of {self._total:,} {self._unit} ({share} %){left}")

    def close(self) -> None:
        """Nothing is left on the screen that must go."""


class ProgressBar:
    """A bar in the last line of a terminal, which disappears at the end."""

    def __init__(self, what: str, unit: str, total: int | None) -> None:
        from rich import progress
        from rich.console import Console

        columns = [
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.TextColumn("{task.fields[counted]}"),
        ]
        self._unit, self._total = unit, total
        self._drawn: rich_progress.Progress = progress.Progress(
            *columns,
            console=Console(stderr=True, highlight=False, markup=False),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
        )
        self._task = self._drawn.add_task(what, total=total, counted="")
        self._drawn.start()

    def show(self, done: int, left_seconds: float | None) -> None:
        """Draw the bar again."""
        of = "" if self._total is None else f" of {self._total:,}"
        left = "" if left_seconds is None else f", {format_seconds(left_seconds)} left"
        counted = f"{done:,}{of} {self._unit}{left}"
        self._drawn.update(self._task, completed=done, counted=counted, refresh=True)

    def close(self) -> None:
        """Take the bar off the screen."""
        self._drawn.stop()


@contextmanager
def show_progress(what: str, *, unit: str, total: int | None, done: int = 0) -> Iterator[StepCount]:
    """Show the progress of the work in the context.

    Args:
        what: the command, such as "history build".
        unit: what is counted, in the plural.
        total: how many steps there are in all; None if that is not known.
        done: how many of them were done before, by an earlier run.
    """
    drawn = sys.stderr.isatty() and not _is_dumb()
    display: type[ProgressBar] | type[ProgressLines] = ProgressBar if drawn else ProgressLines
    progress = StepCount(
        lambda: display(what, unit, total),
        total=total,
        done=done,
        pause_seconds=_REFRESH_SECONDS if drawn else LINE_SECONDS,
    )
    try:
        yield progress
    finally:
        progress.close()


def track_progress(items: Iterable[Item], what: str, *, unit: str, total: int | None) -> Iterator[Item]:
    """The items, and the progress of what is made of them; see `show_progress`."""
    with show_progress(what, unit=unit, total=total) as progress:
        for item in items:
            yield item
            progress.advance()


def format_seconds(seconds: float) -> str:
    """A duration for people: 8 s, 4 min, 2 h 10 min."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _is_dumb() -> bool:
    from rich.console import Console

    return Console(stderr=True).is_dumb_terminal
