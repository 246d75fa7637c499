"""One service in this process: its job on the loop or a timer, metrics and health on a port, its log."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import click
from prometheus_client import CollectorRegistry
from structlog.typing import FilteringBoundLogger

from brentwatch.commands.memory import adjust_collector
from brentwatch.commands.printer import format_json_line
from brentwatch.commands.process import ExitCode, wish_to_stop
from brentwatch.commands.services.observe import Observer
from brentwatch.prices import service as prices
from brentwatch.settings.composed import Settings
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.stream import loop
from brentwatch.stream.appending import Appender
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.grants import authorize
from brentwatch.stream.job import Job
from brentwatch.stream.records import Record
from brentwatch.stream.settings import CommandLine
from brentwatch.stream.topics import TIMELINE, load_topics, verify, verify_configuration
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Health, Watchdog
from brentwatch.telemetry.logs import bridge, make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.server import Server


def serve(module: str, sources: Sources, leave: Mapping[str, Any]) -> int:
    """Run the service in `module` until a signal stops it, and give the exit code.

    `leave` is what the operator allows a job of the loop: `rebuild`, `from_state`, `partial`.

    Raises:
        SettingsError: if the settings, the topics or the port cannot work.
        Unavailable: if the broker does not answer at the start; later failures are waited out.
    """
    service: Any = import_module(module)
    name: str = service.SERVICE
    settings = load(sources).settings
    telemetry = settings.telemetry
    log = make_logger(telemetry, service=name)
    bridge(log)
    registry = CollectorRegistry()
    metrics, health = Metrics(registry, name), Health(telemetry.liveness_seconds)
    with (
        wish_to_stop() as wish,
        Server(
            telemetry.host,
            getattr(telemetry.ports, name),
            registry,
            health,
            metrics.bind_counter(table.PROBES_CUT_OFF),
        ) as server,
    ):
        command = CommandLine(("run", name), sources.redact_arguments())
        check_topics(settings, name, service.TOPICS, command, log)
        watchdog = Watchdog(health, telemetry.watchdog_seconds, ExitCode.INTERNAL, log)
        if hasattr(service, "job"):
            job = replace(make_job(service, settings, metrics, log), command=command, **leave)
            log.info("started", group=job.group, topic=job.topic, port=server.port)
            adjust_collector()
            with watchdog:
                cluster, tell = Cluster(settings.kafka), Observer(metrics, health, log).tell
                loop.run(cluster, job, tell=tell, stop=wish.stop)
        else:
            log.info("started", port=server.port)
            with watchdog:
                service.run(settings, metrics, log, health, wish.stop)
        log.info("stopped")
    return wish.exit_code


def make_job(service: Any, settings: Settings, metrics: Metrics, log: FilteringBoundLogger) -> Job:
    """The job of a service, its counters at 0."""
    job: Job = service.job(settings, metrics, log)
    metrics.declare(table.DEAD_LETTERS, topic=job.topic)
    return job


def check_topics(
    settings: Settings,
    service: str,
    names: Iterable[str],
    command: CommandLine,
    log: FilteringBoundLogger,
) -> None:
    """Make sure that a service finds its topics, may use them, and would lose nothing on them.

    Raises:
        SettingsError: if it does not.
        Unavailable: if the broker does not answer.
    """
    every = load_topics(settings.kafka, [instrument.partition for instrument in settings.list_instruments()])
    with closing(Admin(settings.kafka)) as admin:
        authorize(service, settings.kafka, admin, command)
        wanted = [every[name] for name in names]
        verify(wanted, admin, command)
        looked = verify_configuration(wanted, admin, command)
        for warning in looked.warnings:
            log.warning("topic", detail=warning)
        if not looked.whole:
            log.info(
                "configuration of topics not checked: DescribeConfigs is not allowed; `brentwatch doctor` "
                "checks it"
            )


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
