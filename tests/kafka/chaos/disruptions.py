"""What goes wrong: a table of disruptions, and a seeded schedule of them."""

from __future__ import annotations

import heapq
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.kafka.chaos.replicas import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from random import Random

    from tests.kafka.chaos.replicas import Supervisor
    from tests.kafka.chaos.stage import Ground

PAUSE_SECONDS = (7.5, 9.5)
"""Longer than the session timeout, so that the group has given the process up when it goes on."""

AWAY_SECONDS = (1.0, 4.0)
COMPANY_SECONDS = (4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Later:
    """What ends a disruption, in so many seconds."""

    seconds: float
    undo: Callable[[], object]


@dataclass(slots=True)
class Scene:
    """What disruptions act upon. `versions` are the sources that replicas may be started from."""

    supervisor: Supervisor
    ground: Ground | None
    chance: Random
    versions: tuple[Path, ...] = (SOURCES,)
    told: list[str] = field(default_factory=list)

    def chosen(self, service: str) -> str | None:
        """A replica of a service that runs; None where none does."""
        names = self.supervisor.running(service)
        return self.chance.choice(sorted(names)) if names else None


Disruption = Callable[[Scene], tuple[str, Later | None]]
"""Does it, and says to whom, and what is to be done later."""

NOBODY = "nobody was there"


def signalling(service: str, number: signal.Signals) -> Disruption:
    """Sends a signal to a replica; it is started again when it ends."""

    def disrupt(scene: Scene) -> tuple[str, Later | None]:
        if (name := scene.chosen(service)) is None:
            return NOBODY, None
        scene.supervisor.send(name, number)
        return name, None

    return disrupt


def pausing(service: str) -> Disruption:
    """SIGSTOP, and SIGCONT when the group has given the process up."""

    def disrupt(scene: Scene) -> tuple[str, Later | None]:
        if (name := scene.chosen(service)) is None:
            return NOBODY, None
        scene.supervisor.send(name, signal.SIGSTOP)
        go_on = Later(
            scene.chance.uniform(*PAUSE_SECONDS), lambda: scene.supervisor.send(name, signal.SIGCONT)
        )
        return name, go_on

    return disrupt


def coming_and_going(service: str) -> Disruption:
    """One more replica joins, and is removed for good."""

    def disrupt(scene: Scene) -> tuple[str, Later | None]:
        name = f"{service}-guest-{scene.chance.randrange(10**6)}"
        scene.supervisor.add(service, name)
        return name, Later(
            scene.chance.uniform(*COMPANY_SECONDS), lambda: scene.supervisor.remove(name, signal.SIGTERM)
        )

    return disrupt


def changing_version(service: str, number: signal.Signals) -> Disruption:
    """A replica goes on in another version of the code."""

    def disrupt(scene: Scene) -> tuple[str, Later | None]:
        if (name := scene.chosen(service)) is None:
            return NOBODY, None
        before = scene.supervisor.replicas[name].sources
        others = [each for each in scene.versions if each != before] or [before]
        scene.supervisor.change(name, scene.chance.choice(others), number)
        return name, None

    return disrupt


def broker_goes_away(scene: Scene) -> tuple[str, Later | None]:
    """SIGKILL to the broker, and a start on the same data."""
    if scene.ground is None:
        return NOBODY, None
    seconds = scene.chance.uniform(*AWAY_SECONDS)
    with scene.supervisor.hold():
        scene.ground.kill()
    time.sleep(seconds)
    scene.ground.start()
    return f"away for {seconds:.1f} s, and its start", None


DISRUPTIONS: Mapping[str, Disruption] = {
    "kill a monitor": signalling("monitor", signal.SIGKILL),
    "pause a monitor": pausing("monitor"),
    "stop a monitor": signalling("monitor", signal.SIGTERM),
    "a monitor more": coming_and_going("monitor"),
    "kill a screen": signalling("screen", signal.SIGKILL),
    "pause a screen": pausing("screen"),
    "stop a screen": signalling("screen", signal.SIGTERM),
    "a screen more": coming_and_going("screen"),
    "kill the broker": broker_goes_away,
}
"""Name -> what it does."""

UPGRADES: Mapping[str, Disruption] = {
    "another version of a monitor, stopped": changing_version("monitor", signal.SIGTERM),
    "another version of a monitor, killed": changing_version("monitor", signal.SIGKILL),
    "another version of a screen, stopped": changing_version("screen", signal.SIGTERM),
    "another version of a screen, killed": changing_version("screen", signal.SIGKILL),
}
"""Name -> what it does, where two versions stand side by side."""


@dataclass(frozen=True, slots=True)
class Done:
    """A disruption that was: what, to whom, and when (seconds since the first could be)."""

    name: str
    target: str
    at: float


def schedule(names: Iterable[str], count: int, seconds: float, chance: Random) -> list[tuple[float, str]]:
    """`count` disruptions at random times within `seconds`; each kind comes before one comes again."""
    kinds, order = sorted(names), list[str]()
    while len(order) < count:
        order += chance.sample(kinds, len(kinds))
    times = sorted(chance.uniform(0.05, 0.95) * seconds for _ in range(count))
    return list(zip(times, order[:count], strict=True))


def disrupt(
    scene: Scene, table: Mapping[str, Disruption], planned: Iterable[tuple[float, str]]
) -> list[Done]:
    """Do what is planned, each when its time has come, and what ends it."""
    began, done = time.monotonic(), list[Done]()
    waiting: list[tuple[float, int, str | Callable[[], object]]] = []
    for number, (at, name) in enumerate(planned):
        heapq.heappush(waiting, (at, number, name))
    while waiting:
        at, _, what = heapq.heappop(waiting)
        time.sleep(max(0.0, began + at - time.monotonic()))
        now = time.monotonic() - began
        if callable(what):
            what()
            continue
        target, later = table[what](scene)
        done.append(Done(what, target, round(now, 1)))
        if later is not None:
            heapq.heappush(waiting, (now + later.seconds, len(done) + 10**6, later.undo))
    return done
