"""The notifier: copies alerts to `impact.deliveries`, folds that topic, and sends what the fold asks for.

Two groups: `notify` reads alerts, `deliveries` the topic of deliveries. A second process is a standby.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Protocol
from zoneinfo import ZoneInfo

from brentwatch import stream
from brentwatch.core.domain import Severity
from brentwatch.core.errors import SettingsError
from brentwatch.notify.channels.table import open_channel
from brentwatch.notify.copying import AlertCopier
from brentwatch.notify.dispatch import Dispatcher
from brentwatch.notify.listening import Listening
from brentwatch.notify.messages import Channel
from brentwatch.notify.recorder import Recorder
from brentwatch.notify.settings import NotifySettings
from brentwatch.notify.stages import Policies, Route
from brentwatch.notify.worker import DeliveryWorker
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.telemetry.health import Telemetry
from brentwatch.telemetry.metrics import Metrics

SERVICE = "notify"
FOLD_GROUP = "deliveries"
TOPICS: tuple[str, ...] = (stream.ALERTS, stream.DELIVERIES, stream.DELIVERIES_STATE, stream.DEAD)


class NotifyNeeds(Protocol):
    """The settings that the notifier reads."""

    kafka: stream.KafkaSettings
    notify: NotifySettings


def prepare(settings: NotifyNeeds, telemetry: Telemetry) -> stream.JobGroup:
    """The two jobs of the notifier, and the threads that send and record.

    Raises:
        SettingsError: if a channel cannot work with its settings.
    """
    channels = open_channels(settings.notify)
    policies = build_policies(settings.notify, channels)
    return build_group(settings, policies, channels, telemetry)


def build_group(
    settings: NotifyNeeds, policies: Policies, channels: Mapping[str, Channel], telemetry: Telemetry
) -> stream.JobGroup:
    """The jobs and threads that send through these channels."""
    kafka, metrics, log = settings.kafka, telemetry.metrics, telemetry.log
    deliveries, cluster = kafka.topic(stream.DELIVERIES), Cluster(kafka)
    recorder = Recorder(deliveries, cluster.open_producer, log)
    dispatcher = Dispatcher(policies.routes, channels, recorder.record, metrics, log, replica=kafka.own_name)
    is_new = partial(_is_empty, cluster, stream.Partition(deliveries, 0))
    copying, folding = build_jobs(kafka, policies, dispatcher, metrics, is_new=is_new)
    listening = Listening(settings.notify, dispatcher.lease, recorder.record, metrics, log)

    def run_threads(stop: Event) -> None:
        writing = Thread(target=recorder.run, name="record", daemon=True)
        writing.start()
        Thread(target=listening.run, args=(stop,), name="hear", daemon=True).start()
        dispatcher.run(stop)
        recorder.close()
        writing.join()

    return stream.JobGroup(main=folding, beside=(copying,), run=run_threads)


def build_jobs(
    kafka: stream.KafkaSettings,
    policies: Policies,
    dispatcher: Dispatcher,
    metrics: Metrics,
    *,
    is_new: Callable[[], bool],
) -> tuple[stream.Job, stream.Job]:
    """The job that copies alerts, and the one that folds deliveries.

    Where the notifier `is_new` here, no alert of the past is news.
    """
    deliveries, dead = kafka.topic(stream.DELIVERIES), kafka.topic(stream.DEAD)
    state = kafka.topic(stream.DELIVERIES_STATE)
    copy = stream.Stateless(AlertCopier(deliveries).handle)
    copying = stream.Job(
        group=kafka.group(SERVICE),
        topic=kafka.topic(stream.ALERTS),
        dead_topic=dead,
        open=lambda _: copy,
        tolerant=True,
        begins_at_end=is_new,
    )
    folding = stream.Job(
        group=kafka.group(FOLD_GROUP),
        topic=deliveries,
        dead_topic=dead,
        open=lambda _: DeliveryWorker(policies, dispatcher, metrics, state),
        state_topic=state,
        tolerant=True,
    )
    return copying, folding


def _is_empty(cluster: Cluster, partition: stream.Partition) -> bool:
    """True where nothing was ever written."""
    with closing(cluster.open_reader(partition, 0)) as reader:
        return reader.fetch_bounds()[1] == 0


def open_channels(settings: NotifySettings) -> dict[str, Channel]:
    """The channels that are used, as first or as fallback, by name.

    Raises:
        SettingsError: with one sentence for each that cannot work.
    """
    opened, faults = dict[str, Channel](), list[str]()
    for name in settings.list_used():
        try:
            opened[name] = open_channel(name, settings.find_channel(name))
        except SettingsError as error:
            faults += error.faults
    if faults:
        raise SettingsError(*faults)
    return opened


def build_policies(settings: NotifySettings, channels: Mapping[str, Channel]) -> Policies:
    """What the fold knows of the channels."""
    routes = {
        name: _build_route(settings, name, channel, is_fallback_only=name not in settings.channels)
        for name, channel in channels.items()
    }
    age = timedelta(hours=settings.longest_age_hours)
    return Policies(routes=routes, zone=ZoneInfo(settings.zone), longest_age=age)


def _build_route(settings: NotifySettings, name: str, channel: Channel, *, is_fallback_only: bool) -> Route:
    chosen = settings.find_channel(name)
    minimum: Severity = chosen.minimum_severity or settings.minimum_severity
    return Route(
        name=name,
        settings=chosen,
        revisions=channel.revisions,
        minimum=minimum,
        is_fallback_only=is_fallback_only,
    )
