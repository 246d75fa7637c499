"""deploy/systemd: systemd takes the units, they are confined, and exit codes mean the same in them.

No unit is started: that needs systemd as the first process of a machine.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from brentwatch.commands.memory import MINIMUM
from brentwatch.commands.process import PATIENCE_SECONDS, ExitCode
from brentwatch.commands.run import SERVICES

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy" / "systemd"
SERVICE, TARGET = "brentwatch@.service", "brentwatch.target"
PROGRAM = "/opt/brentwatch/bin/brentwatch"
WORST_EXPOSURE = 1.2
"""As `systemd-analyze security` of systemd 252 counts, from 0 to 10: 10 is a service that may do anything."""

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze wanted")


def read_unit(name: str) -> dict[str, list[str]]:
    """Every value of each key of a unit, in its order."""
    found = defaultdict(list)
    for key, value in re.findall(
        r"^(\w+)=(.*)$", (UNITS / name).read_text(encoding="utf-8"), flags=re.MULTILINE
    ):
        found[key].append(value)
    return found


UNIT = read_unit(SERVICE)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units where systemd looks for them, with a program that is there, one instance a service."""
    program = tmp_path / "program"  # the path of the environment may have a space
    program.symlink_to(Path(sys.executable).parent / "brentwatch")
    text = (UNITS / SERVICE).read_text(encoding="utf-8").replace(PROGRAM, str(program))
    for name in (SERVICE, *(f"brentwatch@{service}.service" for service in SERVICES)):
        (tmp_path / name).write_text(text)
    shutil.copy(UNITS / TARGET, tmp_path)
    return tmp_path


def analyze(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *words], cwd=folder, capture_output=True, text=True, check=False
    )


@needs_systemd
def test_systemd_finds_no_fault_in_any_unit(installed: Path) -> None:
    instances = [f"./brentwatch@{service}.service" for service in SERVICES]

    done = analyze(installed, "verify", *instances, f"./{TARGET}")

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
def test_a_service_is_exposed_no_more_than_it_was(installed: Path) -> None:
    done = analyze(
        installed, "security", "--offline=true", f"--threshold={10 * WORST_EXPOSURE:.0f}", f"./{SERVICE}"
    )

    assert done.returncode == 0, done.stdout[-300:]


@needs_systemd
def test_the_credential_of_the_readme_is_one_that_systemd_knows(installed: Path) -> None:
    text = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    (drop_in,) = re.findall(r"^```ini\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    (installed / "brentwatch@notify.service.d").mkdir()
    (installed / "brentwatch@notify.service.d" / "slack.conf").write_text(drop_in)

    done = analyze(installed, "verify", "./brentwatch@notify.service")

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_each_service_runs_by_its_name() -> None:
    assert UNIT["ExecStart"] == [f"{PROGRAM} run %i"]
    named = re.search(r"^# One service of brentwatch: (.*)$", (UNITS / SERVICE).read_text(), re.MULTILINE)
    assert named is not None
    assert set(re.findall(r"@(\w+)", named[1])) == set(SERVICES)


def test_what_needs_an_operator_is_not_started_again_and_the_rest_is() -> None:
    assert UNIT["Restart"] == ["on-failure"]
    assert UNIT["RestartPreventExitStatus"] == [f"{ExitCode.USAGE:d} {ExitCode.SETTINGS:d}"]
    assert UNIT["SuccessExitStatus"] == [f"{ExitCode.INTERRUPTED:d} {ExitCode.TERMINATED:d}"]
    assert UNIT["StartLimitIntervalSec"] == ["0"]


def test_a_service_has_the_time_to_finish_and_the_memory_to_start() -> None:
    (seconds,), (memory,) = UNIT["TimeoutStopSec"], UNIT["MemoryMax"]

    assert int(seconds) > PATIENCE_SECONDS
    assert int(memory.removesuffix("M")) >= max(minimum.container for minimum in MINIMUM.values())


def test_all_services_start_and_stop_with_the_target() -> None:
    assert UNIT["PartOf"] == UNIT["WantedBy"] == [TARGET]
    assert read_unit(TARGET)["WantedBy"] == ["multi-user.target"]
