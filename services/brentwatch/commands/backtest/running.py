"""`brentwatch backtest`: what alert policies would have done on a recorded history, and what it was worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from brentwatch.commands.chart import check_suffix
from brentwatch.commands.options import Command
from brentwatch.commands.process import ExitCode, say

if TYPE_CHECKING:
    from brentwatch.commands.backtest.policy_tables import Summary
    from brentwatch.core.backtest.evaluation import Backtest, PolicyResult
    from brentwatch.core.backtest.policy import AlertPolicy
    from brentwatch.core.domain import Instrument
    from brentwatch.settings.origins import Sources


@click.command("backtest", cls=Command)
@click.option("--history", required=True, metavar="HISTORY", help="A bundled history, or a folder.")
@click.option(
    "--policy", "policies", multiple=True, metavar="FILE", help="TOML file of a policy; repeatable."
)
@click.option(
    "--sweep/--no-sweep",
    default=None,
    help="Also try levels, exposures, classes and budgets (default: if no --policy is given).",
)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)
@click.option("--json", "form", flag_value="json", help="The same as --format json: one object a line.")
@click.option(
    "--chart",
    metavar="FILE",
    callback=lambda _context, _option, path: path and check_suffix(path),
    help="Also draw false alarms a year against events found: .svg, .png or .pdf.",
)
@click.option("--instrument", help="Instrument of the prices (default: from history.toml).")
@click.pass_obj
def command(
    sources: Sources,
    *,
    history: str,
    policies: tuple[str, ...],
    sweep: bool | None,
    form: str,
    chart: str | None,
    instrument: str | None,
) -> int:
    """Say what alert policies would have done on a HISTORY, side by side.

    The first policy is the installed one: the alert level of the instrument, and notify.minimum_severity. A
    file changes some of: name, alert_level, minimum_severity, minimum_exposure, minimum_relevance,
    minimum_standing, classes, class_groups, countries, most_alerts and over_sessions.

    Every session of the history is tested once, also those without an event (placebo sessions). Tests within
    the session are not part of it. Exits with 5 if lines of the history could not be read, with 4 if no
    session with an event was tested.
    """
    from brentwatch.commands.backtest.policy_files import build_installed, read_policies
    from brentwatch.commands.options import choose_for_history
    from brentwatch.core.backtest.evaluation import Backtest
    from brentwatch.settings.load import load

    settings = load(sources).settings
    tested = replace(choose_for_history(history, settings, instrument), alerts=True)
    asked = read_policies(policies, build_installed(tested, settings.notify.minimum_severity))
    if chart is not None:
        from brentwatch.message.chart import load_library

        load_library()  # first: to play a history takes a while
    summary, unreadable = _replay(history, tested)
    if not summary.table.news:
        say(
            f"backtest: no session of {history} with an event was tested; expected one or more: add events "
            "in the span of its prices, and enough prices before them"
        )
        return ExitCode.NOTHING_MATCHED
    run = _evaluate(Backtest(summary.table), asked, has_sweep=not policies if sweep is None else sweep)
    _print(summary, run, form)
    if chart is not None:
        _write_chart(summary, run, chart)
    return ExitCode.PARTIAL if unreadable else ExitCode.OK


@dataclass(frozen=True, slots=True)
class _Results:
    """The results of the named policies, of a sweep, and the best of the sweep."""

    named: list[PolicyResult]
    swept: list[PolicyResult]
    best: list[PolicyResult]


def _replay(history: str, instrument: Instrument) -> tuple[Summary, int]:
    """The table of a history, and how many of its lines could not be read."""
    from brentwatch.commands.backtest.policy_tables import Summary
    from brentwatch.commands.progress import track_progress
    from brentwatch.commands.replay import tell_rejected
    from brentwatch.history.folder import find_history
    from brentwatch.history.label_files import read_labels
    from brentwatch.history.rules import build_rules
    from brentwatch.message.foreign import clean
    from brentwatch.replay.backtest_table import TableBuilder, include_placebos
    from brentwatch.replay.turns import replay_signals

    found, labels = find_history(history, instrument), read_labels(history)
    unread = (
        f"line {each.line} of the events was not read: {clean('; '.join(each.faults))}"
        for each in found.dead_letters
    )
    for line in (*found.notes, *unread, *labels.rejected):
        say(f"backtest: {line}")
    signals = include_placebos(found.signals, found.start)
    counted = track_progress(signals, "backtest", unit="signals", total=len(signals))
    builder = TableBuilder(instrument.series)
    for turn in replay_signals(build_rules(instrument), counted, tell_rejected):
        builder.take(turn)
    table = builder.build(labels.labels)
    summary = Summary(history=history, title=found.title, table=table, unlisted=builder.unlisted)
    return summary, len(found.dead_letters) + len(labels.rejected)


def _evaluate(backtest: Backtest, policies: Sequence[AlertPolicy], *, has_sweep: bool) -> _Results:
    from brentwatch.core.backtest.sweep import build_sweep, select_best

    swept = [backtest.evaluate(each) for each in build_sweep(policies[0])] if has_sweep else []
    return _Results([backtest.evaluate(each) for each in policies], swept, select_best(swept))


def _print(summary: Summary, run: _Results, form: str) -> None:
    from brentwatch.commands.backtest.policy_rows import describe_table, list_fields
    from brentwatch.commands.backtest.policy_tables import SELECTION, print_backtest
    from brentwatch.commands.printer import print_rows
    from brentwatch.message.tables import measure_terminal

    if form == "table":
        print_backtest(summary, run.named, run.best, len(run.swept), measure_terminal())
        return
    rows: list[dict[str, object]] = [{**list_fields(each)} for each in (*run.named, *run.swept)]
    columns = list(rows[0])
    if form == "json":
        rows = [describe_table(summary), *({"kind": "policy", **row} for row in rows)]
    else:
        say(f"backtest: {SELECTION}")
    print_rows(columns, rows, form)


def _write_chart(summary: Summary, run: _Results, path: str) -> None:
    from brentwatch.commands.backtest.policy_chart import draw_policies
    from brentwatch.commands.chart import choose_form, write_picture

    write_picture(path, draw_policies(summary, run.named, run.swept, run.best, choose_form(path)))
    say(f"backtest: the chart is in {path}")
