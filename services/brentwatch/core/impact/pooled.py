"""One test of a list of events together: is the mean move of their sessions larger than anywhere else?

The statistic is the mean of the standardised abnormal returns: for each session with an event, the move less
its forecast, over the standard error of the forecast, which was made at the settlement before the window. A
session counts once, however many events it has. An event known by its date alone counts for its first one.

The same set of sessions is moved together by k sessions, for every k of at least `SHORTEST_SHIFT` to either
side that keeps it inside the series. p = (1 + exceedances) / (1 + shifts), where a shift exceeds if the
absolute mean of its sessions is at least that of the list. The moved set has the same distances between its
sessions, so turbulent weeks that events share, and windows that overlap, widen both alike. k counts the
sessions that have a complete test of the window.

A shift also uses sessions after the events: p changes a little as the series grows. No forecast does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from brentwatch.core.domain import WINDOWS, Bar, Found, Instrument, Refused, Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.forecast import Path
from brentwatch.core.forecasts.table import HEADLINE_MODEL, load
from brentwatch.core.impact.forecast_walk import Progress, forecast_sessions, ignore_progress
from brentwatch.core.impact.impacts import NO_PRICES, PlacedEvents, check_windows
from brentwatch.core.impact.shifts import PooledMean, pool_sessions
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state import State
from brentwatch.core.monitor.studies import measure_window

NULL = (
    "the mean standardised abnormal return of these sessions is like that of the same set of sessions moved "
    "elsewhere in the series"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledTest:
    """The test of one window: of `events` on the `sessions`, each its first one, ascending."""

    window: Window
    events: int
    sessions: tuple[date, ...]
    found: PooledMean
    null: str = NULL


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledImpacts:
    """The pooled test of each window, or why there is none.

    `left_out` has by window the events that have no complete test of it, and why. `tested` counts the
    sessions of the series with such a test. `first` and `last` are the sessions of the prices.
    """

    model: str
    instrument: Instrument
    tests: Mapping[Window, PooledTest | Refused]
    left_out: Mapping[Window, Mapping[str, str]]
    tested: Mapping[Window, int]
    first: date
    last: date


def pool_impacts(
    events: Mapping[str, date | datetime],
    bars: Sequence[Bar],
    rules: Rules,
    model: str = HEADLINE_MODEL,
    windows: Sequence[Window] = WINDOWS,
    progress: Progress = ignore_progress,
) -> PooledImpacts:
    """The test of all events together, for each window. The arguments are those of `measure_impacts`.

    Every session of the prices that can be forecast is forecast, some 3 seconds for 25 years.

    Raises:
        InvalidInput: if there is no price or no event, or a window does not start at 0 or is longer than a
            year.
        SettingsError: if there is no such model.
    """
    load(model)
    asked = check_windows(windows)
    if not bars:
        raise InvalidInput(NO_PRICES)
    if not events:
        raise InvalidInput("there are no events; expected one or more; give some")
    rules = replace(rules, model_names=(model,))
    placed = PlacedEvents.build(events, bars, rules.instrument)
    horizon = max(window.end for window in asked) + 1
    paths = forecast_sessions(rules, bars, range(1, len(bars)), horizon, progress)
    pools = {window: _Pool.build(rules, bars, paths, placed, window) for window in asked}
    return PooledImpacts(
        model=model,
        instrument=rules.instrument,
        tests={window: pool.test(rules.instrument.alert_level) for window, pool in pools.items()},
        left_out={window: pool.left_out for window, pool in pools.items()},
        tested={window: len(pool.places) for window, pool in pools.items()},
        first=bars[0].session,
        last=bars[-1].session,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pool:
    """All complete tests of a window, by their places in the bars, and the first place of each event."""

    window: Window
    bars: Sequence[Bar]
    places: tuple[int, ...]
    found: tuple[Found, ...]
    events: Mapping[str, int]
    left_out: Mapping[str, str]

    @classmethod
    def build(
        cls,
        rules: Rules,
        bars: Sequence[Bar],
        paths: Mapping[int, Path | Refused],
        placed: PlacedEvents,
        window: Window,
    ) -> _Pool:
        state, found = State(rules=rules), dict[int, Found]()
        reasons = dict[int, str]()
        for at, path in paths.items():
            match measure_window(state, window, bars[at - 1 : at + window.sessions], path):
                case Found(complete=True) as each:
                    found[at] = each
                case Found(observed=observed, planned=planned):
                    reasons[at] = f"{observed} of {planned} sessions have a price so far"
                case Refused(reason=reason):
                    reasons[at] = reason
        first = {event: places[0][0] for event, places in placed.sessions.items()}
        untested = {
            event: f"session {bars[at].session}: {reasons[at]}"
            for event, at in first.items()
            if at in reasons
        }
        return cls(
            window=window,
            bars=bars,
            places=tuple(found),
            found=tuple(found.values()),
            events={event: at for event, at in first.items() if at in found},
            left_out={**placed.refused, **untested},
        )

    def test(self, level: float) -> PooledTest | Refused:
        if not self.events:
            reason = next(iter(self.left_out.values()))
            return Refused(f"no event has a complete test of the window {self.window}: {reason}")
        at = sorted(set(self.events.values()))
        chosen = np.searchsorted(self.places, at)
        pooled = pool_sessions(
            np.array([each.car for each in self.found]),
            np.array([each.standard_error for each in self.found]),
            chosen,
            level,
        )
        if isinstance(pooled, Refused):
            return pooled
        return PooledTest(
            window=self.window,
            events=len(self.events),
            sessions=tuple(self.bars[each].session for each in at),
            found=pooled,
        )
