"""The short form of `make chaos`: whatever was killed, nothing is missing, doubled or different."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kafka import broker
from tests.kafka.chaos.disruptions import DISRUPTIONS, UPGRADES
from tests.kafka.chaos.experiment import Setup, run
from tests.kafka.chaos.recoveries import RECOVERIES, recover
from tests.kafka.chaos.versions import versions
from tests.kafka.conftest import require

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kafka.chaos.experiment import Report

pytestmark = pytest.mark.kafka

KINDS = (
    "kill a monitor",
    "pause a monitor",
    "stop a screen",
    "kill a screen",
    "a monitor more",
    "kill the broker",
)
AWAY_SECONDS = 15.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a broker of the test's own, its data and all logs are."""
    tools = broker.missing_tools()
    require(f"{tools} wanted for a broker of the test's own" if tools else "")
    return tmp_path


def test_chaos_and_poison_and_compaction_lose_and_double_nothing(folder: Path) -> None:
    setup = Setup(
        seed=1,
        replicas=2,
        instruments=2,
        events=1500,
        disruptions=len(KINDS),
        seconds=25,
        poisoned=True,
        table={name: DISRUPTIONS[name] for name in KINDS},
    )
    report = run(setup, folder)
    assert_holds(report)
    assert {each.name for each in report.disruptions} == set(KINDS)
    assert report.verdict.state_left < report.verdict.state_written  # it was compacted meanwhile


def test_two_versions_in_one_group_lose_and_double_nothing(bootstrap: str, prefix: str, folder: Path) -> None:
    setup = Setup(
        seed=1,
        replicas=2,
        instruments=2,
        events=300,
        disruptions=len(UPGRADES),
        seconds=12,
        poisoned=False,
        table=UPGRADES,
        versions=versions(folder),
    )
    assert_holds(run(setup, folder, bootstrap, prefix))


@pytest.mark.parametrize("name", list(RECOVERIES))
def test_what_goes_on_again_loses_and_doubles_nothing(name: str, folder: Path) -> None:
    report = recover(name, folder, away=AWAY_SECONDS)
    assert report["holds"], report


def assert_holds(report: Report) -> None:
    """Nothing is wrong, and something was there that could have been."""
    assert report.holds, report.document()
    assert report.verdict.studies > report.setup.events
    assert report.verdict.alerts > 0
