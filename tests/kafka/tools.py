"""What tests do on the broker: make topics, write and read records, run a loop beside the test, wait."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tests.kafka.patience import PATIENCE_SECONDS

from brentwatch.stream import ALERTS, Outgoing, Partition, loop, read_partition
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.stream.clients.producer import Producer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.stream import Job, KafkaSettings, Record
    from brentwatch.stream.facts import LoopFact

CHECKOUT = Path(__file__).parents[2]
Fact = TypeVar("Fact")


def make_topic(settings: KafkaSettings, name: str, partitions: int = 1, **config: str) -> str:
    """A new topic under the prefix of the test; gives its full name."""
    with closing(Admin(settings)) as admin:
        admin.create(
            settings.topic(name), partitions, {key.replace("_", "."): value for key, value in config.items()}
        )
    return settings.topic(name)


def write(settings: KafkaSettings, *records: Outgoing) -> list[tuple[Partition, int]]:
    """Write records and give their places."""
    with closing(Producer(settings)) as producer:
        return producer.send(records)


def write_values(settings: KafkaSettings, topic: str, *values: bytes, partition: int = 0) -> None:
    """Write records that are nothing but a value."""
    write(settings, *(Outgoing(topic=topic, value=value, partition=partition) for value in values))


def read(settings: KafkaSettings, topic: str, partition: int = 0) -> list[Record]:
    """Every record of a partition."""
    return list(read_partition(settings, Partition(topic, partition)))


def values(settings: KafkaSettings, topic: str, partition: int = 0) -> list[bytes | None]:
    """The value of every record of a partition."""
    return [record.value for record in read(settings, topic, partition)]


def committed(settings: KafkaSettings, group: str, topic: str = "") -> dict[int, int]:
    """The committed offset of each partition of the one topic that a group reads, or of the one named."""
    with closing(Admin(settings)) as admin:
        found = admin.fetch_committed(group)
    return {place.number: offset for place, offset in found.items() if topic in ("", place.topic)}


def copied(settings: KafkaSettings) -> dict[int, int]:
    """How far the notifier has copied alerts; its group reads the answers to canaries too."""
    return committed(settings, settings.group("notify"), settings.topic(ALERTS))


def members(settings: KafkaSettings, group: str) -> int:
    """How many processes are members of a group."""
    with closing(Admin(settings)) as admin:
        return admin.count_members(group)


@contextmanager
def process(*arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A Python process beside the test, killed at the end if it still runs."""
    command = [sys.executable, "-W", "ignore", *arguments]
    given: dict[str, Any] = {"cwd": CHECKOUT, "text": True} | options
    child = subprocess.Popen(command, **given)
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


class Heard:
    """What a loop told, to be looked through by a test."""

    def __init__(self) -> None:
        self.facts: list[LoopFact] = []

    def __call__(self, fact: LoopFact) -> None:
        self.facts.append(fact)

    def of(self, kind: type[Fact]) -> list[Fact]:
        """The facts of one kind."""
        return [fact for fact in self.facts if isinstance(fact, kind)]


class Beside:
    """A loop that runs in a thread; what it raised is raised again where the test stops it."""

    def __init__(self, settings: KafkaSettings, job: Job, heard: Heard) -> None:
        self.heard = heard
        self.error: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(settings, job), daemon=True)
        self._thread.start()

    def _run(self, settings: KafkaSettings, job: Job) -> None:
        try:
            loop.run(Cluster(settings), job, tell=self.heard, stop=self._stop)
        except Exception as error:  # noqa: BLE001 - handed to the thread of the test
            self.error = error

    @property
    def ended(self) -> bool:
        """True when the loop has ended by itself."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """End the loop as SIGTERM would."""
        self._stop.set()
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "the loop did not stop"
        if self.error is not None:
            raise self.error


@contextmanager
def beside(settings: KafkaSettings, job: Job) -> Iterator[Beside]:
    """Run a loop beside the test."""
    running = Beside(settings, job, Heard())
    try:
        yield running
    finally:
        running.stop()
