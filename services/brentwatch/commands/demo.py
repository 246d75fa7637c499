"""`brentwatch demo`: an alert, a quiet week and the cost of false alarms, from a replay of bundled histories.

Every figure comes from the replay or from the bundled records; none is written here.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command

if TYPE_CHECKING:
    from rich.table import Table

    from brentwatch.core.domain import Alert, Instrument, SessionStudy
    from brentwatch.history.manifest import Context

_ALERTED = "abqaiq-2019"
_QUIET = "kazakhstan-2022"
_PRESS = "in two days"
"""What marks the newspaper's report of the quiet week: it speaks of the move of two days."""

_SESSIONS = 2


@dataclass(frozen=True, slots=True)
class Played:
    """A replayed history: its title and press reports, its alerts in order, and its studies by session.

    `sessions` has the tests of single sessions, `pairs` those of two sessions, by the first of them.
    """

    title: str
    press: tuple[Context, ...]
    alerts: tuple[Alert, ...]
    sessions: dict[date, SessionStudy]
    pairs: dict[date, SessionStudy]


@click.command("demo", cls=Command)
def command() -> None:
    """Show an alert, a quiet week and the cost of false alarms; no Kafka and no network needed.

    The figures come from a replay of bundled histories: September 2019 (Abqaiq) and January 2022
    (Kazakhstan).
    """
    from brentwatch.core.domain import BRENT_SPOT
    from brentwatch.message.tables import PIPED_COLUMNS, measure_terminal

    instrument = replace(BRENT_SPOT, alerts=True)
    width = min(measure_terminal(), PIPED_COLUMNS)
    for line in write_demo(instrument, width, name_program(sys.argv[0])):
        click.echo(line)


def write_demo(instrument: Instrument, width: int, program: str) -> Iterator[str]:
    """The lines, each at most `width` characters long, except for a command that is longer."""
    yield from _describe_alert(play(_ALERTED, instrument), width)
    yield ""
    yield from _describe_quiet_week(play(_QUIET, instrument), instrument, width)
    yield ""
    yield from _describe_false_alarms(instrument, width)
    yield ""
    yield "4. Try next"
    yield from format_commands(list_commands(program), width)


def _wrap(text: str, width: int, hanging: str = "") -> Iterator[str]:
    yield from textwrap.wrap(text, width, subsequent_indent=hanging, break_on_hyphens=False)


def play(history: str, instrument: Instrument) -> Played:
    """Replay a bundled history."""
    from brentwatch.core.domain import PublishAlert, PublishStudy, SessionStudy
    from brentwatch.core.forecasts.table import HEADLINE_MODEL
    from brentwatch.history.rules import build_rules
    from brentwatch.replay.recording import read_history
    from brentwatch.replay.turns import replay_signals

    recording = read_history(history, instrument)
    alerts: list[Alert] = []
    by_length: dict[int, dict[date, SessionStudy]] = {1: {}, _SESSIONS: {}}
    for turn in replay_signals(build_rules(instrument), recording.signals):
        for effect in turn.effects:
            match effect:
                case PublishAlert(alert=alert):
                    alerts.append(alert)
                case PublishStudy(study=SessionStudy() as study) if study.model == HEADLINE_MODEL:
                    if study.window.start == 0 and study.window.end + 1 in by_length:
                        by_length[study.window.end + 1][study.session] = study
                case _:
                    pass
    return Played(recording.title, recording.context, tuple(alerts), by_length[1], by_length[_SESSIONS])


def _describe_alert(played: Played, width: int) -> Iterator[str]:
    """What a phone shows of the first abnormal revision, then its card."""
    from brentwatch.message import figures
    from brentwatch.message.alert_text import write_alert_text

    alert = next(alert for alert in played.alerts if alert.severity is not None)
    text, sent = write_alert_text(alert), figures.format_utc(alert.known_at, year=True)
    yield from _wrap(f"1. {played.title}", width)
    yield from _wrap(f"The alert of {sent}: lock screen, then card.", width)
    for line in (text.lock_screen, *text.card.splitlines()):
        yield from _wrap(line, width, hanging="  ")


def _describe_quiet_week(played: Played, instrument: Instrument, width: int) -> Iterator[str]:
    """The two sessions that a newspaper wrote about, and why they are no alert."""
    from brentwatch.core.domain import Found
    from brentwatch.message.figures import format_frequency
    from brentwatch.message.foreign import clean
    from brentwatch.replay.brief import build_plain_table, format_session

    report = next(entry for entry in played.press if _PRESS in entry.text)
    days = sorted(day for day in played.sessions if day < report.date)[-_SESSIONS:]
    both = played.pairs[days[0]]
    yield from _wrap(f"2. {played.title}", width)
    rows = [
        *((format_session(each), each) for each in map(played.sessions.__getitem__, days)),
        ("both days", both),
    ]
    yield from _render(build_plain_table(rows, instrument), width)
    if isinstance(both.result, Found):
        source = clean(report.source)
        yield from _wrap(
            f"{source[:1].upper()}{source[1:]}: {clean(report.text).removeprefix('The press: ')} The rise "
            f"is real, and it is normal: 1 in {format_frequency(both.result.p)} such spans moves this much "
            "without news, and there were other reasons.",
            width,
        )


def _describe_false_alarms(instrument: Instrument, width: int) -> Iterator[str]:
    """How often the tests alert on nothing, and how often a heads-up was right."""
    from brentwatch.core.forecasts.table import HEADLINE_MODEL
    from brentwatch.core.intraday.minutes import SESSIONS_A_YEAR
    from brentwatch.history.bundled import load_calibrations, load_heads_up_records
    from brentwatch.message import figures
    from brentwatch.message.certainty import format_yearly

    level = instrument.alert_level
    measured = load_calibrations()[instrument.series.name, HEADLINE_MODEL][-1]
    record = load_heads_up_records()[-1]
    yield "3. What false alarms cost"
    yield from _wrap(
        f"At the alert level {figures.format_level(level)} expect {format_yearly(level)} for each "
        f"instrument; {instrument.title} had {SESSIONS_A_YEAR * measured.size_01:.1f} alerts a year since "
        f"{measured.first.year}, including days with real news.",
        width,
    )
    yield from _wrap(
        f"Heads-ups since {record.first.year}: {record.count}, of which {record.abnormal} "
        f"({100.0 * record.abnormal / record.count:.0f} %) were followed by an abnormal session; "
        f"{100.0 * record.placebo:.1f} % of all sessions are abnormal.",
        width,
    )


def _render(table: Table, width: int) -> Iterator[str]:
    from rich.console import Console

    shown = StringIO()
    Console(file=shown, width=width, highlight=False, markup=False).print(table)
    yield from (line.rstrip() for line in shown.getvalue().splitlines())


def list_commands(program: str) -> list[tuple[str, str]]:
    """What to try next: a command as a shell reads it, and what it shows."""
    return [
        (f"{program} replay {_QUIET} --story", "event by event"),
        (
            rf"printf 'date\n2019-09-16\n2022-01-05\n' | {program} study -",
            "your own dates",
        ),
        (f"{program} alerts test terminal", "or slack, teams, email, …"),
        (f"{program} run --help", "live; in a clone also: make live"),
    ]


def format_commands(commands: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Each command with its comment, without it, or, if that is too long as well, broken behind the pipe."""
    for words, comment in commands:
        for line in (f"  {words}  # {comment}", f"  {words}"):
            if len(line) <= width:
                yield line
                break
        else:
            first, pipe, rest = words.rpartition(" | ")
            yield from ([f"  {first} |", f"    {rest}"] if pipe else [f"  {words}"])


def name_program(started: str) -> str:
    """How this program is started again: by its name if that is on the PATH, else by the path of its script.

    Args:
        started: the first word of the command line, `sys.argv[0]`.
    """
    if shutil.which("brentwatch"):
        return "brentwatch"
    script = Path(started)
    if script.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m brentwatch"
    near = os.path.relpath(script) if script.is_absolute() else started
    return shlex.quote(min(near, started, key=len))
