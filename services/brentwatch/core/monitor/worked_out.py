"""What was worked out of the state of one instrument, and is needed again: it saves time, and is not saved.

It stands with the state, so that several instruments in one process do not push out each other's. What is not
there is worked out again, to the same result: no answer depends on it.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from brentwatch.core.domain import Diagnostics, Refused
from brentwatch.core.forecasts.forecast import Fit
from brentwatch.core.intraday.grid import Grid
from brentwatch.core.intraday.reference import Reference

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The newest results of a pure function by its argument, at most `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: dict[K, V] = {}

    def find(self, key: K, work_out: Callable[[], V]) -> V:
        """The result for `key`, which `work_out` gives where it is not there."""
        if key not in self._results:
            self._results[key] = work_out()
            if len(self._results) > self._most:
                del self._results[next(iter(self._results))]
        return self._results[key]

    def list_keys(self) -> list[K]:
        """What it holds results for, oldest first."""
        return list(self._results)


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """`fits` by family, returns and their last session; `references` by the sessions before.

    `diagnostics` by the residuals: a session has them of two models, is refreshed while five more settle, and
    again where an event joins late.
    """

    fits: Recent[tuple[str, bytes, date], Fit | Refused] = field(default_factory=lambda: Recent(2))
    references: Recent[tuple[Grid, ...], Reference | Refused] = field(default_factory=lambda: Recent(2))
    diagnostics: Recent[tuple[float, ...], Diagnostics] = field(default_factory=lambda: Recent(64))
