"""A cache of results computed from the state of one instrument. It saves time and is never saved.

It belongs to the state, so that several instruments in one process do not evict each other's results. A
missing result is computed again and is the same: no answer depends on the cache.
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
    """A cache of a pure function: its newest results by argument, at most `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: dict[K, V] = {}

    def find(self, key: K, work_out: Callable[[], V]) -> V:
        """The result for `key`, computed by `work_out` if it is missing."""
        if key not in self._results:
            self._results[key] = work_out()
            if len(self._results) > self._most:
                del self._results[next(iter(self._results))]
        return self._results[key]

    def list_keys(self) -> list[K]:
        """The keys with results, oldest first."""
        return list(self._results)


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """The caches: `fits` by family, returns and their last session; `references` by the sessions before.

    `diagnostics` are keyed by the residuals. A session needs them for two models, again while five more
    sessions settle, and again if an event joins late.
    """

    fits: Recent[tuple[str, bytes, date], Fit | Refused] = field(default_factory=lambda: Recent(2))
    references: Recent[tuple[Grid, ...], Reference | Refused] = field(default_factory=lambda: Recent(2))
    diagnostics: Recent[tuple[float, ...], Diagnostics] = field(default_factory=lambda: Recent(64))
