"""CITATION.cff is what tools that cite software read, and names the version that is installed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

from brentwatch import __version__

ROOT = Path(__file__).parents[1]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# The keys of the Citation File Format 1.2.0 that are used here; the first four are required.
KEYS = {
    *("cff-version", "message", "title", "authors"),
    *("type", "abstract", "version", "license", "keywords"),
}


def test_the_citation_has_the_keys_of_its_format() -> None:
    assert CITATION.keys() == KEYS
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["type"] == "software"
    assert all(author.keys() == {"name"} for author in CITATION["authors"])
    assert all(isinstance(word, str) for word in CITATION["keywords"])


def test_the_citation_names_the_package_as_it_is() -> None:
    assert str(CITATION["version"]) == __version__
    assert CITATION["title"] == PROJECT["name"]
    assert CITATION["license"] == PROJECT["license"]
    assert CITATION["authors"] == PROJECT["authors"]
