"""What one partition of the timeline holds of one series: read once, then on from where it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from brentwatch.wire.timeline_record import PriceUpdateRecord


@dataclass(frozen=True, slots=True)
class Held:
    """The newest price of one bar, and who printed it first; None where the record does not tell."""

    session: date
    close: float
    provider: str | None


class Ledger:
    """The bars of a series by their close, as the records of a partition tell them one after the other.

    `backfilled` is true once a record stands there that is no warm-up: a backfill ends with one.
    """

    def __init__(self, series: str, interval: str) -> None:
        self._series, self._interval = series, interval
        self._bars: dict[datetime | date, Held] = {}
        self.complete_through: datetime | None = None
        self.backfilled = False

    def take(self, record: PriceUpdateRecord) -> None:
        """Take in the next record, whole or not at all; those of other series tell nothing."""
        if record.series != self._series:
            return
        through = record.complete_through.astimezone(UTC)
        bars = {
            self.identify(bar.session, bar.closes_at): bar
            for bar in record.bars
            if bar.interval == self._interval
        }
        for key, bar in bars.items():
            first = self._bars.get(key)
            provider = record.provider if first is None else first.provider
            self._bars[key] = Held(bar.session, bar.close, provider)
        self.complete_through = max(through, self.complete_through or through)
        self.backfilled = self.backfilled or not record.warmup

    def identify(self, session: date, closes_at: datetime) -> datetime | date:
        """What tells bars apart: a session has one daily bar, whenever it is said to close."""
        return session if self._interval.endswith("d") else closes_at.astimezone(UTC)

    def find(self, session: date, closes_at: datetime) -> Held | None:
        """What is held of a bar."""
        return self._bars.get(self.identify(session, closes_at))

    @property
    def newest(self) -> date | None:
        """The latest session of which there is a bar."""
        return max((each.session for each in self._bars.values()), default=None)

    @property
    def oldest(self) -> date | None:
        """The first session of which there is a bar."""
        return min((each.session for each in self._bars.values()), default=None)

    def list_closes(self, before: date) -> list[float]:
        """The closes of the sessions before a day, oldest first."""
        earlier = [(str(key), held.close) for key, held in self._bars.items() if held.session < before]
        return [close for _, close in sorted(earlier)]

    def find_last_before(self, day: date, count: int = 1) -> tuple[date, ...]:
        """The latest sessions before a day of which there is a bar, so many at most, oldest first."""
        return tuple(sorted({each.session for each in self._bars.values() if each.session < day})[-count:])
