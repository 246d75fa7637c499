"""Checks the metadata of a wheel: what a package index would show of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZipFile

from packaging.metadata import Metadata
from packaging.specifiers import SpecifierSet

_PYTHON = "Programming Language :: Python :: "
LICENCE_FILES = frozenset({"LICENSE", "NOTICE"})


def read_metadata(wheel: Path) -> tuple[Metadata, frozenset[str]]:
    """The metadata of a wheel, and the names of its members."""
    with ZipFile(wheel) as archive:
        names = frozenset(archive.namelist())
        (place,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        return Metadata.from_email(archive.read(place), validate=True), names


def list_faults(metadata: Metadata, members: Iterable[str], version: str) -> list[str]:
    """What is wrong with the metadata of brentwatch at this version, in words."""
    classifiers = metadata.classifiers or []
    states = [line for line in classifiers if line.startswith("Development Status :: ")]
    files = set(metadata.license_files or [])
    inside = {name.partition(".dist-info/licenses/")[2] for name in members}
    checks = {
        f"version {metadata.version}, expected {version}": str(metadata.version) == version,
        f"licence {metadata.license_expression}, expected Apache-2.0": metadata.license_expression
        == "Apache-2.0",
        f"licence files {sorted(files)}, expected {sorted(LICENCE_FILES)}": files == LICENCE_FILES,
        "a licence file is missing in the wheel": inside >= LICENCE_FILES,
        "expected no classifier of a licence beside the expression": not any(
            "License" in c for c in classifiers
        ),
        f"expected one Development Status, got {states}": len(states) == 1,
        "expected a description in Markdown": (metadata.description_content_type or "").startswith(
            "text/markdown"
        ),
        "expected a summary in one line": bool(metadata.summary) and "\n" not in (metadata.summary or ""),
    }
    return [fault for fault, holds in checks.items() if not holds]


def list_pythons(metadata: Metadata) -> set[str]:
    """The versions of Python that the classifiers name, such as "3.12"."""
    lines = metadata.classifiers or []
    return {line.removeprefix(_PYTHON) for line in lines if re.fullmatch(rf"{_PYTHON}3\.\d+", line)}


def compare_pythons(metadata: Metadata, checked: Iterable[str]) -> list[str]:
    """A fault for each Python that was checked and has no classifier, or that Requires-Python excludes."""
    named, allowed = list_pythons(metadata), metadata.requires_python or SpecifierSet()
    faults = [f"add the classifier of Python {each}" for each in checked if each not in named]
    return faults + [
        f"Requires-Python excludes {each}" for each in checked if not allowed.contains(f"{each}.0")
    ]


def list_open_points(metadata: Metadata) -> list[str]:
    """What only the person who publishes can decide or know, in words."""
    points = []
    if not metadata.project_urls:
        points.append("[project.urls] is missing: add the public address of the source, issues and changelog")
    relative = find_relative_links(metadata.description or "")
    if relative:
        points.append(
            f"{len(relative)} links and pictures of README.md are relative, such as {relative[0]}: they lead "
            "nowhere on a package index, so make them absolute when the project has an address"
        )
    states = [line for line in metadata.classifiers or [] if line.startswith("Development Status :: ")]
    return [*points, *(f"{state}: raise it if that is no longer true" for state in states)]


def find_relative_links(markdown: str) -> list[str]:
    """The targets of links and pictures that need the repository around them, each once."""
    prose = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    return list(dict.fromkeys(each for each in targets if not re.match(r"\w+:|#", each)))
