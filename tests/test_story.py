"""The page on Kazakhstan tells the truth: its figures are printed by replays, recorded or computed."""

from __future__ import annotations

import csv
import math
import re
from datetime import date
from pathlib import Path

import pytest
from benchmarks import intraday_demo
from tests.test_readme import flat, printed, run

from brentwatch.core.domain import Cell, judge_severity
from brentwatch.core.intraday.minutes import FEWEST_SESSIONS, LEVEL
from brentwatch.history import intraday_calibration

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
DATA = ROOT / "services/brentwatch/history/data"
PAGE = (ROOT / "docs" / "kazakhstan.md").read_text(encoding="utf-8")
TEXT = flat(PAGE)
KAZAKHSTAN, VORUKH = "kazakhstan-2022", "vorukh-2021"
SESSIONS = dict(
    zip(
        (KAZAKHSTAN, VORUKH), re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL), strict=True
    )
)


def read_history(name: str) -> str:
    """The events and the manifest of a bundled history, as they are recorded."""
    return "".join((DATA / name / file).read_text("utf-8") for file in ("events.jsonl", "history.toml"))


@pytest.mark.parametrize(("history", "rows"), [(KAZAKHSTAN, 7), (VORUKH, 3)])
def test_every_session_that_is_shown_is_printed(history: str, rows: int) -> None:
    output = [line.rstrip() for line in run("replay", history).splitlines()]
    shown = SESSIONS[history].splitlines()

    assert len(shown) == 1 + rows
    assert [flat(line) for line in shown if flat(line) not in map(flat, output)] == []


@pytest.mark.parametrize(
    ("output", "pattern", "sentence"),
    [
        (
            "demo",
            r"both days (\S+ %) (\S+ to \S+ %) (\S+) normal",
            "**5 and 6 January together:** {0}, normal range {1}, p = {2}.",
        ),
        ("demo", r"it is normal: (1 in \d+) such spans", "{0} such spans moves this much without news."),
        (
            KAZAKHSTAN,
            r"SESSION Wed 5 Jan: .*? a rise of (\S+ %) .*?SESSION Thu 6 Jan: .*? a rise of (\S+ %) "
            r".*?Two sessions from Wed 5 Jan: .*? a rise of (\S+ %) four times in five",
            "Four times in five, the test finds a rise of {0} on 5 January, of {1} on 6 January, "
            "and of {2} over both.",
        ),
        (
            KAZAKHSTAN,
            r"SESSION Tue 11 Jan: .*?\(p = (\S+) is above the alert level (\S+)\)",
            "p = {0} is above the alert level of {1}, so there is no alert.",
        ),
        (KAZAKHSTAN, r"SESSION Mon 3 Jan: Brent spot \S+ USD/bbl, \+(\S+ %)", "risen {0} on 3 January"),
        (
            KAZAKHSTAN,
            r"SESSION Wed 5 Jan: .*? exposure (\S+) \((\S+ mb/d)\)",
            "{1} in Kazakhstan (exposure {0})",
        ),
        (
            VORUKH,
            r"SESSION Thu 29 Apr: .*? exposure (under \S+) \(under 1 kb/d\)",
            "under 1,000 b/d here ({0})",
        ),
        (
            KAZAKHSTAN,
            r"(10:10) UTC State of emergency, Nur-Sultan.*? HEADS-UP Brent · Nur-Sultan .*? price test yet",
            "Kazakhstan has a heads-up at {0} on 5 January, before any price is tested",
        ),
    ],
)
def test_a_sentence_has_the_figures_of_the_output(output: str, pattern: str, sentence: str) -> None:
    found = re.search(pattern, printed(output))

    assert found
    assert sentence.format(*found.groups()) in TEXT


def test_nothing_alerts_and_vorukh_has_no_heads_up() -> None:
    assert "None: no test was abnormal." in run("replay", KAZAKHSTAN)
    assert "HEADS-UP" not in printed(VORUKH)
    assert "Also on Tue 11 Jan" not in printed(KAZAKHSTAN)
    assert "Also on Wed 5 Jan: weekly report" in printed(KAZAKHSTAN)


def test_every_time_and_source_of_the_timeline_is_recorded() -> None:
    recorded = read_history(KAZAKHSTAN)
    times = set(re.findall(r"^\| (\d+) Jan (\d\d:\d\d) \|", PAGE.split("## What the press")[0], re.MULTILINE))

    assert {f"2022-01-{int(day):02d}T{time}" for day, time in times} - {"2022-01-05T10:51"} <= {
        known[:16] for known in re.findall(r'"known_at": "([^"]+)"', recorded)
    }
    assert "unaffected (10:51 UTC)" in recorded
    assert [
        url for url in re.findall(r"\]\((http[^)]+)\)", PAGE) if url not in recorded + read_history(VORUKH)
    ] == []


@pytest.mark.parametrize(
    ("words", "history"),
    [
        ("200,000 b", KAZAKHSTAN),
        ("350,000", KAZAKHSTAN),
        ("400,000 b", KAZAKHSTAN),
        ("729,000 b", KAZAKHSTAN),
        ("4 % in two days", KAZAKHSTAN),
        ("82.95", KAZAKHSTAN),
        ("81.94", KAZAKHSTAN),
        ("36 Kyrgyz and 19 Tajik", VORUKH),
    ],
)
def test_a_figure_of_the_news_is_recorded(words: str, history: str) -> None:
    assert words in TEXT
    assert words in read_history(history)


def test_the_barrels_are_those_of_the_table_of_exposure() -> None:
    with (DATA / "exposure.csv").open(encoding="utf-8", newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if row["iso3"] == "KAZ"]
    before, then = (float(row[name]) / 1000 for name in ("owid_kbd_est", "crude_kbd"))

    assert (row["owid_year"], row["crude_period"]) == ("2021", "2022-04")
    assert f"produced {before:.1f} million barrels a day (mb/d) in 2021" in TEXT
    assert f"and {then:.1f} in April 2022" in TEXT


def test_severity_differs_by_barrels_alone() -> None:
    kazakhstan, vorukh = (judge_severity(0.003, 0.01, exposure, 1) for exposure in (0.65, 0.01))

    assert f"with p ≤ 0.003 an alert would be `{kazakhstan}` for Kazakhstan and `{vorukh}` for Vorukh" in TEXT


def test_the_futures_rose_as_computed() -> None:
    """Two settlements are derived from changes that the press gave; the others are cited."""
    rows = dict(re.findall(r"^\| (\d Jan \w+) \| ([\d.]+) \| ", PAGE, re.MULTILINE))
    settled = {"5 Jan settled": 82.00 - 1.20, "6 Jan settled": 82.88 / 1.0109}

    assert len(rows) == 5
    assert {row: f"{price:.2f}" for row, price in settled.items()}.items() <= rows.items()
    for row, price in rows.items():
        change = f"{100.0 * (float(price) / 80.00 - 1.0):+.1f} %" if row != "4 Jan settled" else ""
        assert flat(f"| {row} | {price} | {change} |") in TEXT
    assert "the two days gave +2.5 %" in TEXT
    assert "Futures rose 1.0 % in the whole session of 5 January" in TEXT


def test_a_session_outside_its_range_is_common_among_seven() -> None:
    assert (
        f"{100 * (1 - 0.95**7):.0f} % of such weeks have at least one of seven sessions outside its range"
        in TEXT
    )


def test_the_windows_after_the_news_are_those_that_the_monitor_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recorded events on simulated bars: the prices are made up, the times of the tests are not."""
    for name, value in {
        "MOVES": {},
        "FIRST": date(2019, 1, 1),
        "DAYS": 790,
        "FIRST_WITH_BARS": date(2021, 10, 1),
        "FIRST_OF_STORY": date(2022, 1, 3),
    }.items():
        monkeypatch.setattr(intraday_demo, name, value)
    for name, data in intraday_demo.files().items():
        (tmp_path / name).write_bytes(data)
    events = (DATA / KAZAKHSTAN / "events.jsonl").read_text(encoding="utf-8")
    (tmp_path / "events.jsonl").write_text(events, encoding="utf-8")
    (tmp_path / "history.toml").write_text(
        'title = "x"\nsource = "x"\nlicence = "x"\nstart = 2022-01-03\ninstrument = "brent-front"\n'
    )

    output = flat(run("replay", str(tmp_path), "--story"))

    assert "alert level 0.006" in output
    assert "the settlement of the future (alert level 0.006)" in TEXT
    assert f"({LEVEL} each)" in TEXT
    assert f"at least {FEWEST_SESSIONS} sessions before" in TEXT
    opened = re.findall(r"opens test \d of at most 2 within the session, from Wed (5 Jan \S+) UTC", output)
    assert opened == re.findall(r"^\| (5 Jan \d\d:\d\d) \| .* and .* % \|$", PAGE, re.MULTILINE)
    assert len(re.findall(r"joins test 1 of at most 2 within the session, from Wed 5 Jan 10:10", output)) == 2


def test_the_moves_that_a_window_finds_are_those_of_the_record() -> None:
    record = intraday_calibration.load().figures

    def find(hours: str) -> str:
        moves = [record[Cell("mde", window, hours, LEVEL)].value or 0.0 for window in ("15", "60")]
        return " and ".join(f"{100.0 * math.expm1(move):.1f}" for move in moves)

    rows = dict(re.findall(r"^\| 5 Jan (\d\d:\d\d) \| .* \| (.*) % \|$", PAGE, re.MULTILINE))
    assert rows == {
        "10:10": find("02:00-08:30"),
        "16:55": find("08:30-14:30"),
        "23:15": find("18:00-02:00"),
    }
