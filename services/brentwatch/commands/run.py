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
}
"""Name -> the module of the service, which is loaded when it runs (`ServiceModule`)."""

UNNAMED = ("ingest", "screen", "prices", "monitor", "notify")
"""What runs when nothing is named; ingest only where a feed is."""

NO_FEED = (
    "not starting ingest: ingest.feeds names no feed. To read one, add for example --set ingest.feeds=gdelt"
)


@click.command("run", cls=Command)
@click.argument("services", nargs=-1, type=click.Choice(list(SERVICES)), metavar="[SERVICE]...")
@click.option(
    "--rebuild",
    is_flag=True,
    help="Monitor or notify only, by name: recreate its state from its topic. Nothing is published or sent "
    "again.",
)
@click.option(
    "--from-state",
    is_flag=True,
    help="Monitor only, by name: continue from its saved state, whatever offset its group has committed.",
)
@click.option(
    "--partial",
    is_flag=True,
    help="Screen or monitor only, by name: continue although records were deleted before they were read. The "
    "monitor flags every later result.",
)
@click.option("--once", is_flag=True, help="Of prices, which must be named: fetch and write once, and end.")
@click.option(
    "--dry-run", is_flag=True, help="With --once: print what would be written, as JSON, a line each."
)
@click.option("--supervised", is_flag=True, hidden=True, help="End when standard input ends.")
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
) -> int:
    """Run services until a signal stops them; all of them when none is named.

    ingest reads the feeds of unrest that ingest.feeds names, and is left out where it names none. screen
    filters events. prices fetches Brent from Yahoo, EIA, FRED or a file. monitor tests the sessions. notify
    sends the alerts.

    Live prices make the timeline too late for a recorded history. To feed one, run screen, monitor and notify
    by name, under a kafka.topic_prefix of their own.

    One runs in this process. Several run as one process each; when one of them ends, the others are stopped,
    and its exit code is returned. They also end when the process that started them is killed. SIGTERM,
    SIGINT, SIGHUP and SIGQUIT finish the batch at hand.
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
        raise click.UsageError("--dry-run goes with --once: brentwatch run prices --once --dry-run")
    chosen = tuple(dict.fromkeys(services)) or _choose_services(sources)
    if len(chosen) == 1:  # of several each looks for itself
        check_memory(chosen[0])
    match chosen:
        case ("prices",) if once:
            from brentwatch.commands.services.fetch_once import fetch_once

            return fetch_once(sources, dry_run=dry_run)
        case (only,):
            from brentwatch.commands.services.serve import serve

            return serve(SERVICES[only], sources, leave)
        case several:
            from brentwatch.commands.services.supervise import supervise

            return supervise(several, sources)


def _choose_services(sources: Sources) -> tuple[str, ...]:
    """The services that these settings can run; says which these are, and why not the rest.

    Raises:
        SettingsError: if the settings cannot work.
    """
    from brentwatch.commands.process import say
    from brentwatch.settings.load import load

    has_feed = bool(load(replace(sources, warn=lambda _: None)).settings.ingest.feeds)
    names = UNNAMED if has_feed else tuple(name for name in UNNAMED if name != "ingest")
    say(f"brentwatch: starting {', '.join(names)}")
    if not has_feed:
        say(f"brentwatch: {NO_FEED}")
    return names


def _check_leave(leave: Mapping[str, bool], services: tuple[str, ...]) -> None:
    """Each of these flags goes with one service by name."""
    if leave["rebuild"] and services not in (("monitor",), ("notify",)):
        raise click.UsageError(
            "--rebuild recreates the state of monitor or notify: brentwatch run monitor --rebuild"
        )
    if leave["from_state"] and services != ("monitor",):
        raise click.UsageError(
            "--from-state goes on from the state of the monitor: brentwatch run monitor --from-state"
        )
    if leave["rebuild"] and leave["from_state"]:
        raise click.UsageError("--rebuild and --from-state contradict each other: give one of them")
    if leave["partial"] and services not in (("screen",), ("monitor",)):
        raise click.UsageError("--partial goes with screen or monitor: brentwatch run monitor --partial")
