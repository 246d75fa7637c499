"""Services on the fake cluster: lives that a test turns, and a loop that runs until something holds."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from tests.kafka.tools import Heard
from tests.stream.fake_group import SETTINGS, FakeBroker, FakeCluster

from brentwatch.stream import Headers, Job, Outgoing, Partition, Record, loop
from brentwatch.stream.facts import LoopFact, Turned
from brentwatch.stream.loop import Life

MOST_TURNS = 300
GROUP = SETTINGS.group("test")
IN = SETTINGS.topic("in")
OUT, STATE, DEAD = (Partition(SETTINGS.topic(name), 0) for name in ("out", "state", "dead"))
NOTES = Partition(SETTINGS.topic("dead.notes"), 0)
ONE, TWO = Partition(IN, 0), Partition(IN, 1)


def make_broker(partitions: int = 1) -> FakeBroker:
    """A broker with the topics of the jobs of the tests."""
    broker = FakeBroker()
    broker.make_topic(IN, partitions)
    broker.make_topic(STATE.topic, partitions)
    for each in (OUT, DEAD, NOTES):
        broker.make_topic(each.topic)
    return broker


def write(broker: FakeBroker, *values: bytes, to: Partition = ONE, headers: Headers = ()) -> None:
    """Records that are nothing but a value, unless they have headers."""
    broker.append(
        Outgoing(topic=to.topic, partition=to.number, value=value, headers=headers) for value in values
    )


def read(broker: FakeBroker, partition: Partition = OUT) -> list[Record]:
    """Every committed record of a partition."""
    return [each for each in broker.read(partition, 0, 10_000)[0] if isinstance(each, Record)]


def values(broker: FakeBroker, partition: Partition = OUT) -> list[bytes | None]:
    """The value of each of them."""
    return [record.value for record in read(broker, partition)]


def places(broker: FakeBroker) -> dict[int, int]:
    """What the group has committed, by partition."""
    return {each.number: place for each, place in broker.groups[GROUP].committed.items()}


class Process:
    """One life of a service, which goes round when the test says so."""

    def __init__(self, broker: FakeBroker, job: Job, replica: str = "one") -> None:
        self.heard = Heard()
        self.rebuilt = set[Partition]()
        self.life = Life(FakeCluster(broker, replica), job, self.heard, self.rebuilt)

    def turn(self, times: int = 1) -> None:
        """Go round so many times."""
        for _ in range(times):
            self.life.turn()

    def is_ready(self) -> bool:
        """True when it called itself ready in its newest turn."""
        return self.heard.of(Turned)[-1].ready

    def close(self) -> None:
        """Close, without leaving the group."""
        self.life.__exit__()


@contextmanager
def start(broker: FakeBroker, job: Job, replica: str = "one", turns: int = 3) -> Iterator[Process]:
    """A process that has gone round some times, and is closed at the end."""
    with closing(Process(broker, job, replica)) as process:
        process.turn(turns)
        yield process


class Stop(threading.Event):
    """Advances the clock of the broker where a loop waits, and calls `meanwhile`."""

    def __init__(self, broker: FakeBroker, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._broker, self._meanwhile = broker, meanwhile

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self._broker.clock += timeout
        self.waits.append(timeout)
        self._meanwhile()
        return self.is_set()


def run_until(
    broker: FakeBroker,
    job: Job,
    holds: Callable[[], object],
    meanwhile: Callable[[], object] = lambda: None,
) -> tuple[Heard, Stop]:
    """Run a loop until something holds after a turn; `meanwhile` is called while it waits after a failure."""
    heard, stop = Heard(), Stop(broker, meanwhile)

    def tell(fact: LoopFact) -> None:
        heard(fact)
        if len(heard.facts) > MOST_TURNS:
            pytest.fail(f"the loop goes round in vain: {heard.facts[-5:]}")
        if isinstance(fact, Turned) and holds():
            stop.set()

    loop.run(FakeCluster(broker), job, tell=tell, stop=stop)
    return heard, stop
