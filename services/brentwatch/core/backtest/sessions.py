"""The table of a backtest: each tested session with what was known at its settlement, and what followed.

It is made once from a replay; every policy is then evaluated on it, without another test. What followed a
session decides no alert: it only says what an alert was worth.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from brentwatch.core import domain
from brentwatch.core.intraday.minutes import SESSIONS_A_YEAR

HORIZONS = (1, 5)
"""Sessions after the alert over which the rest of the move is measured."""


class PriorLabel(StrEnum):
    """What somebody expected of an event before looking at the prices: a prior, and not the truth.

    `shock`: the oil price should move. `control`: it should not. `unclear`: neither was said.
    """

    SHOCK = "shock"
    CONTROL = "control"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedEvent:
    """An event of a session as it was known at the settlement; `exposure` is None if it is unknown."""

    event_id: str
    known_at: datetime
    country: str
    event_class: domain.EventClass
    exposure: float | None
    relevance: float
    standing: domain.Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestSession:
    """A tested session: `p` and `abnormal`, its abnormal return (log fraction), and the events known by then.

    `place` counts the tested sessions from 0. `known_at` (UTC) is when the settlement was known. `events` are
    the listed ones of the study, `events_total` counts all of them and `singles` the single reports;
    `exposure` is that of the others. `after` is the log return over each of `HORIZONS` sessions after this
    one, None if there is none: too few sessions followed, a contract splice, or a price at or below zero.
    """

    place: int
    session: date
    known_at: datetime
    p: float
    abnormal: float
    events: tuple[JoinedEvent, ...] = ()
    events_total: int = 0
    singles: int = 0
    exposure: float | None = None
    after: tuple[float | None, ...] = (None,) * len(HORIZONS)

    @property
    def has_news(self) -> bool:
        """True if an event was known at the settlement."""
        return self.events_total > 0

    def measure_lead(self) -> timedelta:
        """From the first of the listed events to the settlement's price; there must be an event."""
        return self.known_at - min(each.known_at for each in self.events)

    def measure_left(self, horizon: int) -> float | None:
        """The return after the session over `horizon` sessions, in the direction of its abnormal return."""
        after = self.after[HORIZONS.index(horizon)]
        return None if after is None else math.copysign(1.0, self.abnormal) * after


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestTable:
    """The tested sessions in the order of time, with the prior labels of events by their ids.

    `refused` counts the sessions without a test.
    """

    sessions: tuple[BacktestSession, ...]
    labels: Mapping[str, PriorLabel]
    refused: int = 0

    @property
    def years(self) -> float:
        """The tested sessions in years of 252."""
        return len(self.sessions) / SESSIONS_A_YEAR

    @property
    def news(self) -> list[BacktestSession]:
        """The sessions with an event."""
        return [each for each in self.sessions if each.has_news]

    @property
    def placebos(self) -> list[BacktestSession]:
        """The sessions without an event."""
        return [each for each in self.sessions if not each.has_news]
