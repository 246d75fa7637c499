"""docs/upgrading.md names every public thing of 0.1.0 that is gone or has another default.

`tests/data/public_names_of_0.1.0.json` was written by commit d8b5d26: `brentwatch config show --json`, its
table of metrics, its commands with their options, `brentwatch.__all__`, and its exit codes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import brentwatch
from brentwatch import cli
from brentwatch.commands.process import ExitCode
from brentwatch.telemetry import table
from brentwatch.telemetry.definition import Metric

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "upgrading.md").read_text(encoding="utf-8")
OLDER: dict[str, Any] = json.loads(
    (ROOT / "tests" / "data" / "public_names_of_0.1.0.json").read_text("utf-8")
)
EXAMPLES = ROOT / "schemas" / "examples"
METRICS = {each.name: each for each in vars(table).values() if isinstance(each, Metric)}


def test_settings_that_are_gone_or_have_another_default_are_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["config", "show", "--json"]) == 0
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    today = {line["key"]: line["value"] for line in lines}

    changed = [key for key, value in OLDER["settings"].items() if today.get(key, "gone") != value]

    assert len(changed) > 1
    assert [key for key in changed if f"`{key}`" not in PAGE] == []
    assert [key for key in changed if key not in today] == []


def list_gone_labels() -> Iterator[tuple[str, str]]:
    """Metrics with a label or with the value of a label that is gone; the label itself where it is."""
    for name, labels in OLDER["metrics"].items():
        today = {each.name: set(each.values) for each in METRICS[name].labels}
        for label, values in labels.items():
            gone = sorted(set(values) - today[label]) if label in today else [""]
            yield from ((f"brentwatch_{name}", f'{label}="{each}"' if each else label) for each in gone)


def test_metrics_and_labels_that_are_gone_are_named() -> None:
    gone = list(list_gone_labels())

    assert {label for _, label in gone} > {"model"}
    assert [each for each in gone if "`{}{{{}}}`".format(*each) not in PAGE] == []


def test_no_command_option_exit_code_or_name_is_gone() -> None:
    options = dict(list_options(click.Context(cli.brentwatch, info_name="brentwatch")))

    for command, names in OLDER["options"].items():
        assert set(names) <= options[command]
    assert set(OLDER["names"]) <= set(brentwatch.__all__)
    assert set(OLDER["exit_codes"]) == {int(code) for code in ExitCode}


def list_options(context: click.Context) -> Iterator[tuple[str, set[str]]]:
    """Every command with its options and arguments."""
    command = context.command
    yield context.command_path, {"/".join((*each.opts, *each.secondary_opts)) for each in command.params}
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found
            yield from list_options(click.Context(found, info_name=name, parent=context))


@pytest.mark.parametrize("kind", ["alert", "study"])
def test_fields_that_version_2_does_not_have_are_named(kind: str) -> None:
    first, second = (
        {
            name
            for path in EXAMPLES.glob(f"{kind}.v{number}/*.json")
            for name in json.loads(path.read_text("utf-8"))
        }
        for number in (1, 2)
    )

    assert first - second
    assert [name for name in first - second if f"`{name}`" not in PAGE] == []
