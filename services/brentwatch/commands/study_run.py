"""The run of a classical study: from the bytes of the files to a result of each event, or its refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.commands.study_notes import list_refusals, list_remarks
from brentwatch.core.event_study.batch import study_events
from brentwatch.core.event_study.rows import build_rows
from brentwatch.history.event_files import read_study_events
from brentwatch.history.series_files import read_series
from brentwatch.history.session_rows import select_session_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.core.event_study.batch import Batch
    from brentwatch.core.event_study.design import Design
    from brentwatch.core.event_study.model import Model
    from brentwatch.history.event_files import StudyEvents
    from brentwatch.history.series_files import DailySeries
    from brentwatch.history.series_rows import Columns, Roles
    from brentwatch.history.tables.dates import OrderChoice

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
    return select_session_rows(table[0], read_series(*table), instrument)
