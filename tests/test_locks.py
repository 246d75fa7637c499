"""The locks: what runs, without extras, and what develops, with all: by hash, of the same versions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, GROUPS = PYPROJECT["project"], PYPROJECT["dependency-groups"]
RUNS, DEVELOPS = "requirements.lock", "requirements-dev.lock"


def locked(name: str) -> dict[str, str]:
    """Each entry of a lock, by its first line without the backslash: name, version and marker."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {entry.split(" \\")[0]: entry.strip() for entry in re.split(r"\n(?=\S)", text)}


def names(lines: list[str]) -> set[str]:
    return {str(canonicalize_name(Requirement(line).name)) for line in lines} - {PROJECT["name"]}


def of_extras() -> set[str]:
    return names([line for lines in PROJECT["optional-dependencies"].values() for line in lines])


def test_what_runs_is_locked_without_the_extras() -> None:
    assert names(PROJECT["dependencies"]) <= names(list(locked(RUNS)))
    assert of_extras() & names(list(locked(RUNS))) == set()


def test_what_develops_is_locked_with_every_extra() -> None:
    wanted = names(PROJECT["dependencies"]) | of_extras() | names(GROUPS["dev"])

    assert wanted <= names(list(locked(DEVELOPS)))


def test_both_locks_have_the_same_versions_and_hashes() -> None:
    assert locked(RUNS).items() <= locked(DEVELOPS).items()


@pytest.mark.parametrize("name", [RUNS, DEVELOPS])
def test_every_entry_has_its_hashes_and_no_address(name: str) -> None:
    entries = locked(name)

    assert len(entries) > 40
    assert [first for first, entry in entries.items() if "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|@ ", (ROOT / name).read_text(encoding="utf-8"))
