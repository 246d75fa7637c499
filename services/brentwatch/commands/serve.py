"""One service in this process: its job on the loop, its metrics and health on a port, its log."""

from __future__ import annotations

from contextlib import closing
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
from brentwatch.stream.grants import authorize
from brentwatch.stream.topics import topics, verify
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.logs import bridge, logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.server import Server
from brentwatch.telemetry.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from brentwatch.settings.composed import Settings
    from brentwatch.settings.sources import Sources


def serve(module: str, sources: Sources, options: Mapping[str, Any]) -> int:
    """Run the service in `module`, with its `options`, until a signal stops it, and give the exit code.

    Raises:
        SettingsError: if the settings, the topics or the port cannot work.
        Unavailable: if the broker does not answer at the start; later failures are waited out.
    """
    service: Any = import_module(module)
    name: str = service.SERVICE
    settings = load(sources).settings
    telemetry = settings.telemetry
    log = logger(telemetry, service=name)
    bridge(log)
    registry = CollectorRegistry()
    metrics, health = Metrics(registry, name), Health(telemetry.liveness_seconds)
    with (
        wish_to_stop() as wish,
        Server(telemetry.host, getattr(telemetry.ports, name), registry, health) as server,
    ):
        _check_topics(settings, name, service.TOPICS)
        job = service.job(settings, metrics, log, **options)
        log.info("started", group=job.group, topic=job.topic, port=server.port)
        collector.spare()
        with Watchdog(health, telemetry.watchdog_seconds, ExitCode.HUNG, log):
            loop.run(settings.kafka, job, tell=Observer(metrics, health, log).tell, stop=wish.stop)
        log.info("stopped")
    return wish.exit_code


def _check_topics(settings: Settings, service: str, names: Iterable[str]) -> None:
    every = topics(settings.kafka, [instrument.partition for instrument in settings.tested()])
    with closing(Admin(settings.kafka)) as admin:
        authorize(service, settings.kafka, admin)
        verify([every[name] for name in names], admin)
