"""The run of a classical study: from the bytes of the files to a result of each event, or its refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.commands.study_notes import refusals, remarks
from brentwatch.core.aggregate import Aggregate, aggregate
from brentwatch.core.event_study.outcomes import EventStudy, outcomes
from brentwatch.core.event_study.placing import tau_zero
from brentwatch.core.event_study.rows import rows
from brentwatch.core.event_study.study import study
from brentwatch.history.event_files import read_study_events
from brentwatch.history.series_files import read_series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.core.event_study.design import Design
    from brentwatch.core.event_study.model import Model
    from brentwatch.core.event_study.studies import Studies
    from brentwatch.core.instruments import Instrument
    from brentwatch.core.refused import Refused
    from brentwatch.history.event_files import StudyEvents
    from brentwatch.history.series_rows import Columns

    Table = tuple[str, bytes, Columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The name and the bytes of each file; of tables the names of their columns too."""

    events: tuple[str, bytes]
    prices: Table
    benchmark: Table | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`outcomes` and the rows `at` which tau 0 stands belong to `events`, one for one."""

    events: StudyEvents
    at: tuple[int, ...]
    outcomes: tuple[EventStudy | Refused, ...]
    studies: Studies
    notes: tuple[str, ...]

    @property
    def design(self) -> Design:
        """Which sessions were estimated on and judged."""
        return self.studies.design

    @property
    def found(self) -> list[tuple[str, EventStudy]]:
        """The events with a result."""
        pairs = zip(self.events.events, self.outcomes, strict=True)
        return [(event.event_id, outcome) for event, outcome in pairs if isinstance(outcome, EventStudy)]

    @property
    def refused(self) -> bool:
        """True where an event, or a row that should have been one, has no result."""
        return bool(self.events.unreadable) or len(self.found) < len(self.outcomes)

    def aggregate(self) -> Aggregate | None:
        """The average of the events with a result; None where there are none."""
        return aggregate(self.studies) if self.found else None

    def told(self) -> Iterator[str]:
        """What is to be said beside the results: refusals last, where they are seen."""
        yield from self.notes
        yield from remarks(self.events.events, self.outcomes, self.studies, self.at)
        yield from self.events.unreadable
        yield from refusals(self.events.events, self.outcomes)
        if not self.found:
            yield "no event has a result"


def run(files: Files, design: Design, model: Model, instrument: Instrument) -> Run:
    """The study of the events of the files.

    Raises:
        InvalidInput: if a file cannot be read; with every fault of it.
    """
    events = read_study_events(*files.events)
    prices = read_series(*files.prices)
    benchmark = None if files.benchmark is None else read_series(*files.benchmark)
    values = None if benchmark is None else dict(zip(benchmark.sessions, benchmark.values, strict=True))
    series = rows(prices.sessions, prices.values, values)
    at = tuple(tau_zero(prices.sessions, instrument, event.known) for event in events.events)
    found = study(series, design, model, at)
    return Run(
        events=events,
        at=at,
        outcomes=outcomes(found),
        studies=found,
        notes=(*events.notes, *prices.notes, *(() if benchmark is None else benchmark.notes)),
    )
