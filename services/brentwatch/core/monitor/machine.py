"""The monitor: a fold over one partition of the timeline, `step(state, signal) -> (state, effects)`.

The monitor tests sessions, not events. The null hypothesis for a settled session s is that its return is a
draw from the forecast made at s - 1, so p(s) is a function of the prices alone. Events join sessions. They
decide the text and the severity of an alert, and which tests run before the settlement.

Rules that hold after every step:

* `expected` holds exactly the sessions that an event waits for; each has a pending or a provisional study.
* `decided` holds the tested sessions of the last half year; each has its headline study.
* `threads` holds one alert per session. A heads-up or the first abnormal test opens it, each later answer
  revises it, and it is never withdrawn.
* A revision of a study or an alert is published if and only if it says something new.
* An instrument with 5-minute bars is also tested within the session (`intraday/`). An event opens a test,
  joins one, or gets a study without a test. A session has at most two tests, and each window is answered
  once. News in a break of trade is tested on the gap over the break.
* No function here reads a clock: the same signals in the same order give the same effects, live or replayed.
"""

from typing import assert_never

from brentwatch.core.domain import Canary, CanarySeen, Effect, EventAdmitted, PriceUpdate, Signal
from brentwatch.core.monitor.admission import admit
from brentwatch.core.monitor.heads_up import announce
from brentwatch.core.monitor.intraday.admission import join_within
from brentwatch.core.monitor.intraday.bar_updates import take_bars
from brentwatch.core.monitor.publishing import Step, publish_alerts
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.settling import take_prices
from brentwatch.core.monitor.state import State
from brentwatch.core.sessions.roll import check_rule

__all__ = ["Rules", "State", "create_state", "step"]


def create_state(rules: Rules) -> State:
    """The state before the first signal.

    Raises:
        SettingsError: if the instrument names a calendar or a roll rule that does not exist, or has 5-minute
            bars and a calendar without trading hours.
    """
    check_rule(rules.instrument.series.roll)
    rules.calendar  # noqa: B018 - an unknown calendar is reported at the start, not at the first price
    if rules.instrument.intraday is not None:
        rules.trading_calendar  # noqa: B018 - so is a calendar without trading hours
    return State(rules=rules)


def step(state: State, signal: Signal) -> tuple[State, tuple[Effect, ...]]:
    """The state after `signal`, and the effects of the signal, in order."""
    told = publish_alerts(_take_signal(state, signal), signal.known_at)
    return told.state, told.effects


def _take_signal(state: State, signal: Signal) -> Step:
    intraday = state.rules.instrument.intraday
    match signal:
        case EventAdmitted() if intraday is not None:
            return announce(state, join_within(state, admit(state, signal), signal), signal)
        case EventAdmitted():
            return announce(state, admit(state, signal), signal)
        case PriceUpdate(series=series) if intraday is not None and series == intraday.name:
            return take_bars(state, signal)
        case PriceUpdate():
            return take_prices(state, signal)
        case Canary(canary_id=canary_id, known_at=known_at):
            return Step(state).note(CanarySeen(canary_id=canary_id, known_at=known_at))
        case _:
            assert_never(signal)
