"""`make chaos`: replicas and a broker, and everything that goes wrong with them; then nothing may be wrong.

    python -m tests.kafka.chaos [--seed 1] [--events 10000] [--disruptions 30] [--out report.json] [PROOF ...]

Exits 1 when anything is missing, doubled or different, when a process ended by itself, or when something took
longer than its limit; then the logs of all processes are kept. Wants Java 17 and Maven.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.kafka.chaos.disruptions import UPGRADES
from tests.kafka.chaos.experiment import Setup, run
from tests.kafka.chaos.recoveries import RECOVERIES, recover
from tests.kafka.chaos.versions import versions

if TYPE_CHECKING:
    from collections.abc import Callable

Arguments = argparse.Namespace

SECONDS_EACH = 10.0
"""Between two disruptions, on average."""

UPGRADED = 8
"""Replicas that change their version, one after the other."""


def chaos(arguments: Arguments, folder: Path) -> dict[str, Any]:
    """Disruptions at random, and a load without faults."""
    return run(_setup(arguments, poisoned=False), folder).document()


def poison(arguments: Arguments, folder: Path) -> dict[str, Any]:
    """Disruptions at random, and a load that is full of faults."""
    return run(_setup(arguments, poisoned=True), folder).document()


def upgrade(arguments: Arguments, folder: Path) -> dict[str, Any]:
    """Two versions of the code in one group, stopped and killed in turn."""
    setup = Setup(
        seed=arguments.seed,
        replicas=2,
        instruments=4,
        events=max(100, arguments.events // 10),
        disruptions=UPGRADED,
        seconds=UPGRADED * SECONDS_EACH,
        poisoned=True,
        table=UPGRADES,
        versions=versions(folder),
    )
    return run(setup, folder).document()


def _setup(arguments: Arguments, *, poisoned: bool) -> Setup:
    return Setup(
        seed=arguments.seed,
        replicas=3,
        instruments=4,
        events=arguments.events,
        disruptions=arguments.disruptions,
        seconds=arguments.disruptions * SECONDS_EACH,
        poisoned=poisoned,
        patience=arguments.patience,
    )


def recovering(name: str) -> Callable[[Arguments, Path], dict[str, Any]]:
    """The proof of one recovery, which holds within its limit only."""

    def prove(_: Arguments, folder: Path) -> dict[str, Any]:
        report = recover(name, folder)
        return report | {"holds": report["holds"] and report["recovery"]["kept"]}

    return prove


PROOFS: dict[str, Callable[[Arguments, Path], dict[str, Any]]] = {
    "chaos": chaos,
    "poison": poison,
    "upgrade": upgrade,
    **{name: recovering(name) for name in RECOVERIES},
}
"""Name -> what is done, and its report."""


def main(words: list[str]) -> int:
    """Run the proofs that are named, all of them where none is; 1 when one of them fails."""
    arguments = _parser().parse_args(words)
    if unknown := [name for name in arguments.proofs if name not in PROOFS]:
        print(f"not a proof: {', '.join(unknown)}; there are {', '.join(PROOFS)}", file=sys.stderr)
        return 2
    report = {name: _proved(name, arguments) for name in arguments.proofs or PROOFS}
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0 if all(each["holds"] for each in report.values()) else 1


def _proved(name: str, arguments: Arguments) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="brentwatch-chaos-"))
    report = PROOFS[name](arguments, folder)
    if report["holds"]:
        shutil.rmtree(folder)
    else:
        print(f"the logs of {name} are in {folder}", file=sys.stderr)
    print(f"{name:<26}  {'holds' if report['holds'] else 'FAILS':<6} {_told(report)}", flush=True)
    return report


def _told(report: dict[str, Any]) -> str:
    if recovery := report.get("recovery"):
        return f"{recovery['seconds']} s, at most {recovery['limit']} s"
    verdict = report["verdict"]
    return (
        f"{report['written']['valid']:,} events, {len(report['disruptions'])} disruptions, "
        f"{verdict['studies']:,} studies, {verdict['alerts']:,} alerts: {verdict['missing']} missing, "
        f"{verdict['duplicated']} duplicated, {verdict['different']} different; "
        f"{verdict['events_missing']} events not on a timeline; {report['seconds']:.0f} s"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.kafka.chaos", description="Proof by chaos.")
    parser.add_argument("proofs", nargs="*", metavar="PROOF", help=f"of {', '.join(PROOFS)}; all by default")
    parser.add_argument("--seed", type=int, default=1, help="of the load and of the disruptions")
    parser.add_argument("--events", type=int, default=10_000, help="valid events of one run, at least")
    parser.add_argument("--disruptions", type=int, default=30, help="of one run")
    parser.add_argument(
        "--patience", type=float, default=600.0, help="seconds until all is answered, at most"
    )
    parser.add_argument("--out", type=Path, help="where the report goes, as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
