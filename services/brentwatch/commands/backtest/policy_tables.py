"""A backtest in words and tables, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

import click
from rich import box
from rich.table import Table

from brentwatch.core.backtest.evaluation import REFERENCE_LEVEL, PolicyResult
from brentwatch.core.backtest.sweep import name_classes
from brentwatch.core.domain.shares import ExactShare, MoveLeft, ShareDifference
from brentwatch.message import figures
from brentwatch.message.foreign import clean
from brentwatch.message.tables import print_table

if TYPE_CHECKING:
    from brentwatch.core.backtest.policy import AlertPolicy, Budget
    from brentwatch.core.backtest.sessions import BacktestTable

_FEW = 8
"""Below this many alerts, the output adds that they are too few."""

SELECTION = (
    "Selection: the events of such a history are chosen by people who know what followed. The shares of "
    "sessions with an event are therefore too high, and they are not the rate at which news moves the price."
)
_MEANING = (
    "watched: sessions whose events pass the filters of the policy.",
    "false alarms a year: if every session had news like this history's. Each placebo session is given the "
    "events of a session with news; expected: what the alert level allows, without a budget. Oil "
    "news that is not in the history counts as false.",
    f"abnormal at {REFERENCE_LEVEL:g}: whatever the policy's own level. Fisher's exact test; its null: "
    f"{ShareDifference.null}.",
    "shocks, controls, all events: with an alert if every session had news, so that false alarms use up a "
    "budget too. Shocks should move the price and controls should not, by labels.csv of the history: a "
    "prior, and not the truth.",
    "lead: from the first event of the session to the price of its settlement; a date without a time counts "
    "from 00:00 UTC.",
    "left: the mean return after the alert in the direction of its move, over 1 and 5 sessions; placebo: the "
    "same after the placebo alerts. Held: the five sessions after did not take back half of the move. Only "
    "these, and the labels, judge an alert: its own test does not.",
    "( ): 95 % intervals, exact but for the means (Student's t). They do not count that sessions of one "
    "crisis resemble each other, nor that the best of many policies looks better than it is.",
)
"""What the columns mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a backtest was made of: the history by its name and title, and the table of its sessions.

    `unlisted` counts the sessions with more events than a study lists.
    """

    history: str
    title: str
    table: BacktestTable
    unlisted: int = 0

    def describe(self) -> Iterator[str]:
        """The counts and the selection, in sentences."""
        sessions, news = self.table.sessions, len(self.table.news)
        first, last = (figures.format_day(each.session, year=True) for each in (sessions[0], sessions[-1]))
        refused = f"; {self.table.refused:,} more were refused a test" if self.table.refused else ""
        yield f"{clean(self.history)}: {clean(self.title)}."
        yield (
            f"{len(sessions):,} sessions were tested, from {first} to {last} ({self.table.years:.1f} years "
            f"of 252){refused}. {news:,} had an event, {len(sessions) - news:,} had none (placebo sessions)."
        )
        yield SELECTION
        if self.unlisted:
            yield (
                f"{self.unlisted:,} sessions have more events than a study lists; the exposure, relevance, "
                "standing, class and country of a policy see the listed ones."
            )


def print_backtest(
    summary: Summary, results: Sequence[PolicyResult], best: Sequence[PolicyResult], swept: int, width: int
) -> None:
    """Print the policies, the best ones of a sweep of `swept` policies, and what the figures mean."""
    for line in summary.describe():
        _print_folded(line, width)
    for drawn in [*_build_tables(results), *([_build_sweep(best, swept)] if best else [])]:
        click.echo()
        print_table(drawn, width)
    click.echo()
    for line in _explain_figures(results):
        _print_folded(line, width)


def _explain_figures(results: Sequence[PolicyResult]) -> Iterator[str]:
    yield from _MEANING
    if any(len(each.alerts) < _FEW for each in results):
        yield f"Fewer than {_FEW} alerts are too few to say what is left after one."


def _print_folded(line: str, width: int) -> None:
    click.echo("\n".join(wrap(line, width, subsequent_indent="  ", break_long_words=False)))


def _build_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    drawn = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        title=title,
        title_justify="left",
    )
    for name in columns:
        drawn.add_column(name, no_wrap=name != "policy")
    for row in rows:
        drawn.add_row(*row)
    return drawn


_TABLES = (
    ("Alerts", ("policy", "level", "watched sessions", "alerts", "alerts a year")),
    (
        "False alarms on placebo sessions",
        ("policy", "alerts", "share of sessions", "expected", "false alarms a year"),
    ),
    (
        f"Sessions abnormal at {REFERENCE_LEVEL:g}",
        ("policy", "with event", "share", "without", "Fisher p"),
    ),
    (
        "Events with an alert, and median lead time",
        ("policy", "shocks", "controls", "all events", "lead"),
    ),
    (
        "What was left after the alert, in its direction",
        ("policy", "after", "alerts", "left, %", "placebo left, %"),
    ),
    ("Moves that held five sessions (precision)", ("policy", "alerts", "placebo alerts")),
)


def _build_tables(results: Sequence[PolicyResult]) -> Iterator[Table]:
    builders = (_list_alerts, _list_placebos, _list_shares, _list_worth, _list_left, _list_held)
    for (title, columns), build in zip(_TABLES, builders, strict=True):
        rows = ([clean(each.policy.name), *row] for each in results for row in build(each))
        yield _build_table(title, columns, rows)


def _list_alerts(result: PolicyResult) -> list[list[str]]:
    level, yearly = figures.format_level(result.policy.alert_level), result.yearly
    rate = _format_interval(yearly.rate, yearly.low, yearly.high)
    return [[level, f"{result.watched:,}", str(len(result.alerts)), rate]]


def _list_placebos(result: PolicyResult) -> list[list[str]]:
    expected = f"{100.0 * result.placebo_expected:.2f} %"
    share = _format_share(result.placebo, 2)
    return [[f"{result.placebo.count:,}", share, expected, _format_false(result)]]


def _list_shares(result: PolicyResult) -> list[list[str]]:
    one, other, p = result.difference.one, result.difference.other, result.difference.p
    told = "-" if p is None else figures.format_p_number(p)
    return [[f"{one.count} of {one.total}", _format_share(one), _format_share(other), told]]


def _list_worth(result: PolicyResult) -> list[list[str]]:
    shares = [_format_count(share) for share in (result.found, result.disturbed)]
    lead = "-" if result.median_lead is None else figures.format_duration(result.median_lead)
    return [[*shares, f"{result.told.count} of {result.told.total}", lead]]


def _list_left(result: PolicyResult) -> list[list[str]]:
    return [
        [
            str(left.horizon),
            str(left.n),
            _format_left(left),
            _format_left(placebo),
        ]
        for left, placebo in zip(result.left, result.placebo_left, strict=True)
    ]


def _list_held(result: PolicyResult) -> list[list[str]]:
    return [[_format_count(share) for share in (result.held, result.placebo_held)]]


def _build_sweep(best: Sequence[PolicyResult], swept: int) -> Table:
    title = f"The best of {swept:,} policies, by false alarms and events found"
    columns = ("level", "exposure, classes", "budget", "false alarms a year", "found")
    rows = (
        [
            figures.format_level(each.policy.alert_level),
            f"{each.policy.minimum_exposure:g} {name_classes(each.policy.classes)}",
            format_budget(each.policy.budget),
            _format_false(each),
            _format_count(each.power),
        ]
        for each in best
    )
    return _build_table(title, columns, rows)


def describe_filters(policy: AlertPolicy) -> str:
    """The swept keys of a policy in a few words: "0.05 · ≥ 0.5 · unrest · 1/21"."""
    parts = [figures.format_level(policy.alert_level)]
    parts += [f"≥ {policy.minimum_exposure:g}"] if policy.minimum_exposure else []
    parts += [name_classes(policy.classes)] if policy.classes else []
    parts += [format_budget(policy.budget)] if policy.budget else []
    return " · ".join(parts)


def format_budget(budget: Budget | None) -> str:
    """As "4/252", four alerts in 252 sessions; "-" without one."""
    return "-" if budget is None else f"{budget.alerts}/{budget.sessions}"


def _format_left(left: MoveLeft) -> str:
    if left.mean is None:
        return "-"
    mean = figures.format_percent(left.mean).removesuffix(" %")
    if left.low is None or left.high is None:
        return mean
    return f"{mean} ({figures.format_percent_range(left.low, left.high).removesuffix(' %')})"


def _format_share(share: ExactShare, digits: int = 1) -> str:
    if share.share is None:
        return "-"
    low, high = (f"{100.0 * each:.{digits}f}" for each in (share.low, share.high))
    return f"{100.0 * share.share:.{digits}f} % ({low} to {high})"


def _format_count(share: ExactShare) -> str:
    if share.share is None:
        return "-"
    return f"{share.count} of {share.total} ({100.0 * share.low:.0f} to {100.0 * share.high:.0f} %)"


def _format_false(result: PolicyResult) -> str:
    return "-" if result.false_yearly is None else _format_interval(*result.false_yearly)


def _format_interval(value: float, low: float, high: float) -> str:
    return f"{_format_number(value)} ({_format_number(low)} to {_format_number(high)})"


def _format_number(value: float) -> str:
    return f"{value:.2f}" if value < 1.0 else f"{value:.1f}"
