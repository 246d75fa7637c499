"""The test of a list of events together, in words: `core/impact/pooled.py`."""

from collections.abc import Iterator

from brentwatch.core.domain import USUAL_LEVEL, Refused, Window
from brentwatch.core.impact.pooled import PooledImpacts, PooledTest
from brentwatch.core.impact.shifts import SHORTEST_SHIFT
from brentwatch.message import figures

POOLED_TITLES = ("window", "sessions", "mean move", "95 % range", "p", "shifts", "test finds")


def list_pooled_cells(window: Window, test: PooledTest | Refused) -> tuple[str, ...]:
    """The cells of a window under `POOLED_TITLES`."""
    if isinstance(test, Refused):
        return (str(window), "", "", "no test", "", "", "")
    found = test.found
    return (
        str(window),
        f"{len(test.sessions):,}",
        figures.format_percent(found.estimate),
        figures.format_percent_range(found.low, found.high),
        figures.format_p_number(found.p, 0.0),
        f"{found.shifts:,}",
        figures.format_size(found.detectable_05),
    )


def describe_pooled(pooled: PooledImpacts) -> str:
    """How many events are tested together, on how many sessions, and what the first window says."""
    window, test = next(iter(pooled.tests.items()))
    if isinstance(test, Refused):
        return f"{window} has no test: {test.reason}."
    events = figures.format_count(test.events, "event")
    sessions = figures.format_count(len(test.sessions), "session")
    return (
        f"{events} on {sessions}, tested together: {_conclude(window, test, pooled.instrument.alert_level)}."
    )


def _conclude(window: Window, test: PooledTest, level: float) -> str:
    p = figures.format_p_value(test.found.p, 0.0)
    if test.found.p <= min(level, USUAL_LEVEL):
        return f"the mean move {window} is abnormal, {p}"
    if test.found.p <= USUAL_LEVEL:
        return f"the mean move {window} is larger than in 95 of 100 shifts, {p}"
    return f"no abnormal mean move {window} found, {p}"


def list_pooled_explanations(pooled: PooledImpacts) -> Iterator[str]:
    """What the columns mean, the null, and what the test cannot see."""
    yield (
        "mean move: the mean difference of the moves from their forecasts; a session with a more precise "
        "forecast counts more. 95 % range: the mean moves that the test does not reject at "
        f"{USUAL_LEVEL}."
    )
    yield (
        f"p: all sessions are moved together, by {SHORTEST_SHIFT} sessions or more, in every way that stays "
        "inside the series; p = (1 + shifts with at least as large a mean) / (1 + shifts)."
    )
    tests = [each for each in pooled.tests.values() if isinstance(each, PooledTest)]
    if tests:
        yield f"Null: {tests[0].null}."
        alert = figures.format_size(tests[0].found.detectable_alert)
        yield (
            f"test finds: the mean move, up or down, that the test finds four times in five at a level of "
            f"{USUAL_LEVEL}; at {figures.format_level(pooled.instrument.alert_level)} it is {alert} for "
            f"{tests[0].window}."
        )
    if len(tests) > 1:
        yield "Each window is a test of its own: with several, one p is small by chance more often."
    yield "p is too small if events were chosen because the price moved."
    yield from (f"{window} has no test: {test.reason}." for window, test in _list_refused(pooled))


def _list_refused(pooled: PooledImpacts) -> Iterator[tuple[Window, Refused]]:
    """The windows without a test; the first one is described apart."""
    for window, test in list(pooled.tests.items())[1:]:
        if isinstance(test, Refused):
            yield window, test
