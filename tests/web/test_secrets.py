"""A secret is what its file holds now; the error names the setting and the file, and never the secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.web.secrets import read_secret

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_read_anew_without_the_line_break_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b" first \r\n")
    assert read_secret("a.key_file", str(path)) == " first "
    path.write_text("second\n")
    assert read_secret("a.key_file", str(path)) == "second"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        (b"", "which is empty"),
        (b"\n", "which is empty"),
        (b"s3cr3t\xff", "not text in UTF-8"),
    ],
)
def test_a_file_without_a_secret_is_refused_by_the_name_of_its_setting(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=f"a.key_file is .*{why}") as told:
        read_secret("a.key_file", str(path))
    assert "s3cr3t" not in str(told.value)
