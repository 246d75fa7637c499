"""The state of the fold as keyed values: what a step changed, and the state again from what was kept.

Every key stands for one thing that changes at once, so that what a batch changes is small however much there
is: an event that joins a session of thousands writes itself, its place, and the session's few lines.

    meta                        how far the prices are complete, and what the whole series has learnt
    bar:SESSION                 a price that windows or estimation still need
    waiting:SESSION             a price before the series is complete through its close
    fit:FAMILY  memory:MODEL    fitted parameters; how an adaptive model's forecasts fared
    event:EVENT                 an event in its newest revision, also one that was taken back
    session:SESSION             a session, without what follows
    forecasts:SESSION           the paths made at the settlement before it, which that one has as well
    joined:SESSION:EVENT        an event that stands with it
    study:SESSION:STUDY         the newest revision of one of its studies

A state that is put together from these behaves like the one it was taken from: it gives the same effects.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from immutables import Map

from brentwatch.core.bars import Bar
from brentwatch.core.normal_returns.forecast import Memory, Path
from brentwatch.core.returns import PriceHistory
from brentwatch.core.state import Joined, Known, MonthlyFit, Rules, SessionRecord, State, Waiting
from brentwatch.core.study import Study

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from brentwatch.core.refused import Refused
    from brentwatch.core.significance.addis import Addis

META = "meta"

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What belongs to no session: see `State`."""

    complete_through: datetime | None
    reached: date | None
    addis: Addis | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session record without its events, studies and forecasts; `decided`, or else expected."""

    decided: bool
    record: SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """The paths of a session; those `after` it are the paths of the next one: see `SessionRecord`."""

    paths: Mapping[str, Path | Refused]


Value = Meta | Bar | Waiting | MonthlyFit | Memory | Known | Session | Forecasts | Joined | Study


@dataclass(frozen=True, slots=True)
class SaveState:
    """Keep this value under this key; None: forget the key."""

    key: str
    value: Value | None


def snapshot(state: State) -> dict[str, Value]:
    """Everything of the state, by key."""
    kept = ((saved.key, saved.value) for saved in changes(State(rules=state.rules), state))
    return {key: value for key, value in kept if value is not None}


def changes(before: State, after: State, events: Collection[str] | None = None) -> Iterator[SaveState]:
    """What must be kept or forgotten to come from the one state to the other.

    Args:
        before: the state whose keys are kept.
        after: a later state of the same fold.
        events: the ids of the events that were admitted in between, where nothing but events came: then no
            other event is looked at. None: look at all.
    """
    if _meta(before) != _meta(after):
        yield SaveState(META, _meta(after))
    yield from _bars(before.prices, after.prices)
    yield from _of_map("waiting", before.waiting, after.waiting)
    yield from _of_map("fit", before.fits, after.fits)
    yield from _of_map("memory", before.memories, after.memories)
    yield from _of_map("event", before.events, after.events, events)
    was, now = _sessions(before), _sessions(after)
    for session in sorted({*was, *now}):
        yield from _of_session(session, was.get(session), now.get(session), events)


def restored(rules: Rules, kept: Mapping[str, Value]) -> State:
    """The state of which these are the values by key."""
    found = _Kept(kept)
    meta = found.of("meta", Meta).get("", _NOTHING)
    prices = PriceHistory.of([bar for _, bar in sorted(found.of("bar", Bar).items())])
    following = dict(pairwise(prices.sessions))
    records = [_record(found, each, following) for each in found.of("session", Session).values()]
    return State(
        rules=rules,
        prices=prices,
        waiting=Map({each.bar.session: each for each in found.of("waiting", Waiting).values()}),
        complete_through=meta.complete_through,
        reached=meta.reached,
        events=Map(found.of("event", Known)),
        expected=Map({each.record.session: each.record for each in records if not each.decided}),
        decided=Map({each.record.session: each.record for each in records if each.decided}),
        fits=Map(found.of("fit", MonthlyFit)),
        memories=Map(found.of("memory", Memory)),
        addis=meta.addis,
    )


_NOTHING = Meta(complete_through=None, reached=None, addis=None)


class _Kept:
    """The values by kind, and by what follows it in the key."""

    def __init__(self, kept: Mapping[str, Value]) -> None:
        self._by_kind: defaultdict[str, dict[str, Value]] = defaultdict(dict)
        for key, value in kept.items():
            kind, _, name = key.partition(":")
            group, inner = f"{kind}:{name[:_DATE]}" if kind in _OF_A_SESSION else kind, name
            self._by_kind[group][inner] = value

    def of(self, kind: str, wanted: type[V]) -> dict[str, V]:
        """Those of one kind."""
        return {name: value for name, value in self._by_kind[kind].items() if isinstance(value, wanted)}


_OF_A_SESSION = ("forecasts", "joined", "study")
_DATE = len("2022-01-05")


def _record(found: _Kept, saved: Session, following: Mapping[date, date]) -> Session:
    """The session with all that was kept apart; `following` is the session with a price after each."""
    session = saved.record.session.isoformat()
    joined, studies = found.of(f"joined:{session}", Joined), found.of(f"study:{session}", Study)
    whole = replace(
        saved.record,
        joined=Map({name[_DATE + 1 :]: each for name, each in joined.items()}),
        studies=Map({each.study_id: each for each in studies.values()}),
        paths=_paths(found, saved.record.session),
        after=_paths(found, following.get(saved.record.session)) if saved.decided else {},
    )
    return replace(saved, record=whole)


def _paths(found: _Kept, session: date | None) -> Mapping[str, Path | Refused]:
    forecasts = found.of(f"forecasts:{session}", Forecasts).get(str(session))
    return {} if forecasts is None else forecasts.paths


def _meta(state: State) -> Meta:
    return Meta(complete_through=state.complete_through, reached=state.reached, addis=state.addis)


def _bars(before: PriceHistory, after: PriceHistory) -> Iterator[SaveState]:
    if before is after:
        return
    was = set(map(id, before.bars))
    yield from (SaveState(f"bar:{bar.session}", bar) for bar in after.bars if id(bar) not in was)
    gone = set(before.sessions).difference(after.sessions)
    yield from (SaveState(f"bar:{session}", None) for session in sorted(gone))


def _of_map(
    kind: str, before: Mapping[K, V], after: Mapping[K, V], only: Collection[K] | None = None
) -> Iterator[SaveState]:
    """What differs; what is the same object is the same."""
    if before is after:
        return
    for key in after if only is None else only:
        value = after.get(key)
        if value is not before.get(key):
            yield SaveState(f"{kind}:{key}", value)  # type: ignore[arg-type]  # each kind has its type of values
    if only is None:
        yield from (SaveState(f"{kind}:{key}", None) for key in before if key not in after)


def _sessions(state: State) -> dict[date, Session]:
    of_expected = {each.session: Session(decided=False, record=each) for each in state.expected.values()}
    return of_expected | {each.session: Session(decided=True, record=each) for each in state.decided.values()}


def _of_session(
    session: date, before: Session | None, after: Session | None, events: Collection[str] | None
) -> Iterator[SaveState]:
    was = SessionRecord(session=session, settles_at=_ANY, known_at=_ANY) if before is None else before.record
    now = SessionRecord(session=session, settles_at=_ANY, known_at=_ANY) if after is None else after.record
    if was is now:
        return
    bare = None if after is None else _stripped(after)
    if before is None or bare is None or bare != _stripped(before):
        yield SaveState(f"session:{session}", bare)
    if (was.paths or now.paths) and was.paths is not now.paths:
        yield SaveState(f"forecasts:{session}", Forecasts(paths=now.paths) if now.paths else None)
    yield from _of_map(f"joined:{session}", was.joined, now.joined, events)
    yield from _of_map(f"study:{session}", was.studies, now.studies)


_ANY = datetime.min.replace(tzinfo=UTC)


def _stripped(session: Session) -> Session:
    record = replace(session.record, joined=Map(), listed=None, paths={}, after={}, studies=Map())
    return replace(session, record=record)
