"""`make chaos`: replicas and a broker, and everything that goes wrong with them; then nothing may be wrong.

    python -m tests.kafka.chaos [--short] [--seed 1] [--out report.json] [PROOF ...]

Exits 1 when anything is missing, doubled or different, when a process ended by itself, or when something took
longer than its limit; then the logs of all processes are kept. Wants Java 17 and Maven.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.kafka import broker
from tests.kafka.chaos.disruptions import DISRUPTIONS, UPGRADES
from tests.kafka.chaos.experiment import Setup, run
from tests.kafka.chaos.notifying import NotifierSetup, run_notifier
from tests.kafka.chaos.recoveries import RECOVERIES, recover
from tests.kafka.chaos.stage import INTRADAY
from tests.kafka.chaos.versions import versions

from brentwatch.core.errors import SettingsError, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything. `seconds` is how long a load lasts; the broker is `away` for so many."""

    replicas: int
    instruments: int
    events: int
    kinds: Sequence[str]
    disruptions: int
    intraday_kinds: Sequence[str]
    intraday_disruptions: int
    seconds: float
    upgrades: int
    away: float
    notified: int
    notifier_kills: int
    notifier_aimed: int
    notifier_seconds: float


LONG = Size(
    replicas=3,
    instruments=4,
    events=10_000,
    kinds=tuple(DISRUPTIONS),
    disruptions=30,
    intraday_kinds=tuple(DISRUPTIONS),
    intraday_disruptions=30,
    seconds=300.0,
    upgrades=12,
    away=60.0,
    notified=2_000,
    notifier_kills=64,
    notifier_aimed=20,
    notifier_seconds=300.0,
)

SHORT = Size(
    replicas=2,
    instruments=2,
    events=1_500,
    kinds=(
        "kill a monitor",
        "pause a monitor",
        "a monitor more",
        "kill a screen",
        "stop a screen",
        "kill the broker",
    ),
    disruptions=6,
    intraday_kinds=("kill a monitor", "pause a monitor", "kill the broker"),
    intraday_disruptions=3,
    seconds=25.0,
    upgrades=len(UPGRADES),
    away=15.0,
    notified=100,
    notifier_kills=8,
    notifier_aimed=4,
    notifier_seconds=20.0,
)

Report = dict[str, Any]
Proof = Callable[[Size, int, Path], Report]
"""Given the size, the seed and a folder."""


def chaos(size: Size, seed: int, folder: Path) -> Report:
    """Disruptions at random, and a load without faults."""
    return run(_setup(size, seed, poisoned=False), folder).document()


def poison(size: Size, seed: int, folder: Path) -> Report:
    """Disruptions at random, and a load that is full of faults."""
    return run(_setup(size, seed, poisoned=True), folder).document()


def intraday(size: Size, seed: int, folder: Path) -> Report:
    """Instruments with bars of five minutes, some late, revised or missing; a load that is full of faults."""
    setup = replace(
        _setup(size, seed, poisoned=True),
        events=size.events // 10,
        seconds=size.seconds / 2,
        template=INTRADAY,
        table={name: DISRUPTIONS[name] for name in size.intraday_kinds},
        disruptions=size.intraday_disruptions,
    )
    return run(setup, folder).document()


def upgrade(size: Size, seed: int, folder: Path) -> Report:
    """Two versions of the code in one group; replicas are stopped and killed, and go on in the other one."""
    setup = replace(
        _setup(size, seed, poisoned=False),
        events=size.events // 5,
        seconds=size.seconds / 2,
        disruptions=size.upgrades,
        table=UPGRADES,
        versions=versions(folder),
    )
    return run(setup, folder).document()


def notifier(size: Size, seed: int, folder: Path) -> Report:
    """Two notifiers, killed at random and within digests, and three receivers that fail."""
    setup = NotifierSetup(
        seed=seed,
        alerts=size.notified,
        kills=size.notifier_kills,
        aimed=size.notifier_aimed,
        seconds=size.notifier_seconds,
    )
    return run_notifier(setup, folder).document()


def _setup(size: Size, seed: int, *, poisoned: bool) -> Setup:
    return Setup(
        seed=seed,
        replicas=size.replicas,
        instruments=size.instruments,
        events=size.events,
        disruptions=size.disruptions,
        seconds=size.seconds,
        poisoned=poisoned,
        table={name: DISRUPTIONS[name] for name in size.kinds},
    )


def recovering(name: str) -> Proof:
    """The proof of one recovery."""
    return lambda size, _, folder: recover(name, folder, size.away)


PROOFS: dict[str, Proof] = {
    "chaos": chaos,
    "poison": poison,
    "intraday": intraday,
    "upgrade": upgrade,
    "notifier": notifier,
    **{name: recovering(name) for name in RECOVERIES},
}
"""Name -> what is done, and its report."""


def main(words: list[str]) -> int:
    """Run the proofs that are named, all of them where none is; 1 when one of them fails."""
    arguments = _parser().parse_args(words)
    if unknown := [name for name in arguments.proofs if name not in PROOFS]:
        print(f"not a proof: {', '.join(unknown)}; there are {', '.join(PROOFS)}", file=sys.stderr)
        return 2
    report: dict[str, Report] = {}
    for name in arguments.proofs or PROOFS:
        report[name] = _proved(name, arguments)
        if arguments.out is not None:
            arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0 if all(_is_kept(each, arguments) for each in report.values()) else 1


def _is_kept(report: Report, arguments: argparse.Namespace) -> bool:
    """True when all is right, and in time: which the short form, on any machine, does not ask."""
    in_time = arguments.short or report.get("recovery", {}).get("kept", True)
    return bool(report["holds"] and in_time)


def _proved(name: str, arguments: argparse.Namespace) -> Report:
    folder = Path(tempfile.mkdtemp(prefix="brentwatch-chaos-"))
    try:
        report = PROOFS[name](SHORT if arguments.short else LONG, arguments.seed, folder)
    except (TimeoutError, AssertionError, Unavailable, SettingsError, broker.BrokerFailed) as error:
        report = {"holds": False, "error": str(error)}
    kept = _is_kept(report, arguments)
    if kept:
        shutil.rmtree(folder)
    else:
        print(f"the logs of {name} are in {folder}", file=sys.stderr)
    print(f"{name:<26}{'holds' if kept else 'FAILS'}  {_told(report)}", flush=True)
    return report


def _told(report: Report) -> str:
    if error := report.get("error"):
        return str(error)
    if recovery := report.get("recovery"):
        return f"{recovery['seconds']} s, at most {recovery['limit']} s"
    if notified := report.get("notifier"):
        return _tell_of_notifier(notified, report["seconds"])
    verdict = report["verdict"]
    return (
        f"{report['written']['valid']:,} events, {len(report['disruptions'])} disruptions, "
        f"{verdict['studies']:,} studies, {verdict['alerts']:,} alerts, "
        f"{_count(verdict['stages'])}, {verdict['withdrawn']:,} withdrawn: "
        f"{verdict['missing']} missing, "
        f"{verdict['duplicated']} duplicated, {verdict['different']} different; "
        f"{verdict['events_missing']} events not on a timeline; {report['seconds']:.0f} s"
    )


def _count(stages: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {stage}" for stage, count in stages.items())


def _tell_of_notifier(notified: Report, seconds: float) -> str:
    copies = sum(notified["copies"].values())
    return (
        f"{notified['alerts']:,} alerts x {len(notified['copies'])} channels, {notified['kills']} kills, "
        f"{notified['resets']} resets: {notified['messages']:,} messages, {copies} copies of at most "
        f"{notified['most_copies']} ({notified['share']:.2%}); {seconds:.0f} s"
        + "".join(f"\n  {fault}" for fault in notified["faults"])
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.kafka.chaos", description="Proof by chaos.")
    parser.add_argument("proofs", nargs="*", metavar="PROOF", help=f"of {', '.join(PROOFS)}; all by default")
    parser.add_argument("--seed", type=int, default=1, help="of the load and of the disruptions")
    parser.add_argument("--short", action="store_true", help="a minute each, and no limits of time")
    parser.add_argument("--out", type=Path, help="where the report goes, as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
