"""Gathers the events of feeds and the prices of a provider for a period in the past.

A feed of files records what it has downloaded (`gdelt_downloads.py`), so that an interrupted build resumes.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch import __version__
from brentwatch.commands.progress import format_seconds, show_progress
from brentwatch.core.domain import LAST_TAU, Bar, Series
from brentwatch.core.errors import InvalidInput
from brentwatch.history.making import Settled
from brentwatch.ingest.feeds.deliveries import Feed, RecordsDownloads
from brentwatch.ingest.feeds.table import open_feed
from brentwatch.prices.provider import Provider
from brentwatch.prices.series import A_WEEK, DAYS_A_SESSION
from brentwatch.web.failures import Backoff, NoAnswer, Reason
from brentwatch.wire.event_document import UnrestEventDocument

if TYPE_CHECKING:
    from brentwatch.ingest.settings import IngestSettings


Events = dict[tuple[str, int], UnrestEventDocument]
Tell = Callable[[str], object]
Progress = Callable[[int], object]

_PASSING = (Reason.UNREACHABLE, Reason.TIMEOUT, Reason.THROTTLED, Reason.FAILED, Reason.GARBLED)
_MOST_FAILURES = 5
_FILES_A_SECOND = 3
"""What GDELT allows in practice, for the estimate before the first file."""


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` to `last`, UTC, both inclusive."""

    first: date
    last: date

    def count(self, today: date) -> int:
        """How many of these days are not in the future."""
        return max((min(self.last, today) - self.first).days + 1, 0)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def gather_events(
    name: str, settings: IngestSettings, days: Days, now: datetime, tell: Tell, record: Path
) -> list[UnrestEventDocument]:
    """Every revision that became known on these days, by the feed of that name.

    A feed of files records in the file `record` what it has downloaded, and takes from there what an earlier
    build has recorded.

    Raises:
        SettingsError: if the feed cannot work with its settings.
        NoAnswer: if it does not answer, also after retries.
        InvalidInput: if its data is unusable, or `record` cannot be written.
    """
    section = getattr(settings, name)
    wish = {"since": days.first, "until": days.last}
    known = {key: day for key, day in wish.items() if key in type(section).model_fields}
    feed = open_feed(name, section.model_copy(update=known))
    if isinstance(feed, RecordsDownloads):
        with _record_downloads(name, feed, record, days, now, tell) as progress:
            given = _ask_feed(name, feed, settings, now, tell, progress)
    else:
        tell(f"{name}: an interrupted build starts again from the beginning")
        with show_progress(f"history: {name}", unit="events", total=None) as count:
            given = _ask_feed(name, feed, settings, now, tell, lambda found: count.advance(found))
    chosen = [event for event in given.values() if event.known_at.date() in days]
    tell(f"{name}: {len(chosen):,} of {len(given):,} events became known on these days")
    return chosen


@contextmanager
def _record_downloads(
    name: str, feed: RecordsDownloads, path: Path, days: Days, now: datetime, tell: Tell
) -> Iterator[Progress]:
    """Say how many files there are, and show how many are done; a resumed build begins with the recorded."""
    began_before = path.exists()
    total = feed.files_a_day * days.count(now.date())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        record = feed.record_downloads(path, f"brentwatch {__version__}")
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written: {error.strerror}; it records the downloads; name another folder with "
            "--out"
        ) from error
    recorded = record.count(days.first, days.last)
    left = max(total - recorded, 0)
    tell(
        f"{name}: {total:,} files from {days.first} to {min(days.last, now.date())}, "
        f"about {format_seconds(left / _FILES_A_SECOND)} at {_FILES_A_SECOND} files a second"
    )
    if recorded:
        tell(f"{name}: resuming: {recorded:,} files are already in {path}")
    elif began_before:
        tell(f"{name}: starting again: {path} has no files of this version, these settings and these days")
    tell(f"{name}: to continue after an interruption, run the same command again")
    done = 0

    def advance(_: int) -> None:
        nonlocal done
        done += 1
        if done > recorded:
            progress.advance()

    with (
        closing(record),
        show_progress(f"history: {name}", unit="files", total=total, done=recorded) as progress,
    ):
        yield advance


def _ask_feed(
    name: str, feed: Feed, settings: IngestSettings, now: datetime, tell: Tell, progress: Progress
) -> Events:
    """All events of a feed; after a temporary failure it continues where it failed."""
    events: Events = {}
    left_out, failures = Counter[str](), 0
    while True:
        before = len(events)
        try:
            _take(name, feed, now, events, left_out, tell, progress)
        except NoAnswer as error:
            failures = 1 if len(events) > before else failures + 1
            _wait(name, error, failures, settings, tell)
        else:
            reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(left_out.items()))
            tell(f"{name}: left out: {reasons or 'nothing'}")
            return events


def _wait(name: str, error: NoAnswer, failures: int, settings: IngestSettings, tell: Tell) -> None:
    """Sleep before the next try, with exponential back-off.

    Raises:
        NoAnswer: `error`, if it is permanent, or occurred too often.
    """
    backoff = Backoff(settings.first_wait_seconds, settings.longest_wait_seconds)
    wait = error.retry_after or backoff.draw_wait(failures)
    lasts = error.reason not in _PASSING or wait > settings.longest_wait_seconds
    if lasts or failures == _MOST_FAILURES:
        raise error
    tell(f"{name}: {error}; try {failures + 1} of {_MOST_FAILURES} in {format_seconds(wait)}")
    time.sleep(wait)


def _take(
    name: str,
    feed: Feed,
    now: datetime,
    events: Events,
    left_out: Counter[str],
    tell: Tell,
    progress: Progress,
) -> None:
    is_of_files = isinstance(feed, RecordsDownloads)
    for delivery in feed.poll(now):
        events |= {(event.event_id, event.revision): event for event in delivery.documents}
        left_out.update(delivery.left_out)
        remarks = () if is_of_files else delivery.remarks  # a line for each of 35,000 files tells nothing
        for note in (*remarks, *delivery.notes, *delivery.fallbacks):
            tell(f"{name}: {note}")
        for error in delivery.errors:
            tell(
                f"{name}: one row was left out after an internal error: {type(error).__name__}: {error}; "
                "please report it"
            )
        progress(len(delivery.documents))


def fetch_bars(
    name: str, provider: Provider, since: date, now: datetime, settings: IngestSettings, tell: Tell
) -> tuple[Bar, ...]:
    """What the provider of that name has since a day; temporary failures are retried.

    Raises:
        NoAnswer: if it does not answer, also after retries.
        InvalidInput: if its data is unusable.
    """
    failures = 0
    while True:
        try:
            return tuple(provider.fetch(since, now))
        except NoAnswer as error:
            failures += 1
            _wait(name, error, failures, settings, tell)


def find_first_price_day(days: Days, warmup: int) -> date:
    """A day that is at least `warmup` sessions before the first of the days."""
    return days.first - DAYS_A_SESSION * timedelta(days=warmup) - A_WEEK


def select_prices(
    bars: Iterable[Bar], series: Series, warmup: int, days: Days, now: datetime
) -> list[Settled]:
    """`warmup` sessions before the first day, those of the days, and those that windows need after the last.

    Each is known at its settlement plus the declared delay of the series; later ones are left out.
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
