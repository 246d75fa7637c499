"""`brentwatch run`: one service in this process, or several, one process each."""

from collections.abc import Mapping
from dataclasses import replace

import click

from brentwatch.commands.memory import check_memory
from brentwatch.commands.options import Command
from brentwatch.settings.origins import Sources

SERVICES = {
    "ingest": "brentwatch.ingest.service",
    "screen": "brentwatch.screen.service",
    "monitor": "brentwatch.monitor.service",
    "notify": "brentwatch.notify.service",
    "prices": "brentwatch.prices.service",
    "canary": "brentwatch.canary.service",
}
"""Name -> the module of the service, which is loaded when it runs (`ServiceModule`)."""

UNNAMED = ("ingest", "screen", "prices", "monitor", "notify", "canary")
"""What runs when nothing is named; ingest only where a feed is."""

NO_FEED = (
    "not starting ingest: ingest.feeds is empty. To read a feed, add for example --set ingest.feeds=gdelt"
)


@click.command("run", cls=Command)
@click.argument("services", nargs=-1, type=click.Choice(list(SERVICES)), metavar="[SERVICE]...")
@click.option(
    "--rebuild",
    is_flag=True,
    help="monitor or notify only: rebuild its state from its topic. Nothing is published or sent again.",
)
@click.option(
    "--from-state",
    is_flag=True,
    help="monitor only: continue from its saved state and ignore the committed offset of its group.",
)
@click.option(
    "--partial",
    is_flag=True,
    help="screen or monitor only: continue although records were deleted before they were read. The monitor "
    "then flags every result.",
)
@click.option("--once", is_flag=True, help="prices only: fetch once, then exit.")
@click.option("--dry-run", is_flag=True, help="With --once: print the records as JSON lines; write nothing.")
@click.option("--supervised", is_flag=True, hidden=True, help="End when standard input ends.")
@click.option("--report-to", type=int, hidden=True, help="File descriptor to report port and failure to.")
@click.pass_obj
def command(
    sources: Sources,
    services: tuple[str, ...],
    *,
    rebuild: bool,
    from_state: bool,
    partial: bool,
    once: bool,
    dry_run: bool,
    supervised: bool,
    report_to: int | None,
) -> int:
    """Run services until a signal stops them. Without a name, run all of them.

    ingest reads the feeds of events in ingest.feeds; it does not start without a feed. screen filters
    events by relevance. prices fetches Brent from Yahoo, EIA, FRED or a file. monitor tests the trading
    sessions. notify sends the alerts. canary sends a test record through all services every five minutes,
    which shows that they work.

    A recorded history cannot be fed after live prices. To feed one, run only screen, monitor and notify,
    under a separate kafka.topic_prefix.

    A single service runs in this process. Several services run in one process each, which start once the
    broker answers; standard error reports when each is ready. If one ends, the others are stopped and its
    exit code is returned. They also end if this process is killed. SIGTERM, SIGINT, SIGHUP and SIGQUIT stop
    the services after the current batch.
    """
    if supervised:
        from brentwatch.commands.process import end_with_parent

        end_with_parent()
        sources = replace(sources, warn=lambda _: None)  # the supervisor has said it
    leave = {"rebuild": rebuild, "from_state": from_state, "partial": partial}
    _check_leave(leave, services)
    if once and services != ("prices",):
        raise click.UsageError("--once fetches prices: brentwatch run prices --once")
    if dry_run and not once:
        raise click.UsageError("--dry-run requires --once: brentwatch run prices --once --dry-run")
    chosen = tuple(dict.fromkeys(services)) or _choose_services(sources)
    if len(chosen) == 1:  # of several each looks for itself
        check_memory(chosen[0])
    match chosen:
        case ("prices",) if once:
            from brentwatch.commands.services.fetch_once import fetch_once

            return fetch_once(sources, dry_run=dry_run)
        case (only,):
            from brentwatch.commands.services.reports import Reporter
            from brentwatch.commands.services.serve import serve

            reporter = Reporter(report_to)
            with reporter.report_failure():
                return serve(SERVICES[only], sources, leave, reporter.report_port)
        case several:
            from brentwatch.commands.services.supervise import supervise

            return supervise(several, sources)


def _choose_services(sources: Sources) -> tuple[str, ...]:
    """The services that these settings can run; says why not the rest.

    Raises:
        SettingsError: if the settings cannot work.
    """
    from brentwatch.commands.process import say
    from brentwatch.settings.load import load

    has_feed = bool(load(replace(sources, warn=lambda _: None)).settings.ingest.feeds)
    names = UNNAMED if has_feed else tuple(name for name in UNNAMED if name != "ingest")
    if not has_feed:
        say(f"brentwatch: {NO_FEED}")
    return names


def _check_leave(leave: Mapping[str, bool], services: tuple[str, ...]) -> None:
    """Each of these flags goes with one service by name."""
    if leave["rebuild"] and services not in (("monitor",), ("notify",)):
        raise click.UsageError(
            "--rebuild rebuilds the state of monitor or notify: brentwatch run monitor --rebuild"
        )
    if leave["from_state"] and services != ("monitor",):
        raise click.UsageError(
            "--from-state continues from the state of the monitor: brentwatch run monitor --from-state"
        )
    if leave["rebuild"] and leave["from_state"]:
        raise click.UsageError("--rebuild and --from-state exclude each other: use one of them")
    if leave["partial"] and services not in (("screen",), ("monitor",)):
        raise click.UsageError("--partial is for screen or monitor: brentwatch run monitor --partial")
