"""The state of the monitor as keyed values: the changes of a step, and the state rebuilt from saved values.

Each key holds one thing that changes as a whole, so a batch writes little even if the state is large: an
event that joins a session with thousands of events writes itself, its place, and the short session record.

    meta                        how far the prices are complete, and what the whole series has learnt
    bar:SESSION                 a price that windows or the estimation still need
    waiting:SESSION             a price that waits until the series is complete through its close
    fit:FAMILY  memory:MODEL    fitted parameters; how well an adaptive model's forecasts did
    event:EVENT                 an event in its newest revision, even if it was retracted
    session:SESSION             a session, without the next three
    forecasts:SESSION           the paths made at the settlement before it, which that session has too
    joined:SESSION:EVENT        an event of the session
    study:SESSION:STUDY         the newest revision of one of its studies
    five:SESSION                the 5-minute bars of a session
    tests:SESSION               the tests that events opened in the session
    opening:TIME                the windows that begin with a 5-minute bar, without the next two
    opening-joined:TIME:EVENT   an event of the opening
    opening-study:TIME:STUDY    the newest revision of one of its studies
    reopen:SESSION              what the re-open before a session is compared with
    provisional:SESSION         the study of a session that has not settled
    thread:ALERT                an alert in its newest form
    past:SESSION                a past event and the moves after it

A state that is rebuilt from these values gives the same effects as the original.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import TypeVar

from immutables import Map

from brentwatch.core.domain import RULES, Bar, PastEvent, ProvisionalStudy, Refused, Study, StudyBase
from brentwatch.core.domain.returns import PriceHistory
from brentwatch.core.errors import STOPPING, SettingsError
from brentwatch.core.forecasts.forecast import Memory, Path
from brentwatch.core.intraday.clock import slot_of, time_of
from brentwatch.core.intraday.openings import SessionTests
from brentwatch.core.intraday.session_bars import IntradayBar, SessionBars
from brentwatch.core.monitor.forecasting import list_left_out
from brentwatch.core.monitor.pacing import HeadsUpBudget, Thread
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state import (
    FollowedStory,
    Intraday,
    Joined,
    Known,
    MonthlyFit,
    Opening,
    ReopenBasis,
    SessionRecord,
    State,
    Waiting,
)
from brentwatch.core.reopen import UsualGaps
from brentwatch.core.sessions.calendar import Hours

META = "meta"
BARS_OF_SESSIONS = "five"

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """The parts of `State` that belong to no session.

    `rule_number` is the number of the rules that decided the state, 1 if they had no number yet.
    """

    complete_through: datetime | None
    reached: date | None
    five_through: datetime | None = None
    warm_through: datetime | None = None
    rule_number: int = 1
    closed_through: date | None = None
    budget: HeadsUpBudget = field(default_factory=HeadsUpBudget)
    gaps: UsualGaps = field(default_factory=UsualGaps)
    stories: tuple[FollowedStory, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session record without its events, studies and forecasts; expected if not `decided`."""

    decided: bool
    record: SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """The paths of a session; its `after` is saved as the paths of the next session: see `SessionRecord`."""

    paths: Mapping[str, Path | Refused]


@dataclass(frozen=True, slots=True, kw_only=True)
class FiveMinutes:
    """The bars of a session by column, a tenth of the size of single bars: see `SessionBars`.

    `contracts` is empty if no bar names its contract.
    """

    session: date
    hours: Hours
    through: datetime
    slots: tuple[int, ...]
    closes: tuple[float, ...]
    opens: tuple[float | None, ...]
    volumes: tuple[float | None, ...]
    contracts: tuple[str, ...] = ()


Daily = Meta | Bar | Waiting | MonthlyFit | Memory | Known | Session | Forecasts | Joined | Study
Value = Daily | FiveMinutes | SessionTests | Opening | ReopenBasis | Thread | PastEvent


@dataclass(frozen=True, slots=True)
class SaveState:
    """Save this value under this key; None: delete the key."""

    key: str
    value: Value | None


def take_snapshot(state: State) -> dict[str, Value]:
    """The whole state, by key."""
    kept = ((saved.key, saved.value) for saved in list_changes(State(rules=state.rules), state))
    return {key: value for key, value in kept if value is not None}


def list_changes(before: State, after: State, events: Collection[str] | None = None) -> Iterator[SaveState]:
    """The keys to save or delete to get from one state to the other.

    Args:
        before: the state that is saved.
        after: a later state of the same timeline.
        events: the ids of the events that were admitted in between, if only events came: no other event is
            compared then. None: compare all.
    """
    if _build_meta(before) != _build_meta(after):
        yield SaveState(META, _build_meta(after))
    yield from _list_bar_changes(before.prices, after.prices)
    yield from _list_map_changes("waiting", before.waiting, after.waiting)
    yield from _list_map_changes("fit", before.fits, after.fits)
    yield from _list_map_changes("memory", before.memories, after.memories)
    yield from _list_map_changes("event", before.events, after.events, events)
    yield from _list_map_changes("provisional", before.provisional, after.provisional)
    yield from _list_map_changes("thread", before.threads, after.threads)
    yield from _list_map_changes("past", before.past, after.past)
    was, now = _map_sessions(before), _map_sessions(after)
    for session in sorted({*was, *now}):
        yield from _list_session_changes(session, was.get(session), now.get(session), events)
    yield from _list_intraday_changes(before.intraday, after.intraday, events)


KINDS = frozenset(
    {
        *("meta", "bar", "session", "waiting", "event", "fit", "memory", "forecasts", "joined", "study"),
        *("tests", "opening", "opening-joined", "opening-study", BARS_OF_SESSIONS),
        *("reopen", "provisional", "thread", "past"),
    }
)
"""The first part of a key, up to its colon. Other keys on the state topic are not written by brentwatch."""


def assemble_state(rules: Rules, kept: Mapping[str, Value]) -> State:
    """The state rebuilt from its saved values by key.

    Raises:
        SettingsError: if the values do not form a state; values that brentwatch wrote always do.
    """
    try:
        return _put_together(rules, kept)
    except STOPPING:
        raise
    except Exception as error:
        raise SettingsError(
            f"the saved state cannot be rebuilt ({type(error).__name__}: {error}); expected values that "
            "brentwatch wrote: recreate the state with `brentwatch run monitor --rebuild`"
        ) from error


def _put_together(rules: Rules, kept: Mapping[str, Value]) -> State:
    found = _Kept(kept)
    meta = found.select("meta", Meta).get("", _NOTHING)
    prices = PriceHistory.build([bar for _, bar in sorted(found.select("bar", Bar).items())])
    following = dict(pairwise(prices.sessions))
    records = [_restore_record(found, each, following) for each in found.select("session", Session).values()]
    return State(
        rules=rules,
        prices=prices,
        waiting=Map({each.bar.session: each for each in found.select("waiting", Waiting).values()}),
        complete_through=meta.complete_through,
        reached=meta.reached,
        events=Map(found.select("event", Known)),
        expected=Map({each.record.session: each.record for each in records if not each.decided}),
        decided=Map({each.record.session: each.record for each in records if each.decided}),
        fits=Map(found.select("fit", MonthlyFit)),
        memories=Map(found.select("memory", Memory)),
        intraday=_restore_intraday(found, meta),
        closed_through=meta.closed_through,
        threads=Map(found.select("thread", Thread)),
        provisional=_key_by_day(found.select("provisional", ProvisionalStudy)),
        budget=meta.budget,
        past=_key_by_day(found.select("past", PastEvent)),
        stories=meta.stories,
        left_out=list_left_out(rules, prices.sessions),
    )


def _key_by_day(values: Mapping[str, V]) -> Map[date, V]:
    return Map({date.fromisoformat(session): each for session, each in values.items()})


_NOTHING = Meta(complete_through=None, reached=None)


class _Kept:
    """The values by kind, and by the rest of the key."""

    def __init__(self, kept: Mapping[str, Value]) -> None:
        self._by_kind: defaultdict[str, dict[str, Value]] = defaultdict(dict)
        for key, value in kept.items():
            kind, _, name = key.partition(":")
            group = f"{kind}:{name[: _OF_ONE[kind]]}" if kind in _OF_ONE else kind
            self._by_kind[group][name] = value

    def select(self, kind: str, wanted: type[V]) -> dict[str, V]:
        """The values of one kind."""
        return {name: value for name, value in self._by_kind[kind].items() if isinstance(value, wanted)}


DATE_LENGTH = len("2022-01-05")
_TIME = len("20220105T1435")
_OF_ONE = dict.fromkeys(("forecasts", "joined", "study"), DATE_LENGTH) | dict.fromkeys(
    ("opening-joined", "opening-study"), _TIME
)
"""The kinds with many values per session or opening, and the length of its name in the key."""


def _restore_record(found: _Kept, saved: Session, following: Mapping[date, date]) -> Session:
    """The session with the parts that are saved separately; `following` maps to the next priced session."""
    session = saved.record.session.isoformat()
    joined, studies = found.select(f"joined:{session}", Joined), _select_studies(found, f"study:{session}")
    whole = replace(
        saved.record,
        joined=Map({name[DATE_LENGTH + 1 :]: each for name, each in joined.items()}),
        studies=studies,
        paths=_read_paths(found, saved.record.session),
        after=_read_paths(found, following.get(saved.record.session)) if saved.decided else {},
    )
    return replace(saved, record=whole)


def _select_studies(found: _Kept, group: str) -> Map[str, Study]:
    """The studies of a session or an opening by id, of every kind."""
    kept: Mapping[str, StudyBase] = found.select(group, StudyBase)
    return Map({each.study_id: each for each in kept.values() if isinstance(each, Study)})


def _read_paths(found: _Kept, session: date | None) -> Mapping[str, Path | Refused]:
    forecasts = found.select(f"forecasts:{session}", Forecasts).get(str(session))
    return {} if forecasts is None else forecasts.paths


def _build_meta(state: State) -> Meta:
    return Meta(
        complete_through=state.complete_through,
        reached=state.reached,
        five_through=state.intraday.complete_through,
        warm_through=state.intraday.warm_through,
        rule_number=RULES,
        closed_through=state.closed_through,
        budget=state.budget,
        gaps=state.intraday.gaps,
        stories=state.stories,
    )


def _list_bar_changes(before: PriceHistory, after: PriceHistory) -> Iterator[SaveState]:
    if before is after:
        return
    was = set(map(id, before.bars))
    yield from (SaveState(f"bar:{bar.session}", bar) for bar in after.bars if id(bar) not in was)
    gone = set(before.sessions).difference(after.sessions)
    yield from (SaveState(f"bar:{session}", None) for session in sorted(gone))


def _list_map_changes(
    kind: str, before: Mapping[K, V], after: Mapping[K, V], only: Collection[K] | None = None
) -> Iterator[SaveState]:
    """The differing keys; values are compared by identity."""
    if before is after:
        return
    for key in after if only is None else only:
        value = after.get(key)
        if value is not before.get(key):
            yield SaveState(f"{kind}:{key}", value)  # type: ignore[arg-type]  # each kind has its type of values
    if only is None:
        yield from (SaveState(f"{kind}:{key}", None) for key in before if key not in after)


def _map_sessions(state: State) -> dict[date, Session]:
    of_expected = {each.session: Session(decided=False, record=each) for each in state.expected.values()}
    return of_expected | {each.session: Session(decided=True, record=each) for each in state.decided.values()}


def _list_session_changes(
    session: date, before: Session | None, after: Session | None, events: Collection[str] | None
) -> Iterator[SaveState]:
    was = SessionRecord(session=session, settles_at=_ANY, known_at=_ANY) if before is None else before.record
    now = SessionRecord(session=session, settles_at=_ANY, known_at=_ANY) if after is None else after.record
    if was is now:
        return
    bare = None if after is None else _strip_session(after)
    if before is None or bare is None or bare != _strip_session(before):
        yield SaveState(f"session:{session}", bare)
    if (was.paths or now.paths) and was.paths is not now.paths:
        yield SaveState(f"forecasts:{session}", Forecasts(paths=now.paths) if now.paths else None)
    yield from _list_map_changes(f"joined:{session}", was.joined, now.joined, events)
    yield from _list_map_changes(f"study:{session}", was.studies, now.studies)


_ANY = datetime.min.replace(tzinfo=UTC)


def _list_intraday_changes(
    before: Intraday, after: Intraday, events: Collection[str] | None
) -> Iterator[SaveState]:
    if before is after:
        return
    for saved in _list_map_changes(BARS_OF_SESSIONS, before.sessions, after.sessions):
        session = date.fromisoformat(saved.key.removeprefix(f"{BARS_OF_SESSIONS}:"))
        held = after.sessions.get(session)
        yield SaveState(saved.key, None if held is None else _convert_to_columns(held))
    yield from _list_map_changes("tests", before.tests, after.tests)
    yield from _list_map_changes("reopen", before.reopens, after.reopens)
    for at in sorted({*before.openings, *after.openings}):
        yield from _list_opening_changes(
            f"{at:%Y%m%dT%H%M}", before.openings.get(at), after.openings.get(at), events
        )


def _list_opening_changes(
    time: str, before: Opening | None, after: Opening | None, events: Collection[str] | None
) -> Iterator[SaveState]:
    if before is after:
        return
    bare = None if after is None else _strip_opening(after)
    if before is None or bare is None or bare != _strip_opening(before):
        yield SaveState(f"opening:{time}", bare)
    was = _NO_RECORD if before is None else before.record
    now = _NO_RECORD if after is None else after.record
    yield from _list_map_changes(f"opening-joined:{time}", was.joined, now.joined, events if after else None)
    yield from _list_map_changes(f"opening-study:{time}", was.studies, now.studies)


_NO_RECORD = SessionRecord(session=_ANY.date(), settles_at=_ANY, known_at=_ANY)


def _strip_opening(opening: Opening) -> Opening:
    return replace(opening, record=replace(opening.record, joined=Map(), listed=None, studies=Map()))


def _convert_to_columns(bars: SessionBars) -> FiveMinutes:
    return FiveMinutes(
        session=bars.session,
        hours=bars.hours,
        through=bars.through,
        slots=tuple(slot_of(bars.session, bar.opens_at) for bar in bars.bars),
        closes=tuple(bar.close for bar in bars.bars),
        opens=tuple(bar.open for bar in bars.bars),
        volumes=tuple(bar.volume for bar in bars.bars),
        contracts=tuple(bar.contract for bar in bars.bars) if any(bar.contract for bar in bars.bars) else (),
    )


def _restore_session_bars(kept: FiveMinutes) -> SessionBars:
    contracts = kept.contracts or ("",) * len(kept.slots)
    rows = zip(kept.slots, kept.closes, kept.opens, kept.volumes, contracts, strict=True)
    bars = (
        IntradayBar(
            opens_at=time_of(kept.session, slot), close=close, open=first, volume=volume, contract=contract
        )
        for slot, close, first, volume, contract in rows
    )
    return SessionBars(session=kept.session, hours=kept.hours, through=kept.through, bars=tuple(bars))


def _restore_intraday(found: _Kept, meta: Meta) -> Intraday:
    bars = [_restore_session_bars(each) for each in found.select(BARS_OF_SESSIONS, FiveMinutes).values()]
    tests = found.select("tests", SessionTests)
    openings = [_restore_opening(found, *each) for each in found.select("opening", Opening).items()]
    return Intraday(
        sessions=Map({each.session: each for each in bars}),
        tests=_key_by_day(tests),
        openings=Map({each.begins_at: each for each in openings}),
        complete_through=meta.five_through,
        warm_through=meta.warm_through,
        gaps=meta.gaps,
        reopens=_key_by_day(found.select("reopen", ReopenBasis)),
    )


def _restore_opening(found: _Kept, time: str, kept: Opening) -> Opening:
    """The opening with the parts that are saved separately."""
    joined = found.select(f"opening-joined:{time}", Joined)
    studies = _select_studies(found, f"opening-study:{time}")
    record = replace(
        kept.record,
        joined=Map({name[_TIME + 1 :]: each for name, each in joined.items()}),
        studies=studies,
    )
    return replace(kept, record=record)


def _strip_session(session: Session) -> Session:
    record = replace(session.record, joined=Map(), listed=None, paths={}, after={}, studies=Map())
    return replace(session, record=record)
