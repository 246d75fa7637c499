"""CONTRIBUTING.md and the files beside it are true: dependencies have reasons, and paths exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from brentwatch import __version__

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NAME = re.compile(r"[A-Za-z0-9._-]+")


def dependencies() -> set[str]:
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    return {found[0] for line in wanted if (found := NAME.match(line))}


def extras() -> set[tuple[str, str]]:
    """Each extra but `all`, with its library."""
    named = PROJECT["project"]["optional-dependencies"].items()
    lines = [(extra, line) for extra, wanted in named if extra != "all" for line in wanted]
    return {(extra, found[0]) for extra, line in lines if (found := NAME.match(line))}


SECTION = TEXT.split("## Dependencies")[1].split("## ")[0]


def reasoned() -> set[str]:
    """The first column of the tables of two columns under "Dependencies"."""
    return set(re.findall(r"^\| `([^`]+)` \| [^`]", SECTION, flags=re.MULTILINE))


def reasoned_extras() -> set[tuple[str, str]]:
    """The first two columns of the table of extras."""
    return set(re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", SECTION, flags=re.MULTILINE))


FIRST_ISSUES = (ROOT / "docs" / "first-issues.md").read_text(encoding="utf-8")
GITHUB = ROOT / ".github"


def paths() -> list[str]:
    """What is written like a path from the root or from the package, names that are to be chosen left out."""
    written = re.findall(r"`([\w./]+)`", TEXT + FIRST_ISSUES)
    roots = ("services/", "schemas/", "benchmarks/", "deploy/", "tests/", "tools/", ".ci/")
    known = [
        path
        for path in written
        if path.startswith(roots) or re.fullmatch(r"[\w-]+\.(md|toml|lock)|[\w-]+/[\w/-]+\.py", path)
    ]
    return sorted({path for path in known if not re.search(r"[A-Z]{4}|vN", path) or path.endswith(".md")})


def test_every_dependency_has_its_reason_and_no_reason_lacks_its_dependency() -> None:
    assert reasoned() == dependencies()
    assert reasoned_extras() == extras()


@pytest.mark.parametrize("path", paths())
def test_every_path_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists() or (ROOT / "services" / "brentwatch" / path).exists()


def test_the_version_is_the_same_in_both_places() -> None:
    assert PROJECT["project"]["version"] == __version__


def test_the_layers_are_those_that_are_held() -> None:
    held = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    (drawn,) = re.findall(r"^cli → .*$", TEXT, flags=re.MULTILINE)

    rooms = [re.sub(r"( [|:] )?__main__( [|:] )?", "", layer) for layer in held]
    assert drawn.split(" → ") == [room for room in rooms if room]


def test_the_first_screen_says_how_to_make_a_change() -> None:
    first, rest = TEXT.split("\n## Commands\n")
    assert len(first.splitlines()) <= 24
    commands = set(re.findall(r"`make (\w+)`", first))
    assert {"demo", "quick", "check", "test"} == commands
    assert all(re.search(rf"^\| `make {each}`", rest, flags=re.MULTILINE) for each in commands)


def test_there_are_ten_first_issues_each_with_a_place_and_an_end() -> None:
    rows = re.findall(r"^\| (\d+)\. ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", FIRST_ISSUES, re.MULTILINE)

    assert [int(row[0]) for row in rows] == list(range(1, 11))
    assert all("`" in where or "those files" in where for *_, where, _ in rows)


def test_the_workflow_calls_ci_and_nothing_else() -> None:
    workflow = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    checkout, run = job["steps"]

    assert re.fullmatch(r"actions/checkout@[0-9a-f]{40}", checkout["uses"])  # a tag could be moved
    assert run == {"run": ".ci/run"}
    assert workflow["permissions"] == {"contents": "read"}


@pytest.mark.parametrize(
    "path", sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.stem
)
def test_a_template_of_an_issue_has_what_its_form_needs(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "config":
        assert form == {"blank_issues_enabled": True}
        return
    assert form.keys() == {"name", "description", "labels", "body"}
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids)
    assert any(field.get("validations", {}).get("required") for field in form["body"])
    assert all(field["attributes"]["label"] for field in form["body"])
