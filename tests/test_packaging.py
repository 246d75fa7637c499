"""The built wheel: it holds schemas, data and types, and works from any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from brentwatch import __version__

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "services" / "brentwatch"


def files_under(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(str(path.relative_to(folder)) for path in found)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed in it, its dependencies apart."""
    site = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "--no-deps", "--no-index", "--target", site, wheel], check=True, capture_output=True
    )
    return site


def run_installed(installed: Path, arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def names_in(wheel: Path) -> list[str]:
    with ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_is_named_and_versioned_as_the_package(wheel: Path) -> None:
    assert wheel.name == f"brentwatch-{__version__}-py3-none-any.whl"


def test_the_wheel_holds_every_file_of_the_package_and_every_schema(wheel: Path) -> None:
    names = set(names_in(wheel))

    assert {f"brentwatch/{name}" for name in files_under(PACKAGE)} <= names
    assert {f"brentwatch/_schemas/{name}" for name in files_under(ROOT / "schemas")} <= names
    assert "brentwatch/py.typed" in names


def test_the_wheel_holds_nothing_but_the_package_and_its_licences(wheel: Path) -> None:
    names = names_in(wheel)
    licences = [name for name in names if "/licenses/" in name]

    assert {name.split("/")[0] for name in names} == {"brentwatch", f"brentwatch-{__version__}.dist-info"}
    assert sorted(name.rsplit("/", 1)[1] for name in licences) == ["LICENSE", "NOTICE"]


def test_what_is_installed_is_used_and_finds_its_own_schemas(installed: Path, tmp_path: Path) -> None:
    script = "from brentwatch.wire.json_schemas import find_folder; print(find_folder())"

    answer = run_installed(installed, ["-c", script], tmp_path)

    assert answer.stdout.strip() == str(installed / "brentwatch" / "_schemas")


def test_a_bundled_history_is_replayed_from_any_folder(installed: Path, tmp_path: Path) -> None:
    command = str(installed / "bin" / "brentwatch")

    answer = run_installed(installed, [command, "replay", "kazakhstan-2022", "--json"], tmp_path)

    assert answer.returncode == 0, answer.stderr
    kinds = {json.loads(line)["kind"] for line in answer.stdout.splitlines()}
    assert {"event", "session", "study"} <= kinds
