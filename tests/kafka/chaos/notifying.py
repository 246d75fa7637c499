"""One proof of the notifier: two processes, three receivers that fail at random, kills at the worst time."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from tests.kafka.chaos.audit import NotifierVerdict, judge_notifier, read_state, refold
from tests.kafka.chaos.desks import DESKS, Desk, mark
from tests.kafka.chaos.disruptions import NOBODY, Scene, disrupt
from tests.kafka.chaos.plan import Act, Load
from tests.kafka.chaos.replicas import MEANT, Supervisor
from tests.kafka.chaos.stage import DAILY, Ground, made
from tests.kafka.chaos.writers import play
from tests.notify.alerts import EVENT, heads_up_alert, tested_alert

from brentwatch.core import domain
from brentwatch.core.domain import Severity
from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.service import build_policies, open_channels
from brentwatch.stream import ALERTS, Partition
from brentwatch.stream.topics import DELIVERIES
from brentwatch.wire.deliveries import AnswerKind, AnswerRecord, encode_delivery_record
from brentwatch.wire.published import encode_alert

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.kafka.chaos.disruptions import Disruption, Done, Later
    from tests.kafka.chaos.replicas import Exit
    from tests.kafka.chaos.stage import Stage

    from brentwatch.core.domain import Alert

SERVICE = "notify"
SILENCE_SECONDS = 4.0
_AFTER_SECONDS = 1.0
_MOST_REVISIONS = 4
_SEVERITIES = (Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
_REPEATED = 0.02
_HEADS_UPS = 3
_PATIENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierSetup:
    """How large a run is: `alerts` are revisions, `aimed` kills hit a digest or the end of a silence.

    Some kills find nobody there: a process that was killed before is not yet back.
    """

    seed: int
    alerts: int
    kills: int
    aimed: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierReport:
    """What was done, and what came of it."""

    setup: NotifierSetup
    verdict: NotifierVerdict
    disruptions: list[Done]
    exits: list[Exit]
    seconds: float

    def document(self) -> dict[str, Any]:
        """As JSON wants it."""
        unmeant = [asdict(each) for each in self.exits if each.code not in MEANT]
        return {
            "holds": self.verdict.holds and not unmeant,
            "setup": asdict(self.setup),
            "notifier": self.verdict.document(),
            "disruptions": [asdict(each) for each in self.disruptions],
            "unmeant": unmeant,
            "seconds": self.seconds,
        }


def run_notifier(setup: NotifierSetup, folder: Path) -> NotifierReport:
    """Run once, on a broker of its own."""
    began, chance = time.monotonic(), Random(setup.seed)
    with ExitStack() as opened:
        ground = opened.enter_context(closing(Ground(folder)))
        ground.start()
        desks = {name: opened.enter_context(kind()) for name, kind in DESKS.items()}
        for desk in desks.values():
            desk.arm(Random(chance.random()))
        stage = made(folder, ground.bootstrap, 1, template=DAILY + _format_settings(desks))
        supervisor = opened.enter_context(Supervisor(stage, folder))
        for number in range(2):
            supervisor.add(SERVICE, f"notify-{number}")
        _await_begun(stage)
        return _run(setup, stage, supervisor, desks, chance, began, folder)


def _run(
    setup: NotifierSetup,
    stage: Stage,
    supervisor: Supervisor,
    desks: Mapping[str, Desk],
    chance: Random,
    began: float,
    folder: Path,
) -> NotifierReport:
    alerts = list(_draw_alerts(setup.alerts, chance))
    silences = _plan_silences(setup)
    answers = [_silence(number, at, setup) for number, at in enumerate(silences)]
    writers = play(
        stage.settings.kafka,
        Load({"alerts": list(_publish(alerts, chance)), "people": answers}, frozenset(), 0),
        setup.seconds,
    )
    table = {
        "kill a notifier": _kill_one,
        "kill at the end of a silence": _kill_both,
        "kill within a digest": _arm(desks),
    }
    scene = Scene(supervisor, None, chance)
    done = disrupt(scene, table, sorted(_plan_kills(setup, silences, chance)))
    for writer in writers.values():
        writer.join(_PATIENCE_SECONDS)
    policies = build_policies(stage.settings.notify, open_channels(stage.settings.notify))
    _await_rest(stage, supervisor)
    supervisor.remove("notify-1")
    metrics = _await_metrics(stage, folder / "notify-0.log", desks)
    kills = sum(each.code == -signal.SIGKILL for each in supervisor.exits)
    published = frozenset((each.alert_id, each.revision) for each in alerts)
    return NotifierReport(
        setup=setup,
        verdict=judge_notifier(stage.settings.kafka, policies, published, desks, kills, metrics),
        disruptions=done,
        exits=list(supervisor.exits),
        seconds=round(time.monotonic() - began, 1),
    )


def _format_settings(desks: Mapping[str, Desk]) -> str:
    """The section of the notifier: three channels, as fast as they may be; one of them gets no heads-ups."""
    lines = ["", "[notify]", f"channels = {json.dumps(list(desks))}"]
    for number, desk in enumerate(desks.values()):
        stages = {"stages": list(domain.Stage)} if number else {}
        lines += desk.format_section(per_minute=6000, **stages)
    return "\n".join(lines)


def _draw_alerts(count: int, chance: Random) -> Iterator[Alert]:
    """Revisions of many alerts, mixed; some change no figure, some raise the severity."""
    threads = {str(number): 0 for number in range(max(1, 2 * count // 5))}
    waiting, figures = list(threads), dict.fromkeys(threads, 0)
    for _ in range(count):
        name = chance.choice(waiting)
        threads[name] += 1
        if threads[name] == _MOST_REVISIONS and len(waiting) > 1:
            waiting.remove(name)
        figures[name] += chance.random() < 0.9
        yield _build_alert(name, threads[name], figures[name])


def _build_alert(name: str, revision: int, figure: int) -> Alert:
    """Of every third thread the first revision is a heads-up."""
    if revision == 1 and int(name) % _HEADS_UPS == 0:
        return heads_up_alert(alert_id=name, events=(replace(EVENT, place=mark(int(name), revision)),))
    drawn = replace(
        tested_alert(p=0.009 / (1 + figure)),
        alert_id=name,
        revision=revision,
        severity=_SEVERITIES[min(figure // 2, 2)],
        events=(replace(EVENT, place=mark(int(name), revision)),),
    )
    return replace(drawn, known_at=drawn.known_at + timedelta(minutes=revision))


def _publish(alerts: Sequence[Alert], chance: Random) -> Iterator[Act]:
    """A few are published twice, as a producer that may not lose does."""
    for number, each in enumerate(alerts):
        for _ in range(1 + (chance.random() < _REPEATED)):
            yield Act(number / len(alerts), ALERTS, b"brent-0", encode_alert(each))


def _plan_silences(setup: NotifierSetup) -> list[float]:
    """When silences begin, in seconds; the last one ends before the load does."""
    count = max(1, setup.aimed // 2)
    spacing = (setup.seconds - SILENCE_SECONDS) / count
    return [(number + 0.3) * spacing for number in range(count)]


def _silence(number: int, at: float, setup: NotifierSetup) -> Act:
    until = datetime.now(UTC) + timedelta(seconds=at + SILENCE_SECONDS)
    record = AnswerRecord(
        id=f"silence-{number}",
        answer=AnswerKind.SILENCE,
        at=datetime.now(UTC),
        by="anna",
        via="command",
        until=until,
    )
    return Act(at / setup.seconds, DELIVERIES, record.id.encode(), encode_delivery_record(record), (0,))


def _plan_kills(
    setup: NotifierSetup, silences: Sequence[float], chance: Random
) -> Iterator[tuple[float, str]]:
    for _ in range(setup.kills - setup.aimed):
        yield chance.uniform(0.02, 0.98) * setup.seconds, "kill a notifier"
    for number, at in enumerate(silences):
        end = at + SILENCE_SECONDS
        if number % 2:
            yield end + chance.uniform(0.0, _AFTER_SECONDS), "kill at the end of a silence"
        else:
            yield end - _AFTER_SECONDS, "kill within a digest"


def _kill_one(scene: Scene) -> tuple[str, Later | None]:
    """SIGKILL to one of the two."""
    if (name := scene.chosen(SERVICE)) is None:
        return NOBODY, None
    scene.supervisor.send(name, signal.SIGKILL)
    return name, None


def _kill_both(scene: Scene) -> tuple[str, Later | None]:
    """SIGKILL to the active one and to the standby."""
    names = scene.supervisor.running(SERVICE)
    for name in names:
        scene.supervisor.send(name, signal.SIGKILL)
    return " and ".join(names) or NOBODY, None


def _arm(desks: Mapping[str, Desk]) -> Disruption:
    """The next digest that a receiver takes is the last thing that both processes do."""

    def disrupt(scene: Scene) -> tuple[str, Later | None]:
        desk = scene.chance.choice([*desks.values()])
        desk.on_digest = lambda: _note_kill(scene)
        return f"with the next digest to {desk.name}", None

    return disrupt


def _note_kill(scene: Scene) -> None:
    _kill_both(scene)


def _await_begun(stage: Stage) -> None:
    """Wait until the notifier has said where it begins: what was published before is of the past."""
    alerts = Partition(stage.settings.kafka.topic(ALERTS), 0)
    _await(lambda: alerts in stage.committed(SERVICE), "the notifier has begun")


def _await_rest(stage: Stage, supervisor: Supervisor) -> None:
    """Wait until all alerts are copied, and every delivery has ended."""
    kafka = stage.settings.kafka
    alerts = Partition(kafka.topic(ALERTS), 0)
    stage.await_committed(SERVICE, {alerts: stage.end(ALERTS, 0)}, _PATIENCE_SECONDS)

    def rests() -> bool:
        with suppress(Unavailable, SettingsError):  # a transaction may be under way
            state = read_state(kafka)
            return not any(state[section] for section in ("delivery", "held", "silence", "timer"))
        return False

    _await(rests, "every delivery has ended")


def _await_metrics(stage: Stage, log: Path, desks: Mapping[str, Desk]) -> str:
    """What the process that is left shows, once it has folded everything."""
    policies = build_policies(stage.settings.notify, open_channels(stage.settings.notify))
    totals = refold(stage.settings.kafka, policies).totals
    shown = {
        f'brentwatch_deliveries{{channel="{name}",state="accepted"}} {float(totals.ended[name]["accepted"])}'
        for name in desks
    }
    found = [""]

    def shows() -> bool:
        started = [line for line in log.read_text().splitlines() if '"started"' in line][-1]
        with suppress(OSError):
            address = f"http://127.0.0.1:{json.loads(started)['port']}/metrics"
            found[0] = urllib.request.urlopen(address, timeout=10).read().decode()
        return shown <= set(found[0].splitlines())

    with suppress(TimeoutError):  # the verdict says what differs
        _await(shows, "the metrics show everything", 60.0)
    return found[0]


def _await(holds: Any, what: str, seconds: float = _PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} seconds in vain until {what}")
        time.sleep(0.3)
