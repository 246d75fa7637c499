"""What a test found, in one sentence; and what came after the first reaction."""

from collections.abc import Callable, Iterable

from brentwatch.core.domain import USUAL_LEVEL, Beside, Found, NotYet, Refused, Study
from brentwatch.core.forecasts.table import TEXTBOOK_MODEL
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


def write_verdict(study: Study, level: float) -> str:
    """One sentence for a study; a move is called abnormal where p is at or below `level`.

    Args:
        study: of any window and model.
        level: the alert level, or .05; for any other the smallest move that could be seen is not known.
    """
    match study.result:
        case Found() as found:
            return describe_test(found, level) + describe_progress(found)
        case NotYet(settles_at=settles_at):
            return f"pending: settles {format_utc(settles_at)}"
        case Refused(reason=reason):
            return f"no answer: {clean(reason)}"


def describe_test(found: Found, level: float, told_p: Callable[[float], str] = format_p_value) -> str:
    """A move, or none detected and what the test would find; without how much of the window has settled.

    Of none p is told where the 95 % range leaves zero out and a reader would wonder.
    """
    if found.p <= level:
        return f"abnormal move {'up' if found.car >= 0.0 else 'down'}: {format_estimate(found, told_p)}"
    although = (
        f" at the level {figures.format_level(level)} ({told_p(found.p)})" if found.p <= USUAL_LEVEL else ""
    )
    smallest = found.mde_05 if level == USUAL_LEVEL else found.mde_alert
    return (
        f"no abnormal move detected{although}; range {format_percent_range(found.low, found.high)}; "
        f"{describe_power(smallest)}"
    )


def describe_power(smallest: float) -> str:
    """The move, a log fraction, that a test finds with 80 % power: "the test finds a move of 8.5 % …"."""
    return f"the test finds a move of {format_size(smallest)} four times in five"


def list_textbook_test(beside: Iterable[Beside]) -> list[str]:
    """What the textbook t-test says of the same window, the one other model that people are shown."""
    found = [each.p for each in beside if each.model == TEXTBOOK_MODEL]
    return [f"Textbook t-test: {'no answer' if p is None else format_p_value(p)}" for p in found]


def describe_progress(found: Found) -> str:
    """What to add where the window is still open: " (3 of 6 sessions so far)"."""
    return "" if found.complete else f" ({found.observed} of {found.planned} sessions so far)"


def describe_aftermath(found: Found, headline_car: float) -> str:
    """What came after the first reaction, with its own test.

    Args:
        found: the window [1, k].
        headline_car: the abnormal return of the session itself, a log fraction.
    """
    start = found.window.start
    label = f"CAR[{start}, {start + found.observed - 1}]"
    return f"since then ({label}) {format_estimate(found)}: {describe_course(found, headline_car)}"


def describe_course(found: Found, headline_car: float) -> str:
    """Whether the move "faded" or "extended", which the sign alone does not decide."""
    if found.p > AFTER_LEVEL:
        return "no further abnormal move"
    return "extended" if found.car * headline_car > 0.0 else "faded"


def select_reactions(windows: Iterable[Found]) -> list[Found]:
    """The complete windows that begin with the session itself, shortest first."""
    return sorted((each for each in windows if each.window.start == 0 and each.complete), key=_count_sessions)


def find_aftermath(windows: Iterable[Found]) -> list[Found]:
    """The longest window that begins after the session; empty while there is none."""
    return sorted((each for each in windows if each.window.start > 0), key=_count_sessions)[-1:]


def _count_sessions(found: Found) -> int:
    return found.observed
