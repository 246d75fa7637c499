"""The run of a classical study: from the bytes of files to results, and what to know beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from brentwatch.core.domain import LONGEST_PAUSE_DAYS, Instrument, Refused
from brentwatch.core.event_study.batch import Batch, EventStudy, study_events
from brentwatch.core.event_study.classical import Studies, find_overlaps
from brentwatch.core.event_study.design import Design, describe_spanning
from brentwatch.core.event_study.model import Model
from brentwatch.core.event_study.rows import Rows, build_rows
from brentwatch.history.event_files import StudyEvent, StudyEvents, read_study_events
from brentwatch.history.series_files import Columns, DailySeries, Roles, read_series
from brentwatch.history.session_rows import select_session_rows
from brentwatch.history.tables import OrderChoice
from brentwatch.message.figures import format_count
from brentwatch.message.foreign import clean

_MOST = 20
_MOST_DATES = 10
_MOST_NAMES = 5


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
            f"{format_count(len(by_day), 'event')} with a date and no time ({_join_names(by_day)}): the "
            "hour is not "
            "known, so the news may belong to the session of that day or to the next; tau 0 is the first of "
            "the two"
        )


def _note_late(events: Sequence[StudyEvent], rows: Rows, at: Sequence[int]) -> Iterator[str]:
    for event, row in zip(events, at, strict=True):
        known = event.known.date() if isinstance(event.known, datetime) else event.known
        if row < len(rows) and (rows.sessions[row] - known).days > LONGEST_PAUSE_DAYS:
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
            f"{format_count(len(missing), 'session')} of the prices ({_join_dates(missing)}): each is kept, "
            "none is "
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
                f"{clean(events[event].event_id)}: {describe_spanning(before, session, spanned)}: it is "
                "judged "
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


Table = tuple[str, bytes, Columns, OrderChoice, Roles]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFiles:
    """The name and the bytes of each file; of tables the names of their columns too."""

    events: tuple[str, bytes, OrderChoice]
    prices: Table
    benchmark: Table | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The `batch` holds the study of `events`, one for one."""

    events: StudyEvents
    batch: Batch
    notes: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """True where an event, or a row that should have been one, has no result."""
        return bool(self.events.unreadable) or len(self.batch.found) < len(self.batch.outcomes)

    def list_notes(self) -> Iterator[str]:
        """What is to be said beside the results: refusals last, where they are seen."""
        batch = self.batch
        yield from self.notes
        yield from list_remarks(self.events.events, batch.outcomes, batch.studies, batch.at)
        yield from self.events.unreadable
        yield from list_refusals(self.events.events, batch.outcomes)
        if not batch.found:
            yield "no event has a result"


def run_study(files: StudyFiles, design: Design, model: Model, instrument: Instrument) -> Run:
    """The study of the events of the files.

    Raises:
        InvalidInput: if a file cannot be read; with every fault of it.
    """
    events = read_study_events(*files.events)
    prices, spans = _read_sessions(files.prices, instrument)
    benchmark = None if files.benchmark is None else _read_sessions(files.benchmark, instrument)[0]
    values = None if benchmark is None else dict(zip(benchmark.sessions, benchmark.values, strict=True))
    series = build_rows(prices.sessions, prices.values, values, spans)
    known = {event.event_id: event.known for event in events.events}
    return Run(
        events=events,
        batch=study_events(known, series, design, model, instrument),
        notes=(
            *(events.how, *events.notes, prices.how, *prices.notes),
            *(() if benchmark is None else (benchmark.how, *benchmark.notes)),
        ),
    )


def _read_sessions(table: Table, instrument: Instrument) -> tuple[DailySeries, Mapping[date, int]]:
    return select_session_rows(table[0], read_series(*table), instrument.series)
