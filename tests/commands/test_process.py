"""Output that is closed, full or cannot show a character ends no command with a traceback."""

# ruff: noqa: RUF001 - characters that look like others

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from brentwatch.commands.process import prepare

pytestmark = pytest.mark.slow

FULL = Path("/dev/full")
REPLAY = ("replay", "vorukh-2021")
PRINTING = [("--help",), ("--version",), ("config", "show"), ("run", "-h"), REPLAY]


def shell(words: tuple[str, ...], redirected: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command, its streams redirected as a shell does it."""
    return subprocess.run(
        ["/bin/sh", "-c", f'"$0" -m brentwatch "$@" {redirected}', sys.executable, *words],
        env={**os.environ, **environment},
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_a_full_output_is_a_failure_with_a_sentence(words: tuple[str, ...]) -> None:
    done = shell(words, ">/dev/full")

    assert done.returncode == 1
    assert done.stderr.decode() == (
        "brentwatch: the output cannot be written: No space left on device; free space there, or write the "
        "output elsewhere\n"
    )


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_a_closed_output_is_a_failure_with_a_sentence(words: tuple[str, ...]) -> None:
    done = shell(words, ">&-")

    assert done.returncode == 1
    assert done.stderr.decode().startswith("brentwatch: the output cannot be written: ")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("words", [("config", "show"), REPLAY], ids=" ".join)
def test_a_reader_that_goes_away_is_no_news(words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "brentwatch", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()

    assert (told, process.returncode) == (b"", 1)


@pytest.mark.parametrize("redirected", ["2>&-", "2>/dev/full", "2>&- >&- <&-"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("config", "show", "--set", "kafka.no=1"), 3),
        (("confg",), 2),
        (("replay", "no-such-history"), 7),
        (("run", "screen", "monitor", "--set", "kafka.no=1"), 3),
    ],
    ids=["settings", "usage", "refused", "run"],
)
def test_the_exit_code_stays_where_nobody_can_be_told_why(
    words: tuple[str, ...], code: int, redirected: str
) -> None:
    if "/dev/full" in redirected and not FULL.exists():
        pytest.skip("there is no device that is always full")

    assert shell(words, redirected).returncode == code


@pytest.mark.parametrize("redirected", ["2>&-", "2>/dev/full"])
def test_notes_that_cannot_be_written_change_no_result(redirected: str) -> None:
    if "/dev/full" in redirected and not FULL.exists():
        pytest.skip("there is no device that is always full")

    done = shell(("history", "check", "vorukh-2021"), redirected)

    assert done.returncode == 0
    assert done.stdout


def test_a_closed_input_is_an_empty_one() -> None:
    done = shell(("study", "-", "--prices", "-"), "<&-")

    assert b"Traceback" not in done.stderr
    assert done.returncode in (2, 7)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_what_cannot_be_shown_is_shown_as_nearly_as_possible(encoding: str) -> None:
    done = shell((*REPLAY, "--story"), "", PYTHONIOENCODING=encoding)

    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    assert ("→" in text) is (encoding == "utf-8")
    assert ("->" in text) is (encoding != "utf-8")
    assert "?" not in text.replace("?'", "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_an_error_that_cannot_be_shown_is_shown_as_nearly_as_possible(encoding: str) -> None:
    done = shell(("replay", "Żanaözen−1"), "", PYTHONIOENCODING=encoding)

    assert done.returncode == 7
    assert "Zana" in done.stderr.decode(encoding)
    assert "zen-1" in done.stderr.decode(encoding)


@pytest.mark.parametrize(
    ("character", "shown"),
    [("−", "-"), ("…", "..."), ("≤", "<="), ("é", "e"), ("Ł", "L"), ("中", "\\u4e2d"), ("\udcff", "\\udcff")],
)
def test_a_character_has_its_nearest_in_ascii(character: str, shown: str) -> None:
    prepare()

    assert character.encode("ascii", "brentwatch") == shown.encode()
