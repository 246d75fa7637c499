"""The design of a classical event study, where the windows of each event lie, and which cannot be used.

estimation             gap        event window
    |<--- n sessions --->|<-- g -->|<-- tau a ... tau b -->|

tau 0 is the first session that settles after the news was public. The gap keeps rumours of the event out
of the estimation; the event window never takes part in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from brentwatch.core.domain import Refused, Window
from brentwatch.core.domain.arrays import Bools, Integers
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.rows import Rows

FEWEST = 5
"""Estimation sessions, at least: the variance of a standardised return needs n - k above two."""

_WINDOW = Window(-5, 10)

MOST = 10_000
"""Forty years of sessions: beyond it a length is a slip of the hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """`estimation` sessions; `gap` sessions between the last of them and the first of the event `window`.

    With `span` a return over missing sessions may stand in the event window, with the mean and the variance
    of the sessions it spans. Nothing is estimated on it either way.

    Raises:
        InvalidInput: if a length cannot work; with every fault.
    """

    estimation: int = 120
    gap: int = 5
    window: Window = _WINDOW
    span: bool = False

    def __post_init__(self) -> None:
        faults = []
        if not FEWEST <= self.estimation <= MOST:
            faults.append(
                f"the estimation window has {self.estimation} sessions; expected {FEWEST} to {MOST:,}; "
                "120 is usual"
            )
        if not 0 <= self.gap <= MOST:
            faults.append(f"the gap has {self.gap} sessions; expected 0 to {MOST:,}; 5 is usual")
        if max(abs(self.window.start), abs(self.window.end)) > MOST:
            faults.append(
                f"the event window is {self.window}; expected ends within {MOST:,} sessions of the event; "
                "[-5, 10] is usual"
            )
        if faults:
            raise InvalidInput(*faults)

    @property
    def taus(self) -> range:
        """The event time of each row of the event window."""
        return range(self.window.start, self.window.end + 1)


SPAN = "--span (span=True in a notebook)"
_MOST_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """For N events whose tau 0 is row `at`: `first` to `last` is the event window, inclusive.

    `usable` counts the rows before the gap that can be estimated on, the last n of which are the estimation
    window; it begins with the return of row `start`. `sound` is False where a window cannot be used.
    """

    at: Integers
    first: Integers
    last: Integers
    usable: Integers
    start: Integers
    sound: Bools


def place_windows(rows: Rows, design: Design, at: Integers) -> Spans:
    """The windows of the events whose tau 0 is in `at`; a row past the end is a session still to come."""
    first, last = at + design.window.start, at + design.window.end
    within = (last < len(rows)) & (at >= 0) & (at < len(rows))
    usable = rows.used_before[np.clip(first - design.gap, 0, len(rows))]
    within &= usable >= design.estimation
    start = np.zeros(len(at), dtype=np.intp)
    start[within] = rows.used[usable[within] - design.estimation]
    low, high = np.where(within, first, 0), np.where(within, last + 1, 0)
    judged_before = rows.returned_before if design.span else rows.used_before
    complete = judged_before[high] - judged_before[low] == high - low
    priced = rows.unpriced_before[high] == rows.unpriced_before[np.maximum(start - 1, 0)]
    return Spans(
        at=at,
        first=first,
        last=last,
        usable=usable,
        start=start,
        sound=within & complete & (priced | ~within),
    )


def explain_refusal(rows: Rows, design: Design, spans: Spans, event: int) -> Refused:
    """Why the windows of that event cannot be used."""
    at, first, last = int(spans.at[event]), int(spans.first[event]), int(spans.last[event])
    if not 0 <= at < len(rows):
        return Refused(f"no session settles after the event: {_describe_range(rows)}; give newer prices")
    if last >= len(rows):
        return Refused(
            f"its event window {design.window} around {rows.sessions[at]} reaches "
            f"{_format_sessions(last - len(rows) + 1)} beyond the data: {_describe_range(rows)}; give newer "
            "prices, or end "
            "the window sooner"
        )
    if spans.usable[event] < design.estimation:
        return Refused(_explain_too_few(rows, design, int(spans.usable[event])))
    if below := list(rows.list_below_zero(int(spans.start[event]) - 1, last)):
        return Refused(
            f"{_join_items(f'the {what} of {session} is {value:g}' for what, session, value in below)}: no "
            "log "
            "return exists across a price of zero or below; choose windows without it"
        )
    if not design.span and (spanning := list(rows.list_spanning(first, last))):
        return Refused(
            f"{_join_items(describe_spanning(*each) for each in spanning)}: no test judges it as the return "
            "of one "
            f"session; give the missing prices, choose a window without it, or allow it with {SPAN}"
        )
    return Refused(
        "the benchmark has no value on "
        f"{_join_items(map(str, rows.list_missing_benchmark(first - 1, last)))}, and a "
        "return in the event window needs it; choose a benchmark that has one, a shorter window, or "
        "constant-mean"
    )


def list_passed_over(rows: Rows, design: Design, spans: Spans, event: int) -> tuple[date, ...]:
    """The sessions amid the estimation window of a sound event on which nothing can be estimated.

    They have no return of the benchmark, or one that spans missing sessions. The estimation window reaches as
    many sessions further back: it keeps its n.
    """
    ends = int(spans.first[event]) - design.gap
    span = range(int(spans.start[event]), ends)
    if len(span) == design.estimation:
        return ()
    return tuple(rows.sessions[row] for row in span if not rows.usable[row])


def describe_spanning(before: date, session: date, spanned: int) -> str:
    """How many sessions a return spans, and where prices are missing."""
    lack = "has" if spanned == 2 else "have"
    return (
        f"the return of {session} spans {spanned:,} sessions, since {_format_sessions(spanned - 1)} between "
        f"{before} and {session} {lack} no price"
    )


def _explain_too_few(rows: Rows, design: Design, usable: int) -> str:
    beside = "" if rows.benchmark is None else " with a benchmark value"
    return (
        f"{_format_returns(usable)}{beside} before its event window and a gap of "
        f"{_format_sessions(design.gap)}; "
        f"expected {design.estimation}; give more price history, or a shorter estimation window"
    )


def _describe_range(rows: Rows) -> str:
    return f"the prices end on {rows.sessions[-1]}" if rows.sessions else "there are no prices"


def _format_sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count:,} sessions"


def _format_returns(count: int) -> str:
    return "1 return" if count == 1 else f"{count:,} returns"


def _join_items(items: Iterable[str]) -> str:
    told = list(items)
    more = f" and {len(told) - _MOST_LISTED:,} more" if len(told) > _MOST_LISTED else ""
    return f"{', '.join(told[:_MOST_LISTED])}{more}"
