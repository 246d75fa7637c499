"""The table of the services is true: topics, commands, ports and folders are those of the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from brentwatch.commands.run import SERVICES
from brentwatch.telemetry.settings import Ports

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "services" / "README.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1:]
    for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines())
    if len(cells) == 6 and cells[0] not in ("service", "---")
}
ACLS = tomllib.loads((ROOT / "schemas" / "topics.toml").read_text(encoding="utf-8"))["acls"]


def named(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def allowed(service: str, operation: str) -> set[str]:
    return {topic for topic, operations in ACLS[service]["Topic"].items() if operation in operations}


def test_every_service_has_a_row_and_every_row_a_service() -> None:
    assert ROWS.keys() == SERVICES.keys() == Ports.model_fields.keys()


@pytest.mark.parametrize("service", SERVICES)
def test_a_row_says_what_the_service_reads_and_writes_and_where_it_is(service: str) -> None:
    reads, writes, command, port, folder = ROWS[service]

    assert named(reads) == allowed(service, "Read")
    assert named(writes) == allowed(service, "Write")
    assert command == f"`brentwatch run {service}`"
    assert int(port) == getattr(Ports(), service)
    assert named(folder) == {f"{SERVICES[service].removesuffix('.service').replace('.', '/')}/"}


@pytest.mark.parametrize("service", SERVICES)
def test_the_folder_of_a_service_has_its_service(service: str) -> None:
    (folder,) = named(ROWS[service][4])

    assert (ROOT / "services" / folder / "service.py").is_file()


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)]+)\)", TEXT))
def test_every_link_leads_to_a_file(path: str) -> None:
    assert (ROOT / "services" / path).is_file()


def test_it_stays_short() -> None:
    assert len(TEXT.splitlines()) <= 20
