"""deploy/Dockerfile: what it copies is there, what it starts exists, and it does not run as root."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from brentwatch.telemetry.settings import Ports

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()


def instructions(word: str) -> list[str]:
    """What stands behind each instruction `word`, its continuation lines joined."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE)).splitlines()
    return [line.removeprefix(word).strip() for line in lines if line.startswith(f"{word} ")]


def copied() -> list[str]:
    taken = [line.split() for line in instructions("COPY") if not line.startswith("--from")]
    return [source for *sources, _ in taken for source in sources]


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_is_there_and_reaches_the_builder(source: str) -> None:
    assert (ROOT / source).exists()
    assert f"!{source}" in IGNORED


def test_what_the_wheel_is_built_of_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    forced = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    wanted = {project["project"]["readme"], *project["project"]["license-files"], *forced, "services"}

    assert wanted <= set(copied())


def test_the_last_stage_holds_the_licences_of_brentwatch_and_the_list_of_what_is_inside() -> None:
    final = TEXT[TEXT.rindex("FROM ") :]

    assert "COPY LICENSE NOTICE deploy/THIRD-PARTY.md /opt/brentwatch/share/doc/" in final


def test_dependencies_are_installed_by_hash_from_the_lock_and_from_nowhere_else_by_name() -> None:
    installs = [step for line in instructions("RUN") for step in line.split("&&") if " pip " in step]

    assert "--require-hashes -r requirements.lock" in installs[0]
    assert all("--no-deps" in step for step in installs[1:])
    assert "://" not in TEXT


def test_it_does_not_run_as_root() -> None:
    (user,) = instructions("USER")

    assert int(user) > 0
    assert f"--uid {user} " in TEXT


def test_it_starts_the_command_of_the_project() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]

    assert [json.loads(line) for line in instructions("ENTRYPOINT")] == [[name] for name in scripts]


def test_the_ports_are_those_of_the_settings() -> None:
    ports = [str(port) for port in Ports().model_dump().values()]
    (exposed,), (health,) = instructions("EXPOSE"), instructions("HEALTHCHECK")

    assert exposed.split() == ports
    words = ["python", "-P", "-m", "brentwatch.telemetry.probe", *ports]
    assert json.loads(health.partition("CMD ")[2]) == words


@pytest.mark.attack
def test_python_imports_nothing_from_the_working_folder() -> None:
    final = TEXT[TEXT.rindex("FROM ") :]

    assert "PYTHONSAFEPATH=1" in next(line for line in final.splitlines() if line.startswith("ENV "))


def test_the_base_is_a_full_version_of_a_python_that_the_project_supports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    (image,) = {line.split()[0] for line in instructions("FROM")}

    found = re.fullmatch(r"python:(3\.\d+)\.\d+-slim-bookworm", image)
    assert found is not None
    assert f"Programming Language :: Python :: {found[1]}" in project["classifiers"]


def test_what_builds_the_wheel_is_pinned() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]

    assert all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in build["requires"])


def test_hadolint_finds_nothing() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", ROOT / "deploy" / "Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")
