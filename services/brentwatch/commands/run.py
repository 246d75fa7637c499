"""`brentwatch run`: one service in this process, or several, one process each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command

if TYPE_CHECKING:
    from brentwatch.settings.sources import Sources

SERVICES = {
    "ingest": "brentwatch.ingest.service",
    "screen": "brentwatch.screen.service",
    "monitor": "brentwatch.monitor.service",
    "notify": "brentwatch.notify.service",
}
"""Name -> the module of the service: its SERVICE, its TOPICS, and `job`, for the loop, or `run`."""

UNNAMED = ("screen", "monitor", "notify")
"""What runs when nothing is named. Feeds are asked for by name: they come from outside, and for ever."""


@click.command("run", cls=Command)
@click.argument("services", nargs=-1, type=click.Choice(list(SERVICES)), metavar="[SERVICE]...")
@click.option(
    "--rebuild",
    is_flag=True,
    help="Recreate the state of the monitor, which must be named, from the timeline.",
)
@click.pass_obj
def command(sources: Sources, services: tuple[str, ...], *, rebuild: bool) -> int:
    """Run services until a signal stops them: screen, monitor, notify, or these three when none is named.

    Also ingest, which asks the feeds of unrest that ingest.feeds names.

    One runs in this process. Several run as one process each; when one of them ends, the others are stopped,
    and its exit code is returned. SIGTERM and SIGINT finish the batch at hand.
    """
    if rebuild and services != ("monitor",):
        raise click.UsageError(
            "--rebuild recreates the state of the monitor: brentwatch run monitor --rebuild"
        )
    match tuple(dict.fromkeys(services)) or UNNAMED:
        case (only,):
            from brentwatch.commands.serve import serve

            return serve(SERVICES[only], sources, {"rebuild": True} if rebuild else {})
        case several:
            from brentwatch.commands.supervise import supervise

            return supervise(several, sources)
