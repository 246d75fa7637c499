"""The README and the pages below it tell the truth: what they quote is printed, what they name is there."""

from __future__ import annotations

import ast
import math
import os
import re
import subprocess
import sys
import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from brentwatch.cli import COMMANDS
from brentwatch.core.domain import Cell
from brentwatch.core.domain.shares import ExactShare
from brentwatch.core.forecasts.table import HEADLINE_MODEL, MODELS
from brentwatch.core.intraday.minutes import LEVEL
from brentwatch.history import intraday_calibration
from brentwatch.history.bundled import load_calibrations, load_heads_up_records
from brentwatch.notify.channels.table import CHANNELS
from brentwatch.prices.providers.table import load as load_provider
from brentwatch.prices.series import choose_providers, list_series
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.stream.security import SecuritySettings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "deploy" / "README.md",
    *(
        ROOT / "docs" / name
        for name in (
            *("operations.md", "guarantees.md", "alerting.md", "alerts.md", "calibration.md"),
            *("channels.md", "feeds.md", "live.md", "python.md", "replays.md", "your-data.md"),
        )
    ),
]
README = PAGES[0].read_text(encoding="utf-8")
LIVE = (ROOT / "docs" / "live.md").read_text(encoding="utf-8")
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
BLOCKS = re.findall(r"^```\w*\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
LINKS = [
    (page, link)
    for page in (*PAGES[:2], ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
    for link in re.findall(r"\]\((?!http)([^)]+)\)", page.read_text(encoding="utf-8"))
]


def flat(text: str) -> str:
    return " ".join(text.split())


@cache
def run(*words: str) -> str:
    """What a command of brentwatch prints."""
    done = subprocess.run(
        [sys.executable, "-m", "brentwatch", *words],
        env={**os.environ, "COLUMNS": "110"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def printed(history: str) -> str:
    return flat(run("demo") if history == "demo" else run("replay", history, "--story"))


def quoted(first: str) -> list[str]:
    """The pieces between "…" of the block that begins with `first`."""
    block = "…".join(block for block in BLOCKS if block.startswith(first))
    return [piece for line in re.split(r"…", block) if (piece := flat(line))]


@pytest.mark.parametrize(
    ("history", "first"),
    [
        ("kazakhstan-2022", "── Wed 5 Jan 2022"),
        ("demo", "session     events   Brent"),
        ("abqaiq-2019", "UPDATE 2 · CRITICAL ▲ Brent +11.7 %"),
        ("abqaiq-2019", "UPDATE 4 · CRITICAL ▲ Brent +11.7 %"),
        ("intraday-demo", "14:15 UTC  15 minutes from"),
        ("intraday-demo", "HEADS-UP Brent · pumping station attack"),
        ("intraday-demo", "UPDATE 2 · HEADS-UP Brent +0.9 %"),
        ("intraday-demo", "UPDATE 2 · CRITICAL ▲ Brent +2.3 % in 15 min"),
        ("intraday-demo", "UPDATE 4 · HEADS-UP Brent +0.1 % provisional"),
        ("intraday-demo", "UPDATE 6 · CRITICAL ▲ Brent +2.3 % in 15 min"),
    ],
)
def test_what_is_quoted_is_what_is_printed(history: str, first: str) -> None:
    output = printed(history)

    assert quoted(first)
    assert [piece for piece in quoted(first) if piece not in output] == []


def test_the_record_of_heads_ups_that_is_quoted_is_the_newest() -> None:
    record = load_heads_up_records()[-1]
    exact = ExactShare(record.abnormal, record.count)
    low, high = exact.low, exact.high
    share = f"{100 * record.abnormal / record.count:.0f} %, 95 % range {100 * low:.0f} to {100 * high:.0f} %"
    told = f"of {record.count} heads-ups since {record.first.year}, {record.abnormal} ({share}) were followed"

    assert f"{told} by an abnormal session; {100 * record.placebo:.1f} % of all sessions are" in TEXT


def test_every_command_that_is_shown_exists() -> None:
    shown = {
        words for block in BLOCKS for words in re.findall(r"^brentwatch (\w+)", block, flags=re.MULTILINE)
    }

    assert shown <= COMMANDS.keys()
    assert {"replay", "chart", "topics", "run", "feed"} <= shown


@pytest.mark.parametrize(("page", "link"), LINKS, ids=lambda each: Path(each).name)
def test_every_file_and_heading_that_is_linked_is_there(page: Path, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page

    assert target.exists()
    assert not anchor or anchor in list_anchors(target.read_text(encoding="utf-8"))


def list_anchors(text: str) -> list[str]:
    """What the headings of a page are called in links."""
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_the_readme_is_short() -> None:
    assert len(README.encode()) <= 9_000


@pytest.mark.parametrize(
    "phrase",
    [
        "alerts they can bet on",
        "two million events a second",
        "nothing lost, nothing twice",
        "at no control",
        "simulated bars",
    ],
)
def test_the_readme_makes_no_claim_that_needs_its_conditions(phrase: str) -> None:
    assert phrase not in flat(README).lower()


def test_the_two_commands_come_first() -> None:
    assert re.findall(r"^make (\w+)", BLOCKS[0], flags=re.MULTILINE) == ["demo", "test"]


def test_the_readme_links_every_page() -> None:
    """By itself, or through the list of all pages."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}

    assert "(docs/index.md)" in README
    assert pages <= set(re.findall(r"\]\(([\w-]+\.md)\)", index))


def test_every_setting_that_is_named_exists() -> None:
    known = {shown.key for shown in load(Sources(), {}).show_values()}
    settings = r"`((?:kafka|notify|telemetry|screen|ingest|prices)\.[a-z_.]+)`"
    named = set(re.findall(settings, TEXT)) - {"prices.csv"}

    assert named <= known | {"telemetry.ports"}
    assert "telemetry.host" in named


def test_the_channel_that_is_quoted_is_the_example() -> None:
    example = (ROOT / "examples" / "read_alerts.py").read_text(encoding="utf-8")

    assert example in BLOCKS


@pytest.mark.parametrize("name", ["send_event.py", "read_alerts.py"])
def test_an_example_takes_ten_statements_and_nothing_of_brentwatch(name: str) -> None:
    tree = ast.parse((ROOT / "examples" / name).read_text(encoding="utf-8"))
    imports = [each for each in ast.walk(tree) if isinstance(each, ast.Import | ast.ImportFrom)]
    statements = [each for each in ast.walk(tree) if isinstance(each, ast.stmt)]

    assert len(statements) - len(imports) - 1 <= 10  # the first is what the example says of itself
    assert "brentwatch" not in " ".join(map(ast.unparse, imports))


def test_every_channel_stands_in_the_table_of_channels() -> None:
    table = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8").split("A follow-up names")[0]
    rows = re.findall(r"^\| (\[`.*?) \|", table, flags=re.MULTILINE)

    assert {name for row in rows for name in re.findall(r"\[`(\w+)`\]", row)} == CHANNELS.keys()


def test_the_settings_of_alerts_work(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```toml\n(\[notify\].*?)^```$", LIVE, flags=re.MULTILINE | re.DOTALL)
    path = tmp_path / "desk.toml"
    path.write_text(example)
    notify = load(Sources(file=str(path)), {}).settings.notify

    assert notify.list_used() == ["terminal", "slack", "email"]
    assert not notify.email.list_missing()


def test_the_settings_of_a_secured_kafka_exist() -> None:
    (example,) = [tomllib.loads(block) for block in BLOCKS if block.startswith("[kafka.security]")]

    assert example["kafka"]["security"].keys() <= SecuritySettings.model_fields.keys()
    assert {"mechanism", "password_file", "ca_file"} <= example["kafka"]["security"].keys()


def test_the_settings_of_prices_work(tmp_path: Path) -> None:
    (example,) = [block for block in BLOCKS if block.startswith("[instruments.brent-front]\npart")]
    path = tmp_path / "desk.toml"
    path.write_text(example)
    settings = load(Sources(file=str(path)), {}).settings

    (series,) = list_series(settings.list_instruments(), settings.prices)
    assert (series.name, series.delay) == ("brent-front", timedelta(hours=3))
    for name in choose_providers(series, settings.prices):
        load_provider(name, series, settings.prices)


@pytest.mark.parametrize(
    ("series", "model"), [*(("brent-spot", model) for model in MODELS), ("brent-front", HEADLINE_MODEL)]
)
def test_the_sizes_of_the_daily_tests_and_their_errors_are_those_of_the_record(
    series: str, model: str
) -> None:
    record = load_calibrations()[series, model][-1]

    def percent(share: float | None) -> str:
        return f"{100.0 * (share or 0.0):.2f}"

    name = f"`{model}`" if model != "constant-mean" else "textbook t, `constant-mean`"
    where = "" if series == "brent-spot" else f" on `{series}`"
    sizes = f"{percent(record.size_05)} ± {percent(record.error_05)} %"
    rare = f"{percent(record.size_01)} ± {percent(record.error_01)} %"
    assert f"| {name}{where} | {sizes} | {rare} | " in TEXT
    if model in (HEADLINE_MODEL, "constant-mean"):
        name = "textbook t-test" if model == "constant-mean" else name
        assert f"| {name} on `{series}` | {record.n:,} | {sizes} | {rare} |" in README


@pytest.mark.parametrize("window", ["15", "60"])
def test_the_figures_of_the_intraday_test_are_those_of_the_record(window: str) -> None:
    record = intraday_calibration.load().figures

    def share(group: str, at: float = 0.01) -> float:
        return record[Cell("size", window, group, at)].value or 0.0

    def span(shares: list[float]) -> str:
        return f"{min(shares):.4f} to {max(shares):.4f}"

    sizes = [f"{share('all', at):.4f}" for at in (0.05, 0.01, 0.001)]
    hours = span([share(f"hour {hour:02d}") for hour in range(24) if hour != 17])
    fifths = span([share(f"volatility fifth {number}") for number in range(1, 6)])
    caveats = [f"{share(group):.3f}" for group in ("within 2 h of a jump", "weekly report")]

    assert f"| {window} minutes | {' | '.join([*sizes, hours, fifths, *caveats])} |" in TEXT


def test_false_alarms_and_detectable_moves_within_a_session_are_those_of_the_record() -> None:
    record = intraday_calibration.load().figures

    def alarms(group: str) -> float:
        return record[Cell("family-wise", "", group, 0.004)].value or 0.0

    def seen(block: str) -> list[str]:
        found = [record[Cell("mde", window, block, LEVEL)].value or 0.0 for window in ("15", "60")]
        return [f"{100.0 * math.expm1(each):.1f}" for each in found]

    most = max(alarms(f"{events} events") for events in range(2, 9))
    day, morning, evening = map(seen, ("08:30-14:30", "02:00-08:30", "18:00-02:00"))

    assert (
        f"False alarms a session: {alarms('1 event'):.4f} with one event, at most "
        f"{most:.4f} with two to eight"
    ) in TEXT
    assert (
        f"08:30 to 14:30: {day[0]} % in 15 minutes, {day[1]} % in 60; 02:00 to 08:30: {morning[0]} and "
        f"{morning[1]} %; evening {evening[0]} and {evening[1]} %"
    ) in TEXT
