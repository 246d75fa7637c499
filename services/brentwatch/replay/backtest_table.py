"""The table of a backtest, made from one replay of a history in which every session is tested."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from brentwatch.core import domain
from brentwatch.core.backtest.sessions import (
    HORIZONS,
    BacktestSession,
    BacktestTable,
    JoinedEvent,
    PriorLabel,
)
from brentwatch.core.sessions.roll import find_spliced_sessions
from brentwatch.replay.turns import Turn, is_headline


def include_placebos(signals: Iterable[domain.Signal], start: date) -> list[domain.Signal]:
    """The signals, with the prices from the session `start` on as prices that are tested.

    A history may test only sessions with events; its other sessions are the placebos.
    """
    return [_include_placebo(each, start) for each in signals]


def _include_placebo(signal: domain.Signal, start: date) -> domain.Signal:
    if isinstance(signal, domain.PriceUpdate) and all(bar.session >= start for bar in signal.bars):
        return replace(signal, warmup=False)
    return signal


class TableBuilder:
    """Reads the turns of a replay, and keeps of each session what was known when it was decided.

    A price that is revised later, or an event that comes late, changes nothing.
    """

    def __init__(self, series: domain.Series) -> None:
        self._series = series
        self._closes: dict[date, float] = {}
        self._relevance: dict[str, float] = {}
        self._rows: dict[date, BacktestSession] = {}
        self._refused = 0
        self.unlisted = 0
        """The sessions with more events than a study lists."""

    def take(self, turn: Turn) -> None:
        """Read one turn."""
        match turn.signal:
            case domain.EventAdmitted() as admitted:
                self._relevance[admitted.event.event_id] = admitted.relevance
            case domain.PriceUpdate(series=self._series.name, bars=bars):
                for bar in bars:
                    if bar.interval == self._series.interval:
                        self._closes.setdefault(bar.session, bar.close)
        for effect in turn.effects:
            self._take_effect(effect)

    def _take_effect(self, effect: domain.Effect) -> None:
        match effect:
            case domain.Noted(fact=domain.SessionDecided(outcome=domain.SessionOutcome.REFUSED)):
                self._refused += 1
            case domain.PublishStudy(study=domain.SessionStudy(result=domain.Found() as found) as study):
                if is_headline(study) and study.session not in self._rows:
                    self._rows[study.session] = self._build_row(study, found)
                    self.unlisted += study.events_total > len(study.events)

    def _build_row(self, study: domain.SessionStudy, found: domain.Found) -> BacktestSession:
        return BacktestSession(
            place=len(self._rows),
            session=study.session,
            known_at=study.known_at,
            p=found.p,
            abnormal=found.car,
            events=tuple(map(self._build_event, study.events)),
            events_total=study.events_total,
            singles=study.singles,
            exposure=study.exposure,
        )

    def _build_event(self, ref: domain.EventRef) -> JoinedEvent:
        return JoinedEvent(
            event_id=ref.event_id,
            known_at=ref.known_at,
            country=ref.country,
            event_class=ref.event_class,
            exposure=ref.exposure,
            relevance=self._relevance[ref.event_id],
            standing=ref.standing,
        )

    def build(self, labels: Mapping[str, PriorLabel]) -> BacktestTable:
        """The table, with what followed each session as far as it is known."""
        sessions = sorted(self._closes)
        closes = [self._closes[each] for each in sessions]
        spliced = find_spliced_sessions(self._series.roll, sessions)
        usable = [each not in spliced for each in sessions]
        rows = [
            replace(row, after=measure_after(bisect_left(sessions, row.session), closes, usable))
            for row in self._rows.values()
        ]
        return BacktestTable(sessions=tuple(rows), labels=labels, refused=self._refused)


def measure_after(at: int, closes: Sequence[float], usable: Sequence[bool]) -> tuple[float | None, ...]:
    """The log return from `at` over each horizon; `usable` says whose return is no contract splice."""
    return tuple(
        _measure_return(closes[at : at + each + 1], usable[at + 1 : at + each + 1], each) for each in HORIZONS
    )


def _measure_return(closes: Sequence[float], usable: Sequence[bool], sessions: int) -> float | None:
    if len(usable) < sessions or not all(usable) or min(closes[0], closes[-1]) <= 0.0:
        return None
    return math.log(closes[-1] / closes[0])
