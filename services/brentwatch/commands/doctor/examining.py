"""`brentwatch doctor`: looks an installation over, and says what to do first."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command
from brentwatch.commands.printer import format_json_line
from brentwatch.commands.process import ExitCode
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.settings.composed import Settings
    from brentwatch.stream.doctor.patient import Finding

    Found = tuple[str, Finding]

_NAME_WIDTH = 14
_VERDICT, _ALL_GOOD, _FIRST = "verdict", "all good", "first thing to fix: "


@click.command("doctor", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: check, level, said, remedy.")
@click.pass_obj
def command(sources: Sources, *, as_json: bool) -> int:
    """Check the broker, topics, records, services and channels, and report what to fix first.

    It only reads; it changes and sends nothing. The last line is "all good" or names the first thing to fix:
    the first failure, or the first warning if nothing failed. With --json the last object has the check
    "verdict".

    Exits with 1 if a check failed, with 6 if the broker does not answer, and with 0 if there are only
    warnings.
    """
    from brentwatch.commands.doctor.local_checks import run_local_checks
    from brentwatch.core.errors import Unavailable
    from brentwatch.settings.load import load
    from brentwatch.stream.doctor.patient import Finding, Level

    settings, found = load(sources).settings, list[tuple[str, Finding]]()

    def report(name: str, finding: Finding) -> None:
        found.append((name, finding))
        _print_check(name, finding, as_json=as_json)

    code = ExitCode.OK
    try:
        for name, finding in _run_broker_checks(settings, sources):
            report(name, finding)
    except Unavailable as error:
        code = ExitCode.UNREACHABLE
        report("cluster", Finding(Level.FAIL, str(error)))
    for name, finding in run_local_checks(settings):
        report(name, finding)
    _print_verdict(found, as_json=as_json)
    is_failed = any(finding.level is Level.FAIL for _, finding in found)
    return code or (ExitCode.FAILED if is_failed else ExitCode.OK)


def _print_check(name: str, finding: Finding, *, as_json: bool) -> None:
    from brentwatch.message.tables import measure_terminal

    if as_json:
        told = {"check": name, "level": finding.level, "said": finding.said, "remedy": finding.remedy}
        click.echo(format_json_line(told))
        return
    for line in format_check(name, finding, measure_terminal() if sys.stdout.isatty() else None):
        click.echo(line)


def _print_verdict(found: Sequence[Found], *, as_json: bool) -> None:
    from brentwatch.message.foreign import clean
    from brentwatch.message.tables import measure_terminal

    verdict = judge(found)
    if as_json:
        _print_check(_VERDICT, verdict, as_json=True)
        return
    text = clean(verdict.said + (f": {verdict.remedy}" if verdict.remedy else ""))
    for line in _fold(text, measure_terminal() if sys.stdout.isatty() else None):
        click.echo(line)


def judge(found: Sequence[Found]) -> Finding:
    """What all findings come to: the first failure, or else the first warning, or that all is good."""
    from brentwatch.stream.doctor.patient import Finding, Level

    for level in (Level.FAIL, Level.WARN):
        for name, finding in found:
            if finding.level is level:
                return Finding(level, f"{_FIRST}{name}: {finding.said}", finding.remedy)
    return Finding(Level.OK, _ALL_GOOD)


def format_check(name: str, finding: Finding, width: int | None) -> list[str]:
    """A check with what was found: one line, or folded to the width of a terminal."""
    from brentwatch.message.foreign import clean

    begin = f"{finding.level:<5} {name:<{_NAME_WIDTH}} "
    text = clean(finding.said + (f": {finding.remedy}" if finding.remedy else ""))
    if width is None:
        return [begin + text]
    lines = _fold(text, max(width - len(begin), _NAME_WIDTH))
    return [(begin if not number else " " * len(begin)) + line for number, line in enumerate(lines)]


def _fold(text: str, width: int | None) -> list[str]:
    from textwrap import wrap

    if width is None:
        return [text]
    return wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def _run_broker_checks(settings: Settings, sources: Sources) -> Iterator[Found]:
    """Every check that asks the broker.

    Raises:
        SettingsError: if it refuses us.
        Unavailable: if it does not answer.
    """
    from brentwatch.commands.run import SERVICES
    from brentwatch.prices.series import find_late_series
    from brentwatch.stream import ALERTS, DELIVERIES, EVENTS, TIMELINE, CommandLine
    from brentwatch.stream.clients.admin import Admin
    from brentwatch.stream.doctor.checks import run_checks
    from brentwatch.stream.doctor.patient import Patient

    with closing(Admin(settings.kafka)) as admin:
        patient = Patient(
            kafka=settings.kafka,
            admin=admin,
            instruments=settings.list_instruments(),
            late_series=find_late_series(settings.list_instruments(), settings.prices),
            services={"screen": EVENTS, "monitor": TIMELINE, "notify": ALERTS, "deliveries": DELIVERIES},
            authorized=tuple(SERVICES),
            now=datetime.now(UTC),
            dead_limit=settings.screen.dead_letter_limit.build_limits(),
            command=CommandLine(("doctor",), sources.redact_arguments()),
            canary_interval=timedelta(seconds=settings.canary.every_seconds),
        )
        yield from run_checks(patient)
