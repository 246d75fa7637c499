"""The notifier: copies alerts to `impact.deliveries`, folds that topic, and sends what the fold asks for.

Two groups: `notify` reads alerts, `deliveries` the topic of deliveries. A second process is a standby.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Protocol
from zoneinfo import ZoneInfo

from brentwatch import stream
from brentwatch.core.domain import Instrument, Severity
from brentwatch.core.errors import SettingsError
from brentwatch.core.intraday.minutes import sum_yearly_false_alarms
from brentwatch.notify.canary_answers import CanaryMeter
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
TOPICS: tuple[str, ...] = (
    stream.ALERTS,
    stream.CANARIES,
    stream.DELIVERIES,
    stream.DELIVERIES_STATE,
    stream.DEAD,
)


class NotifyNeeds(Protocol):
    """The settings that the notifier reads."""

    kafka: stream.KafkaSettings
    notify: NotifySettings

    def list_instruments(self) -> Sequence[Instrument]:
        """The instruments, by partition."""


def prepare(settings: NotifyNeeds, telemetry: Telemetry) -> stream.JobGroup:
    """The two jobs of the notifier, and the threads that send and record.

    Raises:
        SettingsError: if a channel cannot work with its settings.
    """
    channels = open_channels(settings.notify)
    yearly = sum_yearly_false_alarms(settings.list_instruments())
    policies = build_policies(settings.notify, channels, yearly)
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
    meter = CanaryMeter((each.name for each in settings.list_instruments()), metrics, log)
    copying, folding = build_jobs(kafka, policies, dispatcher, metrics, meter=meter, is_new=is_new)
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
    meter: CanaryMeter,
    is_new: Callable[[], bool],
) -> tuple[stream.Job, stream.Job]:
    """The job that copies alerts and reads the answers to canaries, and the one that folds deliveries.

    If the notifier `is_new` here, no alert of the past is news, and canaries never are: those of an outage
    come after what was committed.
    """
    canaries = kafka.topic(stream.CANARIES)
    deliveries, dead = kafka.topic(stream.DELIVERIES), kafka.topic(stream.DEAD)
    state = kafka.topic(stream.DELIVERIES_STATE)
    copier, measurer = stream.Stateless(AlertCopier(deliveries).handle), stream.Stateless(meter.handle)
    copying = stream.Job(
        group=kafka.group(SERVICE),
        topic=kafka.topic(stream.ALERTS),
        dead_topic=dead,
        further_topics=(canaries,),
        open=lambda partition: measurer if partition.topic == canaries else copier,
        tolerant=True,
        begins_at_end=lambda partition: partition.topic == canaries or is_new(),
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


def build_policies(
    settings: NotifySettings, channels: Mapping[str, Channel], yearly: float | None = None
) -> Policies:
    """What the fold knows of the channels; `yearly` false alarms are expected of all instruments."""
    routes = {
        name: replace(
            _build_route(settings, name, channel, is_fallback_only=name not in settings.channels),
            yearly_false_alarms=yearly,
        )
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
