from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = target.glob("*.whl")
    return set(ZipFile(wheel).namelist())


@pytest.mark.parametrize(
    ("source", "inside"),
    [("schemas", "brentwatch/_schemas"), ("services/brentwatch/history/data", "brentwatch/history/data")],
)
def test_a_built_wheel_carries_every_file_of(contents: set[str], source: str, inside: str) -> None:
    files = [path.relative_to(ROOT / source) for path in (ROOT / source).rglob("*") if path.is_file()]

    assert files
    assert {f"{inside}/{path.as_posix()}" for path in files} <= contents


def test_a_built_wheel_carries_the_licence_and_the_notice(contents: set[str]) -> None:
    names = {Path(name).name for name in contents}

    assert {"LICENSE", "NOTICE", "py.typed"} <= names
