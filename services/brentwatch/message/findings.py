"""What a test found, in one sentence; and what came after the first reaction."""

from collections.abc import Callable, Iterable

from brentwatch.core.domain import USUAL_LEVEL, Beside, Found, NotYet, Refused, Study
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
    """A move, or none detected and what cannot be excluded; without how much of the window has settled.

    Of none p is told where the 95 % range leaves zero out and a reader would wonder.
    """
    if found.p <= level:
        return f"abnormal move {'up' if found.car >= 0.0 else 'down'}: {format_estimate(found, told_p)}"
    although = (
        f" at the level {figures.format_level(level)} ({told_p(found.p)})" if found.p <= USUAL_LEVEL else ""
    )
    none = f"no abnormal move detected{although}"
    unseen = format_size(found.mde_05 if level == USUAL_LEVEL else found.mde_alert)
    return (
        f"{none}; range {format_percent_range(found.low, found.high)}; moves under {unseen} cannot be "
        "excluded"
    )


def list_other_models(beside: Iterable[Beside]) -> list[str]:
    """What the other models say of the same window, in one line; nothing where there is none."""
    told = [f"{each.model} {'no answer' if each.p is None else format_p_value(each.p)}" for each in beside]
    return [f"Beside it: {', '.join(told)}"] if told else []


def describe_survival(survives: bool | None) -> list[str]:
    """What online control of the false discovery rate says of p, where there is a test."""
    if survives is None:
        return []
    verb = "survives" if survives else "does not survive"
    return [f"One test of many: p {verb} online false-discovery control (ADDIS at .05), which gates nothing"]


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
        return "no abnormal move after it was detected"
    return "extended" if found.car * headline_car > 0.0 else "faded"


def select_reactions(windows: Iterable[Found]) -> list[Found]:
    """The complete windows that begin with the session itself, shortest first."""
    return sorted((each for each in windows if each.window.start == 0 and each.complete), key=_count_sessions)


def find_aftermath(windows: Iterable[Found]) -> list[Found]:
    """The longest window that begins after the session; empty while there is none."""
    return sorted((each for each in windows if each.window.start > 0), key=_count_sessions)[-1:]


def _count_sessions(found: Found) -> int:
    return found.observed
