"""A plain install is enough for all but Parquet and charts, and what needs no Kafka does not import it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from tests.hiding import Done, run_commands, run_script

from brentwatch import cli

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
KAFKA = ("kafka", "crc32c", "lz4", "zstandard")
DASHBOARDS = ("grafana_foundation_sdk", "promql_parser", "yaml")
EXTRAS = (
    *("pyarrow", "matplotlib", "PIL", "fontTools", "slack_sdk", "symphony", "apprise", "aiohttp"),
    *DASHBOARDS,
)
PRICES = str(ROOT / "services/brentwatch/history/data/vorukh-2021/prices.csv")
NEED_KAFKA = (
    ("topics", "create"),
    ("doctor",),
    ("dead", "list"),
    ("alerts", "list"),
    ("replay", "--from-kafka"),
    ("feed", "kazakhstan-2022", "--prefix", "demo."),
    *(("run", service) for service in ("ingest", "screen", "monitor", "notify", "prices", "canary")),
)
"""Commands that reach for Kafka."""


def words_of(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    """The words of a command and of every command under it."""
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from words_of(found, *words, name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    (made / "events.csv").write_text("event_id,date\nvorukh,2021-04-28\n")
    (made / "prices.parquet").write_bytes(b"PAR1")
    return made


@pytest.fixture(scope="module")
def offline(folder: Path) -> Mapping[tuple[str, ...], Done]:
    """What commands without Kafka come to where neither it nor an extra can be imported."""
    events = str(folder / "events.csv")
    commands: list[tuple[str, ...]] = [
        *((*words, "--help") for words in words_of(cli.brentwatch)),
        ("config", "show"),
        ("topics", "create", "--print"),
        ("alerts", "test", "terminal"),
        ("replay", "kazakhstan-2022", "--instrument", "brent-spot"),
        ("study", events, "--prices", PRICES, "--window", "0,1", "--show", "tests"),
        ("study", events, "--prices", PRICES, "--window", "0,1", "--aggregate"),
        ("calibrate", "--prices", PRICES, "--model", "constant-mean"),
        ("history", "check", "kazakhstan-2022"),
    ]
    return dict(zip(commands, run_commands(commands, *KAFKA, *EXTRAS), strict=True))


def test_without_kafka_and_extras_every_command_shows_its_help(
    offline: Mapping[tuple[str, ...], Done],
) -> None:
    shown = {words: done for words, done in offline.items() if words[-1] == "--help"}

    assert len(shown) > len(cli.COMMANDS)
    assert {words for words, done in shown.items() if (done.code, done.err) != (0, "")} == set()


def test_without_kafka_and_extras_the_commands_that_need_neither_work_and_warn_of_nothing(
    offline: Mapping[tuple[str, ...], Done],
) -> None:
    failed = {words: done for words, done in offline.items() if done.code != 0 or "arning" in done.err}

    assert failed == {}
    assert all(done.out for done in offline.values())


def test_a_notebook_works_without_kafka_and_extras() -> None:
    script = """
from datetime import date
from brentwatch import bundled_prices, event_study, session_tests, sizes
prices = bundled_prices("vorukh-2021")
print(list(session_tests(prices, "constant-mean").columns))
print(list(sizes(prices, ["constant-mean"])["nominal"]))
print(event_study({"vorukh": date(2021, 4, 28)}, prices, window=(0, 1)).tests().index[0])
"""
    tests, nominal, event = run_script(script, *KAFKA, *EXTRAS).splitlines()

    assert (tests, nominal) == ("['ar', 'sigma', 'z', 'p']", "[0.05, 0.01]")
    assert event == "0"


def test_what_needs_kafka_says_so_in_one_sentence_and_a_chart_does_not_need_it(folder: Path) -> None:
    out = folder / "chart.svg"
    *others, chart = run_commands((*NEED_KAFKA, ("chart", "vorukh-2021", "--out", str(out))), *KAFKA)

    said = (
        "brentwatch: this command needs the library kafka, which cannot be imported "
        "(No module named 'kafka'); expected every library that brentwatch requires; "
        "run pip install brentwatch again\n"
    )
    assert set(others) == {Done(3, "", said)}
    assert chart.code == 0
    assert out.stat().st_size > 0


def test_what_needs_an_extra_says_which_and_how_to_install_it(folder: Path) -> None:
    commands = (
        ("chart", "vorukh-2021"),
        ("study", str(folder / "events.csv"), "--prices", str(folder / "prices.parquet")),
    )
    chart, study = run_commands(commands, *EXTRAS)

    assert (chart.code, study.code) == (3, 7)
    for done in (chart, study):
        assert done.err.count("\n") == 1
        (extra,) = re.findall(r'pip install "brentwatch\[(\w+)\]"', done.err)
        assert extra in PROJECT["optional-dependencies"]


def test_dashboards_need_their_extra_and_previews_that_of_charts(tmp_path: Path) -> None:
    preview = ("dashboards", "preview", "--prometheus", "http://127.0.0.1:9090", "--out", str(tmp_path))
    commands = (("dashboards", "build", "--out", str(tmp_path)), ("dashboards", "check"), preview)
    for done in run_commands(commands, *DASHBOARDS):
        assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
        assert 'expected the extra "dashboards": run pip install "brentwatch[dashboards]"' in done.err
    (done,) = run_commands((preview,), "matplotlib")
    assert done.code == 3
    assert 'run pip install "brentwatch[chart]"' in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("library", "files"),
    [
        ("pyarrow", {"parquet.py"}),
        (
            "matplotlib",
            {
                "chart.py",
                "chart_marks.py",
                "policy_chart.py",
                "alert_chart.py",
                "preview.py",
                "panel_drawing.py",
                "drawing.py",
                "impact_results.py",
                "study_results.py",
            },
        ),
        ("grafana_foundation_sdk", {"grafana.py"}),
        ("promql_parser", {"expressions.py", "query_rules.py", "prometheus.py"}),
        ("yaml", {"documents.py"}),
        ("slack_sdk", {"slack.py"}),
        ("symphony", {"symphony_bot.py"}),
        ("apprise", {"apprise.py"}),
    ],
)
def test_the_library_of_an_extra_is_imported_in_its_files_and_nowhere_else(
    library: str, files: set[str]
) -> None:
    imports = re.compile(rf"^\s*(import|from) {library}\b|import_module\(.{library}", re.MULTILINE)
    sources = (ROOT / "services").rglob("*.py")

    assert {path.name for path in sources if imports.search(path.read_text(encoding="utf-8"))} == files


def test_the_extra_all_holds_every_other_one() -> None:
    extras = PROJECT["optional-dependencies"]
    others = sorted(extras.keys() - {"all"})

    assert extras["all"] == [f"brentwatch[{','.join(others)}]"]
