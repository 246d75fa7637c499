"""`brentwatch run prices --once`: every series is fetched once and written, or printed."""

import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime

import click
from prometheus_client import CollectorRegistry

from brentwatch.commands.printer import format_json_line
from brentwatch.commands.process import ExitCode
from brentwatch.commands.services.serve import build_command, check_topics, open_telemetry
from brentwatch.prices import service as prices
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.stream import TIMELINE, Record
from brentwatch.stream.appending import Appender


def fetch_once(sources: Sources, *, dry_run: bool) -> int:
    """Fetch every series once and write it, or with `dry_run` print it, and give the exit code.

    Raises:
        SettingsError: if the settings or the topics cannot work.
        Unavailable: if the broker does not answer, or no provider of a series.
    """
    settings = load(sources).settings
    telemetry = open_telemetry(prices.SERVICE, settings, CollectorRegistry())
    made = prices.build_service(settings, telemetry)
    command = build_command(prices.SERVICE, sources)
    check_topics(settings, prices.SERVICE, prices.TOPICS, command, telemetry.log)
    with closing(Appender(settings.kafka, settings.kafka.topic(TIMELINE))) as timeline:
        made.run_once(Printed(timeline) if dry_run else timeline, datetime.now(UTC))
    return ExitCode.OK


class Printed:
    """A timeline that is read, and printed to instead of written."""

    def __init__(self, timeline: Appender) -> None:
        self._timeline = timeline

    def read_on(self, number: int, reader: str) -> Iterable[Record]:
        """See `Appender`."""
        return self._timeline.read_on(number, reader)

    def append(self, number: int, key: bytes, values: Sequence[bytes]) -> None:
        """Print one line for each record: its partition, its key, the record."""
        for value in values:
            line = {"partition": number, "key": key.decode(), "record": json.loads(value)}
            click.echo(format_json_line(line))
