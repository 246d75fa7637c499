"""Events by their names, placed and studied: what the command and a notebook show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.event_study.outcomes import EventStudy, list_outcomes
from brentwatch.core.event_study.placing import find_tau_zero
from brentwatch.core.event_study.study import study

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.core.domain.study import Refused
    from brentwatch.core.event_study.design import Design
    from brentwatch.core.event_study.model import Model
    from brentwatch.core.event_study.rows import Rows
    from brentwatch.core.event_study.studies import Studies


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """`outcomes` and the rows `at` which tau 0 stands belong to `event_ids`, one for one."""

    event_ids: tuple[str, ...]
    at: tuple[int, ...]
    outcomes: tuple[EventStudy | Refused, ...]
    studies: Studies

    @property
    def found(self) -> list[tuple[str, EventStudy]]:
        """The events with a result, in the order of the arrays of `studies`."""
        pairs = zip(self.event_ids, self.outcomes, strict=True)
        return [(event_id, outcome) for event_id, outcome in pairs if isinstance(outcome, EventStudy)]

    @property
    def refused(self) -> dict[str, str]:
        """The events without a result, and why."""
        pairs = zip(self.event_ids, self.outcomes, strict=True)
        return {
            event_id: outcome.reason for event_id, outcome in pairs if not isinstance(outcome, EventStudy)
        }


def study_events(
    events: Mapping[str, date | datetime], rows: Rows, design: Design, model: Model, instrument: Instrument
) -> Batch:
    """The study of the `events`, each with the day or the aware instant at which it was known.

    Raises:
        InvalidInput: if the model needs a benchmark and the rows have none.
    """
    at = tuple(find_tau_zero(rows.sessions, instrument, known) for known in events.values())
    found = study(rows, design, model, at)
    return Batch(event_ids=tuple(events), at=at, outcomes=list_outcomes(found), studies=found)
