"""The short form of `make chaos`: whatever was killed, nothing is missing, doubled or different.

It runs as a process of its own: what a client leaves behind while it finds no broker ends with it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import pytest
from tests.kafka import broker
from tests.kafka.chaos.__main__ import PROOFS, SHORT
from tests.kafka.conftest import require
from tests.kafka.tools import process

from brentwatch.core.domain import Stage, Study

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kafka

SECONDS = 400
"""More than it takes on a machine that has much else to do."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the report goes."""
    tools = broker.missing_tools()
    require(f"{tools} wanted for a broker of the test's own" if tools else "")
    return tmp_path


def test_chaos_poison_and_compaction_lose_and_double_nothing(folder: Path) -> None:
    report = proved("poison", folder)
    assert {each["name"] for each in report["disruptions"]} == set(SHORT.kinds)
    assert report["written"]["valid"] >= SHORT.events
    assert report["verdict"]["studies"] > SHORT.events
    assert report["verdict"]["alerts"] > 0
    assert report["verdict"]["state_left"] < report["verdict"]["state_written"]  # compacted meanwhile


def test_every_stage_of_a_thread_is_live_what_it_is_in_a_replay(folder: Path) -> None:
    report = proved("intraday", folder)
    assert {each["name"] for each in report["disruptions"]} == set(SHORT.intraday_kinds)
    verdict = report["verdict"]
    assert verdict["answers"].keys() == {each.test for each in get_args(Study)}
    assert verdict["answers"]["within"] > report["written"]["valid"]
    assert verdict["stages"].keys() == set(Stage)
    assert verdict["withdrawn"] > 0


def test_two_versions_in_one_group_lose_and_double_nothing(folder: Path) -> None:
    report = proved("upgrade", folder)
    assert len(report["disruptions"]) == SHORT.upgrades
    assert report["verdict"]["studies"] > 0


def test_a_notifier_that_is_killed_loses_nothing_and_sends_one_copy_at_most(folder: Path) -> None:
    report = proved("notifier", folder)
    verdict = report["notifier"]
    assert (verdict["alerts"], verdict["kills"] >= 6) == (SHORT.notified, True)
    assert len(verdict["copies"]) == 3
    assert sum(verdict["copies"].values()) <= verdict["most_copies"]
    assert verdict["suppressed"]["stage"] > 0  # heads-ups, on the channel that gets none
    assert {each["name"] for each in report["disruptions"]} == {
        "kill a notifier",
        "kill within a digest",
        "kill at the end of a silence",
    }


@pytest.mark.parametrize("name", ["an abandoned transaction", "the broker away"])
def test_what_goes_on_again_has_lost_and_doubled_nothing(name: str, folder: Path) -> None:
    """The other recoveries differ from what `poison` does by their limits alone, which nobody asks here."""
    assert proved(name, folder)["verdict"]["studies"] > 0


def proved(name: str, folder: Path) -> dict[str, Any]:
    """The report of a proof, which must hold."""
    assert name in PROOFS
    out = folder / "report.json"
    with process("-m", "tests.kafka.chaos", name, "--short", "--out", str(out)) as running:
        code = running.wait(SECONDS)
    report: dict[str, Any] = json.loads(out.read_text())[name]
    assert (code, report["holds"]) == (0, True), json.dumps(report)
    return report
