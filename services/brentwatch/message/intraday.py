"""An alert within the session in words: the window of bars that was tested, and what comes after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.domain.own_calibration import OFTEN, OFTEN_AT_LEVEL, ON_SIMULATED_BARS, Verdict
from brentwatch.core.domain.study import Found, NotYet, Refused
from brentwatch.core.intraday.openings import MOST_TESTS
from brentwatch.core.intraday.reference import ENOUGH, FEWEST, SHORT_HISTORY
from brentwatch.core.intraday.windows import LEVEL, SMALLEST_TOLD
from brentwatch.message.events import confounder_line, event_lines
from brentwatch.message.figures import (
    counted,
    estimate,
    fraction,
    level,
    p_value,
    percent,
    percent_range,
    price,
    size,
    utc,
)
from brentwatch.message.findings import of_a_test
from brentwatch.message.fine_print import CAUTION
from brentwatch.message.foreign import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from brentwatch.core.domain.alerts import Alert
    from brentwatch.core.domain.own_calibration import WindowSizes
    from brentwatch.core.domain.study import Answered, Study, Within

_BAR = 5


def within_lines(alert: Alert, within: Within) -> list[str]:
    """The details of the test, none empty."""
    return [
        *event_lines(alert, within=True),
        _window_line(within),
        _found_line(alert),
        f"Minimum detectable effect at that hour {size(alert.headline.mde_alert)} at the alert level "
        f"{level(alert.level)}, with 80 % power",
        *([] if within.answered is None else _before(within.answered)),
        *(f"{minutes(each)}: {_estimate(each)}" for each in alert.windows),
        *(confounder_line(each) for each in alert.confounders),
        CAUTION,
        _data_line(alert, within),
    ]


def minutes(found: Found) -> str:
    """How long a window of bars lasts: "15 minutes"."""
    return f"{found.planned * _BAR} minutes"


def study_lines(study: Study) -> Iterator[str]:
    """The answer of a study within the session in a sentence; nothing before there is one."""
    within = study.within
    if within is None:
        return
    name = f"{within.minutes} minutes from {utc(within.begins_at)}"
    match study.result:
        case Found() as found if within.test is None:
            yield f"{name}: no test, the two of the session are taken: {estimate(found, told_p)}"
        case Found() as found:
            yield f"{name}: {of_a_test(found, LEVEL, told_p)}"
        case Refused(reason=reason):
            yield f"{name}: no answer: {clean(reason)}"
        case NotYet():
            return
    if within.answered is not None and within.answered.gap is not None:
        yield _gap_line(within.answered.gap)


def opened_line(study: Study, within: Within) -> str:
    """What an event led to within its session, before there is an answer."""
    begins = f"from {utc(within.begins_at)}"
    if within.test is None:
        return f"no test of the session is left: a study {begins}, which opens no alert"
    verb = "opens" if study.revision == 1 else "joins"
    return f"{verb} test {within.test} of at most {MOST_TESTS} within the session, {begins}"


def told_p(p: float) -> str:
    """A p as of every test, and "p < .0005" below that: the tail is not known better."""
    if p < SMALLEST_TOLD:
        return f"p < {level(SMALLEST_TOLD)}"
    return f"p {level(round(p, 4))}" if p < 0.01 else p_value(p)


def _window_line(within: Within) -> str:
    test = (
        "a study without a test"
        if within.test is None
        else f"test {within.test} of at most {MOST_TESTS} a session"
    )
    through = "" if within.answered is None else f" · data through {_clock(within.answered.data_through)}"
    window = f"{_clock(within.begins_at)} to {_clock(within.ends_at)}"
    return (
        f"News known {utc(within.news_at)} · window {window}, the first whole bars after it · {test}{through}"
    )


def _found_line(alert: Alert) -> str:
    move = alert.move
    prices = f"{price(move.previous_close)} to {price(move.close)} USD/bbl"
    usual = f"{abs(alert.headline.statistic):.1f} times the usual move at that hour"
    return f"Move {_estimate(alert.headline)} (alert level {level(alert.level)}) · {prices} · {usual}"


def _estimate(found: Found) -> str:
    interval = f"95 % range {percent_range(found.low, found.high)}"
    return f"{percent(found.car)}, {interval}, {told_p(found.p)}"


def _before(answered: Answered) -> Iterator[str]:
    """What the price did that nobody tested."""
    if answered.before is not None:
        length = f"{answered.before_minutes} minutes"
        yield f"Before the window: {percent(answered.before)} in {length}, not tested"
    if answered.gap is not None:
        yield _gap_line(answered.gap)


def _gap_line(gap: float) -> str:
    return f"Over the break before it: {percent(gap)}, not tested here: it is the settlement's"


def _data_line(alert: Alert, within: Within) -> str:
    parts = [
        f"Data: {clean(alert.title)} (series {clean(alert.series)}), bars of {_BAR} minutes",
        _calibrated(within.answered),
    ]
    if within.answered is not None:
        parts += list(_history(alert, within.answered))
        late = (within.answered.answered_at - within.ends_at).total_seconds() / 60.0
        parts.append(f"known {late:.0f} minutes after the window ended")
    return " · ".join(parts)


def _calibrated(answered: Answered | None) -> str:
    """What the test was calibrated on, and what that found; of bars of one's own how often it was wrong."""
    own = None if answered is None else answered.own_calibration
    if own is None:
        return ON_SIMULATED_BARS
    found = f"{own}: {', '.join(_wrong(each) for each in own.sizes)}"
    promise = f", at most {fraction(OFTEN, 3)} and {fraction(OFTEN_AT_LEVEL, 4)} were promised"
    return found + (promise if own.verdict is Verdict.TOO_OFTEN else "")


def _wrong(sizes: WindowSizes) -> str:
    at, at_level = fraction(sizes.size_01, 3), fraction(sizes.size_001, 4)
    return f"{sizes.minutes} minutes {at} false at .01, {at_level} at {level(LEVEL)}"


def _history(alert: Alert, answered: Answered) -> Iterator[str]:
    short = f": starts at {FEWEST}, flagged below {ENOUGH}" if SHORT_HISTORY in alert.flags else ""
    yield f"{counted(answered.sessions, 'session')} of bars behind it{short}"
    if answered.quiet:
        yield f"{counted(answered.quiet, 'bar')} without trades"


def _clock(instant: datetime) -> str:
    return utc(instant)[-9:]
