"""One run: replicas under load, disruptions meanwhile, and the verdict when all has come to rest."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from tests.kafka.chaos.disruptions import DISRUPTIONS, Scene, disrupt, schedule
from tests.kafka.chaos.plan import plan
from tests.kafka.chaos.replicas import MEANT, SOURCES, Supervisor
from tests.kafka.chaos.stage import DAILY, Ground, made
from tests.kafka.chaos.verdict import judge
from tests.kafka.chaos.writers import play

from brentwatch.stream import EVENTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.kafka.chaos.disruptions import Disruption, Done
    from tests.kafka.chaos.replicas import Exit
    from tests.kafka.chaos.stage import Stage
    from tests.kafka.chaos.verdict import Verdict
    from tests.kafka.chaos.writers import Writer

_FEWEST_SESSIONS = 10
_SESSION_SECONDS = 2.0
"""A session settles so often: faster than it takes to restart a replica, so that many events are late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How large a run is. `seconds` is how long the load lasts where nothing holds it up.

    `template` is what the instruments are like.
    """

    seed: int
    replicas: int
    instruments: int
    events: int
    disruptions: int
    seconds: float
    poisoned: bool
    template: str = DAILY
    table: Mapping[str, Disruption] = field(default_factory=lambda: DISRUPTIONS)
    versions: tuple[Path, ...] = (SOURCES,)
    patience: float = 1200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was done, what happened, and what came of it."""

    setup: Setup
    verdict: Verdict
    disruptions: list[Done]
    exits: list[Exit]
    valid: int
    invalid: int
    records: int
    write_failures: int
    seconds: float

    @property
    def unmeant(self) -> list[Exit]:
        """Processes that ended in a way that no disruption explains."""
        return [each for each in self.exits if each.code not in MEANT]

    @property
    def holds(self) -> bool:
        """True when the verdict holds and no process failed by itself."""
        return self.verdict.holds and not self.unmeant

    def document(self) -> dict[str, Any]:
        """As JSON wants it."""
        setup = {
            name: getattr(self.setup, name)
            for name in ("seed", "replicas", "instruments", "events", "seconds", "poisoned")
        }
        return {
            "holds": self.holds,
            "setup": setup,
            "written": {
                "valid": self.valid,
                "invalid": self.invalid,
                "records": self.records,
                "failures": self.write_failures,
            },
            "verdict": asdict(self.verdict),
            "seconds": self.seconds,
            "disruptions": [asdict(each) for each in self.disruptions],
            "exits": [asdict(each) for each in self.exits],
            "unmeant": [asdict(each) for each in self.unmeant],
        }


def run(setup: Setup, folder: Path, bootstrap: str | None = None, prefix: str = "") -> Report:
    """Run once, on a broker of its own, or on the one that answers at `bootstrap`, which nobody kills."""
    with ExitStack() as opened:
        ground = None
        if bootstrap is None:
            ground = opened.enter_context(closing(Ground(folder)))
            ground.start()
            bootstrap = ground.bootstrap
        stage = made(folder, bootstrap, setup.instruments, prefix, setup.template)
        supervisor = opened.enter_context(Supervisor(stage, folder))
        return _run(setup, stage, supervisor, ground)


def _run(setup: Setup, stage: Stage, supervisor: Supervisor, ground: Ground | None) -> Report:
    began, chance = time.monotonic(), Random(setup.seed)
    sessions = max(_FEWEST_SESSIONS, int(setup.seconds / _SESSION_SECONDS))
    load = plan(stage.instruments, setup.events, sessions, chance, poisoned=setup.poisoned)
    for number in range(setup.replicas):
        supervisor.add("screen", f"screen-{number}")
        supervisor.add("monitor", f"monitor-{number}")
    stage.await_members({"screen": setup.replicas, "monitor": setup.replicas}, setup.patience)
    writers = play(stage.settings.kafka, load, setup.seconds)
    planned = schedule(setup.table, setup.disruptions, setup.seconds, chance)
    done = disrupt(Scene(supervisor, ground, chance, setup.versions), setup.table, planned)
    _rest(stage, supervisor, writers, setup.patience)
    return Report(
        setup=setup,
        verdict=judge(stage, load),
        disruptions=done,
        exits=supervisor.exits,
        valid=len(load.valid),
        invalid=load.invalid,
        records=sum(writer.records for writer in writers.values()),
        write_failures=sum(writer.failures for writer in writers.values()),
        seconds=round(time.monotonic() - began, 1),
    )


def _rest(stage: Stage, supervisor: Supervisor, writers: Mapping[str, Writer], patience: float) -> None:
    """Wait until everything is answered: first by the screens, which then write no more; then by monitors."""
    supervisor.resume_all()
    for writer in writers.values():
        writer.join(patience)
    ends = {place: end for writer in writers.values() for place, end in writer.ends.items()}
    events = stage.settings.kafka.topic(EVENTS)
    stage.await_committed("screen", {at: end for at, end in ends.items() if at.topic == events}, patience)
    supervisor.rest("screen")
    stage.await_monitored(patience)
    supervisor.rest("monitor")
