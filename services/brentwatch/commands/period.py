"""`--since` and `--until`: the part of a replay that is shown; what comes before is folded all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.domain.signals import Signal


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to before `until`, both UTC; None: without that end."""

    since: datetime | None
    until: datetime | None

    def __contains__(self, moment: datetime) -> bool:
        after = self.since is None or moment >= self.since
        return after and (self.until is None or moment < self.until)

    def has_part_of(self, day: date) -> bool:
        """Whether a part of the day, UTC, is in it."""
        start = datetime.combine(day, time(), tzinfo=UTC)
        begun = self.until is None or start < self.until
        return begun and (self.since is None or start + timedelta(days=1) > self.since)

    def count_signals(self, signals: Sequence[Signal]) -> int:
        """How many signals must be folded so that the last one of the period is among them."""
        shown = [number for number, signal in enumerate(signals, start=1) if signal.known_at in self]
        return shown[-1] if shown else 0


def parse_period(since: str | None, until: str | None) -> Period:
    """The period between two options; a bare date is that whole day, UTC.

    Raises:
        UsageError: if one is no date and no time with its offset, or the end is not after the start.
    """
    start = None if since is None else _parse_moment("--since", since)
    end = None if until is None else _parse_moment("--until", until, whole_day=timedelta(days=1))
    if start is not None and end is not None and end <= start:
        raise click.UsageError(f"--until {until} is not after --since {since}; a later end was wanted")
    return Period(start, end)


def _parse_moment(option: str, text: str, whole_day: timedelta = timedelta()) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC) + whole_day
    except ValueError:
        pass
    try:
        told = datetime.fromisoformat(text)
        moment = None if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):  # the ends of the calendar have no time in another zone
        moment = None
    if moment is None:
        raise click.UsageError(
            f"{option} is {text!r}; a date or a time with its offset was wanted, such as 2022-01-05 or "
            "2022-01-05T09:00:00Z"
        )
    return moment
