"""A replay without the oldest records says so at each result, and names the command that allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch import cli
from brentwatch.core.domain import PARTIAL_HISTORY
from brentwatch.replay.story import mark_partial
from brentwatch.settings.origins import Assignment, Sources
from brentwatch.stream import CommandLine

if TYPE_CHECKING:
    import pytest


def test_the_first_line_of_a_result_is_marked() -> None:
    assert mark_partial(["SESSION 14 Jan", "p = 0.4"], [PARTIAL_HISTORY]) == [
        "[partial history] SESSION 14 Jan",
        "p = 0.4",
    ]
    assert mark_partial(["SESSION 14 Jan"], ["uncalibrated"]) == ["SESSION 14 Jan"]
    assert mark_partial([], [PARTIAL_HISTORY]) == []


def test_a_history_is_never_partial(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["replay", "kazakhstan-2022", "--partial"]) == 2
    assert "--partial needs --from-kafka" in capsys.readouterr().err


def test_a_printed_command_has_the_options_of_the_process_but_no_secret() -> None:
    given = {
        "kafka.topic_prefix": "demo.",
        "kafka.security.password": "hush",
        "kafka.security.password_file": "/run/secrets/word",
        "prices.eia.api_key": "hush",
        "ingest.gdelt.url": "https://user:hush@example.org",
    }
    flags = tuple(Assignment(key, value) for key, value in given.items())
    command = CommandLine(
        ("run", "monitor"), Sources(file="my settings.toml", flags=flags).redact_arguments()
    )
    options = (
        "--settings 'my settings.toml' --set kafka.topic_prefix=demo. "
        "--set kafka.security.password_file=/run/secrets/word"
    )
    assert command.format_with_flags("--rebuild") == f"brentwatch run monitor --rebuild {options}"
    assert command.format_other("topics", "create") == f"brentwatch topics create {options}"
    assert (
        command.format_with_setting("kafka.replica", "a-2")
        == f"brentwatch run monitor {options} --set kafka.replica=a-2"
    )
