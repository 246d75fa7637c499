"""Analogues: past events like the one of a study, and how the price moved after them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from brentwatch.core.domain.events import EventClass


class AnalogueSources(StrEnum):
    """Where the past events of an instrument come from.

    `bundled`: the bundled catalogue, and the events of the timeline. `own`: the timeline alone. `off`: none.
    """

    BUNDLED = "bundled"
    OWN = "own"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class PastMove:
    """The log return from the settlement before the news to that of `sessions` sessions after tau 0.

    That session settled at `settled_at` (UTC); before then nobody knew the move.
    """

    sessions: int
    log_return: float
    settled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEvent:
    """A past event as it can be compared with others, and the moves after it that have settled.

    `session` is its tau 0. `exposure` and `relevance` are those the screen measured, 0 to 1; `exposure` is
    None if unknown, and so are `fatalities`.
    """

    event_id: str
    known_at: datetime
    country: str
    event_class: EventClass
    exposure: float | None
    relevance: float
    fatalities: int | None
    session: date
    moves: tuple[PastMove, ...]

    def find_move(self, sessions: int) -> PastMove | None:
        """The move after 0, 1 or 5 sessions; None if it has not settled or cannot be measured."""
        return next((each for each in self.moves if each.sessions == sessions), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analogue:
    """One past event like this one.

    `is_bundled` is true for an event of the bundled catalogue. `distance` is 0 for the same kind of event,
    and `explained` names its parts, the past event's figures first. `weight` is its share of all weights.
    `moves` are those after 0, 1 and 5 sessions, as log fractions, as far as they had settled.
    """

    event_id: str
    session: date
    country: str
    event_class: EventClass
    is_bundled: bool
    distance: float
    explained: str
    weight: float
    moves: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AnalogueSpread:
    """The weighted median of some moves with its 95 % interval, and their weighted quartiles; log fractions.

    `low` and `high` are the quartiles: half of the moves, by weight, lie between them.
    """

    median: float
    interval_low: float
    interval_high: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalogueMoves:
    """The moves of the analogues after `sessions` sessions.

    `n` of them count: each has settled, and no two overlap. `effective_n` allows for unequal weights (Kish).
    `spread` is None if there are too few to say.
    """

    sessions: int
    n: int
    effective_n: float
    spread: AnalogueSpread | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversals:
    """How many of `n` first moves were half gone, or more, after 5 sessions.

    `placebo` is the expected number if the first moves had been those of other sessions of the same size;
    None if the price history is too short.
    """

    n: int
    reversed: int
    placebo: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Analogues:
    """Past events like the event `event_id`, as far as they were known when a study first listed it.

    `bundled` and `own` count those of the catalogue and of the timeline, and `effective_n` allows for unequal
    weights. `moves` are those after 0, 1 and 5 sessions. `reversals` is None if there are too few to say.
    `nearest` are the five with the smallest distance.
    """

    event_id: str
    event_class: EventClass
    country: str
    bundled: int
    own: int
    effective_n: float
    moves: tuple[AnalogueMoves, ...]
    reversals: Reversals | None
    nearest: tuple[Analogue, ...]

    @property
    def n(self) -> int:
        """How many events like this there are."""
        return self.bundled + self.own

    def find_moves(self, sessions: int) -> AnalogueMoves:
        """The moves after 0, 1 or 5 sessions."""
        return next(each for each in self.moves if each.sessions == sessions)
