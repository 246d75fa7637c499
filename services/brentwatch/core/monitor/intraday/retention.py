"""How long bars, tests and openings are remembered; what is older is let go before anything else happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from immutables import Map

from brentwatch.core.intraday.clock import session_of
from brentwatch.core.intraday.reference import KEPT

if TYPE_CHECKING:
    from datetime import date

    from brentwatch.core.monitor.state import Intraday, State

KEPT_SESSIONS = KEPT + 10
"""Of bars: as many as are looked back on, and some that cannot be used."""

_OPEN_DAYS = timedelta(days=7)
"""So long events may join and revise what was said; none but its own prices ever leads to a test."""


def find_oldest_open(state: State) -> date | None:
    """The first session whose openings are kept; None as long as nothing tells what time it is."""
    through = [each for each in (state.intraday.complete_through, state.complete_through) if each is not None]
    return session_of(max(through)) - _OPEN_DAYS if through else None


def forget_old(state: State) -> State:
    """The state without what is too old."""
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
