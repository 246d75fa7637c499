"""Gathers the events of feeds and the prices of a provider for some days of the past."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from brentwatch.core.domain import LAST_TAU, Bar, Series
from brentwatch.history.making import Settled
from brentwatch.ingest.feeds.deliveries import Feed
from brentwatch.ingest.feeds.table import open_feed
from brentwatch.prices.provider import Provider
from brentwatch.prices.series import A_WEEK, DAYS_A_SESSION
from brentwatch.web.failures import Backoff, NoAnswer, Reason
from brentwatch.wire.event_document import UnrestEventDocument

if TYPE_CHECKING:
    from brentwatch.ingest.settings import IngestSettings


Events = dict[tuple[str, int], UnrestEventDocument]
Tell = Callable[[str], object]

_PASSING = (Reason.UNREACHABLE, Reason.TIMEOUT, Reason.THROTTLED, Reason.FAILED, Reason.GARBLED)
_MOST_FAILURES = 5
_TOLD_EACH = 96
"""Deliveries: those of a day of GDELT."""


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` to `last`, UTC, both inclusive."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def gather_events(
    name: str, settings: IngestSettings, days: Days, now: datetime, tell: Tell
) -> list[UnrestEventDocument]:
    """Every revision that became known on these days, by the feed of that name.

    Raises:
        SettingsError: if the feed cannot work with its settings.
        NoAnswer: if it gives nothing, also when asked again.
        InvalidInput: if what it gives can never be used.
    """
    section = getattr(settings, name)
    wish = {"since": days.first, "until": days.last}
    known = {key: day for key, day in wish.items() if key in type(section).model_fields}
    given = _ask_feed(name, open_feed(name, section.model_copy(update=known)), settings, now, tell)
    chosen = [event for event in given.values() if event.known_at.date() in days]
    tell(f"{name}: {len(chosen):,} of {len(given):,} events became known on these days")
    return chosen


def _ask_feed(name: str, feed: Feed, settings: IngestSettings, now: datetime, tell: Tell) -> Events:
    """All that a feed gives; one that fails for a while is asked again, and goes on where it failed."""
    events: Events = {}
    left_out, failures = Counter[str](), 0
    while True:
        before = len(events)
        try:
            _take(name, feed, now, events, left_out, tell)
        except NoAnswer as error:
            failures = 1 if len(events) > before else failures + 1
            _wait(name, error, failures, settings, tell)
        else:
            told = ", ".join(f"{reason} {count:,}" for reason, count in sorted(left_out.items()))
            tell(f"{name}: left out: {told or 'nothing'}")
            return events


def _wait(name: str, error: NoAnswer, failures: int, settings: IngestSettings, tell: Tell) -> None:
    """Sleep before the next try, ever longer.

    Raises:
        NoAnswer: `error`, if it will not pass, or was met too often.
    """
    backoff = Backoff(settings.first_wait_seconds, settings.longest_wait_seconds)
    wait = error.retry_after or backoff.draw_wait(failures)
    lasts = error.reason not in _PASSING or wait > settings.longest_wait_seconds
    if lasts or failures == _MOST_FAILURES:
        raise error
    tell(f"{name}: {error}; try {failures + 1} of {_MOST_FAILURES} in {wait:g} seconds")
    time.sleep(wait)


def _take(name: str, feed: Feed, now: datetime, events: Events, left_out: Counter[str], tell: Tell) -> None:
    for number, delivery in enumerate(feed.poll(now), start=1):
        events |= {(event.event_id, event.revision): event for event in delivery.documents}
        left_out.update(delivery.left_out)
        for note in (*delivery.remarks, *delivery.notes, *delivery.fallbacks):
            tell(f"{name}: {note}")
        for error in delivery.errors:
            tell(
                f"{name}: one row left out after an internal error: {type(error).__name__}: {error}; "
                "please report it"
            )
        if number % _TOLD_EACH == 0:
            tell(f"{name}: {len(events):,} events so far")


def fetch_bars(
    name: str, provider: Provider, since: date, now: datetime, settings: IngestSettings, tell: Tell
) -> tuple[Bar, ...]:
    """What the provider of that name has since a day; asked again where it fails for a while.

    Raises:
        NoAnswer: if it gives nothing, also when asked again.
        InvalidInput: if what it gives can never be used.
    """
    failures = 0
    while True:
        try:
            return tuple(provider.fetch(since, now))
        except NoAnswer as error:
            failures += 1
            _wait(name, error, failures, settings, tell)


def find_first_price_day(days: Days, warmup: int) -> date:
    """A day so early that so many sessions lie between it and the first of the days."""
    return days.first - DAYS_A_SESSION * timedelta(days=warmup) - A_WEEK


def select_prices(
    bars: Iterable[Bar], series: Series, warmup: int, days: Days, now: datetime
) -> list[Settled]:
    """So many sessions before the first day, those of the days, and those that windows reach after the last.

    Each is known the declared delay of the series after it settled; what cannot be seen yet is left out.
    """
    start, end = (
        series.load_calendar().find_on_or_after(days.first),
        series.load_calendar().find_on_or_after(days.last),
    )
    for _ in range(LAST_TAU + 1):  # an event known to the day only is attached to one session more
        end = series.find_next(end)
    seen = {bar.session: bar for bar in bars if bar.closes_at + series.delay <= now}
    sessions = sorted(session for session in seen if session <= end)
    before = [session for session in sessions if session < start]
    kept = [seen[session] for session in (*before[-warmup:], *sessions[len(before) :])]
    return [Settled(bar.session, bar.close, bar.closes_at + series.delay) for bar in kept]
