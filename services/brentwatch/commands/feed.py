"""`brentwatch feed`: plays a recorded history into the topics of a prefix, to try an installation."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command
from brentwatch.commands.process import say
from brentwatch.settings.origins import Assignment, Sources

if TYPE_CHECKING:
    pass


@click.command("feed", cls=Command)
@click.argument("history")
@click.option(
    "--prefix",
    required=True,
    help="Topic name prefix, such as demo. (kafka.topic_prefix).",
)
@click.option("--instrument", help="Instrument of the prices (default: from history.toml).")
@click.pass_obj
def command(sources: Sources, history: str, prefix: str, instrument: str | None) -> None:
    """Play HISTORY, a bundled name or a folder, into the topics with a prefix.

    Events are written to unrest.events, and the next signal follows when the screen has processed them;
    prices are written to the timeline. A timeline that already holds later records, such as live prices, is
    refused: create topics under a new prefix, and run screen, monitor and notify there.
    """
    from brentwatch.commands.feeding import Feeder
    from brentwatch.commands.options import choose_instrument
    from brentwatch.history.folder import find_history, read_instrument_name
    from brentwatch.settings.load import load
    from brentwatch.stream import DEAD, EVENTS, TIMELINE, CommandLine, load_topics, verify_topics
    from brentwatch.stream.clients.admin import Admin
    from brentwatch.stream.clients.producer import Producer
    from brentwatch.stream.grants import authorize

    prefixed = Assignment("kafka.topic_prefix", prefix, "--prefix")
    sources = replace(sources, flags=(*sources.flags, prefixed))
    settings = load(sources).settings
    tested = choose_instrument(settings, instrument or read_instrument_name(history))
    played = find_history(history, tested)
    if not tested.alerts:
        _tell(
            f"{tested.name} opens no alerts with these settings; for alerts, run the services and feed with "
            f"--set instruments.{tested.name}.alerts=true"
        )
    if not settings.screen.sources.list_history_sources(prefix):
        _tell(
            "screen.sources.history is empty, so the screen filters the events by relevance; to play all "
            "events, give a --prefix, or set screen.sources.history"
        )
    with ExitStack() as opened:
        admin = opened.enter_context(closing(Admin(settings.kafka)))
        command = CommandLine(("feed",), sources.redact_arguments())
        authorize("feed", settings.kafka, admin, command)
        every = load_topics(settings.kafka, [each.partition for each in settings.list_instruments()])
        verify_topics([every[name] for name in (EVENTS, DEAD, TIMELINE)], admin, command)
        producer = opened.enter_context(closing(Producer(settings.kafka)))
        Feeder(settings.kafka, settings.list_instruments(), admin, producer, _tell).play(played)
    click.echo(f"{played.name}: {len(played.signals)} signals played to {every[TIMELINE].name}")


def _tell(sentence: str) -> None:
    say(f"feed: {sentence}")
