"""A fold to talk to: quiet prices behind it, and signals that are quickly made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from brentwatch.core.domain import (
    BRENT_SPOT,
    HEADLINE,
    Bar,
    Effect,
    EventAdmitted,
    EventClass,
    Exposure,
    Found,
    Noted,
    Precision,
    PriceUpdate,
    PublishAlert,
    PublishStudy,
    SessionStudy,
    Status,
    Study,
    UnrestEvent,
    Window,
)
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.machine import Rules, State, create_state, step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.domain import Alert, Fact, Signal

SERIES = BRENT_SPOT.series.name
FIRST = date(2023, 6, 5)
"""A Monday: the first session that is not warm-up."""

QUIET = 0.01
SAUDI_ARABIA = Exposure(country="SAU", production_kbd=9700.0)
TAJIKISTAN = Exposure(country="TJK", production_kbd=0.2)


def session(number: int) -> date:
    """The weekday `number` weekdays after the first session."""
    return date.fromisoformat(str(np.busday_offset(np.datetime64(FIRST), number)))


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=UTC)


def bar(day: date, close: float, **changes: Any) -> Bar:
    made = Bar(session=day, closes_at=BRENT_SPOT.series.closes_at(day), close=close)
    return replace(made, **changes)


def update(*bars: Bar, warmup: bool = False, **changes: Any) -> PriceUpdate:
    """Bars that are known at the close of the newest, with the series complete through it."""
    newest = max((each.closes_at for each in bars), default=at(FIRST))
    made = PriceUpdate(series=SERIES, bars=bars, complete_through=newest, known_at=newest, warmup=warmup)
    return replace(made, **changes)


def event(
    event_id: str, known_at: datetime, exposure: Exposure | None = SAUDI_ARABIA, **changes: Any
) -> EventAdmitted:
    made = UnrestEvent(
        event_id=event_id,
        revision=0,
        status=Status.NEW,
        occurred_at=known_at,
        precision=Precision.MINUTE,
        known_at=known_at,
        country="SAU" if exposure is None else exposure.country,
        event_class=EventClass.ATTACK_INFRASTRUCTURE,
    )
    return EventAdmitted(event=replace(made, **changes), exposure=exposure)


@cache
def quiet_closes(count: int) -> tuple[float, ...]:
    """Prices around 80 that move by about one percent a session."""
    steps = np.random.default_rng(7).standard_normal(count) * QUIET
    return tuple(float(close) for close in 80.0 * np.exp(np.cumsum(steps) - np.cumsum(steps)[-1]))


@cache
def warmed(count: int = 520) -> State:
    """The state after `count` quiet sessions of warm-up; the last close is 80."""
    days = [session(number - count) for number in range(count)]
    bars = [bar(day, close) for day, close in zip(days, quiet_closes(count), strict=True)]
    state, _ = step(create_state(Rules(instrument=BRENT_SPOT)), update(*bars, warmup=True))
    return state


class Desk:
    """Tells the fold signals and keeps what it asked for."""

    def __init__(self, state: State | None = None) -> None:
        self.state = warmed() if state is None else state
        self.effects: list[Effect] = []
        self._close = 80.0

    def tell(self, *signals: Signal) -> list[Effect]:
        """The effects of these signals."""
        told: list[Effect] = []
        for signal in signals:
            self.state, effects = step(self.state, signal)
            told += effects
        self.effects += told
        return told

    def settle(self, number: int, log_return: float = 0.001) -> list[Effect]:
        """Settle a session with a return from the close before."""
        self._close *= float(np.exp(log_return))
        return self.tell(update(bar(session(number), self._close)))

    @property
    def close(self) -> float:
        return self._close

    def headline(self, day: date) -> SessionStudy:
        """The newest session test of a day."""
        return self.study(day, HEADLINE, HEADLINE_MODEL)

    def study(self, day: date, window: Window, model: str = HEADLINE_MODEL) -> SessionStudy:
        """The newest study of (day, window, model)."""
        return self.revisions(day, window, model)[-1]

    def revisions(
        self, day: date, window: Window = HEADLINE, model: str = HEADLINE_MODEL
    ) -> list[SessionStudy]:
        daily = (each for each in studies(self.effects) if isinstance(each, SessionStudy))
        return [each for each in daily if (each.session, each.window, each.model) == (day, window, model)]

    def thread(self) -> list[Alert]:
        """Every revision of every alert, heads-ups among them."""
        return [effect.alert for effect in self.effects if isinstance(effect, PublishAlert)]

    def alerts(self) -> list[Alert]:
        """The revisions after a test at its level."""
        return [each for each in self.thread() if each.severity is not None]

    def heads_ups(self) -> list[Alert]:
        """The revisions before any test was at its level."""
        return [each for each in self.thread() if each.severity is None]


def studies(effects: Sequence[Effect]) -> list[Study]:
    return [effect.study for effect in effects if isinstance(effect, PublishStudy)]


def facts(effects: Sequence[Effect]) -> list[Fact]:
    return [effect.fact for effect in effects if isinstance(effect, Noted)]


def outcomes(effects: Sequence[Effect]) -> list[str]:
    """The outcomes of events, bars and sessions, in order."""
    return [str(fact.outcome) for fact in facts(effects) if hasattr(fact, "outcome")]


def found(study: Study) -> Found:
    """The result of a test on settlements."""
    assert isinstance(study.result, Found), study.result
    return study.result
