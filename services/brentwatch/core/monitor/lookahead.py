"""Computes in advance what the next settlement needs, so that its alert does not wait for a fit.

No answer changes: fits, diagnostics and references depend on the prices alone, and are cached with the state
(`worked_out.py`). If a session comes that the calendar does not expect, they are computed then.
"""

from brentwatch.core.domain import find_next_session
from brentwatch.core.intraday.clock import session_of
from brentwatch.core.monitor.forecasting import forecast
from brentwatch.core.monitor.intraday.held_bars import find_reference
from brentwatch.core.monitor.state import State
from brentwatch.core.monitor.studies import find_diagnostics


def look_ahead(state: State) -> None:
    """Forecast the session after the newest and drop the result: only the cache changes.

    With 5-minute bars, also compute the reference of the session that trades now.
    """
    if state.intraday.complete_through is not None:
        find_reference(state, session_of(state.intraday.complete_through))
    if not state.prices.sessions:
        return
    _, paths = forecast(state, find_next_session(state.rules.calendar, state.prices.sessions[-1]))
    for path in paths.values():
        find_diagnostics(state, path)
