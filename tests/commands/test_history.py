"""`brentwatch history check` tells what is unusual about prices, and refuses what cannot be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.prices.desk import weekdays

from brentwatch import cli

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def written(path: Path, rows: dict[str, float]) -> str:
    path.write_text("date,usd_per_bbl\n" + "".join(f"{day},{price}\n" for day, price in rows.items()))
    return str(path)


def prices() -> dict[str, float]:
    return {str(day): price for day, price in weekdays(60).items()}


def test_a_file_is_looked_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = prices()
    del rows["2024-03-12"]
    rows["2024-03-20"] = 100.0
    assert cli.main(["history", "check", written(tmp_path / "prices.csv", rows)]) == 0
    told = capsys.readouterr()
    lines = {line.split()[0]: line.split(maxsplit=2)[2] for line in told.out.splitlines()}
    # After the jump comes the way back; Good Friday and Easter Monday are no sessions in London.
    assert lines == {
        "2024-03-13": "gap",
        "2024-03-20": "jump",
        "2024-03-21": "jump",
        "2024-03-29": "off_calendar",
    }
    assert "4 of 59 sessions are unusual" in told.err


def test_a_bundled_history_is_looked_over_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["history", "check", "abqaiq-2019", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(each.keys() == {"session", "close", "quality"} for each in found)


def test_what_cannot_be_read_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("when,price\n2024-01-08,76\n")
    assert cli.main(["history", "check", str(path)]) == 7
    assert "expected one for the date called date" in capsys.readouterr().err
