"""The price service in this process: on its timer, or once."""

from __future__ import annotations

import json
import logging
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from prometheus_client import CollectorRegistry

from brentwatch.commands.exit_codes import ExitCode
from brentwatch.commands.serve import check_topics
from brentwatch.commands.signals import wish_to_stop
from brentwatch.commands.study_rows import format_json_line
from brentwatch.prices import service as prices
from brentwatch.settings.load import load
from brentwatch.stream.appending import Appender
from brentwatch.stream.command_line import CommandLine
from brentwatch.stream.topics import TIMELINE
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import bridge, make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.server import Server
from brentwatch.telemetry.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from structlog.typing import FilteringBoundLogger

    from brentwatch.settings.sources import Sources
    from brentwatch.stream.records import Record


def serve_prices(sources: Sources) -> int:
    """Run the price service until a signal stops it, and give the exit code.

    Raises:
        SettingsError: if the settings, the topics or the port cannot work.
        Unavailable: if the broker does not answer at the start; later failures are waited out.
    """
    settings = load(sources).settings
    telemetry, registry = settings.telemetry, CollectorRegistry()
    log = make_logger(telemetry, service=prices.SERVICE)
    bridge_libraries(log)
    metrics, health = Metrics(registry, prices.SERVICE), Health(telemetry.liveness_seconds)
    made = prices.build_service(settings, metrics, health, log)
    with (
        wish_to_stop() as wish,
        Server(
            telemetry.host,
            telemetry.ports.prices,
            registry,
            health,
            metrics.bind_counter(table.PROBES_CUT_OFF),
        ) as server,
    ):
        check_topics(settings, prices.SERVICE, prices.TOPICS, _build_command(sources), log)
        timeline = Appender(settings.kafka, settings.kafka.topic(TIMELINE))
        log.info("started", topic=settings.kafka.topic(TIMELINE), port=server.port)
        with Watchdog(health, telemetry.watchdog_seconds, ExitCode.INTERNAL, log):
            prices.run(made, timeline, stop=wish.stop, metrics=metrics, health=health, log=log)
        log.info("stopped")
    return wish.exit_code


def serve_once(sources: Sources, *, dry_run: bool) -> int:
    """Fetch every series once and write it, or with `dry_run` print it, and give the exit code.

    Raises:
        SettingsError: if the settings or the topics cannot work.
        Unavailable: if the broker does not answer, or no provider of a series.
    """
    settings = load(sources).settings
    log = make_logger(settings.telemetry, service=prices.SERVICE)
    bridge_libraries(log)
    metrics = Metrics(CollectorRegistry(), prices.SERVICE)
    made = prices.build_service(settings, metrics, Health(settings.telemetry.liveness_seconds), log)
    check_topics(settings, prices.SERVICE, prices.TOPICS, _build_command(sources), log)
    with closing(Appender(settings.kafka, settings.kafka.topic(TIMELINE))) as timeline:
        made.run_once(Printed(timeline) if dry_run else timeline, datetime.now(UTC))
    return ExitCode.OK


def _build_command(sources: Sources) -> CommandLine:
    return CommandLine(("run", prices.SERVICE), sources.redact_arguments())


def bridge_libraries(log: FilteringBoundLogger) -> None:
    """Lines and warnings of libraries become lines of our log: nothing else is written to standard error."""
    logging.captureWarnings(True)
    for library in ("kafka", "yfinance", "bs4", "peewee", "py.warnings"):
        bridge(log, library)


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
