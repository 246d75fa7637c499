"""`brentwatch demo`: it fits a screen, its figures are those of the replay, and its commands run."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from brentwatch.commands import demo
from brentwatch.core.domain import BRENT_SPOT, Found, PublishAlert, PublishStudy, SessionStudy, Window
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.history import bundled
from brentwatch.history.rules import build_rules
from brentwatch.message import figures
from brentwatch.message.alert_text import write_alert_text
from brentwatch.replay.recording import read_history
from brentwatch.replay.turns import replay_signals

if TYPE_CHECKING:
    from brentwatch.core.domain import Alert

pytestmark = pytest.mark.slow

PROGRAM = Path(sys.executable).with_name("brentwatch")
INSTRUMENT = replace(BRENT_SPOT, alerts=True)


@cache
def lines() -> tuple[str, ...]:
    return tuple(demo.write_demo(INSTRUMENT, 80, ".venv/bin/brentwatch"))


@cache
def replayed(history: str) -> tuple[list[Alert], dict[tuple[Window, str], Found]]:
    """The alerts, and the results of the headline model by window and session."""
    alerts: list[Alert] = []
    results: dict[tuple[Window, str], Found] = {}
    for turn in replay_signals(build_rules(INSTRUMENT), read_history(history, INSTRUMENT).signals):
        for effect in turn.effects:
            match effect:
                case PublishAlert(alert=alert):
                    alerts.append(alert)
                case PublishStudy(study=SessionStudy(result=Found() as found) as study):
                    if study.model == HEADLINE_MODEL:
                        results[study.window, str(study.session)] = found
                case _:
                    pass
    return alerts, results


def flat(text: str) -> str:
    return " ".join(text.split())


def run(*words: str, folder: Path, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_fits_forty_lines_of_eighty_columns() -> None:
    assert len(lines()) <= 40
    assert max(map(len, lines())) <= 80


def test_the_alert_and_its_card_are_those_of_the_replay() -> None:
    alerts, _ = replayed("abqaiq-2019")
    text = write_alert_text(next(alert for alert in alerts if alert.severity is not None))

    assert flat(f"{text.lock_screen} {text.card}") in flat("\n".join(lines()))


def test_the_quiet_week_has_no_alert_and_the_figures_of_the_replay() -> None:
    alerts, results = replayed("kazakhstan-2022")
    rows = [
        ("5 Jan 2022", results[Window(0, 0), "2022-01-05"]),
        ("6 Jan 2022", results[Window(0, 0), "2022-01-06"]),
        ("both days", results[Window(0, 1), "2022-01-05"]),
    ]

    assert [alert for alert in alerts if alert.severity is not None] == []
    for name, found in rows:
        (line,) = [line for line in lines() if line.startswith(name)]
        assert figures.format_percent(found.total) in line
        assert figures.format_percent_range(*found.normal_range) in line
        assert line.endswith(f"{figures.format_p_number(found.p)}  normal")
    assert "oil has risen 4 % in two days" in flat("\n".join(lines()))


def test_the_cost_of_false_alarms_is_that_of_the_records(monkeypatch: pytest.MonkeyPatch) -> None:
    record = bundled.load_heads_up_records()[-1]
    assert f"Heads-ups since {record.first.year}: {record.count}, of which {record.abnormal} (" in flat(
        "\n".join(lines())
    )

    other = replace(record, count=400, abnormal=100, placebo=0.0321)
    monkeypatch.setattr(bundled, "load_heads_up_records", lambda: (other,))
    calibrations = {
        key: (replace(each[-1], size_01=0.05),) for key, each in bundled.load_calibrations().items()
    }
    monkeypatch.setattr(bundled, "load_calibrations", lambda: calibrations)
    told = flat("\n".join(demo.write_demo(replace(INSTRUMENT, alert_level=0.006), 80, "brentwatch")))

    assert "At the alert level 0.006 expect 1.5 false alarms a year for each instrument" in told
    assert "had 12.6 alerts a year" in told
    assert (
        "Heads-ups since 2002: 400, of which 100 (25 %) were followed by an abnormal session; 3.2 %" in told
    )


def test_each_command_to_try_next_runs_as_it_is_printed(tmp_path: Path) -> None:
    """The program is not on the PATH, so the path of its script is printed."""
    (tmp_path / "bin").symlink_to(PROGRAM.parent)
    shown = run("bin/brentwatch", "demo", folder=tmp_path, path="/usr/bin:/bin")
    commands = shown.stdout.partition("4. Try next\n")[2].splitlines()

    assert shown.returncode == 0, shown.stderr
    assert len(commands) == 4
    for command in commands:
        assert " bin/brentwatch " in command
        done = run("/bin/sh", "-c", command, folder=tmp_path, path="/usr/bin:/bin")
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout


@pytest.mark.parametrize(
    ("started", "name"),
    [
        (".venv/bin/brentwatch", ".venv/bin/brentwatch"),
        ("my tools/brentwatch", "'my tools/brentwatch'"),
        ("/lib/brentwatch/__main__.py", f"{sys.executable} -m brentwatch"),
    ],
)
def test_the_program_is_named_as_it_was_started(
    started: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert demo.name_program(started) == name


def test_a_program_on_the_path_is_named_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "brentwatch").write_text("#!/bin/sh\n")
    (tmp_path / "brentwatch").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert demo.name_program("/elsewhere/brentwatch") == "brentwatch"


def test_an_absolute_path_is_shortened_if_the_program_is_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.chdir(tmp_path)

    assert demo.name_program(str(tmp_path / "bin" / "brentwatch")) == "bin/brentwatch"
    assert demo.name_program("/opt/brentwatch") == "/opt/brentwatch"


def test_a_command_that_is_too_long_loses_its_comment_and_is_then_broken_behind_the_pipe() -> None:
    command = ("echo date | brentwatch study -", "your own dates")

    assert list(demo.format_commands([command], 80)) == [f"  {command[0]}  # your own dates"]
    assert list(demo.format_commands([command], 40)) == [f"  {command[0]}"]
    assert list(demo.format_commands([command], 30)) == ["  echo date |", "    brentwatch study -"]
    assert list(demo.format_commands([("brentwatch run --help", "live")], 10)) == ["  brentwatch run --help"]
