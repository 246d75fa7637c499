"""The harness itself: what happens on a machine without a broker must be seen, not guessed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def run_without_tools(folder: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """A test session of one broker test on a machine that has neither java nor mvn."""
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "KAFKA_BOOTSTRAP")}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(CHECKOUT)]
    return subprocess.run(
        [*command, f"{__file__}::test_a_broker_answers"],
        cwd=CHECKOUT,
        env={**kept, "PATH": str(folder), **extra},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.kafka
def test_a_broker_answers(bootstrap: str) -> None:
    assert bootstrap.rpartition(":")[2].isdigit()


@pytest.mark.slow
def test_without_java_and_maven_the_last_line_says_what_was_not_run_and_why(tmp_path: Path) -> None:
    done = run_without_tools(tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == (
        "not run: 1 test on a real broker "
        "(java and mvn not found; set KAFKA_BOOTSTRAP to use a running broker)"
    )


@pytest.mark.slow
@pytest.mark.parametrize("extra", [{"CI": "true"}, {"BRENTWATCH_REQUIRE_KAFKA": "1"}])
def test_where_a_broker_is_required_its_absence_is_a_failure(tmp_path: Path, extra: dict[str, str]) -> None:
    done = run_without_tools(tmp_path, **extra)
    assert done.returncode == 1
    assert "tests on a real broker must run here: java and mvn not found" in done.stdout
