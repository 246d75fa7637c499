"""The active events of a monitor, each in a slot of its own: its move, the normal range and p, as metrics.

An event is active while its session is expected, or among the last six. It keeps its slot as long as it is
active. All instruments of a process share the slots; when all are taken, more events are not shown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import expm1

from brentwatch.core import domain
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.state import SessionRecord, State
from brentwatch.telemetry import table
from brentwatch.telemetry.metrics import Metrics

_MEASURED = (table.ACTIVE_EVENT_CAR, table.ACTIVE_EVENT_NORMAL_RANGE, table.ACTIVE_EVENT_P_VALUE)


@dataclass(frozen=True, slots=True)
class ActiveEvent:
    """An event with its session, and the headline result of each window that has one."""

    event: domain.EventRef
    session: str
    results: tuple[domain.Found, ...]


def list_active_events(state: State) -> Iterator[ActiveEvent]:
    """The listed events of the open sessions, those of the newest session first; each event once."""
    seen = set[str]()
    for record in sorted(list_open_records(state), key=lambda each: each.session, reverse=True):
        headlines = [each for each in record.studies.values() if each.model == HEADLINE_MODEL]
        listed = next((each.events for each in headlines if _is_of_session(each)), ())
        found = tuple(_list_results(headlines))
        for event in listed:
            if event.event_id not in seen:
                seen.add(event.event_id)
                yield ActiveEvent(event, str(record.session), found)


def _is_of_session(study: domain.Study) -> bool:
    """True for the study of the session itself, and for the provisional one before it."""
    match study:
        case domain.SessionStudy(window=domain.HEADLINE) | domain.ProvisionalStudy():
            return True
    return False


def _list_results(studies: Iterable[domain.Study]) -> Iterator[domain.Found]:
    """Those on settlement prices: a provisional one is no move of its session yet."""
    for each in studies:
        if isinstance(each, domain.SessionStudy) and isinstance(each.result, domain.Found):
            yield each.result


def list_open_records(state: State) -> Iterator[SessionRecord]:
    """The sessions that are expected, and the last ones, of which a window may still be open."""
    yield from state.expected.values()
    for session in state.prices.sessions[-domain.LAST_TAU - 1 :]:
        if record := state.decided.get(session):
            yield record


def count_open_studies(state: State) -> int:
    """The published studies whose window is not over, those on 5-minute bars among them."""
    records = [*list_open_records(state), *(each.record for each in state.intraday.openings.values())]
    return sum(_is_open(study.result) for record in records for study in record.studies.values())


def _is_open(result: domain.Result | domain.MoveResult) -> bool:
    match result:
        case domain.NotYet():
            return True
        case domain.Found():
            return not result.complete
    return False


class EventBoard:
    """The slots of a process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._slots: dict[tuple[str, str], int] = {}

    def show(self, instrument: str, events: Iterable[ActiveEvent]) -> None:
        """Show these events of an instrument in the place of those it had."""
        active = {each.event.event_id: each for each in islice(events, table.ACTIVE_EVENT_SLOTS)}
        for key in [key for key in self._slots if key[0] == instrument]:
            self._clear(self._slots[key])
            if key[1] not in active:
                del self._slots[key]
        free = [str(each) for each in range(table.ACTIVE_EVENT_SLOTS) if each not in self._slots.values()]
        for event_id, each in active.items():
            if (instrument, event_id) not in self._slots and free:
                self._slots[instrument, event_id] = int(free.pop(0))
            if (instrument, event_id) in self._slots:
                self._fill(str(self._slots[instrument, event_id]), instrument, each)

    def _clear(self, slot: int) -> None:
        for metric in (table.ACTIVE_EVENT_INFO, *_MEASURED):
            self._metrics.forget(metric, slot=str(slot))

    def _fill(self, slot: str, instrument: str, active: ActiveEvent) -> None:
        event = active.event
        about = {"event_id": event.event_id, "event_class": event.event_class, "country": event.country}
        session = active.session
        self._metrics.set(
            table.ACTIVE_EVENT_INFO, 1, slot=slot, instrument=instrument, session=session, **about
        )
        for found in active.results:
            side = found.car - found.low if found.car >= 0.0 else found.high - found.car
            values = expm1(found.car), expm1(side), found.p
            for metric, value in zip(_MEASURED, values, strict=True):
                self._metrics.set(metric, value, slot=slot, window=str(found.window))
