"""The monitor: a fold over one partition of the timeline, `step(state, signal) -> (state, effects)`.

What is tested is the session, not the event: for every settled session s, the return of s is a draw from the
forecast made at s - 1. That p(s) is a function of the prices alone, and only p(s) may open an alert. Events
join sessions, and decide what is said and how loudly.

Rules that hold after every step:

* `expected` holds exactly the sessions that some event waits for; each has a pending study. * `decided` holds
the tested sessions of the last half year; each has its headline study, and an alert if p(s) ever
  was at the level.
* A revision of a study or an alert is published when, and only when, it says something new.
* An instrument with bars of five minutes is tested within the session as well (`within/`): an event opens a
  test, joins one or gets a study, at most two tests a session, and each window is answered once.
* Nothing here reads a clock: the same signals in the same order give the same effects, live or replayed.
"""

from typing import assert_never

from brentwatch.core.domain import Canary, CanarySeen, Effect, EventAdmitted, PriceUpdate, Signal
from brentwatch.core.monitor.admission import admit
from brentwatch.core.monitor.intraday.admission import join_within
from brentwatch.core.monitor.intraday.bar_updates import take_bars
from brentwatch.core.monitor.intraday.held_bars import load_trading_calendar
from brentwatch.core.monitor.publishing import Step
from brentwatch.core.monitor.settling import take_prices
from brentwatch.core.monitor.state import Rules, State
from brentwatch.core.sessions.roll import check_rule

__all__ = ["Rules", "State", "create_state", "step"]


def create_state(rules: Rules) -> State:
    """The state before the first signal.

    Raises:
        SettingsError: if the instrument names a calendar or a roll rule that does not exist, or has bars of
            five minutes and a calendar that does not know when its sessions trade.
    """
    check_rule(rules.instrument.series.roll)
    rules.calendar  # noqa: B018 - an unknown calendar is told at the start, not at the first price
    if rules.instrument.intraday is not None:
        load_trading_calendar(rules)
    return State(rules=rules)


def step(state: State, signal: Signal) -> tuple[State, tuple[Effect, ...]]:
    """The state after `signal`, and what is asked for because of it, in order."""
    taken = _take_signal(state, signal)
    return taken.state, taken.effects


def _take_signal(state: State, signal: Signal) -> Step:
    intraday = state.rules.instrument.intraday
    match signal:
        case EventAdmitted() if intraday is not None:
            return join_within(state, admit(state, signal), signal)
        case EventAdmitted():
            return admit(state, signal)
        case PriceUpdate(series=series) if intraday is not None and series == intraday.name:
            return take_bars(state, signal)
        case PriceUpdate():
            return take_prices(state, signal)
        case Canary(canary_id=canary_id, known_at=known_at):
            return Step(state).note(CanarySeen(canary_id=canary_id, known_at=known_at))
        case _:
            assert_never(signal)
