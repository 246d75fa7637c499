"""The impacts as rows for programs: one for each event, session and window; or of all together, by window."""

from __future__ import annotations

from collections.abc import Iterator

from brentwatch.core.domain import LONGEST_PAUSE_DAYS, Refused
from brentwatch.core.impact.impacts import EventImpact, Impacts, WindowImpact, judge_move
from brentwatch.core.impact.pooled import PooledImpacts

Cell = str | int | float | None

COLUMNS = (
    "event",
    "known",
    "session",
    "next_session",
    "window",
    "sessions",
    "move",
    "expected",
    "normal_low",
    "normal_high",
    "car",
    "low",
    "high",
    "t",
    "p",
    "detectable",
    "verdict",
    "notes",
    "also",
    "refused",
)
"""`next_session`: true for the second session of an event known by its date alone. `sessions`: how many have
a price. `move` is the log return, normal from `normal_low` to `normal_high`; `car` is `move` less `expected`,
`low` to `high` its 95 % range, `t` its multiple of the standard error. `detectable`: the move that the test
finds four times in five at the alert level. `also`: what else is recorded of these sessions."""


def rows(impacts: Impacts) -> Iterator[tuple[Cell, ...]]:
    """In the order of the events; moves are log fractions. A refused window says why in `refused`."""
    for impact in impacts.found:
        for each in impact.windows:
            named = (impact.event, impact.known.isoformat(), impact.session.isoformat(), impact.carried)
            told = "; ".join(list_notes(impact, each)) or None
            also = "; ".join(confounder.text for confounder in each.confounders) or None
            figures, refused = _list_figures(each, impacts.level)
            yield (*named, str(each.window), len(each.sessions), *figures, told, also, refused)


def _list_figures(each: WindowImpact, level: float) -> tuple[tuple[Cell, ...], str | None]:
    found = each.result
    if isinstance(found, Refused):
        return (None,) * 11, found.reason
    figures = (
        found.total,
        found.expected,
        *found.normal_range,
        found.car,
        found.low,
        found.high,
        found.statistic,
        found.p,
        found.mde_alert,
        str(judge_move(found, level)),
    )
    return figures, None


def list_notes(impact: EventImpact, each: WindowImpact) -> Iterator[str]:
    """What to know of the figures of a window, each a few words."""
    if impact.carried:
        yield "time of day unknown: the news may belong to this session"
    if impact.days_waited > LONGEST_PAUSE_DAYS:
        yield f"the first price after the event is {impact.days_waited} days later"
    if len(each.sessions) < each.window.sessions:
        yield f"{len(each.sessions)} of {each.window.sessions} sessions have a price so far"
    yield from (flag.replace("_", " ") for flag in each.flags)


POOLED_COLUMNS = (
    "window",
    "events",
    "sessions",
    "estimate",
    "low",
    "high",
    "mean",
    "statistic",
    "p",
    "shifts",
    "exceedances",
    "smallest_p",
    "detectable_05",
    "detectable_alert",
    "first",
    "last",
    "null",
    "left_out",
    "refused",
)
"""`estimate` is the mean abnormal return weighted by precision, `low` to `high` its 95 % range, `mean` the
plain mean; `statistic` the mean in standard errors. `smallest_p` is 1 / (1 + `shifts`). `first` and `last`
are those of the `sessions`. `left_out` has the events without a complete test of the window."""


def pooled_rows(pooled: PooledImpacts) -> Iterator[tuple[Cell, ...]]:
    """A row for each window; moves are log fractions. A refused window says why in `refused`."""
    for window, test in pooled.tests.items():
        left_out = "; ".join(f"{event}: {why}" for event, why in pooled.left_out[window].items()) or None
        if isinstance(test, Refused):
            yield (str(window), *(None,) * (len(POOLED_COLUMNS) - 3), left_out, test.reason)
            continue
        found = test.found
        yield (
            str(window),
            test.events,
            len(test.sessions),
            found.estimate,
            found.low,
            found.high,
            found.mean,
            found.statistic,
            found.p,
            found.shifts,
            found.exceedances,
            found.smallest_p,
            found.detectable_05,
            found.detectable_alert,
            test.sessions[0].isoformat(),
            test.sessions[-1].isoformat(),
            test.null,
            left_out,
            None,
        )
