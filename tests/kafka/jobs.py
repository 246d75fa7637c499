"""Jobs for the loop to do in tests: one without state, one with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.kafka.tools import Beside, committed, members

from brentwatch.stream.facts import Turned
from brentwatch.stream.job import Folded, Job, Stateless
from brentwatch.stream.records import Outgoing, Partition
from brentwatch.wire.dead_letter import DeadLetterReason, InvalidMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from brentwatch.stream.job import Unclaimed, Worker
    from brentwatch.stream.records import Record
    from brentwatch.stream.settings import KafkaSettings


def echo(settings: KafkaSettings, to: str = "out") -> Job:
    """A job that answers each record with its value."""

    def answer(record: Record) -> Sequence[Outgoing]:
        return [Outgoing(topic=settings.topic(to), value=record.value or b"")]

    return job(settings, lambda _: Stateless(answer))


def job(settings: KafkaSettings, opened: Callable[[Partition], Worker | Unclaimed]) -> Job:
    return Job(
        group=settings.group("test"),
        topic=settings.topic("in"),
        dead_topic=settings.topic("dead"),
        open=opened,
    )


def place(settings: KafkaSettings) -> dict[int, int]:
    """What the group of the tests has committed, by partition."""
    return committed(settings, settings.group("test"))


def replicas(settings: KafkaSettings) -> int:
    """How many members the group of the tests has."""
    return members(settings, settings.group("test"))


def is_ready(running: Beside) -> bool:
    """True when the loop called itself ready in its newest turn."""
    return [turn.ready for turn in running.heard.of(Turned)][-1:] == [True]


def number(record: Record) -> int:
    """The number that a record is."""
    text = (record.value or b"").decode()
    if not text.isdigit():
        raise InvalidMessage(DeadLetterReason.SCHEMA, f"{text!r} is not a number")
    return int(text)


class Sum:
    """A fold: answers each number with the sum of all numbers so far."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.topic = settings.topic("out")
        self.total = 0
        self.restored: list[bytes | None] = []

    def worker(self, _: Partition) -> Worker:
        self.total = 0
        self.restored = []
        return Folded(self.handle, self.restore)

    def handle(self, record: Record) -> Sequence[Outgoing]:
        self.total += number(record)
        return [Outgoing(topic=self.topic, value=str(self.total).encode())]

    def restore(self, record: Record) -> None:
        self.restored.append(record.value)
        self.handle(record)
