"""The source distribution can run its own tests: what they read is in it."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from brentwatch import __version__

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
READING = (
    "tests/deploy",
    "tests/test_contributing.py",
    "tests/benchmarks/test_measurement.py",
    "tests/wire/test_json_schemas.py",
    "tests/settings/test_fields.py",
)
"""Tests that read files of the repository, and some that do not; each takes a moment."""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = out.glob("*.tar.gz")
    with tarfile.open(built) as archive:
        archive.extractall(out, filter="data")
    return out / f"brentwatch-{__version__}"


def run_tests(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """pytest in the unpacked folder, on the package that is there."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "services"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_test_of_the_repository_is_in_it_and_can_be_collected(unpacked: Path) -> None:
    names = {path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*") if path.is_file()}
    done = run_tests(unpacked, "--collect-only")

    assert {name for name in names if "__pycache__" not in name.parts} <= {
        path.relative_to(unpacked) for path in (unpacked / "tests").rglob("*")
    }
    assert done.returncode == 0, done.stdout[-2000:]


def test_what_is_unpacked_runs_its_own_tests(unpacked: Path) -> None:
    script = "import brentwatch; print(brentwatch.__file__)"
    used = run_python(unpacked, script)
    done = run_tests(unpacked, "-m", "not slow", *READING)

    assert used == str(unpacked / "services" / "brentwatch" / "__init__.py")
    assert done.returncode == 0, done.stdout[-2000:]


def test_what_tests_and_tools_read_is_in_it(unpacked: Path) -> None:
    read = (
        *("Makefile", "CONTRIBUTING.md", ".ci/run", "docs", "deploy/compose.yaml", "services/README.md"),
        *("benchmarks/__main__.py", "examples/send_event.py"),
    )

    assert [name for name in read if not (unpacked / name).exists()] == []


def run_python(folder: Path, script: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder / "services")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
