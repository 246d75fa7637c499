"""Writes the SBOM of a release: the packages of requirements.lock, in CycloneDX.

cyclonedx-py reads the lock. Three things are changed afterwards: the address of the package index, which
differs between machines, is replaced by the package URL; the descriptions, which repeat the lock, by the
markers; and the licences are added. Two runs give the same bytes.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tools.release.licences import find_licence, read_lock
from tools.release.report import CheckFailed, Shell, clean_environment


def write_sbom(tree: Path, target: Path) -> None:
    """Write the SBOM of the project in `tree`.

    Raises:
        CheckFailed: if cyclonedx-py fails, the result is not valid, or it names the address of a server.
    """
    raw = target.with_suffix(".raw")
    shell = Shell(folder=tree, environment=clean_environment(os.environ) | {"PYTHONWARNINGS": "ignore"})
    program = Path(sys.executable).with_name("cyclonedx-py")
    options = ("--pyproject", "pyproject.toml", "--output-reproducible", "--of", "JSON", "-o", raw)
    shell.run(program, "requirements", "requirements.lock", *options)
    document = json.loads(raw.read_text(encoding="utf-8"))
    raw.unlink()
    target.write_text(make_portable(document, tree), encoding="utf-8")


def make_portable(document: dict[str, Any], tree: Path) -> str:
    """The SBOM as text, without addresses, with licences and the direct dependencies.

    Raises:
        CheckFailed: if the result is not valid, or still names an address.
    """
    markers = {
        (canonicalize_name(e.name), str(e.specifier)): e.marker for e in read_lock(tree / "requirements.lock")
    }
    for component in document["components"]:
        _rewrite(component, markers[component["name"], f"=={component['version']}"])
    for tool in document["metadata"]["tools"]["components"]:
        tool.pop("externalReferences", None)
    document["dependencies"] = [_list_direct(document, tree)]
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if fault := find_fault(text):
        raise CheckFailed(fault)
    return text


def _rewrite(component: dict[str, Any], marker: object) -> None:
    component.pop("description", None)
    if marker is not None:
        component["description"] = f"for {marker}"
    component["bom-ref"] = component["purl"]
    for reference in component.get("externalReferences", ()):
        reference["url"] = component["purl"]
        reference["comment"] = "hashes of its files, from requirements.lock"
    component["licenses"] = [{"expression": find_licence(component["name"]), "acknowledgement": "declared"}]


def _list_direct(document: dict[str, Any], tree: Path) -> dict[str, Any]:
    """The entry of brentwatch in the graph; its dependencies have none, as the lock does not say more."""
    project = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    direct = sorted(each["bom-ref"] for each in document["components"] if each["name"] in names)
    return {"ref": document["metadata"]["component"]["bom-ref"], "dependsOn": direct}


def find_fault(text: str) -> str | None:
    """What is wrong with an SBOM: not valid, or with an address, a time or a random number; else None."""
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        return f"the SBOM is not valid CycloneDX 1.6: {error}"
    document = json.loads(text)
    schema = document.pop("$schema")
    for word in ("://", "serialNumber", "timestamp"):
        if word in json.dumps(document):
            return f"expected no {word!r} in the SBOM beside its schema {schema}"
    return None
