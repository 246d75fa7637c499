"""The run of a classical study: from the bytes of files to results, and what to know of them."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib.resources import files
from itertools import accumulate

from brentwatch.core.domain import LONGEST_PAUSE_DAYS, Instrument, Refused
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.batch import Batch, EventStudy, study_events
from brentwatch.core.event_study.classical import Studies, find_overlaps
from brentwatch.core.event_study.design import Design, describe_spanning
from brentwatch.core.event_study.model import Model
from brentwatch.core.event_study.rows import Rows, build_rows
from brentwatch.history.event_files import StudyEvent, StudyEvents, read_study_events
from brentwatch.history.series_files import ROLES, Columns, DailySeries, Roles, read_series
from brentwatch.history.session_rows import select_session_rows
from brentwatch.history.tables import OrderChoice
from brentwatch.message.figures import format_count
from brentwatch.message.foreign import clean

_MOST = 20
_MOST_DATES = 10
_MOST_NAMES = 5
_MOST_RETURNED = 20.0
"""The sum of all log returns of a benchmark, at most: a rise by five hundred million."""


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
    yield from limit_sentences(_note_late(events, studies.rows, at))
    yield from _note_missing_benchmark(studies.rows)
    yield from limit_sentences(_note_longer_estimation(events, found, studies.rows))
    yield from limit_sentences(_note_spanning(events, studies))
    yield from _note_overlaps(events, studies)


def _note_bare_dates(events: Sequence[StudyEvent]) -> Iterator[str]:
    """One line for all of them: most files have bare dates throughout."""
    by_day = [clean(event.event_id) for event in events if not isinstance(event.known, datetime)]
    if by_day:
        yield (
            f"{format_count(len(by_day), 'event')} with a date and no time ({join_names(by_day)}): the "
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
    """One line for all of them."""
    places = sorted({place for pair in find_overlaps(studies) for place in pair})
    if places:
        names = join_names([clean(events[place].event_id) for place in places])
        yield (
            f"the event windows {studies.design.window} of {len(places):,} events overlap ({names}): each "
            "event is tested alone; of the tests over many events, only those of Kolari and Pynnönen are "
            "valid where windows share sessions"
        )


def limit_sentences(sentences: Iterable[str]) -> Iterator[str]:
    """The first twenty, and how many more there are."""
    told = list(sentences)
    yield from told[:_MOST]
    if len(told) > _MOST:
        yield f"… and {len(told) - _MOST:,} more such events"


def join_names(names: Sequence[str]) -> str:
    """The first five, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


def _join_dates(days: Sequence[date]) -> str:
    more = f" and {len(days) - _MOST_DATES:,} more" if len(days) > _MOST_DATES else ""
    return f"{', '.join(str(day) for day in days[:_MOST_DATES])}{more}"


Table = tuple[str, bytes, Columns, OrderChoice, Roles]

BUNDLED_PRICES = "EIA Brent spot (bundled)"
"""The name of the prices that are taken if no file is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFiles:
    """The name and the bytes of each file; for tables also the names of their columns.

    Each column of the benchmark is a table. Its values are prices, returns as fractions, or returns in
    percent.
    """

    events: tuple[str, bytes, OrderChoice]
    prices: Table
    benchmarks: tuple[Table, ...] = ()
    benchmark_values: str = "prices"


def read_bundled_prices(order: OrderChoice) -> Table:
    """The bundled prices as a file."""
    file = files("brentwatch.history") / "data" / "catalogue" / "prices.csv"
    return (BUNDLED_PRICES, file.read_bytes(), Columns(), order, ROLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The `batches` hold the study of `events`, one for one, for each window that was asked for."""

    events: StudyEvents
    batches: tuple[Batch, ...]
    notes: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """True if an event, or a row that should have been one, has no result."""
        incomplete = any(len(batch.found) < len(batch.outcomes) for batch in self.batches)
        return bool(self.events.unreadable) or incomplete

    @property
    def found(self) -> bool:
        """True if any event has a result."""
        return any(batch.found for batch in self.batches)

    def list_notes(self) -> Iterator[str]:
        """What to say beside the results; refusals come last, where they are seen."""
        events = self.events.events
        yield from self.notes
        yield from dict.fromkeys(
            remark
            for batch in self.batches
            for remark in list_remarks(events, batch.outcomes, batch.studies, batch.at)
        )
        yield from self.events.unreadable
        yield from dict.fromkeys(
            refusal for batch in self.batches for refusal in list_refusals(events, batch.outcomes)
        )
        if not self.found:
            yield "no event has a result"


def run_study(given: StudyFiles, designs: Sequence[Design], model: Model, instrument: Instrument) -> Run:
    """The study of the events of the files, by each of the designs.

    Raises:
        InvalidInput: if a file cannot be read; with every fault of it.
    """
    events = read_study_events(*given.events)
    prices, spans = read_sessions(given.prices, instrument)
    read = [_read_benchmark(each, given.benchmark_values, instrument) for each in given.benchmarks]
    values = {
        table[2].value: dict(zip(each.sessions, each.values, strict=True))
        for table, each in zip(given.benchmarks, read, strict=True)
    }
    series = (
        build_rows(prices.sessions, prices.values, None, spans, values)
        if model.takes_factors
        else build_rows(prices.sessions, prices.values, next(iter(values.values()), None), spans)
    )
    known = {event.event_id: event.known for event in events.events}
    return Run(
        events=events,
        batches=tuple(study_events(known, series, design, model, instrument) for design in designs),
        notes=(
            *(events.how, *events.notes, prices.how, *prices.notes),
            *(note for each in read for note in (each.how, *each.notes)),
        ),
    )


def _read_benchmark(table: Table, values: str, instrument: Instrument) -> DailySeries:
    """The sessions of a benchmark. Returns are added up to a level, whose changes they are.

    Raises:
        InvalidInput: if the file cannot be read, or its returns are too large to be returns.
    """
    read = read_series(*table)
    if values != "prices":
        scale = 0.01 if values == "percent" else 1.0
        sums = [scale * total for total in accumulate(read.values)]
        if max(map(abs, sums), default=0.0) > _MOST_RETURNED:
            raise InvalidInput(
                f"the returns of {table[2].value} in {table[0]} add up to {sums[-1]:.4g}; expected returns "
                f"as {values}; choose another of --benchmark-values"
            )
        read = replace(read, values=tuple(map(math.exp, sums)))
    return select_session_rows(table[0], read, instrument.series)[0]


def read_sessions(table: Table, instrument: Instrument) -> tuple[DailySeries, Mapping[date, int]]:
    """The sessions of a table of daily values, and which returns span more than one."""
    read, spans = select_session_rows(table[0], read_series(*table), instrument.series)
    if table[0] == BUNDLED_PRICES:
        how = (
            f"prices: {BUNDLED_PRICES}, {read.sessions[0]} to {read.sessions[-1]}; --prices FILE takes others"
        )
        read = replace(read, how=how)
    return read, spans
