"""`brentwatch alerts`: looks at alerts, answers them, tests channels, and exports what was sent.

Here stand `list`, `show` and `channels`, which tell what the notifier knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

import click

from brentwatch.commands.alerts.answering import acknowledge, feedback, resend, silence, unsilence
from brentwatch.commands.alerts.archiving import export
from brentwatch.commands.alerts.asking import choose
from brentwatch.commands.alerts.trying import test_channel
from brentwatch.commands.options import Group, parse_time
from brentwatch.commands.printer import format_json_line
from brentwatch.core.domain import Severity
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.commands.alerts.notifier import Notifier


@click.group("alerts", cls=Group)
def command() -> None:
    """Look at the alerts that were sent, answer them, and test the channels.

    An alert is named by the first characters of its id, as `brentwatch alerts list` shows it.
    """


@command.command("list", short_help="List the alerts, and what became of each on its channels.")
@click.option("--since", callback=parse_time, metavar="TIME", help="Only those with news then or later; UTC.")
@click.option(
    "--severity",
    type=click.Choice([each.value for each in Severity]),
    help="Only those of this severity or above.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_threads(sources: Sources, since: datetime | None, severity: str | None, as_json: bool) -> None:
    """List the alerts, those with the newest revision first, and what became of each on its channels.

    pending: not yet accepted; held: waits for a digest; failed: given up; sent: accepted; seen: somebody has
    read it.
    """
    from brentwatch.commands.alerts.describing import build_thread_object, build_thread_table
    from brentwatch.commands.alerts.notifier import Notifier
    from brentwatch.message.tables import measure_terminal, print_table
    from brentwatch.notify.listing import list_thread_rows

    notifier = Notifier(sources)
    every = list_thread_rows(notifier.values)
    least = Severity(severity).rank if severity else 0
    rows = [row for row in every if row.severity.rank >= least and (since is None or row.at >= since)]
    if as_json:
        _print(format_json_line(build_thread_object(row)) for row in rows)
    elif rows:
        print_table(build_thread_table(rows, [row.thread for row in every]), measure_terminal())
    else:
        click.echo("no alert matches" if every else "there is no alert")
    _print(_describe_silences(notifier), err=as_json)
    _print(describe_state(notifier), err=True)


@command.command("show", short_help="Show one alert: words, detail, all that was sent and answered.")
@click.argument("prefix", metavar="ID")
@click.pass_obj
def show(sources: Sources, prefix: str) -> None:
    """Show the alert whose id begins with ID: its words and detail, and all that was sent and answered.

    Exits with 4 where there is none.
    """
    from brentwatch.commands.alerts.describing import describe_record, describe_thread, format_moment
    from brentwatch.commands.alerts.notifier import Notifier
    from brentwatch.notify.audit import read_thread_history
    from brentwatch.notify.listing import map_ids
    from brentwatch.stream import read_partition

    notifier = Notifier(sources)
    thread = choose(map_ids(notifier.values), prefix, "alert", "brentwatch alerts list")
    _print(describe_thread(thread, notifier.values["thread"][thread]))
    click.echo("")
    with closing(read_partition(notifier.settings.kafka, notifier.deliveries)) as records:
        for at, record in read_thread_history(records, thread):
            click.echo(f"{format_moment(at)}  {describe_record(record)}")
    _print(describe_state(notifier), err=True)


@command.command("channels", short_help="List the channels, how they do, and the silences.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_channels(sources: Sources, as_json: bool) -> None:
    """List the channels: what each is sent, how its last attempts ended, what waits, and the silences.

    recorded is the sum of accepted, failed, superseded, digested and pending. copies were accepted twice.
    """
    from brentwatch.commands.alerts.describing import build_channel_object, build_channel_table
    from brentwatch.commands.alerts.notifier import Notifier
    from brentwatch.message.tables import measure_terminal, print_table
    from brentwatch.notify.listing import list_channel_rows, list_silences

    notifier = Notifier(sources)
    rows = list_channel_rows(notifier.values, notifier.settings.notify)
    if as_json:
        silences = list_silences(notifier.values)
        _print(format_json_line(build_channel_object(row, silences)) for row in rows)
    else:
        _print(f"{row.channel}: {row.policy or 'not in the settings of this command'}" for row in rows)
        click.echo("")
        print_table(build_channel_table(rows), measure_terminal())
        _print(_describe_silences(notifier))
    _print(describe_state(notifier), err=True)


def _describe_silences(notifier: Notifier) -> Iterator[str]:
    from brentwatch.commands.alerts.describing import describe_silence
    from brentwatch.notify.listing import list_silences

    return (describe_silence(name, silence) for name, silence in list_silences(notifier.values))


def describe_state(notifier: Notifier) -> Iterator[str]:
    """A sentence where what is shown is not the newest, or nothing is sent."""
    behind, is_running = notifier.count_behind(), notifier.is_running()
    if not is_running:
        told = f"; what is shown lacks the newest records ({behind:,})" if behind else ""
        yield f"the notifier is not running, and sends nothing{told}. Start it: {notifier.start}"
    elif behind:
        yield f"the notifier is behind; what is shown lacks the newest records ({behind:,})"


def _print(lines: Iterable[str], *, err: bool = False) -> None:
    for line in lines:
        click.echo(line, err=err)


for each in (acknowledge, feedback, resend, silence, unsilence, test_channel, export):
    command.add_command(each)
