"""What the next settlement will need, worked out before it comes: then its alert does not wait for a fit.

The fold is as it was, and so is every answer: fits, diagnostics and references depend on the prices alone,
and stand with the state (`worked_out.py`). Where another session comes than the calendar expects, they are
worked out as ever.
"""

from brentwatch.core.domain import find_next_session
from brentwatch.core.intraday.clock import session_of
from brentwatch.core.monitor.forecasting import forecast
from brentwatch.core.monitor.intraday.held_bars import find_reference
from brentwatch.core.monitor.state import State
from brentwatch.core.monitor.studies import find_diagnostics


def look_ahead(state: State) -> None:
    """Forecast the session after the newest, which changes nothing; without prices there is none.

    Of bars of five minutes: what the session that trades is measured against.
    """
    if state.intraday.complete_through is not None:
        find_reference(state, session_of(state.intraday.complete_through))
    if not state.prices.sessions:
        return
    _, paths = forecast(state, find_next_session(state.rules.calendar, state.prices.sessions[-1]))
    for path in paths.values():
        find_diagnostics(state, path)
