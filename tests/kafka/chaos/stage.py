"""What a proof stands on: a broker that can be killed, the topics, and the settings of every process."""

from __future__ import annotations

import contextlib
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kafka import KafkaAdminClient
from kafka.admin import TransactionListing, TransactionState
from tests.kafka import broker
from tests.kafka.patience import PATIENCE_SECONDS, await_true

from brentwatch.core.errors import Unavailable
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.stream import STATE, TIMELINE, Partition, load_topics
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.consumer import Reader
from brentwatch.stream.topics import DELIVERIES_STATE, apply, plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from subprocess import Popen

    from brentwatch.core.domain import Instrument
    from brentwatch.settings.composed import Settings

ALERT_LEVELS = (0.01, 0.1)
SERIES = ("north", "south")

DAILY = """
[instruments.brent-{number}]
partition = {number}
series = "{series}"
calendar = "london"
settlement = "16:30"
time_zone = "Europe/London"
roll = "none"
alert_level = {level}
alerts = true
"""
"""Settings of an instrument that is tested when its sessions settle; two share a series."""

INTRADAY = """
[instruments.brent-{number}]
partition = {number}
series = "brent-front"
calendar = "globex"
settlement = "14:30"
time_zone = "America/New_York"
alert_level = {level}
alerts = true
intraday = true
"""
"""Settings of one that is tested within its sessions too; all share both series."""

COMPACTED_AT_ONCE = {
    "segment.ms": "2000",
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "60000",
}
"""What lets the broker compact the state within seconds, while it is written."""


class Ground:
    """A broker of our own, killed and started again on the same data."""

    def __init__(self, folder: Path) -> None:
        self._broker = broker.configured(folder)
        self._opened = ExitStack()
        self._process: Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Where it answers, when it does."""
        return self._broker.bootstrap

    def start(self) -> None:
        """Start it, and return when it answers."""
        self._process = self._opened.enter_context(broker.running(self._broker))

    def kill(self) -> None:
        """SIGKILL, once no transaction is being ended.

        Kafka 4.4 forgets the rest of a commit that it is killed in, if no other broker leads the partitions:
        the transaction then stays open for ever in those it had not come to.
        """
        if self._process is not None:
            with closing(KafkaAdminClient(bootstrap_servers=self.bootstrap)) as admin:
                await_true(lambda: not _ending(admin), "no transaction is being ended")
            self._process.kill()
            self._process.wait()
            self._process = None
            self._opened.close()

    def close(self) -> None:
        """Stop it."""
        self._opened.close()


@dataclass(frozen=True, slots=True)
class Stage:
    """The settings of all processes, and the file that holds them."""

    settings: Settings
    file: Path

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """By partition; two of them share a series of prices."""
        return self.settings.list_instruments()

    def committed(self, service: str) -> Mapping[Partition, int]:
        """The offsets that the group of a service has committed; none while the broker is away."""
        kafka = self.settings.kafka
        with contextlib.suppress(Unavailable), closing(Admin(kafka)) as admin:
            return admin.fetch_committed(kafka.group(service))
        return {}

    def end(self, topic: str, partition: int) -> int:
        """The offset behind the last record of a partition."""
        kafka = self.settings.kafka
        with closing(Reader(kafka, Partition(kafka.topic(topic), partition), 0)) as reader:
            return reader.fetch_bounds()[1]

    def await_members(self, replicas: Mapping[str, int], seconds: float) -> None:
        """Wait until so many replicas of each service have joined their group."""
        kafka = self.settings.kafka
        with closing(Admin(kafka)) as admin:
            await_true(
                lambda: {each: admin.count_members(kafka.group(each)) for each in replicas} == replicas,
                f"the members are {replicas}",
                seconds,
            )

    def await_monitored(self, seconds: float) -> None:
        """Wait until the monitors have answered everything that stands on the timeline now."""
        timeline = self.settings.kafka.topic(TIMELINE)
        numbers = [each.partition for each in self.instruments]
        ends = {Partition(timeline, number): self.end(TIMELINE, number) for number in numbers}
        self.await_committed("monitor", ends, seconds)

    def await_committed(self, service: str, ends: Mapping[Partition, int], seconds: float) -> None:
        """Wait until a service has answered everything before `ends`."""
        deadline = time.monotonic() + seconds
        while late := _behind(self.committed(service), ends):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{service} did not come to the end within {seconds:.0f} seconds: {late}")
            time.sleep(0.5)


def _ending(admin: KafkaAdminClient) -> list[TransactionListing]:
    states = [TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT]
    return [each for found in admin.list_transactions(state_filters=states).values() for each in found]


def _behind(committed: Mapping[Partition, int], ends: Mapping[Partition, int]) -> list[str]:
    return [
        f"{partition} is answered to {committed.get(partition, 0)} of {end}"
        for partition, end in ends.items()
        if committed.get(partition, 0) < end
    ]


def made(folder: Path, bootstrap: str, instruments: int, prefix: str = "", template: str = DAILY) -> Stage:
    """The settings in a file of `folder`, with instruments as `template` has them, and the topics."""
    file = folder / "brentwatch.toml"
    file.write_text(_text(bootstrap, prefix, instruments, template))
    stage = Stage(load(Sources(file=str(file)), {}).settings, file)
    kafka = stage.settings.kafka
    wanted = load_topics(kafka, [each.partition for each in stage.instruments])
    with closing(_admin(stage)) as admin:
        apply(plan(list(wanted.values()), admin).steps, admin)
        for name in (STATE, DELIVERIES_STATE):
            admin.configure(wanted[name].name, dict(wanted[name].config) | COMPACTED_AT_ONCE)
    return stage


def _admin(stage: Stage) -> Admin:
    """A fresh broker answers on its port before it answers everything."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return Admin(stage.settings.kafka)
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _text(bootstrap: str, prefix: str, instruments: int, template: str) -> str:
    return _COMMON.format(bootstrap=bootstrap, prefix=prefix) + "".join(
        template.format(
            number=number,
            series=SERIES[number // 2 % len(SERIES)],
            level=ALERT_LEVELS[number % len(ALERT_LEVELS)],
        )
        for number in range(instruments)
    )


_COMMON = """
[kafka]
bootstrap = "{bootstrap}"
topic_prefix = "{prefix}"
request_timeout_seconds = 5
delivery_timeout_seconds = 8
session_timeout_seconds = 6

[screen]
own_feeds = ["desk"]

[telemetry]
watchdog_seconds = 12
log_format = "json"

[telemetry.ports]
screen = 0
monitor = 0
notify = 0
"""
