"""`brentwatch config init`: a new file of its owner alone, and never in the place of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from brentwatch import cli
from brentwatch.commands.process import ExitCode
from brentwatch.settings.starter import build_starter

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _empty_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_file_is_written_into_the_working_folder_for_its_owner_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["config", "init"]) == ExitCode.OK
    path = tmp_path / "brentwatch.toml"
    assert path.read_text(encoding="utf-8") == build_starter()
    assert path.stat().st_mode & 0o777 == 0o600
    assert "wrote brentwatch.toml" in capsys.readouterr().out
    assert cli.main(["config", "show"]) == ExitCode.OK
    assert "file brentwatch.toml" not in capsys.readouterr().out


def test_another_name_is_told_to_the_next_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "init", "--out", "my desk.toml"]) == ExitCode.OK
    assert "brentwatch config show --settings 'my desk.toml'" in capsys.readouterr().out


def test_a_file_that_exists_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "brentwatch.toml"
    path.write_text("[kafka]\n")
    assert cli.main(["config", "init"]) == ExitCode.REFUSED
    assert path.read_text() == "[kafka]\n"
    assert "brentwatch.toml exists; expected a new file" in capsys.readouterr().err


def test_a_link_is_not_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "brentwatch.toml").symlink_to(tmp_path / "elsewhere")
    assert cli.main(["config", "init"]) == ExitCode.FAILED
    assert not (tmp_path / "elsewhere").exists()
    assert "symbolic link" in capsys.readouterr().err


def test_a_broken_settings_file_does_not_stop_it(tmp_path: Path) -> None:
    (tmp_path / "brentwatch.toml").write_text("not TOML")
    assert cli.main(["config", "init", "--out", "new.toml"]) == ExitCode.OK
