"""One service in this process: its job on the loop, its metrics and health on a port, its log."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry

from brentwatch.commands import collector
from brentwatch.commands.exit_codes import ExitCode
from brentwatch.commands.observe import Observer
from brentwatch.commands.signals import wish_to_stop
from brentwatch.settings.load import load
from brentwatch.stream import loop
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.command_line import CommandLine
from brentwatch.stream.grants import authorize
from brentwatch.stream.topics import load_topics, verify, verify_configuration
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import bridge, make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.server import Server
from brentwatch.telemetry.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from structlog.typing import FilteringBoundLogger

    from brentwatch.settings.composed import Settings
    from brentwatch.settings.sources import Sources
    from brentwatch.stream.job import Job


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
            collector.adjust_collector()
            with watchdog:
                loop.run(settings.kafka, job, tell=Observer(metrics, health, log).tell, stop=wish.stop)
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
