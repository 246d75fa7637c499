"""`brentwatch doctor`: looks an installation over, and says what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command
from brentwatch.commands.printer import format_json_line
from brentwatch.commands.process import ExitCode
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.stream.doctor.patient import Finding

_NAME_WIDTH = 14


@click.command("doctor", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="One object a line: check, level, said, remedy.")
@click.pass_obj
def command(sources: Sources, *, as_json: bool) -> int:
    """Check broker, security, topics, history, transactions, groups, dead letters, prices, bars and clocks.

    It reads, and changes nothing. Exits with 1 where something keeps the installation from working, with 6
    where the broker does not answer; warnings alone exit with 0.
    """
    from brentwatch.message.tables import measure_terminal
    from brentwatch.stream.doctor.patient import Level

    levels = set()
    for name, finding in _run_checks(sources):
        levels.add(finding.level)
        if as_json:
            told = {"check": name, "level": finding.level, "said": finding.said, "remedy": finding.remedy}
            click.echo(format_json_line(told))
        else:
            for line in format_check(name, finding, measure_terminal() if sys.stdout.isatty() else None):
                click.echo(line)
    return ExitCode.FAILED if Level.FAIL in levels else ExitCode.OK


def format_check(name: str, finding: Finding, width: int | None) -> list[str]:
    """A check with what was found: one line, or folded to the width of a terminal."""
    from textwrap import wrap

    from brentwatch.message.foreign import clean

    begin = f"{finding.level:<5} {name:<{_NAME_WIDTH}} "
    text = clean(finding.said + (f": {finding.remedy}" if finding.remedy else ""))
    if width is None:
        return [begin + text]
    room = max(width - len(begin), _NAME_WIDTH)
    lines = wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    return [(begin if not number else " " * len(begin)) + line for number, line in enumerate(lines)]


def _run_checks(sources: Sources) -> Iterator[tuple[str, Finding]]:
    from contextlib import closing
    from datetime import UTC, datetime

    from brentwatch.commands.run import SERVICES
    from brentwatch.prices.series import find_late_series
    from brentwatch.settings.load import load
    from brentwatch.stream import ALERTS, DELIVERIES, EVENTS, TIMELINE, CommandLine
    from brentwatch.stream.clients.admin import Admin
    from brentwatch.stream.doctor.checks import run_checks
    from brentwatch.stream.doctor.patient import Patient

    settings = load(sources).settings
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
        )
        yield from run_checks(patient)
