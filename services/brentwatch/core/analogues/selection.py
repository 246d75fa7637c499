"""The past events like an event, chosen from what was known then, and what followed them.

Rules. (1) An event counts if its session was before the one of the event, and its first move had settled. A
move after k sessions counts if that session had settled. (2) An event of the bundled catalogue does not count
if the timeline has it too: the same id, or the same country and group of classes within `SAME_EVENT`. (3) No
session counts twice: of events whose windows overlap only the one with the largest weight counts, for each
window on its own. (4) At most `MOST` events count, those with the largest weights.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from brentwatch.core.analogues.likeness import explain_distance, measure_distance, weigh_analogue
from brentwatch.core.analogues.placebo import expect_reversals, is_reversed
from brentwatch.core.analogues.spread import FEWEST, count_effective, summarise_moves
from brentwatch.core.domain import (
    CLASS_GROUPS,
    WINDOWS,
    Analogue,
    AnalogueMoves,
    Analogues,
    PastEvent,
    Reversals,
)
from brentwatch.core.domain.arrays import Floats

SAME_EVENT = timedelta(days=2)
MOST = 100
LISTED = 5

HORIZONS = tuple(window.end for window in WINDOWS)
"""Sessions after tau 0: 0, 1 and 5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPrices:
    """The prices of the instrument that were known, for the placebo.

    `closes` are those of `sessions`, oldest first. `left_out` are sessions whose return is not one of a
    single session and contract.
    """

    sessions: Sequence[date]
    closes: Floats
    left_out: Collection[date]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A past event that may count, with its distance and weight."""

    event: PastEvent
    is_bundled: bool
    distance: float
    weight: float


def find_analogues(
    now: PastEvent,
    as_of: datetime,
    own: Iterable[PastEvent],
    bundled: Iterable[PastEvent],
    prices: KnownPrices,
) -> Analogues:
    """The analogues of an event as they were known at `as_of` (UTC).

    Args:
        now: the event; its moves are not read.
        as_of: a move that settled later does not count.
        own: past events of the timeline.
        bundled: the bundled catalogue, of which the timeline may have some events too.
        prices: the prices of the instrument before the session of the event.
    """
    choices = _list_choices(now, as_of, list(own), bundled)
    chosen = {sessions: _select_apart(choices, sessions, as_of) for sessions in HORIZONS}
    first, last = chosen[HORIZONS[0]], chosen[HORIZONS[-1]]
    return Analogues(
        event_id=now.event_id,
        event_class=now.event_class,
        country=now.country,
        bundled=sum(each.is_bundled for each in first),
        own=sum(not each.is_bundled for each in first),
        effective_n=_count_effective(first),
        moves=tuple(_summarise(chosen[sessions], sessions) for sessions in HORIZONS),
        reversals=_count_reversals(last, prices),
        nearest=tuple(_list_nearest(first, now, as_of)),
    )


def _list_choices(
    now: PastEvent, as_of: datetime, own: Sequence[PastEvent], bundled: Iterable[PastEvent]
) -> list[_Choice]:
    """The past events that may count, the largest weight first."""
    choices = [*_weigh_events(now, as_of, own, is_bundled=False)]
    known = [event for event in bundled if event.known_at <= as_of]
    others = [*_weigh_events(now, as_of, known, is_bundled=True)]
    choices += [each for each in others if not _is_among(each.event, own)]
    return sorted(choices, key=lambda each: (-each.weight, each.event.session, each.event.event_id))[:MOST]


def _weigh_events(
    now: PastEvent, as_of: datetime, events: Iterable[PastEvent], *, is_bundled: bool
) -> Iterator[_Choice]:
    """The events before this one whose weight is not 0."""
    for event in events:
        if event.session < now.session and event.event_id != now.event_id:
            distance = measure_distance(event, now)
            weight = weigh_analogue(distance, as_of - event.known_at)
            if weight > 0.0:
                yield _Choice(event, is_bundled, distance, weight)


def _is_among(event: PastEvent, own: Sequence[PastEvent]) -> bool:
    return any(
        each.event_id == event.event_id
        or (
            each.country == event.country
            and abs(each.known_at - event.known_at) < SAME_EVENT
            and CLASS_GROUPS[each.event_class] is CLASS_GROUPS[event.event_class]
        )
        for each in own
    )


def _select_apart(choices: Sequence[_Choice], sessions: int, as_of: datetime) -> list[_Choice]:
    """The choices whose move was known, without those that overlap a better one."""
    taken, chosen = set[int](), list[_Choice]()
    for each in choices:
        move = each.event.find_move(sessions)
        if move is None or move.settled_at > as_of:
            continue
        days = range(each.event.session.toordinal(), move.settled_at.date().toordinal() + 1)
        if taken.isdisjoint(days):
            taken.update(days)
            chosen.append(each)
    return chosen


def _count_effective(chosen: Sequence[_Choice]) -> float:
    return round(count_effective([each.weight for each in chosen]), 2)


def _summarise(chosen: Sequence[_Choice], sessions: int) -> AnalogueMoves:
    moves, weights = _list_moves(chosen, sessions), [each.weight for each in chosen]
    return AnalogueMoves(
        sessions=sessions,
        n=len(chosen),
        effective_n=_count_effective(chosen),
        spread=summarise_moves(moves, weights),
    )


def _list_moves(chosen: Sequence[_Choice], sessions: int) -> list[float]:
    found = (each.event.find_move(sessions) for each in chosen)
    return [move.log_return for move in found if move is not None]


def _count_reversals(chosen: Sequence[_Choice], prices: KnownPrices) -> Reversals | None:
    """The reversals of the moves through five sessions; None if there are too few to say."""
    if count_effective([each.weight for each in chosen]) < FEWEST:
        return None
    first, last = _list_moves(chosen, HORIZONS[0]), _list_moves(chosen, HORIZONS[-1])
    skipped = _find_places(prices.sessions, (each.event.session for each in chosen))
    left_out = _find_places(prices.sessions, prices.left_out)
    placebo = expect_reversals([abs(move) for move in first], prices.closes, left_out, skipped)
    return Reversals(
        n=len(chosen),
        reversed=sum(map(is_reversed, first, last)),
        placebo=None if placebo is None else round(placebo, 2),
    )


def _find_places(sessions: Sequence[date], asked: Iterable[date]) -> list[int]:
    """The indices of these sessions, as far as they have a price."""
    found = ((bisect_left(sessions, session), session) for session in asked)
    return [at for at, session in found if at < len(sessions) and sessions[at] == session]


def _list_nearest(chosen: Sequence[_Choice], now: PastEvent, as_of: datetime) -> Iterator[Analogue]:
    """The nearest events, the newer one of two at the same distance first."""
    total = sum(each.weight for each in chosen)
    for each in sorted(chosen, key=lambda each: (each.distance, -each.weight, each.event.event_id))[:LISTED]:
        event = each.event
        known = (event.find_move(sessions) for sessions in HORIZONS)
        yield Analogue(
            event_id=event.event_id,
            session=event.session,
            country=event.country,
            event_class=event.event_class,
            is_bundled=each.is_bundled,
            distance=round(each.distance, 4),
            explained=explain_distance(event, now),
            weight=round(each.weight / total, 4),
            moves=tuple(move.log_return for move in known if move is not None and move.settled_at <= as_of),
        )
