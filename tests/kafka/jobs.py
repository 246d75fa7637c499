"""Jobs for the loop to do in tests: one without state, one with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.kafka.tools import Beside, committed, members

from brentwatch.stream import Job, Outgoing, Partition, Stateful, Stateless
from brentwatch.stream.facts import Turned
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from brentwatch.stream import KafkaSettings, Record, Unclaimed, Worker


def echo(settings: KafkaSettings, to: str = "out") -> Job:
    """A job that answers each record with its value."""

    def answer(record: Record) -> Sequence[Outgoing]:
        return [Outgoing(topic=settings.topic(to), value=record.value or b"")]

    return job(settings, lambda _: Stateless(answer))


def job(settings: KafkaSettings, opened: Callable[[Partition], Worker | Unclaimed], **more: Any) -> Job:
    return Job(
        group=settings.group("test"),
        topic=settings.topic("in"),
        dead_topic=settings.topic("dead"),
        open=opened,
        **more,
    )


def adding(settings: KafkaSettings, *sums: Sum, **leave: bool) -> Job:
    """A job that sums up each partition, in transactions; `sums` are used one after the other."""
    ready = iter(sums or iter(lambda: Sum(settings), None))
    return job(settings, lambda _: next(ready), state_topic=settings.topic("state"), **leave)


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


class Sum(Stateful):
    """A fold: answers each number with the sum of all numbers so far, and keeps it with its place."""

    def __init__(self, settings: KafkaSettings, partition: int = 0) -> None:
        self._partition = partition
        self._out, self._state = settings.topic("out"), settings.topic("state")
        self.total = 0
        self.place: int | None = None
        self.restored: list[tuple[int, int | None]] = []
        self.refolded = 0
        self.idled = 0
        self.commits: list[int] = []
        self.leases: list[float] = []
        self.is_partial = False

    def handle(self, record: Record) -> Sequence[Outgoing]:
        self.total += number(record)
        return [Outgoing(topic=self._out, value=str(self.total).encode())]

    def collect_changes(self, place: int) -> Sequence[Outgoing]:
        kept = {b"total": self.total, b"place": place}
        return [
            Outgoing(topic=self._state, partition=self._partition, key=key, value=str(value).encode())
            for key, value in kept.items()
        ]

    def idle(self) -> None:
        self.idled += 1

    def committed(self) -> None:
        self.commits.append(self.total)

    def renew_lease(self, seconds: float) -> None:
        self.leases.append(seconds)

    def find_saved_place(self, kept: Mapping[bytes, bytes]) -> int | None:
        return int(kept[b"place"]) if b"place" in kept else None

    def restore(self, kept: Mapping[bytes, bytes]) -> None:
        self.total = int(kept.get(b"total", b"0"))
        self.restored.append((self.total, self.find_saved_place(kept)))

    def void(self, offsets: Collection[int]) -> None:
        self.voided = frozenset(offsets)

    def mark_partial(self) -> None:
        self.is_partial = True

    def prepare(self, kept: Mapping[bytes, bytes]) -> None:
        self.kept_before = dict(kept)

    def refold(self, record: Record) -> None:
        self.handle(record)
        self.refolded += 1

    def recreate(self, kept: Mapping[bytes, bytes], place: int) -> Sequence[Outgoing]:
        stale = [key for key in kept if key not in (b"total", b"place")]
        gone = [Outgoing(topic=self._state, partition=self._partition, key=key, value=None) for key in stale]
        return [*gone, *self.collect_changes(place)]
