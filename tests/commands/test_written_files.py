"""What a command writes with --out goes through no link, and is its owner's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from brentwatch import cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.attack
def test_a_chart_is_not_drawn_through_a_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    precious, out = tmp_path / "precious.svg", tmp_path / "chart.svg"
    precious.write_text("precious")
    out.symlink_to(precious)
    assert cli.main(["chart", "abqaiq-2019", "--out", str(out)]) == 1
    assert precious.read_text() == "precious"
    assert "it is a symbolic link, not a regular file" in capsys.readouterr().err
    out.unlink()
    assert cli.main(["chart", "abqaiq-2019", "--out", str(out)]) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_text().startswith("<?xml")
