"""Regular files: no link is followed, nothing waits for a pipe, and a file is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from brentwatch.core.errors import InvalidInput, Unavailable
from brentwatch.history import regular_files
from brentwatch.history.making import write_history
from brentwatch.history.manifest import EVENTS, MANIFEST, PRICES
from brentwatch.history.regular_files import (
    look_at_regular,
    open_regular,
    read_regular,
    write_parts,
    write_whole,
)

pytestmark = pytest.mark.attack


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    path = tmp_path / "precious"
    path.write_text("precious")
    return path


def irregular(folder: Path, precious: Path) -> dict[str, Path]:
    """One of each kind that a test can make, by the words for it."""
    link, loop, pipe, inner = (folder / name for name in ("link", "loop", "pipe", "inner"))
    link.symlink_to(precious)
    loop.symlink_to(loop)
    os.mkfifo(pipe)
    inner.mkdir()
    return {
        "a symbolic link": link,
        "a symbolic link, ": loop,
        "a pipe": pipe,
        "a folder": inner,
        "a device": Path(os.devnull),
    }


def test_what_is_no_regular_file_is_neither_read_nor_written(tmp_path: Path, precious: Path) -> None:
    for kind, path in irregular(tmp_path, precious).items():
        for act in (look_at_regular, open_regular, read_regular, lambda each: write_whole(each, b"evil")):
            with pytest.raises(OSError, match=rf"it is {kind.rstrip(', ')}, not a regular file"):
                act(path)
    assert precious.read_text() == "precious"


def test_a_link_that_comes_between_the_look_and_the_opening_is_not_followed(
    tmp_path: Path, precious: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link"
    link.symlink_to(precious)
    monkeypatch.setattr(regular_files, "look_at_regular", os.stat)
    with pytest.raises(OSError, match="symbolic links"):
        open_regular(link)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="it is a pipe"):
        open_regular(pipe)
    write_whole(link, b"mine")
    assert (link.is_symlink(), link.read_bytes(), precious.read_text()) == (False, b"mine", "precious")


def test_a_file_is_replaced_at_once_and_is_its_owners_alone(tmp_path: Path, precious: Path) -> None:
    with precious.open() as reader:
        write_whole(precious, b"new")
        assert reader.read() == "precious"
    assert precious.read_bytes() == b"new"
    assert precious.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["precious"]


def test_what_cannot_be_written_to_its_end_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, precious: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="No space left"):
        write_whole(precious, b"new")
    assert precious.read_text() == "precious"
    assert [each.name for each in tmp_path.iterdir()] == ["precious"]


def test_parts_that_end_in_an_error_leave_the_old_file_and_nothing_beside_it(
    tmp_path: Path, precious: Path
) -> None:
    def give() -> Iterator[bytes]:
        yield b"new"
        raise Unavailable("no more")

    with pytest.raises(Unavailable):
        write_parts(precious, give())
    assert precious.read_text() == "precious"
    assert [each.name for each in tmp_path.iterdir()] == ["precious"]
    write_parts(precious, iter([b"n", b"ew"]))
    assert precious.read_text() == "new"


def test_a_history_is_not_written_through_a_link(tmp_path: Path, precious: Path) -> None:
    files = {EVENTS: b"", PRICES: b"", MANIFEST: b""}
    aim, folder = tmp_path / "aim", tmp_path / "history"
    aim.mkdir()
    folder.symlink_to(aim)
    with pytest.raises(InvalidInput, match=r"history is a symbolic link; expected a folder"):
        write_history(folder, files)
    assert list(aim.iterdir()) == []
    folder.unlink()
    write_history(folder, files)
    assert {each.name for each in folder.iterdir() if each.stat().st_mode & 0o777 == 0o600} == set(files)
