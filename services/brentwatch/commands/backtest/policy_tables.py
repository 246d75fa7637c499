"""A backtest in words and tables, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

import click
from rich import box
from rich.table import Table

from brentwatch.core.backtest.evaluation import REFERENCE_LEVEL, PolicyResult
from brentwatch.core.backtest.shares import ExactShare, MoveLeft, ShareDifference
from brentwatch.core.backtest.sweep import name_classes
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
    "false alarms a year: if every session had news like this history's. Each placebo session borrows the "
    "events of a session with news, in turn; expected: what the alert level allows, without a budget. Oil "
    "news that is not in the history counts as false.",
    f"abnormal at {REFERENCE_LEVEL:g}: whatever the policy's own level. Fisher's exact test; its null: "
    f"{ShareDifference.null}.",
    "shocks, controls, all events: with an alert if every session had news, so that false alarms use up a "
    "budget too. Shocks should move the price and controls should not, by labels.csv of the history: a "
    "prior, and not the truth.",
    "lead: from the first event of the session to the price of its settlement; a date without a time counts "
    "from 00:00 UTC.",
    "left: the mean return after the alert in the direction of its move, over 1 and 5 sessions; placebo: the "
    "same after the placebo alerts. Only this, and the labels, judge an alert: its own test does not.",
    "( ): 95 % intervals, exact but for the means (Student's t). They do not count that sessions of one "
    "crisis resemble each other, nor that the best of many policies looks better than it is.",
)
"""What the columns mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a backtest was made of: the history by its name and title, and the notes on it."""

    history: str
    title: str
    table: BacktestTable
    notes: tuple[str, ...] = ()

    def describe(self) -> Iterator[str]:
        """The counts, the selection, and the notes, in sentences."""
        sessions, news = self.table.sessions, len(self.table.news)
        first, last = (figures.format_day(each.session, year=True) for each in (sessions[0], sessions[-1]))
        refused = f"; {self.table.refused:,} more were refused a test" if self.table.refused else ""
        yield f"{clean(self.history)}: {clean(self.title)}."
        yield (
            f"{len(sessions):,} sessions were tested, from {first} to {last} ({self.table.years:.1f} years "
            f"of 252){refused}. {news:,} had an event, {len(sessions) - news:,} had none (placebo sessions)."
        )
        yield SELECTION
        yield from self.notes


def print_backtest(
    summary: Summary, results: Sequence[PolicyResult], best: Sequence[PolicyResult], swept: int, width: int
) -> None:
    """Print the policies, the best ones of a sweep of `swept` policies, and what the figures mean."""
    for line in summary.describe():
        _print_folded(line, width)
    builders = (_build_alerts, _build_placebos, _build_shares, _build_worth, _build_left)
    tables = [build(results) for build in builders]
    for drawn in [*tables, *([_build_sweep(best, swept)] if best else [])]:
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


def _build_table(title: str, columns: Sequence[str]) -> Table:
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
    return drawn


def _build_alerts(results: Sequence[PolicyResult]) -> Table:
    drawn = _build_table("Alerts", ("policy", "level", "watched sessions", "alerts", "alerts a year"))
    for each in results:
        drawn.add_row(
            clean(each.policy.name),
            figures.format_level(each.policy.alert_level),
            f"{each.watched:,}",
            str(len(each.alerts)),
            _format_interval(each.yearly.rate, each.yearly.low, each.yearly.high),
        )
    return drawn


def _build_placebos(results: Sequence[PolicyResult]) -> Table:
    columns = ("policy", "alerts", "share of sessions", "expected", "false alarms a year")
    drawn = _build_table("False alarms on placebo sessions", columns)
    for each in results:
        drawn.add_row(
            clean(each.policy.name),
            f"{each.placebo.count:,}",
            _format_share(each.placebo, 2),
            f"{100.0 * each.placebo_expected:.2f} %",
            _format_false(each),
        )
    return drawn


def _build_shares(results: Sequence[PolicyResult]) -> Table:
    title = f"Sessions abnormal at {REFERENCE_LEVEL:g}"
    drawn = _build_table(title, ("policy", "with event", "share", "without", "Fisher p"))
    for each in results:
        one, other, p = each.difference.one, each.difference.other, each.difference.p
        drawn.add_row(
            clean(each.policy.name),
            f"{one.count} of {one.total}",
            _format_share(one),
            _format_share(other),
            "-" if p is None else figures.format_p_number(p),
        )
    return drawn


def _build_worth(results: Sequence[PolicyResult]) -> Table:
    title = "Events with an alert, and median lead time"
    drawn = _build_table(title, ("policy", "shocks", "controls", "all events", "lead"))
    for each in results:
        lead = each.median_lead
        drawn.add_row(
            clean(each.policy.name),
            *(_format_count(share) for share in (each.found, each.disturbed)),
            f"{each.told.count} of {each.told.total}",
            "-" if lead is None else figures.format_duration(lead),
        )
    return drawn


def _build_left(results: Sequence[PolicyResult]) -> Table:
    columns = ("policy", "after", "alerts", "left, %", "went on", "placebo left, %")
    drawn = _build_table("What was left after the alert, in its direction", columns)
    for each in results:
        for left, placebo in zip(each.left, each.placebo_left, strict=True):
            drawn.add_row(
                clean(each.policy.name),
                str(left.horizon),
                str(left.n),
                _format_left(left),
                f"{left.went_on.count} of {left.n}",
                _format_left(placebo),
            )
    return drawn


def _build_sweep(best: Sequence[PolicyResult], swept: int) -> Table:
    title = f"The best of {swept:,} policies, by false alarms and events found"
    drawn = _build_table(title, ("level", "exposure, classes", "budget", "false alarms a year", "found"))
    for each in best:
        policy = each.policy
        drawn.add_row(
            figures.format_level(policy.alert_level),
            f"{policy.minimum_exposure:g} {name_classes(policy.classes)}",
            format_budget(policy.budget),
            _format_false(each),
            _format_count(each.power),
        )
    return drawn


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
