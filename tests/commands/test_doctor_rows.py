"""What the doctor found: a line a check for programs, folded for a terminal, and no word of it is cut."""

from __future__ import annotations

import pytest

from brentwatch.commands.doctor import format_check
from brentwatch.stream.doctor.patient import Finding, Level

LONG = Finding(
    Level.WARN,
    "unrest.events has 3 partitions, and 12 are needed " * 3,
    "run brentwatch topics create",
)


def test_without_a_terminal_a_check_is_one_line() -> None:
    (line,) = format_check("topics", LONG, None)

    assert line.startswith(f"{Level.WARN:<5} topics         unrest.events")
    assert line.endswith(": run brentwatch topics create")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_on_a_terminal_a_check_is_folded_beside_its_name(width: int) -> None:
    lines = format_check("topics", LONG, width)

    assert max(map(len, lines)) <= width
    assert all(line.startswith(" " * 21) for line in lines[1:])
    assert " ".join(" ".join(lines).split()) == " ".join(format_check("topics", LONG, None)[0].split())
