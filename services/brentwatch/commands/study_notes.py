"""What `brentwatch study` says beside its results, on standard error: what was refused, and what to know."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from brentwatch.core.domain.study import Refused
from brentwatch.core.event_study.outcomes import EventStudy
from brentwatch.core.event_study.spans import describe_spanning
from brentwatch.core.event_study.studies import find_overlaps
from brentwatch.message.figures import format_count
from brentwatch.message.foreign import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from brentwatch.core.event_study.rows import Rows
    from brentwatch.core.event_study.studies import Studies
    from brentwatch.history.event_files import StudyEvent

_MOST = 20
_MOST_DATES = 10
_MOST_NAMES = 5
_LONGEST_PAUSE_DAYS = 4


def list_refusals(events: Sequence[StudyEvent], found: Sequence[EventStudy | Refused]) -> Iterator[str]:
    """Each event without a result, and why: all of them, however many."""
    for event, outcome in zip(events, found, strict=True):
        if isinstance(outcome, Refused):
            yield f"{clean(event.event_id)}: {outcome.reason}"


def list_remarks(
    events: Sequence[StudyEvent], found: Sequence[EventStudy | Refused], studies: Studies, at: Sequence[int]
) -> Iterator[str]:
    """What to know of the events that have a result, of each kind the first twenty."""
    yield from _note_bare_dates(events)
    yield from _limit_sentences(_note_late(events, studies.rows, at))
    yield from _note_missing_benchmark(studies.rows)
    yield from _limit_sentences(_note_longer_estimation(events, found, studies.rows))
    yield from _limit_sentences(_note_spanning(events, studies))
    yield from _limit_sentences(_note_overlaps(events, studies))


def _note_bare_dates(events: Sequence[StudyEvent]) -> Iterator[str]:
    """One line for all of them: most files have bare dates throughout."""
    by_day = [clean(event.event_id) for event in events if not isinstance(event.known, datetime)]
    if by_day:
        yield (
            f"{format_count(len(by_day), 'event')} with a date and no time ({_join_names(by_day)}): the hour is not "
            "known, so the news may belong to the session of that day or to the next; tau 0 is the first of "
            "the two"
        )


def _note_late(events: Sequence[StudyEvent], rows: Rows, at: Sequence[int]) -> Iterator[str]:
    for event, row in zip(events, at, strict=True):
        known = event.known.date() if isinstance(event.known, datetime) else event.known
        if row < len(rows) and (rows.sessions[row] - known).days > _LONGEST_PAUSE_DAYS:
            yield (
                f"{clean(event.event_id)}, known {known}, is placed on {rows.sessions[row]}, "
                f"{(rows.sessions[row] - known).days} days later: the prices have no session between"
            )


def _note_missing_benchmark(rows: Rows) -> Iterator[str]:
    if not rows.benchmark_closes:
        return
    first, last = min(rows.benchmark_closes), max(rows.benchmark_closes)
    missing = [day for day in rows.list_missing_benchmark(0, len(rows) - 1) if first < day < last]
    if missing:
        yield (
            f"the benchmark, which runs from {first} to {last}, has no value on "
            f"{format_count(len(missing), 'session')} of the prices ({_join_dates(missing)}): each is kept, none is "
            "filled in"
        )


def _note_longer_estimation(
    events: Sequence[StudyEvent], found: Sequence[EventStudy | Refused], rows: Rows
) -> Iterator[str]:
    for event, outcome in zip(events, found, strict=True):
        if not isinstance(outcome, EventStudy):
            continue
        spanning = [day for day in outcome.passed_over if day in rows.spans]
        without = [day for day in outcome.passed_over if day not in rows.spans]
        for days, lack in (
            (without, "without a return of the benchmark"),
            (spanning, "whose return spans missing sessions"),
        ):
            if days:
                yield (
                    f"{clean(event.event_id)}: {format_count(len(days), 'session')} in its estimation window "
                    f"{lack} ({_join_dates(days)}): the window starts that many sessions earlier"
                )


def _note_spanning(events: Sequence[StudyEvent], studies: Studies) -> Iterator[str]:
    """What `--span` let into an event window."""
    for event in studies.kept.tolist():
        first, last = int(studies.spans.first[event]), int(studies.spans.last[event])
        for before, session, spanned in studies.rows.list_spanning(first, last):
            yield (
                f"{clean(events[event].event_id)}: {describe_spanning(before, session, spanned)}: it is judged "
                f"with the mean and the variance of {spanned:,} sessions"
            )


def _note_overlaps(events: Sequence[StudyEvent], studies: Studies) -> Iterator[str]:
    for one, other in find_overlaps(studies):
        yield (
            f"the event windows of {clean(events[one].event_id)} and {clean(events[other].event_id)} "
            "overlap: each is judged alone, and tests over many events take them as independent"
        )


def _limit_sentences(sentences: Iterable[str]) -> Iterator[str]:
    told = list(sentences)
    yield from told[:_MOST]
    if len(told) > _MOST:
        yield f"… and {len(told) - _MOST:,} more such events"


def _join_names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


def _join_dates(days: Sequence[date]) -> str:
    more = f" and {len(days) - _MOST_DATES:,} more" if len(days) > _MOST_DATES else ""
    return f"{', '.join(str(day) for day in days[:_MOST_DATES])}{more}"
