"""Brent opens 16 % higher on a Sunday after an attack on Saturday: the re-open says so, not Monday."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

DEMO = files("brentwatch.history") / "data" / "intraday-demo"
MANIFEST = """
title = "SYNTHETIC: a re-open"
source = "made up"
licence = "Apache-2.0"
start = 2024-05-13
instrument = "brent-front"
"""
ATTACK = {
    "event_id": "made-up:plant",
    "revision": 0,
    "status": "new",
    "occurred": {"start": "2024-05-11T02:10:00Z", "precision": "minute"},
    "known_at": "2024-05-11T02:10:00Z",
    "country": "SAU",
    "location": {"place": "Abqaiq"},
    "event_class": "attack_infrastructure",
    "reliability": {"verification": "curated"},
    "summary": "SYNTHETIC: drones stop a plant on a Saturday.",
}


def raise_prices(folder: Path, name: str, moment: str, begins: str, prices: tuple[str, ...]) -> None:
    rows = list(csv.DictReader((DEMO / name).read_text(encoding="utf-8").splitlines()))
    for row in rows:
        if row[moment] >= begins:
            row.update({each: f"{float(row[each]) * 1.15:.2f}" for each in prices if row.get(each)})
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("gap")
    raise_prices(folder, "prices.csv", "date", "2024-05-13", ("usd_per_bbl",))
    raise_prices(folder, "prices_5m.csv", "opens_at", "2024-05-12T22:00", ("usd_per_bbl", "open"))
    (folder / "history.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "events.jsonl").write_text(json.dumps(ATTACK) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "brentwatch", "replay", str(folder), "--story"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def test_the_alert_comes_on_sunday_at_the_first_bar(told: str) -> None:
    sunday, _, rest = told.partition("── Sun 12 May 2024 ─")[2].partition("── Mon 13 May 2024 ─")
    opened = "CRITICAL ▲ Brent +16.0 % at re-open · Abqaiq attack · Sun 22:05 UTC · p < 0.0005"

    assert opened in sunday
    assert "Re-open Sun 22:05 UTC: +16.0 %, +13.13 USD/bbl (82.02 to 95.15) from the last trade" in sunday
    assert "CRITICAL ▲ Brent +15.1 % · Abqaiq attack · session 13 May" in rest


def test_before_it_a_heads_up_says_what_will_be_tested_and_no_direction(told: str) -> None:
    saturday = told.partition("── Sat 11 May 2024 ─")[2].partition("── Sun 12 May 2024 ─")[0]

    assert "HEADS-UP Brent · Abqaiq attack · Saudi Arabia, 10.6 mb/d at risk · no price test yet" in saturday
    assert "trade re-opens Sun 22:00 UTC" in saturday
    assert not {"▲", "▼", "+", "CRITICAL"} & set(saturday.split())


def test_no_sentence_says_that_nothing_moved(told: str) -> None:
    assert "no abnormal move detected" not in told.partition("── Tue 14 May 2024 ─")[0]


def test_the_end_says_how_soon_each_answer_came(told: str) -> None:
    assert "Mon 13 May 2024 0.0 h 44.2 h, 104 % 64.6 h 67.3 h" in told


def test_the_page_on_alerts_quotes_what_is_printed(told: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    (block,) = [each for each in blocks if "Brent +16.0 % at re-open" in each]

    assert [piece for piece in block.split("\n") if piece != "…" and piece not in told] == []


def test_what_holds_for_both_windows_of_a_re_open_is_said_once_in_a_message(told: str) -> None:
    assert told.count("In the past this test gave about one alarm") == told.count("Details:") > 1
