"""`brentwatch dashboards`: what it writes, what it finds, and what it exits with."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING

from tests.dashboards.fake_prometheus import FakePrometheus
from tests.dashboards.files import FOLDER, ROOT
from tests.deploy.prometheus_server import find_free_port

from brentwatch import cli

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

RULES = str(ROOT / "deploy" / "prometheus" / "rules" / "*.yml")


def test_build_writes_the_committed_files_for_any_reader(tmp_path: Path) -> None:
    out = tmp_path / "new" / "boards"
    assert cli.main(["dashboards", "build", "--out", str(out)]) == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        path.name: path.read_bytes() for path in FOLDER.iterdir()
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o644}


def test_check_finds_nothing_wrong_with_what_is_committed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dashboards", "check", str(FOLDER), "--rules", RULES]) == 0
    said = capsys.readouterr().out
    assert said.startswith("3 dashboards, ")
    assert said.endswith(": no faults\n")


def test_check_names_a_metric_that_was_renamed_and_a_file_that_was_edited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "boards"
    shutil.copytree(FOLDER, folder)
    desk = folder / "desk.json"
    desk.write_text(desk.read_text().replace("brentwatch_market_open", "brentwatch_market_is_open"))
    assert cli.main(["dashboards", "check", str(folder), "--rules", RULES]) == 1
    said = capsys.readouterr().out
    assert "desk.json, panel 'Market', query A: there is no metric brentwatch_market_is_open" in said
    assert "desk.json is not what the code makes; run brentwatch dashboards build" in said


def test_check_names_a_file_that_is_missing_and_a_rule_that_drops_job(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "mine.yml"
    rules.write_text(
        "groups: [{name: a, rules: [{alert: Waits, expr: sum(brentwatch_outbox_pending) > 9}]}]\n"
    )
    assert cli.main(["dashboards", "check", str(tmp_path), "--rules", str(rules)]) == 1
    said = capsys.readouterr().out
    assert "health.json cannot be read as JSON" in said
    assert "mine.yml, rule Waits: the result has no label job" in said


def test_check_asks_prometheus_for_every_query_and_fails_without_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with FakePrometheus(lambda expr: [] if "breaker_open" in expr else [({}, 1.0)]) as fake:
        code = cli.main(["dashboards", "check", str(FOLDER), "--rules", RULES, "--prometheus", fake.url])
    assert code == 1
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("health.json, panel 'Channels', query A: no data: max by (channel)")
    assert f"{len(fake.asked)} run on Prometheus: 1 fault" in last


def test_a_prometheus_that_does_not_run_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"http://127.0.0.1:{find_free_port()}"
    assert cli.main(["dashboards", "check", str(FOLDER), "--prometheus", url]) == 6
    assert "start Prometheus there, or correct --prometheus" in capsys.readouterr().err


def test_rules_that_are_not_there_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dashboards", "check", str(FOLDER), "--rules", "nowhere/*.yml"]) == 2
    assert "no file matches nowhere/*.yml" in capsys.readouterr().err


def test_preview_draws_each_board(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FakePrometheus(lambda _: [({}, 1.0)]) as fake:
        words = ["--prometheus", fake.url, "--out", str(tmp_path), "--last", "15m"]
        assert cli.main(["dashboards", "preview", *words]) == 0
    drawn = {path.name: path.read_bytes()[1:4] for path in tmp_path.iterdir()}
    assert drawn == {"desk.png": b"PNG", "health.png": b"PNG", "calibration.png": b"PNG"}
    assert capsys.readouterr().out.count("kB") == 3
