"""What the fold is told: an event was admitted, prices moved on, or a canary passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from brentwatch.core.domain.bars import Bar
    from brentwatch.core.domain.events import UnrestEvent
    from brentwatch.core.domain.exposure import Exposure


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAdmitted:
    """An event that passed the screen, with the exposure it was given there (None: unknown).

    `nearness` to oil, 0 to 1, was measured there too.
    """

    event: UnrestEvent
    exposure: Exposure | None
    nearness: float = 0.0

    @property
    def known_at(self) -> datetime:
        """When the market could know it (UTC)."""
        return self.event.known_at


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceUpdate:
    """Bars of `series`, and how far the series is now complete.

    Every bar that closes at or before `complete_through` (UTC, inclusive) is on the timeline by now, or is
    missing for good. `warmup` bars feed the estimation only: no test, no study, no alert.
    """

    series: str
    bars: tuple[Bar, ...]
    complete_through: datetime
    known_at: datetime
    warmup: bool = False

    def is_warmup_of(self, *, told: bool) -> bool:
        """The one rule of warm-up: it holds for what the update is the first to tell.

        What an earlier update brought to be tested (`told`) is still tested: a past that comes once more as
        warm-up takes no test away.
        """
        return self.warmup and not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A record that asks for nothing: seen at the far end, it proves that the way is open."""

    canary_id: str
    known_at: datetime


Signal = EventAdmitted | PriceUpdate | Canary
