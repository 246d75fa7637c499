"""The impact of events: what the price did after each, against the forecast that the monitor would have made.

An event known at an instant belongs to the first session that settles strictly after it. An event known by
its date alone belongs to the session of that date, or the first one later, and also to the next session,
which may hold the news as well: both are tested, and the second is `carried`. The figures are those that the
monitor publishes for the same sessions, windows and prices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise

from brentwatch.core.domain import (
    HEADLINE,
    SPANS_MISSING_SESSIONS,
    UNCALIBRATED,
    WINDOWS,
    Bar,
    Calibration,
    Confounder,
    Found,
    Instrument,
    Refused,
    Window,
    list_rule_confounders,
)
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.batch import find_tau_zero
from brentwatch.core.forecasts.forecast import Path
from brentwatch.core.forecasts.table import HEADLINE_MODEL, load
from brentwatch.core.impact.forecast_walk import Progress, forecast_sessions, ignore_progress
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state import State
from brentwatch.core.monitor.studies import measure_window
from brentwatch.core.sessions.calendar_check import list_missing_sessions

NO_PRICES = "there are no prices; expected one a session; give some"
LONGEST_WINDOW = 250
"""Sessions: a year. A forecast of more says nothing."""


class MoveVerdict(StrEnum):
    """What a test says of a move.

    `ABNORMAL`: p is at or below the alert level. `OUTSIDE`: the move left the normal range, in which 95 of
    100 moves stay if nothing happens, and p is above the alert level. `NORMAL`: it stayed inside.
    """

    ABNORMAL = "abnormal"
    OUTSIDE = "outside the normal range"
    NORMAL = "normal"


def judge_move(found: Found, level: float) -> MoveVerdict:
    """The verdict on a tested move at an alert level."""
    if found.p <= level:
        return MoveVerdict.ABNORMAL
    low, high = found.normal_range
    return MoveVerdict.NORMAL if low <= found.total <= high else MoveVerdict.OUTSIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowImpact:
    """The test of one window.

    `sessions` are those of the window that have a price, `result` is the test on them: a `Found`, whose moves
    are log fractions, or a `Refused` with the reason. `flags` and `confounders` are those of a study
    (`core/domain/study.py`): what to know of the figures, and what else happened in these sessions.
    """

    window: Window
    sessions: tuple[date, ...]
    result: Found | Refused
    flags: tuple[str, ...] = ()
    confounders: tuple[Confounder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventImpact:
    """One event on one session, tau 0, with a test for each window that was asked for.

    `known` is the date, or the aware instant, at which the event was known. `carried` is true for the second
    session of an event known by its date alone. `calibration` is how often the model was wrong on the series
    of the instrument before this session, None where that is not recorded.
    """

    event: str
    known: date | datetime
    session: date
    carried: bool
    windows: tuple[WindowImpact, ...]
    calibration: Calibration | None = None

    @property
    def date_only(self) -> bool:
        """True if the time of day of the event is unknown."""
        return not isinstance(self.known, datetime)

    @property
    def days_waited(self) -> int:
        """Calendar days (UTC) from the event to its session; more than four: prices are missing between."""
        known = self.known.date() if isinstance(self.known, datetime) else self.known
        return (self.session - known).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Impacts:
    """The impacts of many events, in their order; an event known by its date alone may be in it twice.

    `level` is the alert level of the instrument: a p at or below it is abnormal. `refused` are the events
    without a test of any window, and why. `first` and `last` are the sessions of the prices.
    """

    model: str
    instrument: Instrument
    windows: tuple[Window, ...]
    found: tuple[EventImpact, ...]
    refused: Mapping[str, str]
    first: date
    last: date

    @property
    def level(self) -> float:
        """The alert level."""
        return self.instrument.alert_level


def measure_impacts(
    events: Mapping[str, date | datetime],
    bars: Sequence[Bar],
    rules: Rules,
    model: str = HEADLINE_MODEL,
    windows: Sequence[Window] = WINDOWS,
    progress: Progress = ignore_progress,
) -> Impacts:
    """The impact of each event on the price.

    Args:
        events: by name the date, whose time of day is unknown, or the aware instant at which each was known.
        bars: the daily prices, oldest first, one a session.
        rules: of the instrument (`history.rules.build_rules`). Its bundled fits, with the memory before each
            month, are used for the prices they were made from. On other prices an adaptive model learns from
            the first session that can be tested, so give it all the prices there are.
        model: one of `core.forecasts.table.MODELS`.
        windows: each starts at 0; both ends are inclusive, and (0, 1) is two sessions.
        progress: called with the number of forecasts made and the number needed.

    Raises:
        InvalidInput: if there is no price, or a window does not start at 0 or is longer than a year.
        SettingsError: if there is no such model.
    """
    load(model)
    asked = check_windows(windows)
    if not bars:
        raise InvalidInput(NO_PRICES)
    rules = replace(rules, model_names=(model,))
    placed = PlacedEvents.build(events, bars, rules.instrument)
    horizon = max(window.end for window in asked) + 1
    paths = forecast_sessions(rules, bars, placed.list_places(), horizon, progress)
    measured = {at: _measure(rules, model, bars, at, path, asked) for at, path in paths.items()}
    found = [
        EventImpact(
            event=event,
            known=known,
            session=bars[at].session,
            carried=carried,
            windows=measured[at],
            calibration=rules.find_calibration(model, bars[at].session),
        )
        for event, known in events.items()
        for at, carried in placed.sessions.get(event, ())
    ]
    untested = {each.event: _explain(each) for each in found if not each.carried and not _is_tested(each)}
    reasons = {**placed.refused, **untested}
    return Impacts(
        model=model,
        instrument=rules.instrument,
        windows=asked,
        found=tuple(each for each in found if _is_tested(each) and each.event not in untested),
        refused={event: reasons[event] for event in events if event in reasons},
        first=bars[0].session,
        last=bars[-1].session,
    )


def check_windows(windows: Sequence[Window]) -> tuple[Window, ...]:
    """The windows, each once.

    Raises:
        InvalidInput: if one does not start at 0 or is longer than a year, or if there is none.
    """
    faults = [
        f"window {window} starts at {window.start}; expected 0, because the forecast is made the session "
        f"before the event; give 0,{max(window.end, 0)}, or a model of the classical study"
        for window in windows
        if window.start != 0
    ]
    faults += [
        f"window {window} is longer than {LONGEST_WINDOW} sessions; give a shorter one"
        for window in windows
        if window.sessions > LONGEST_WINDOW
    ]
    if not windows:
        faults.append("no window is given; expected one or more, such as 0,1; give one")
    if faults:
        raise InvalidInput(*faults)
    return tuple(dict.fromkeys(windows))


@dataclass(frozen=True, slots=True)
class PlacedEvents:
    """The places of the bars of each event, with whether it is the second of them, and the refused events."""

    sessions: Mapping[str, tuple[tuple[int, bool], ...]]
    refused: Mapping[str, str]

    @classmethod
    def build(
        cls, events: Mapping[str, date | datetime], bars: Sequence[Bar], instrument: Instrument
    ) -> PlacedEvents:
        """The places of events, by name, in `bars`."""
        sessions, refused = dict[str, tuple[tuple[int, bool], ...]](), dict[str, str]()
        days = [bar.session for bar in bars]
        for event, known in events.items():
            at = find_tau_zero(days, instrument, known)
            if at == len(days):
                refused[event] = (
                    f"its session has no price yet: the prices end on {days[-1]}; add newer prices, or try "
                    "again when it has settled"
                )
            elif at == 0:
                refused[event] = (
                    f"no price before its session: the prices begin on {days[0]}; give more price history"
                )
            else:
                both = not isinstance(known, datetime) and at + 1 < len(days)
                sessions[event] = ((at, False), (at + 1, True)) if both else ((at, False),)
        return cls(sessions, refused)

    def list_places(self) -> list[int]:
        """All places, ascending, each once."""
        return sorted({at for places in self.sessions.values() for at, _ in places})


def _measure(
    rules: Rules, model: str, bars: Sequence[Bar], at: int, path: Path | Refused, windows: Sequence[Window]
) -> tuple[WindowImpact, ...]:
    state = State(rules=rules)
    return tuple(
        _measure_one(state, model, bars[max(at - 2, 0) : at], bars[at : at + window.sessions], path, window)
        for window in windows
    )


def _measure_one(
    state: State,
    model: str,
    before: Sequence[Bar],
    within: Sequence[Bar],
    path: Path | Refused,
    window: Window,
) -> WindowImpact:
    """`before` are the last one or two bars before the window, `within` those of the window."""
    bars = (before[-1], *within)
    opens = (window, model) == (HEADLINE, HEADLINE_MODEL)
    return WindowImpact(
        window=window,
        sessions=tuple(bar.session for bar in within),
        result=measure_window(state, window, bars, path, opens_alerts=opens),
        flags=_list_flags(state.rules, model, path, bars),
        confounders=_list_confounders(state.rules, before, within),
    )


def _list_flags(rules: Rules, model: str, path: Path | Refused, bars: Sequence[Bar]) -> tuple[str, ...]:
    calendar = rules.calendar
    spans = any(list_missing_sessions(calendar, one.session, two.session) for one, two in pairwise(bars))
    uncalibrated = rules.find_calibration(model, bars[1].session) is None
    return (
        *rules.flags,
        *(path.flags if isinstance(path, Path) else ()),
        *([SPANS_MISSING_SESSIONS] if spans else []),
        *([UNCALIBRATED] if uncalibrated else []),
    )


def _list_confounders(rules: Rules, before: Sequence[Bar], within: Sequence[Bar]) -> tuple[Confounder, ...]:
    """What is recorded of each session of the window, then what the calendar says of it."""
    roll = rules.instrument.series.roll
    sessions = [*([None] if len(before) < 2 else []), *(bar.session for bar in (*before, *within))]
    return tuple(
        each
        for two, one, session in zip(sessions, sessions[1:], sessions[2:], strict=False)
        if one is not None and session is not None
        for each in (
            *rules.confounders.get(session, ()),
            *list_rule_confounders(roll, session, one, two),
        )
    )


def _is_tested(impact: EventImpact) -> bool:
    return any(isinstance(each.result, Found) for each in impact.windows)


def _explain(impact: EventImpact) -> str:
    reasons = (each.result.reason for each in impact.windows if isinstance(each.result, Refused))
    return f"session {impact.session}: {next(reasons)}"
