"""The 5-minute bars of the state: their sessions, how long they are held, and the results of their tests."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from immutables import Map

from brentwatch.core import domain
from brentwatch.core.intraday.clock import session_of
from brentwatch.core.intraday.grid import Grid
from brentwatch.core.intraday.minutes import BarsFound
from brentwatch.core.intraday.reference import KEPT, Reference, build_reference
from brentwatch.core.intraday.session_bars import SessionBars
from brentwatch.core.monitor.state import Intraday, State


def find_session_bars(state: State, sessions: Map[date, SessionBars], session: date) -> SessionBars | None:
    """The bars of a session, perhaps none yet; None if the calendar has no such session."""
    if kept := sessions.get(session):
        return kept
    calendar = state.rules.trading_calendar
    if calendar.find_on_or_after(session) != session:
        return None
    hours = calendar.hours(session)
    through = state.intraday.complete_through or hours.opens_at
    return SessionBars(session=session, hours=hours, through=through)


def count_usable_sessions(intraday: Intraday) -> int:
    """How many complete sessions of bars are held."""
    return sum(each.grid.usable for each in intraday.sessions.values())


def list_grids_before(intraday: Intraday, session: date) -> tuple[Grid, ...]:
    """The sessions before `session`, oldest first, laid out on their slots."""
    before = sorted(each for each in intraday.sessions if each < session)
    return tuple(intraday.sessions[each].grid for each in before)


def find_reference(state: State, session: date) -> Reference | domain.Refused:
    """The reference of a session, cached: each of its tests needs it."""
    past = list_grids_before(state.intraday, session)
    return state.worked_out.references.find(past, lambda: build_reference(past))


def list_confounders(state: State, session: date) -> tuple[domain.Confounder, ...]:
    """The confounders of a session of bars: those listed, then those of the calendar."""
    listed, roll = state.rules.confounders.get(session, ()), state.rules.instrument.series.roll
    match sorted(each for each in state.intraday.sessions if each < session)[-2:]:
        case [*two, before]:
            return (*listed, *domain.list_rule_confounders(roll, session, before, *two))
    return listed


KEPT_SESSIONS = KEPT + 10
"""The sessions of bars that are held: as many as tests look back on, and some for unusable ones."""

_OPEN_DAYS = timedelta(days=7)
"""This long events may join and revise a result."""


def find_oldest_open(state: State) -> date | None:
    """The first session whose openings are held; None until a bar or an event gives the time."""
    through = [each for each in (state.intraday.complete_through, state.complete_through) if each is not None]
    return session_of(max(through)) - _OPEN_DAYS if through else None


def forget_old(state: State) -> State:
    """The state without bars and openings that are too old."""
    oldest, intraday = find_oldest_open(state), _drop_old_bars(state.intraday)
    if oldest is not None and any(session < oldest for session in intraday.tests):
        openings = {at: each for at, each in intraday.openings.items() if session_of(at) >= oldest}
        tests = {session: each for session, each in intraday.tests.items() if session >= oldest}
        intraday = replace(intraday, openings=Map(openings), tests=Map(tests))
    return state if intraday is state.intraday else replace(state, intraday=intraday)


def _drop_old_bars(intraday: Intraday) -> Intraday:
    if len(intraday.sessions) <= KEPT_SESSIONS:
        return intraday
    kept = sorted(intraday.sessions)[-KEPT_SESSIONS:]
    return replace(intraday, sessions=Map({session: intraday.sessions[session] for session in kept}))


def refuse_holiday(session: date) -> domain.Refused:
    """The refusal of a session that turned out to be a holiday."""
    return domain.Refused(f"session {session} is no longer expected: a holiday")


def refuse_warm_up(state: State, begins_at: datetime) -> domain.Refused | None:
    """The refusal of bars from `begins_at` (UTC) that only feed the estimation; None if they are tested."""
    warm = state.intraday.warm_through
    if warm is None or begins_at >= warm:
        return None
    return domain.Refused(f"the bars from {begins_at.isoformat()} are warm-up: they are not tested")


def convert_found(found: BarsFound, *, opens: bool, quiet: int = 0) -> domain.MoveFound:
    """A result in the form of a study; only a test that `opens` alerts has `given_alert`."""
    return domain.MoveFound(
        null=found.null,
        move=found.move,
        low=found.low,
        high=found.high,
        usual=found.usual,
        ratio=found.z,
        p=found.p,
        mde_05=found.mde_05,
        mde_alert=found.mde_alert,
        given_alert=found.given_alert if opens else None,
        sessions=found.sessions,
        quiet=quiet,
    )
