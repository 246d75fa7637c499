"""`brentwatch alerts`: looks at alerts, answers them, tests channels, and exports what was sent.

This file has `list`, `show` and `channels`, which show the state of the notifier.
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

    The first characters of an id name an alert; `brentwatch alerts list` shows the ids.
    """


@command.command("list", short_help="List the alerts and their state on each channel.")
@click.option(
    "--since", callback=parse_time, metavar="TIME", help="Only alerts revised at this time or later; UTC."
)
@click.option(
    "--severity",
    type=click.Choice([each.value for each in Severity]),
    help="Only alerts of this severity or higher.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_threads(sources: Sources, since: datetime | None, severity: str | None, as_json: bool) -> None:
    """List the alerts, newest revision first, and their state on each channel.

    pending: not accepted yet; held: waits for a digest; failed: given up; sent: accepted; seen: read by
    somebody.

    A heads-up is news without a price test. It has no severity, so --severity leaves it out.
    """
    from brentwatch.commands.alerts.describing import build_thread_object, build_thread_table
    from brentwatch.commands.alerts.notifier import Notifier
    from brentwatch.message.tables import measure_terminal, print_table
    from brentwatch.notify.listing import list_thread_rows
    from brentwatch.notify.messages import rank_severity

    notifier = Notifier(sources)
    every = list_thread_rows(notifier.values)
    least = rank_severity(Severity(severity) if severity else None)
    loud = [row for row in every if rank_severity(row.severity) >= least]
    rows = [row for row in loud if since is None or row.at >= since]
    if as_json:
        _print(format_json_line(build_thread_object(row)) for row in rows)
    elif rows:
        print_table(build_thread_table(rows, [row.thread for row in every]), measure_terminal())
    else:
        click.echo("no alert matches" if every else "no alerts yet")
    _print(_describe_silences(notifier), err=as_json)
    _print(describe_state(notifier), err=True)


@command.command("show", short_help="Show one alert: its text, detail, messages and answers.")
@click.argument("prefix", metavar="ID")
@click.pass_obj
def show(sources: Sources, prefix: str) -> None:
    """Show the alert whose id begins with ID: its text, its detail, and every message and answer.

    Exits with code 4 if there is none.
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


@command.command("channels", short_help="List the channels, their counts, and the silences.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_channels(sources: Sources, as_json: bool) -> None:
    """List the channels: what each is sent, how its last attempts ended, what waits, and the silences.

    recorded = accepted + failed + superseded + digested + pending. copies: messages accepted twice.
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
    """A sentence if the output is not up to date, or nothing is sent."""
    from brentwatch.message.figures import format_count

    behind, is_running = notifier.count_behind(), notifier.is_running()
    missing = f"{format_count(behind, 'newer record')} {'is' if behind == 1 else 'are'} not shown"
    if not is_running:
        more = f"; {missing}" if behind else ""
        yield f"the notifier is not running, so nothing is sent{more}. Start it: {notifier.start}"
    elif behind:
        yield f"the notifier is behind; {missing}"


def _print(lines: Iterable[str], *, err: bool = False) -> None:
    for line in lines:
        click.echo(line, err=err)


for each in (acknowledge, feedback, resend, silence, unsilence, test_channel, export):
    command.add_command(each)
