"""Too little memory ends with a sentence: before anything is loaded, and when it runs out later."""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from brentwatch import cli
from brentwatch.commands import memory
from brentwatch.commands.memory import MINIMUM, check_memory, read_container_limit
from brentwatch.commands.run import SERVICES
from brentwatch.core.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

MB = 1024 * 1024


def test_a_monitor_with_700_mb_of_address_space_is_refused_in_a_sentence() -> None:
    limit = (700 * MB, 700 * MB)
    done = subprocess.run(
        [sys.executable, "-m", "brentwatch", "run", "monitor"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limit),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr == (
        "brentwatch: monitor may use 700 MB of address space; expected at least 1,200 MB: raise the limit "
        "(ulimit -v, or LimitAS= of systemd)\n"
    )


@pytest.mark.parametrize(
    ("text", "limit"),
    [("104857600\n", 100 * MB), ("max\n", 1 << 60), (f"{1 << 62}", 1 << 60)],
)
def test_the_limit_of_a_container_is_read_where_there_is_one(tmp_path: Path, text: str, limit: int) -> None:
    (tmp_path / "memory.max").write_text(text)
    found = read_container_limit((str(tmp_path / "memory.max"), str(tmp_path / "nowhere")))
    assert found == limit


def test_a_small_container_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory.max").write_text(str(200 * MB))
    monkeypatch.setattr(memory, "_CONTAINER_LIMITS", (str(tmp_path / "memory.max"),))
    check_memory("screen")
    with pytest.raises(SettingsError, match=r"monitor may use 200 MB of memory in its container; .* 256 MB"):
        check_memory("monitor")


def test_the_minimum_is_stated_of_services_that_exist() -> None:
    assert MINIMUM.keys() <= SERVICES.keys()


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't start new thread")])
def test_memory_that_runs_out_is_told_and_ends_with_70(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr(cli, "brentwatch", command)
    assert cli.main([]) == 70
    assert capsys.readouterr().err.startswith("brentwatch: not enough memory to continue; raise")


def test_other_errors_are_not_taken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def command() -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(cli, "brentwatch", command)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        cli.main([])
