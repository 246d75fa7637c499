"""`brentwatch replay` and `chart` as a person or a program meets them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.kafka.histories import UNREADABLE, synthetic
from tests.wire.validators import validator

from brentwatch import cli
from brentwatch.message.figures import MINUS

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "abqaiq-beside-kazakhstan.svg"
KINDS = {"event", "session", "study", "alert"}


def run(*arguments: str, folder: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "brentwatch", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "110", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def objects(done: subprocess.CompletedProcess[str]) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def kazakhstan() -> str:
    done = run("replay", "kazakhstan-2022", "--story")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def abqaiq() -> list[Mapping[str, Any]]:
    done = run("replay", "abqaiq-2019", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return objects(done)


def test_it_is_quiet_by_default() -> None:
    done = run("replay", "kazakhstan-2022", COLUMNS="80")
    lines = done.stdout.splitlines()

    assert (done.returncode, done.stderr) == (0, "")
    assert "None: no test was abnormal." in lines
    assert len([line for line in lines if line.endswith("  normal              ")]) == 6
    assert "11 Jan 2022       2  +4.2 %" in done.stdout
    assert "7 sessions tested, 0 abnormal at the alert level 0.01" in flat(done.stdout)
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 80


def test_the_catalogue_of_24_years_fits_two_screens() -> None:
    lines = run("replay", "catalogue", COLUMNS="80").stdout.splitlines()

    assert len(lines) <= 90
    assert max(map(len, lines)) <= 80


def test_alone_the_alerts_have_no_rows_and_no_verdict() -> None:
    told = run("replay", "abqaiq-2019", "--alerts").stdout

    assert told.count("Check: brentwatch alerts show") == 3
    assert ("Verdict" in told, "normal range  p" in told) == (False, False)


@pytest.mark.parametrize("words", [("--story", "--json"), ("--alerts", "--story"), ("--json", "--alerts")])
def test_two_forms_at_once_are_refused(words: tuple[str, str]) -> None:
    done = run("replay", "abqaiq-2019", *words)

    assert done.returncode == 2
    assert "expected at most one of --story, --alerts and --json" in flat(done.stderr)


def test_kazakhstan_is_not_abnormal_and_says_so_beside_what_the_press_wrote(kazakhstan: str) -> None:
    assert "7 sessions tested, 0 abnormal at the alert level 0.01" in kazakhstan
    assert "no abnormal move detected; abnormal return" in kazakhstan
    assert "oil has risen 4 % in two days, Brent futures trade at 82.95" in flat(kazakhstan)
    assert "ALERT" not in kazakhstan
    assert "HEADS-UP Brent" in kazakhstan


def test_a_session_says_what_brent_did_beside_its_normal_range(kazakhstan: str) -> None:
    told = flat(kazakhstan.split("── Wed 5 Jan 2022")[1].split("── Thu 6 Jan 2022")[0])

    assert "SESSION Wed 5 Jan: Brent spot 80.60 USD/bbl, +1.5 % (+1.21 USD/bbl)" in told
    assert re.search(rf"normal range \(95 %\): {MINUS}4\.\d to \+3\.\d % · p = 0\.3\d", told)
    assert "exposure 0.65 (1.7 mb/d)" in told
    assert "Windows overlap with the events of Mon 3 Jan, Tue 4 Jan" in told


def test_the_story_keeps_the_order_in_which_things_were_known(kazakhstan: str) -> None:
    places = [
        kazakhstan.index(words)
        for words in ("10:10 UTC", "10:37 UTC", "10:55 UTC", "SESSION Wed 5 Jan", "16:52 UTC")
    ]

    assert places == sorted(places)


def test_what_the_press_wrote_of_a_day_follows_what_the_price_did_on_it(kazakhstan: str) -> None:
    told = flat(kazakhstan)

    assert (
        told.index("SESSION Fri 7 Jan") < told.index("Brent futures trade at 82.95") < told.index("Sun 9 Jan")
    )


def test_prices_without_a_date_of_their_own_are_called_hypothetical(kazakhstan: str) -> None:
    assert "assumption: prices are known at settlement; EIA publishes days later" in kazakhstan


def test_no_line_is_wider_than_the_terminal(kazakhstan: str) -> None:
    narrow = run("replay", "vorukh-2021", "--story", COLUMNS="80").stdout

    assert max(map(len, kazakhstan.splitlines())) <= 110
    assert max(len(line) for line in narrow.splitlines()) <= 80
    assert narrow.count("verdict") == 1
    assert narrow.count("session  ") == 1


def test_the_alerts_stand_where_they_would_have_been_sent() -> None:
    told = run("replay", "abqaiq-2019", "--story").stdout
    firsts = [line for line in told.splitlines() if line.startswith("ALERT")]

    sent = "CRITICAL ▲ Brent +11.7 % · Abqaiq attack and 1 more"
    assert firsts[0].startswith(f"ALERT      UPDATE 2 · {sent} · session 16 Sep · p ")
    assert [line[11:].partition(sent)[0] for line in firsts] == ["UPDATE 2 · ", "UPDATE 3 · ", "UPDATE 4 · "]
    assert all(" % over " in line for line in firsts[1:])
    assert told.index("SESSION Mon 16 Sep:") < told.index("ALERT") < told.index("── Tue 17 Sep 2019")


def test_as_data_every_line_has_one_of_four_kinds(abqaiq: list[Mapping[str, Any]]) -> None:
    assert {line["kind"] for line in abqaiq} == KINDS


def test_studies_and_alerts_are_what_the_schemas_say(abqaiq: list[Mapping[str, Any]]) -> None:
    for line in abqaiq:
        if line["kind"] in ("study", "alert"):
            validator(f"{line['kind']}.v2").validate({key: line[key] for key in line if key != "kind"})


def test_an_alert_line_has_what_a_program_asks_for(abqaiq: list[Mapping[str, Any]]) -> None:
    alerts = [line for line in abqaiq if line["kind"] == "alert" and line["severity"] is not None]

    assert [alert["revision"] for alert in alerts] == [2, 3, 4]
    assert len({alert["alert_id"] for alert in alerts}) == 1
    first = alerts[0]
    assert (first["instrument"], first["session"], first["severity"]) == (
        "brent-spot",
        "2019-09-16",
        "critical",
    )
    (settled,) = first["tests"]
    assert (first["version"], first["stage"], settled["stage"]) == (2, "settlement", "settlement")
    assert 0.0 < settled["p"] <= 0.003
    assert first["events"][0]["event_id"] == "catalogue:SAU-2019-09-14"


def test_an_event_line_says_when_where_and_how_many_barrels(abqaiq: list[Mapping[str, Any]]) -> None:
    (attack,) = [line for line in abqaiq if line.get("event_id") == "catalogue:SAU-2019-09-14"]

    assert (attack["known_at"], attack["country"], attack["outcome"]) == (
        "2019-09-14T00:45:00Z",
        "SAU",
        "accepted",
    )
    assert attack["production_kbd"] > 9_000


def test_two_runs_are_the_same_byte_for_byte_whatever_the_hash_seed() -> None:
    runs = {run("replay", "libya-2011", "--json", PYTHONHASHSEED=seed).stdout for seed in ("1", "2")}
    stories = {run("replay", "libya-2011", "--story", PYTHONHASHSEED=seed).stdout for seed in ("1", "2")}

    assert (len(runs), len(stories)) == (1, 1)


def test_a_period_shows_what_the_whole_says_of_it(abqaiq: list[Mapping[str, Any]]) -> None:
    shown = objects(run("replay", "abqaiq-2019", "--json", "--since", "2019-09-16", "--until", "2019-09-17"))

    start = abqaiq.index(shown[0])
    assert shown == abqaiq[start : start + len(shown)]
    assert {each["session"] for each in shown if each["kind"] == "session"} == {"2019-09-16", "2019-09-17"}
    assert 0 < start < len(abqaiq) - len(shown)


def test_what_the_press_wrote_outside_a_period_is_not_shown() -> None:
    period = ("--since", "2019-09-16T00:00:00Z", "--until", "2019-09-16")
    told = run("replay", "abqaiq-2019", "--story", *period).stdout

    assert "press      Mon 16 Sep" in told
    assert "press      Thu 12 Sep" not in told
    assert "SESSION Tue 17 Sep" not in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "yesterday"), "--since is 'yesterday'; expected a date, or a time with its offset"),
        (("--until", "2019-09-16T09:00:00"), "--until is '2019-09-16T09:00:00'; expected a date, or a time"),
        (("--since", "2019-09-17", "--until", "2019-09-16"), "--until 2019-09-16 is not after --since"),
    ],
)
def test_a_period_that_is_none_is_told(words: tuple[str, ...], said: str) -> None:
    done = run("replay", "abqaiq-2019", *words)

    assert done.returncode == 2
    assert said in flat(done.stderr)


def test_a_folder_of_ones_own_is_replayed_and_its_faults_are_told(tmp_path: Path) -> None:
    done = run("replay", str(synthetic(tmp_path)), "--json")
    invalid = [line for line in objects(done) if line.get("outcome") == "invalid"]

    assert done.returncode == 5
    assert len(invalid) == UNREADABLE
    assert "2 lines of the events could not be read" in done.stderr
    assert {line["reason"] for line in invalid} == {"not_json", "schema"}
    assert [line["outcome"] for line in objects(done) if line["kind"] == "event"].count("duplicate") == 1


def test_a_long_replay_shows_its_progress_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("brentwatch.commands.progress.QUIET_SECONDS", 0.0)
    monkeypatch.setattr("brentwatch.commands.progress.LINE_SECONDS", 0.0)
    monkeypatch.setattr("brentwatch.commands.replay._LONG", 100)

    assert cli.main(["replay", "vorukh-2021", "--json"]) == 0
    shown = capsys.readouterr()
    assert re.search(
        r"^replay: 1,0\d\d of 1,\d{3} signals \(\d\d %\), about \d+ s left$", shown.err, re.MULTILINE
    )
    assert "replay:" not in shown.out


def test_an_unknown_history_names_the_known_ones() -> None:
    done = run("replay", "kazakhstan")

    assert done.returncode == 7
    assert done.stderr.startswith("brentwatch: no history is called 'kazakhstan'")
    assert "did you mean kazakhstan-2022?" in done.stderr


def test_without_a_history_the_usage_is_told() -> None:
    done = run("replay")

    assert done.returncode == 2
    assert "expected a HISTORY or --from-kafka, and not both" in done.stderr


def test_where_all_is_warm_up_nothing_matched(tmp_path: Path) -> None:
    folder = synthetic(tmp_path)
    manifest = folder / "history.toml"
    manifest.write_text(manifest.read_text().replace("start = 2019-09-09", "start = 2029-09-09"))
    (folder / "events.jsonl").write_text("")

    done = run("replay", str(folder))
    assert done.returncode == 4
    assert (
        "replay: nothing was tested: all prices are warm-up, or there are too few; give more" in done.stderr
    )
    assert "Nothing was tested: all prices are warm-up" in done.stdout
    assert "no abnormal move" not in done.stdout
    data = run("replay", str(folder), "--json")
    assert data.returncode == 4
    assert json.loads(data.stdout.splitlines()[-1]) == {
        "kind": "verdict",
        "tested": 0,
        "reason": "nothing was tested: all prices are warm-up, or there are too few; give more price history",
    }


def test_an_unreachable_broker_is_told_in_a_sentence() -> None:
    done = run(
        "replay",
        "--from-kafka",
        "--set",
        "kafka.bootstrap=127.0.0.1:1",
        "--set",
        "kafka.request_timeout_seconds=1",
    )

    assert done.returncode == 6
    assert "127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_picture_of_the_readme_is_what_the_product_draws(tmp_path: Path) -> None:
    out = tmp_path / "picture.svg"
    done = run("chart", "abqaiq-2019:2019-09-16", "kazakhstan-2022:2022-01-05", "--out", str(out))

    assert done.returncode == 0, done.stderr
    drawn, committed = out.read_text(), PICTURE.read_text()
    assert words(drawn) == words(committed)
    assert numbers(drawn) == pytest.approx(numbers(committed), abs=0.2)


@pytest.mark.parametrize(("suffix", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("PDF", b"%PDF")])
def test_the_suffix_says_what_is_drawn_and_the_bytes_are_the_same_each_time(
    tmp_path: Path, suffix: str, begins: bytes
) -> None:
    pictures = [tmp_path / f"{name}.{suffix}" for name in ("one", "other")]
    codes = [cli.main(["chart", "vorukh-2021", "--out", str(picture)]) for picture in pictures]

    one, other = (picture.read_bytes() for picture in pictures)
    assert codes == [0, 0]
    assert one.startswith(begins)
    assert one == other


@pytest.mark.parametrize("name", ["chart", "chart.jpg", "chart.svg.gz", ".svg", "chart."])
def test_a_suffix_that_cannot_be_drawn_is_refused_before_anything_is_played(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["chart", "vorukh-2021", "--out", str(tmp_path / name)]) == 2
    assert "expected .svg, .png or .pdf" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["", "/", ".."])
def test_a_path_without_a_file_name_is_refused(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["chart", "vorukh-2021", "--out", path]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_session_that_cannot_be_drawn_names_those_that_can() -> None:
    done = run("chart", "vorukh-2021:2021-05-01")

    assert done.returncode == 7
    assert "one of 2021-04-28, " in done.stderr


def flat(text: str) -> str:
    return " ".join(text.split())


def words(svg: str) -> list[str]:
    return re.findall(r">([^<>]*[A-Za-z][^<>]*)<", svg)


def numbers(svg: str) -> list[float]:
    """Every coordinate of the drawing; its ids are left out."""
    return [float(each) for each in re.findall(r"(?<![\w#.-])-?\d+\.\d+", svg)]
