"""How long it takes until all goes on: a table of things that happen, each with its limit."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tests.kafka.chaos.probes import Probes, Reading, probes
from tests.kafka.chaos.replicas import MEANT, SOURCES, Supervisor
from tests.kafka.chaos.stage import Ground, Stage, made
from tests.kafka.chaos.verdict import judge

from brentwatch.stream import STUDIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

DIES_INSIDE = """
import os, signal, sys
from brentwatch.cli import main
from brentwatch.stream.clients import producer

whole = producer.TransactionalProducer.transact

def transact(self, records, positions, membership):
    if not any(each.topic.endswith("impact.studies") for each in records):
        return whole(self, records, positions, membership)
    self._client.begin_transaction()
    for each in records:
        producer._send(self._client, each).get(timeout=10)
    os.kill(os.getpid(), signal.SIGKILL)

producer.TransactionalProducer.transact = transact
sys.exit(main())
"""

AWAY_SECONDS = 60.0
_PATIENCE_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Recovery:
    """How long it took until all went on, in seconds, and how long it may."""

    seconds: float
    limit: float

    @property
    def kept(self) -> bool:
        """True within the limit."""
        return self.seconds <= self.limit

    def document(self) -> dict[str, Any]:
        """As JSON wants it."""
        return {"seconds": round(self.seconds, 1), "limit": self.limit, "kept": self.kept}


@dataclass(frozen=True, slots=True)
class Theatre:
    """A broker, replicas and probes: two screens and a monitor, all of them at rest."""

    ground: Ground
    stage: Stage
    supervisor: Supervisor
    probes: Probes
    reading: Reading


@contextmanager
def theatre(folder: Path, monitors: int = 1) -> Iterator[Theatre]:
    """Everything is started, and has answered a first probe."""
    with ExitStack() as opened:
        ground = opened.enter_context(closing(Ground(folder)))
        ground.start()
        stage = made(folder, ground.bootstrap, instruments=2)
        supervisor = opened.enter_context(Supervisor(stage, folder))
        reading = opened.enter_context(closing(Reading(stage)))
        asked = probes(stage, reading)
        asked.begin()
        supervisor.add("screen", "screen-0")
        for number in range(monitors):
            supervisor.add("monitor", f"monitor-{number}")
        asked.once()
        yield Theatre(ground, stage, supervisor, asked, reading)


def killed_and_back(on: Theatre, _: float) -> Recovery:
    """SIGKILL to the only monitor, which is started again at once."""
    on.supervisor.send("monitor-0", signal.SIGKILL)
    return Recovery(on.probes.once(), limit=3.0)


def killed_and_gone(on: Theatre, _: float) -> Recovery:
    """SIGKILL to one of two monitors, which does not come back: the other one takes over."""
    on.supervisor.remove("monitor-0", signal.SIGKILL)
    took = on.probes.once()
    on.supervisor.add("monitor", "monitor-0")
    return Recovery(took, limit=on.stage.settings.kafka.session_timeout_seconds + 3.0)


def transaction_abandoned(on: Theatre, _: float) -> Recovery:
    """A monitor dies inside a transaction and does not come back: how long a reader of studies waits."""
    on.supervisor.add("monitor", "monitor-doomed", SOURCES, ("-c", DIES_INSIDE), again=False)
    on.supervisor.remove("monitor-0")
    session = on.probes.ask()
    while "monitor-doomed" in on.supervisor.replicas:
        time.sleep(0.02)
    began, end = time.monotonic(), on.stage.end(STUDIES, 0)
    on.supervisor.add("monitor", "monitor-0")
    while on.reading.position < end:
        time.sleep(0.02)
    took = time.monotonic() - began
    on.probes.answered(session)
    return Recovery(took, limit=20.0)


def broker_away(on: Theatre, seconds: float) -> Recovery:
    """The broker is killed in the midst of work, and back after a while."""
    session = on.probes.ask()
    with on.supervisor.hold():
        on.ground.kill()
    time.sleep(seconds)
    on.ground.start()
    return Recovery(on.probes.answered(session), limit=10.0)


RECOVERIES: Mapping[str, tuple[int, Callable[[Theatre, float], Recovery]]] = {
    "a killed monitor, back": (1, killed_and_back),
    "a killed monitor, gone": (2, killed_and_gone),
    "an abandoned transaction": (1, transaction_abandoned),
    "the broker away": (2, broker_away),
}
"""Name -> with how many monitors, and what happens; the seconds are those that the broker is away."""


def recover(name: str, folder: Path, away: float = AWAY_SECONDS) -> dict[str, Any]:
    """Let one of them happen, and judge what stands in the topics afterwards."""
    monitors, happen = RECOVERIES[name]
    with theatre(folder, monitors) as on:
        recovery = happen(on, away)
        on.probes.once()
        on.stage.await_monitored(_PATIENCE_SECONDS)
        on.supervisor.rest()
        verdict = judge(on.stage, on.probes.load)
        unmeant = [each for each in on.supervisor.exits if each.code not in MEANT]
    exits = [f"{each.replica}: {each.code}" for each in on.supervisor.exits]
    return {
        "holds": verdict.holds and not unmeant,
        "recovery": recovery.document(),
        "verdict": asdict(verdict),
        "exits": exits,
    }
