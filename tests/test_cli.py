"""The command line: loads what it needs, tells errors in sentences, exits with what they mean."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click
import pytest

from brentwatch import cli
from brentwatch.commands.options import Command
from brentwatch.core.errors import BrentwatchError, InvalidInput, SettingsError, Unavailable
from brentwatch.settings.origins import Assignment, Sources

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAVY = {
    "arch",
    "grafana_foundation_sdk",
    "kafka",
    "matplotlib",
    "numpy",
    "pandas",
    "promql_parser",
    "pydantic",
    "rich",
    "scipy",
    "statsmodels",
    "structlog",
}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "brentwatch", *arguments],
        env={"PATH": "", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def act_as(patch: pytest.MonkeyPatch, body: Callable[[Sources], object]) -> None:
    """Make `act`, which does what `body` does, the only command of the table."""

    @click.command("act", cls=Command)
    @click.pass_obj
    def act(sources: Sources) -> object:
        return body(sources)

    patch.setattr(sys.modules[__name__], "act", act, raising=False)
    patch.setattr(cli, "COMMANDS", {"act": cli.Entry(f"{__name__}:act", "Act.")})


def ends_with(outcome: object) -> Callable[[Sources], object]:
    def body(_: Sources) -> object:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return body


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_of_the_table_is_there_under_its_name(name: str) -> None:
    module, _, attribute = cli.COMMANDS[name].path.partition(":")

    assert getattr(import_module(module), attribute).name == name


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_takes_the_common_options_after_its_name(name: str) -> None:
    module, _, attribute = cli.COMMANDS[name].path.partition(":")
    command = getattr(import_module(module), attribute)

    options = {
        option for parameter in command.get_params(click.Context(command)) for option in parameter.opts
    }

    assert {"--settings", "--set", "--log-level"} <= options


def test_help_lists_every_command_and_loads_nothing_heavy() -> None:
    script = "import sys; from brentwatch.cli import main; main(['--help']); print(*sys.modules, sep='\\n')"

    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    help_text, loaded = answer.split("\nsys\n")
    assert all(name in help_text and entry.help in help_text for name, entry in cli.COMMANDS.items())
    assert HEAVY & set(loaded.splitlines()) == set()


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (None, 0),
        (0, 0),
        (4, 4),
        (5, 5),
        (BrentwatchError("no"), 1),
        (SettingsError("no"), 3),
        (Unavailable("no"), 6),
        (InvalidInput("no"), 7),
        (ModuleNotFoundError("No module named 'lz4'", name="lz4.frame"), 3),
        (KeyboardInterrupt(), 130),
        (click.exceptions.Exit(5), 5),
    ],
    ids=repr,
)
def test_the_exit_code_says_what_happened(
    outcome: object, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as(monkeypatch, ends_with(outcome))

    assert cli.main(["act"]) == code


@pytest.mark.parametrize("name", ["brentwatch.core.gone", None])
def test_that_a_module_of_our_own_is_missing_is_no_fault_of_the_installation(
    name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as(monkeypatch, ends_with(ModuleNotFoundError("gone", name=name)))

    with pytest.raises(ModuleNotFoundError):
        cli.main(["act"])


def test_an_error_is_told_on_standard_error_one_sentence_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    act_as(monkeypatch, ends_with(InvalidInput("the first fault", "the second fault")))

    cli.main(["act"])

    assert capsys.readouterr() == ("", "brentwatch: the first fault\nbrentwatch: the second fault\n")


def test_common_options_count_before_the_command_and_after_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    act_as(monkeypatch, lambda sources: click.echo(repr(sources)))

    cli.main(
        ["--settings", "a.toml", "--set", "kafka.x=1", "act", "--set", "kafka.y=b=2", "--log-level", "debug"]
    )

    flags = (
        Assignment("kafka.x", "1"),
        Assignment("kafka.y", "b=2"),
        Assignment("telemetry.log_level", "debug", "--log-level"),
    )
    assert capsys.readouterr().out == f"{Sources('a.toml', flags)!r}\n"


@pytest.mark.parametrize(
    "arguments", [["--set", "kafka", "act"], ["--set", "kafka.=1", "act"], ["act", "--nine"]]
)
def test_a_wrong_option_is_a_fault_of_usage(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    act_as(monkeypatch, ends_with(None))

    assert cli.main(arguments) == 2


def test_an_unknown_command_is_told_the_closest() -> None:
    answer = run("confg")

    assert answer.returncode == 2
    assert f"'confg' is not a command; expected one of {', '.join(cli.COMMANDS)}" in answer.stderr
    assert "did you mean config?" in answer.stderr


def test_the_version_is_said() -> None:
    assert run("--version").stdout == "brentwatch 0.2.0\n"


def test_config_show_prints_each_value_and_its_place(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text('[kafka]\ngroup_prefix = "desk."', encoding="utf-8")

    answer = run(
        "config",
        "show",
        "--settings",
        str(tmp_path / "desk.toml"),
        "--set",
        "telemetry.ports.screen=1",
        BRENTWATCH_KAFKA__TOPIC_PREFIX="env.",
    )

    rows = {row.split()[0]: row.split(maxsplit=2)[1:] for row in answer.stdout.splitlines()}
    assert rows["kafka.group_prefix"] == ["desk.", f"file {tmp_path / 'desk.toml'}"]
    assert rows["kafka.topic_prefix"] == ["env.", "environment variable BRENTWATCH_KAFKA__TOPIC_PREFIX"]
    assert rows["telemetry.ports.screen"] == ["1", "flag --set"]
    assert rows["kafka.bootstrap"][1] == "default"


def test_config_show_as_json_is_one_object_a_line() -> None:
    objects = [json.loads(line) for line in run("config", "show", "--json").stdout.splitlines()]

    assert {"key": "instruments.brent-spot.partition", "value": 0, "origin": "default"} in objects


def test_wrong_settings_stop_a_command_with_every_fault() -> None:
    answer = run("config", "show", "--set", "kafka.no=1", BRENTWATCH_TELEMETRY__LOG_LEVEL="loud")

    assert answer.returncode == 3
    assert answer.stdout == ""
    assert [line.split()[1] for line in answer.stderr.splitlines()] == ["kafka.no", "telemetry.log_level"]


def test_a_variable_that_is_no_setting_is_ignored_with_one_line() -> None:
    answer = run("config", "show", BRENTWATCH_PORT="tcp://10.0.0.1:80", BRENTWATCH_SERVICE_HOST="10.0.0.1")

    assert answer.returncode == 0
    (line,) = answer.stderr.splitlines()
    assert line.startswith("brentwatch: warning: ignored BRENTWATCH_PORT, BRENTWATCH_SERVICE_HOST: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--set", "hunter2", "config", "show"],
        ["--set", "kafka.security.password hunter2", "config", "show"],
        ["--set", "kafka.security.password:hunter2", "config", "show"],
        ["config", "show", "--set", ".kafka=hunter2"],
        ["config", "show", "--set", "kafka.security.pasword=hunter2"],
        ["config", "show", "--set", "kafka.security.password.deep=hunter2"],
        ["config", "show", "--set", "kafka.security=hunter2"],
        ["config", "show", "--set", "kafka.security.password_file=hunter2"],
        ["config", "show", "--set", "kafka.bootstrap=admin:hunter2@kafka:9092"],
        ["config", "show", "--set", "kafka.bootstrap=admin:hunter2@kafka"],
        ["config", "show", "--set", "kafka.security.token_url=https://admin:hunter2@idp/token"],
        ["config", "show", "--set", "ingest.acled.url=https://admin:hun@ter/hunter2@acleddata.com"],
        ["config", "show", "--set", "prices.eia.url=https://api.eia.gov?api_key=hunter2"],
        ["config", "show", "--set", "prices.fred.url=hunter2@fred"],
        ["config", "show", "--set", "telemetry.host=https://admin:hunter2@idp/"],
        ["replay", "https://admin:hunter2@histories/one"],
        ["confg=https://admin:hunter2@idp"],
    ],
    ids=" ".join,
)
def test_a_password_in_what_is_refused_is_never_shown(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) != 0

    shown = capsys.readouterr()
    assert shown.err
    assert "hunter2" not in shown.out + shown.err


def test_no_colour_is_asked_for_where_no_colour_is_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    act_as(monkeypatch, lambda _: click.echo(repr(click.get_current_context().color)))

    monkeypatch.setenv("NO_COLOR", "1")
    cli.main(["act"])
    monkeypatch.setenv("NO_COLOR", "")
    cli.main(["act"])

    assert capsys.readouterr().out == "False\nNone\n"
