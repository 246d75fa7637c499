"""The events of a report, each with its sessions, its price path and what else happened."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from brentwatch.core import domain
from brentwatch.message.analogues import describe_analogues
from brentwatch.message.event_lines import describe_stories, describe_what_and_where
from brentwatch.replay.report import contents
from brentwatch.wire.countries import country_name

if TYPE_CHECKING:
    from brentwatch.replay.report.gathering import Gathered, Placement, SeenEvent
    from brentwatch.replay.report.tested_sessions import SessionParts

MOST_EVENTS = 500
_BEFORE, _AFTER = 10, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBuilder:
    """Builds the figures of each event; `alerts` are the ids of alerts with an abnormal test, by session."""

    gathered: Gathered
    placement: Placement
    sessions: SessionParts
    alerts: Mapping[date, str]

    def build_all(self) -> tuple[contents.EventFigures, ...]:
        """The most relevant events, in the order in which they were known."""
        events = list(self.gathered.events.values())
        chosen = sorted(events, key=lambda each: -each.signal.relevance)[:MOST_EVENTS]
        ordered = sorted(chosen, key=lambda each: (each.known_at, each.signal.event.event_id))
        waiting = _list_waiting(self.gathered)
        return tuple(self._build(each, waiting.get(each.signal.event.event_id, ())) for each in ordered)

    def _build(self, seen: SeenEvent, waiting: tuple[date, ...]) -> contents.EventFigures:
        event, exposure = seen.signal.event, seen.signal.exposure
        places = self.placement.find_places(seen) if seen.live else ()
        days = sorted({*(self.placement.sessions[each] for each in places), *waiting})
        sessions = tuple(self._list_sessions(event, days, by_day=seen.by_day))
        studies = [self.gathered.tally.headlines[day] for day in days if day in self.gathered.tally.headlines]
        return contents.EventFigures(
            event_id=event.event_id,
            revision=event.revision,
            label=describe_what_and_where(event),
            known_at=seen.known_at,
            by_day=seen.by_day,
            outcome=seen.fact.outcome,
            detail=seen.fact.detail,
            country=event.country,
            country_name=country_name(event.country),
            place=event.place,
            event_class=event.event_class,
            summary=event.summary,
            verification=event.verification,
            source=event.source,
            exposure=None if exposure is None else exposure.weight,
            production_kbd=None if exposure is None else exposure.production_kbd,
            transit_kbd=None if exposure is None else exposure.transit_kbd,
            sessions=sessions,
            path=tuple(self._trace_path(places[0])) if places else (),
            overlaps=tuple(sorted({each for study in studies for each in study.overlaps} - set(days))),
            confounders=tuple(dict.fromkeys(each for study in studies for each in study.confounders)),
            alert_id=next((self.alerts[day] for day in days if day in self.alerts), None),
            reason="" if sessions else self._explain_no_session(seen),
        )

    def _list_sessions(
        self, event: domain.UnrestEvent, days: Sequence[date], *, by_day: bool
    ) -> Iterator[contents.EventSession]:
        for number, day in enumerate(days):
            test = self.sessions.find(day)
            if test is None:
                test = contents.UntestedSession(
                    session=day,
                    outcome="estimation",
                    reason="the replay uses it for estimation only, and it cannot be tested",
                    move=None,
                    events=(),
                )
            analogues = None if number else self._find_analogues(event.event_id, day)
            stories = self._select_stories(event.country, day)
            yield contents.EventSession(
                session=day,
                carried=by_day and number > 0,
                test=test,
                windows=tuple(self._list_windows(day)),
                after=find_after(self.gathered, day),
                analogues=analogues,
                past_events=() if analogues is None else tuple(describe_analogues(analogues)),
                stories=stories,
                story_words=tuple(describe_stories(stories)),
            )

    def _find_analogues(self, event_id: str, day: date) -> domain.Analogues | None:
        study = self.gathered.tally.headlines.get(day)
        found = None if study is None else study.analogues
        return found if found is not None and found.event_id == event_id else None

    def _select_stories(self, country: str, day: date) -> tuple[domain.StoryEvidence, ...]:
        study = self.gathered.tally.headlines.get(day)
        return () if study is None else tuple(each for each in study.stories if each.country == country)

    def _list_windows(self, day: date) -> Iterator[contents.WindowFigures]:
        for window in domain.WINDOWS:
            study = self.gathered.windows.get((day, window))
            if study is not None and isinstance(study.result, domain.Found):
                yield build_window(study.result)

    def _trace_path(self, at: int) -> Iterator[contents.PathPoint]:
        """The settlements from tau -10 to +10, as far as they are known."""
        bars = self.placement.bars
        before = bars[at - 1].close
        for place in range(max(at - _BEFORE, 0), min(at + _AFTER + 1, len(bars))):
            close = bars[place].close
            yield contents.PathPoint(
                tau=place - at,
                session=bars[place].session,
                close=close,
                move=math.log(close / before) if min(close, before) > 0.0 else None,
            )

    def _explain_no_session(self, seen: SeenEvent) -> str:
        if not seen.live:
            return "the event was retracted"
        bars = self.placement.bars
        if not bars:
            return "there is no daily price"
        if seen.known_at > bars[-1].closes_at:
            return f"no session settled after it: the prices end on {bars[-1].session}"
        return f"no price before its session: the prices begin on {bars[0].session}"


def _list_waiting(gathered: Gathered) -> dict[str, tuple[date, ...]]:
    """By event the sessions that have not settled."""
    waiting = dict[str, tuple[date, ...]]()
    for session, study in sorted(gathered.tally.headlines.items()):
        if isinstance(study.result, domain.NotYet):
            for event in study.events:
                waiting[event.event_id] = (*waiting.get(event.event_id, ()), session)
    return waiting


def list_stories(gathered: Gathered) -> tuple[domain.StoryEvidence, ...]:
    """Each story as its last session left it, the strongest evidence first."""
    newest = {
        (story.story_id, story.since): story
        for _, study in sorted(gathered.tally.headlines.items())
        for story in study.stories
    }
    return tuple(sorted(newest.values(), key=lambda story: (-story.highest, story.since, story.story_id)))


def find_after(gathered: Gathered, session: date) -> contents.WindowFigures | None:
    """The test of [1, k], the longest there is; None without one."""
    studies = [gathered.windows.get((session, window)) for window in reversed(domain.WINDOWS)]
    known = (study.after for study in studies if study is not None and study.after is not None)
    found = next(known, None)
    return None if found is None else build_window(found)


def build_window(found: domain.Found) -> contents.WindowFigures:
    """The figures of a window."""
    return contents.WindowFigures(
        window=found.window,
        observed=found.observed,
        planned=found.planned,
        total=found.total,
        car=found.car,
        low=found.low,
        high=found.high,
        p=found.p,
    )
