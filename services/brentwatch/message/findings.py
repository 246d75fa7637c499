"""What a test found, in one sentence; and what came after the first reaction."""

from collections.abc import Callable, Iterable
from typing import assert_never

from brentwatch.core.domain import (
    HEADLINE,
    USUAL_LEVEL,
    Beside,
    Found,
    MoveFound,
    NotYet,
    Refused,
    ReopenStudy,
    SessionStudy,
    Study,
    WindowStudy,
)
from brentwatch.core.forecasts.table import TEXTBOOK_MODEL
from brentwatch.core.intraday.minutes import SMALLEST_TOLD
from brentwatch.message import figures
from brentwatch.message.figures import (
    format_estimate,
    format_p_value,
    format_percent_range,
    format_size,
    format_utc,
)
from brentwatch.message.foreign import clean

AFTER_LEVEL = 0.05
"""At or below this p, what came after the first reaction is called faded or extended."""

LARGE_BUT_NORMAL = "large, but the market was already moving about this much a day"
"""A large move within the normal range of its forecast."""

LARGE_BUT_NOT_RARE = "large, but not rare enough for an alert: the market had become more volatile"
"""A large move that is outside the normal range, and whose p is above the alert level."""

_BY_CHANCE = "by chance p is this small after 8 of 100 alerts"
"""P(p <= 0.05) of [1, 5] after an alert, 0.076 +- 0.020 on three series: `make targets`."""


def write_verdict(study: Study, level: float) -> str:
    """One sentence for a study; a move is called abnormal where p is at or below `level`.

    Args:
        study: of any kind, window and model.
        level: the alert level, or 0.05; the smallest move that can be detected is known for these two alone.
    """
    match study.result:
        case Found() as found:
            reason = explain_large_move(found, study.beside, level) if isinstance(study, SessionStudy) else ""
            return describe_test(found, level, reason=reason) + describe_progress(found)
        case MoveFound() as found:
            return describe_test(found, level, format_bar_p)
        case NotYet(settles_at=at) if isinstance(study, WindowStudy | ReopenStudy):
            return f"pending: the last bar ends {format_utc(at)}"
        case NotYet(settles_at=at):
            return f"pending: settles {format_utc(at)}"
        case Refused(reason=reason):
            return f"no answer: {clean(reason)}"
        case _:
            assert_never(study.result)


def describe_test(
    found: Found | MoveFound,
    level: float,
    told_p: Callable[[float], str] = format_p_value,
    *,
    reason: str = "",
) -> str:
    """The verdict, the abnormal return, and, if nothing was detected, what the test would have found.

    A p between the alert level and 0.05 is given: its 95 % range leaves zero out, and a reader would wonder.

    Args:
        found: a test, also of a window of which some sessions have not settled yet.
        level: the alert level.
        told_p: how p is written.
        reason: why a large move is not abnormal (`explain_large_move`).
    """
    if found.p <= level:
        estimate = found.car if isinstance(found, Found) else found.move
        return f"abnormal move {'up' if estimate >= 0.0 else 'down'}: {format_estimate(found, told_p)}"
    although = (
        f" ({told_p(found.p)} is above the alert level {figures.format_level(level)})"
        if found.p <= USUAL_LEVEL
        else ""
    )
    because = f": {reason}" if reason else ""
    smallest = found.mde_05 if level == USUAL_LEVEL else found.mde_alert
    return (
        f"no abnormal move detected{although}{because}; {_describe_abnormal_return(found)}; "
        f"{describe_power(smallest)}"
    )


def _describe_abnormal_return(found: Found | MoveFound) -> str:
    estimate = found.car if isinstance(found, Found) else found.move
    span = format_percent_range(found.low, found.high)
    return f"abnormal return {figures.format_percent(estimate)}, 95 % range {span}"


def explain_large_move(found: Found, beside: Iterable[Beside], level: float) -> str:
    """Why a large move of a session is not abnormal; empty if the move is abnormal, or not large.

    A move is large if the textbook t-test calls it abnormal, that is, if it would be rare in a market as
    volatile as on average over the last half-year. The forecast of the session knows how volatile the market
    was the day before, and expects such moves in turbulent weeks.

    Args:
        found: the test of the session itself; a longer window is not explained.
        beside: what the other models say of the same session.
        level: the alert level, for both tests.
    """
    textbook = find_textbook_p(beside)
    if found.observed != 1 or found.p <= level or textbook is None or textbook > level:
        return ""
    low, high = found.normal_range
    return LARGE_BUT_NORMAL if low <= found.total <= high else LARGE_BUT_NOT_RARE


def format_bar_p(p: float) -> str:
    """The p of a test of bars, and "p < 0.0005" below that: the tail is not known better."""
    return format_p_value(p, SMALLEST_TOLD)


def describe_power(smallest: float, what: str = "rise") -> str:
    """The move, a log fraction, that a test finds with 80 % power: "the test finds a rise of 8.5 % …"."""
    return f"the test finds a {what} of {format_size(smallest)} four times in five"


def find_textbook_p(beside: Iterable[Beside]) -> float | None:
    """The p of the textbook t-test; None if it gave no answer."""
    return next((each.p for each in beside if each.model == TEXTBOOK_MODEL), None)


def list_textbook_test(beside: Iterable[Beside]) -> list[str]:
    """The p of the textbook t-test for the same window, the one other model that people are shown."""
    found = [each.p for each in beside if each.model == TEXTBOOK_MODEL]
    return [f"Textbook t-test: {'no answer' if p is None else format_p_value(p)}" for p in found]


def describe_progress(found: Found) -> str:
    """What to add while the window is open: " (3 of 6 sessions so far)"."""
    return "" if found.complete else f" ({found.observed} of {found.planned} sessions so far)"


def describe_aftermath(found: Found, headline_car: float) -> str:
    """What came after the first reaction, with its own test.

    Args:
        found: the window [1, k].
        headline_car: the abnormal return of the session itself, a log fraction.
    """
    start = found.window.start
    label = f"CAR[{start}, {start + found.observed - 1}]"
    course = describe_course(found, headline_car)
    by_chance = f" ({_BY_CHANCE})" if found.p <= AFTER_LEVEL else ""
    return f"After the first session ({label}) {format_estimate(found)}: {course}{by_chance}"


def describe_window(found: Found) -> str:
    """The estimate of a window with its range and p: "CAR[0, 1] +7.3 %, 95 % range …"."""
    return f"CAR{found.window} {format_estimate(found)}"


def describe_course(found: Found, headline_car: float) -> str:
    """Whether the move "faded" or "extended"; only its own test decides that, not the sign."""
    if found.p > AFTER_LEVEL:
        return "no further abnormal move"
    return "extended" if found.car * headline_car > 0.0 else "faded"


def select_reactions(windows: Iterable[Found]) -> list[Found]:
    """The complete windows that begin with the session itself, shortest first."""
    return sorted((each for each in windows if each.window.start == 0 and each.complete), key=_count_sessions)


def find_session(windows: Iterable[Found]) -> Found | None:
    """The session itself, [0, 0]; None before it has settled."""
    return next((each for each in windows if each.window == HEADLINE), None)


def find_aftermath(windows: Iterable[Found]) -> list[Found]:
    """The longest window that begins after the session; empty while there is none."""
    return sorted((each for each in windows if each.window.start > 0), key=_count_sessions)[-1:]


def _count_sessions(found: Found) -> int:
    return found.observed
