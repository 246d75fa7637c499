"""Collects what a replay did, turn by turn, for the parts of its report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from brentwatch.core import domain
from brentwatch.core.event_study.batch import find_tau_zero
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.replay.turns import Tally, is_headline

if TYPE_CHECKING:
    from brentwatch.replay.recording import Recording
    from brentwatch.replay.turns import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEvent:
    """The newest revision of an event, and how the monitor took its first one, or its retraction.

    `known_at` is the earliest time of its revisions; with `bare_date` that is midnight of a day whose hour is
    not known. `live` is false after a retraction.
    """

    signal: domain.EventAdmitted
    fact: domain.EventSeen
    known_at: datetime
    bare_date: bool
    live: bool

    @property
    def by_day(self) -> bool:
        """True if only the day of the event is known, so that it counts for two sessions."""
        return self.bare_date or not self.signal.event.precision.within_a_day

    @property
    def known(self) -> date | datetime:
        """The day of a bare date, else the instant."""
        return self.known_at.astimezone(UTC).date() if self.bare_date else self.known_at


@dataclass(frozen=True, slots=True)
class RejectedSignal:
    """A signal that the monitor would reject, and why."""

    signal: domain.Signal
    reason: str


@dataclass(slots=True)
class Gathered:
    """What the report needs of a replay; `signals` are all that were folded, also those before its period.

    `windows` are the studies of further windows of the headline model by (session, window), `threads` the
    revisions of each alert, `facts` the outcomes of events and bars in order.
    """

    instrument: domain.Instrument
    recording: Recording
    signals: Sequence[domain.Signal]
    tally: Tally = field(default_factory=Tally)
    events: dict[str, SeenEvent] = field(default_factory=dict)
    windows: dict[tuple[date, domain.Window], domain.SessionStudy] = field(default_factory=dict)
    threads: dict[str, list[domain.Alert]] = field(default_factory=dict)
    event_facts: list[tuple[domain.EventAdmitted, domain.EventSeen]] = field(default_factory=list)
    bar_facts: list[domain.BarSeen] = field(default_factory=list)
    decided: list[domain.SessionDecided] = field(default_factory=list)
    rejected: list[RejectedSignal] = field(default_factory=list)

    def reject(self, signal: domain.Signal, error: Exception) -> None:
        """Keep a rejected signal."""
        self.rejected.append(RejectedSignal(signal, f"{type(error).__name__}: {error}"))

    def take(self, turn: Turn) -> None:
        """Keep what one turn led to."""
        self.tally.take(turn)
        for effect in turn.effects:
            match effect:
                case domain.Noted(fact=fact):
                    self._take_fact(turn.signal, fact)
                case domain.PublishAlert(alert=alert):
                    self.threads.setdefault(alert.alert_id, []).append(alert)
                case domain.PublishStudy(study=domain.SessionStudy() as study):
                    if study.model == HEADLINE_MODEL and not is_headline(study):
                        self.windows[study.session, study.window] = study
                case domain.PublishStudy():
                    pass

    def _take_fact(self, signal: domain.Signal, fact: domain.Fact) -> None:
        match fact:
            case domain.EventSeen() if isinstance(signal, domain.EventAdmitted):
                self.event_facts.append((signal, fact))
                self._take_event(signal, fact)
            case domain.BarSeen():
                self.bar_facts.append(fact)
            case domain.SessionDecided():
                self.decided.append(fact)
            case _:
                pass

    def _take_event(self, signal: domain.EventAdmitted, fact: domain.EventSeen) -> None:
        event, before = signal.event, self.events.get(fact.event_id)
        if before is None:
            self.events[fact.event_id] = SeenEvent(
                signal=signal,
                fact=fact,
                known_at=event.known_at,
                bare_date=event.is_bare_date,
                live=event.status is not domain.Status.RETRACT,
            )
        elif event.revision > before.signal.event.revision:
            known_at, bare_date = min(
                (before.known_at, before.bare_date), (event.known_at, event.is_bare_date)
            )
            live = event.status is not domain.Status.RETRACT
            signal, fact = (signal, before.fact) if live else (before.signal, fact)
            self.events[fact.event_id] = replace(
                before, signal=signal, fact=fact, known_at=known_at, bare_date=bare_date, live=live
            )

    def list_live(self) -> list[SeenEvent]:
        """The events that are not retracted, in the order in which they were known."""
        return [each for each in self.events.values() if each.live]


def _find_earliest(before: SeenEvent, event: domain.UnrestEvent) -> tuple[datetime, bool]:
    """As the monitor does it: the earlier time counts, and a time on the same day replaces a bare date."""
    first, last = sorted(((before.known_at, before.bare_date), (event.known_at, event.is_bare_date)))
    same_day = first[0].astimezone(UTC).date() == last[0].astimezone(UTC).date()
    return last if first[1] and not last[1] and same_day else first


@dataclass(frozen=True)
class Placement:
    """The newest daily bar of each session, oldest first, and the sessions of events."""

    instrument: domain.Instrument
    bars: Sequence[domain.Bar]

    @classmethod
    def build(cls, instrument: domain.Instrument, signals: Iterable[domain.Signal]) -> Placement:
        """From the price updates among the signals."""
        newest = {
            bar.session: bar
            for signal in signals
            if isinstance(signal, domain.PriceUpdate) and signal.series == instrument.series.name
            for bar in signal.bars
            if bar.interval == domain.DAILY
        }
        return cls(instrument, [newest[session] for session in sorted(newest)])

    @cached_property
    def sessions(self) -> list[date]:
        """The sessions of the bars."""
        return [bar.session for bar in self.bars]

    @cached_property
    def places(self) -> dict[date, int]:
        """The place of each session."""
        return {session: place for place, session in enumerate(self.sessions)}

    def find_places(self, event: SeenEvent) -> tuple[int, ...]:
        """Its one place, or two if only its day is known; none before the first or after the last price."""
        at = find_tau_zero(self.sessions, self.instrument, event.known)
        places = (at, at + 1) if event.by_day else (at,)
        return tuple(place for place in places if place < len(self.bars)) if at else ()

    def find_instant(self, place: int) -> datetime:
        """A moment of which this session is the first settlement after it."""
        return self.bars[place].closes_at - timedelta(microseconds=1)
