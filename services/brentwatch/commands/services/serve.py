"""One service in this process: its job on the loop or a timer, metrics and health on a port, its log."""

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from threading import Event, Thread
from typing import Protocol, cast

from prometheus_client import CollectorRegistry
from structlog.typing import FilteringBoundLogger

from brentwatch.commands.memory import adjust_collector
from brentwatch.commands.process import ExitCode, wish_to_stop
from brentwatch.commands.services.observe import Observer
from brentwatch.settings.composed import Settings
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.stream import CommandLine, Job, JobGroup, Poller, load_topics, loop, verify_topics
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.grants import authorize
from brentwatch.stream.topics import verify_configuration
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Health, Telemetry, Watchdog
from brentwatch.telemetry.logs import bridge, make_logger
from brentwatch.telemetry.metrics import Metrics, register_process_metrics
from brentwatch.telemetry.server import Server


class ServiceModule(Protocol):
    """The `service.py` of a room: its name, the topics that it needs, and what it does."""

    SERVICE: str
    TOPICS: tuple[str, ...]

    def prepare(self, settings: Settings, telemetry: Telemetry) -> Job | JobGroup | Poller:
        """What the service does, ready to run.

        Raises:
            SettingsError: if the settings cannot work.
        """


def serve(
    module: str,
    sources: Sources,
    leave: Mapping[str, bool],
    report_port: Callable[[int], None] = lambda _: None,
) -> int:
    """Run the service in `module` until a signal stops it, and give the exit code.

    Args:
        module: where the service is.
        sources: the settings.
        leave: what the operator allows a job of the loop: `rebuild`, `from_state`, `partial`.
        report_port: takes the port of metrics and health once it is open.

    Raises:
        SettingsError: if the settings, the topics or the port cannot work.
        Unavailable: if the broker does not answer at the start; later failures are waited out.
    """
    service = cast("ServiceModule", import_module(module))
    settings, registry = load(sources).settings, CollectorRegistry()
    telemetry = open_telemetry(service.SERVICE, settings, registry)
    work = prepare_work(service, settings, telemetry)
    with wish_to_stop() as wish, _open_server(service.SERVICE, settings, registry, telemetry) as server:
        report_port(server.port)
        telemetry.log.info("connecting to Kafka", bootstrap=settings.kafka.bootstrap)
        command = build_command(service.SERVICE, sources)
        check_topics(settings, service.SERVICE, service.TOPICS, command, telemetry.log)
        seconds = settings.telemetry.watchdog_seconds
        watchdog = Watchdog(telemetry.health, seconds, ExitCode.INTERNAL, telemetry.log)
        match work:
            case Job() | JobGroup():
                group = work if isinstance(work, JobGroup) else JobGroup(main=work)
                telemetry.log.info(
                    "started", group=group.main.group, topic=group.main.topic, port=server.port
                )
                adjust_collector()
                group = prepare_jobs(group, command, leave)
                with watchdog:
                    run_jobs(group, Cluster(settings.kafka), telemetry, wish.stop)
            case Poller():
                telemetry.log.info("started", topic=work.topic, port=server.port)
                with watchdog:
                    work.run(wish.stop)
        telemetry.log.info("stopped")
    return wish.exit_code


def prepare_jobs(group: JobGroup, command: CommandLine, leave: Mapping[str, bool]) -> JobGroup:
    """The jobs with the command that messages print; the leave of the operator is for the main one."""
    main = replace(
        group.main,
        command=command,
        rebuild=leave["rebuild"],
        from_state=leave["from_state"],
        partial=leave["partial"],
    )
    beside = tuple(replace(job, command=command) for job in group.beside)
    return replace(group, main=main, beside=beside)


def run_jobs(group: JobGroup, cluster: Cluster, telemetry: Telemetry, stop: Event) -> None:
    """Run the jobs side by side until `stop` is set, or one of them cannot go on: then all are stopped.

    `run` of the group ends first: another process takes over only when its work is done and written.

    Raises:
        SettingsError: see `loop.run`.
    """
    failed: list[BaseException] = []
    leave = stop if group.run is None else Event()

    def run(work: Callable[[Event], None], until: Event) -> None:
        try:
            work(until)
        except BaseException as error:  # noqa: BLE001 - it is raised again below, on the main thread
            failed.append(error)
        finally:
            stop.set()

    def run_beside(work: Callable[[Event], None]) -> None:
        run(work, stop)
        leave.set()

    loops = [_build_loop(job, cluster, telemetry, telemetry.health.add_part()) for job in group.beside]
    threads = [Thread(target=run, args=(each, leave), daemon=True) for each in loops]
    if group.run is not None:
        threads.append(Thread(target=run_beside, args=(group.run,), daemon=True))
    for thread in threads:
        thread.start()
    run(_build_loop(group.main, cluster, telemetry, telemetry.health), leave)
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _build_loop(job: Job, cluster: Cluster, telemetry: Telemetry, health: Health) -> Callable[[Event], None]:
    observer = Observer(telemetry.metrics, health, telemetry.log)
    return lambda stop: loop.run(cluster, job, tell=observer.tell, stop=stop)


def open_telemetry(name: str, settings: Settings, registry: CollectorRegistry) -> Telemetry:
    """The metrics, the health and the log of a service, through which libraries speak as well."""
    log = make_logger(settings.telemetry, service=name)
    bridge_libraries(log)
    register_process_metrics(registry)
    return Telemetry(Metrics(registry, name), Health(settings.telemetry.liveness_seconds), log)


def _open_server(name: str, settings: Settings, registry: CollectorRegistry, telemetry: Telemetry) -> Server:
    cut_off = telemetry.metrics.bind_counter(table.PROBES_CUT_OFF)
    port = getattr(settings.telemetry.ports, name)
    return Server(settings.telemetry.host, port, registry, telemetry.health, cut_off)


def prepare_work(service: ServiceModule, settings: Settings, telemetry: Telemetry) -> Job | JobGroup | Poller:
    """What a service does, its counters at 0."""
    work = service.prepare(settings, telemetry)
    for job in _list_jobs(work):
        for topic in job.read_topics:
            telemetry.metrics.declare(table.DEAD_LETTERS, topic=topic)
    return work


def _list_jobs(work: Job | JobGroup | Poller) -> tuple[Job, ...]:
    match work:
        case Job():
            return (work,)
        case JobGroup():
            return (work.main, *work.beside)
    return ()


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
        verify_topics(wanted, admin, command)
        looked = verify_configuration(wanted, admin, command)
        for warning in looked.warnings:
            log.warning("topic", detail=warning)
        if not looked.whole:
            log.info(
                "configuration of topics not checked: DescribeConfigs is not allowed; `brentwatch doctor` "
                "checks it"
            )


def build_command(name: str, sources: Sources) -> CommandLine:
    """How a service was started."""
    return CommandLine(("run", name), sources.redact_arguments())


def bridge_libraries(log: FilteringBoundLogger) -> None:
    """Lines and warnings of libraries become lines of our log: nothing else is written to standard error."""
    logging.captureWarnings(True)
    for library in ("kafka", "yfinance", "bs4", "peewee", "py.warnings"):
        bridge(log, library)
