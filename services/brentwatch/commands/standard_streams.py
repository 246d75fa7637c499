"""Standard input, output and error as a command may use them: open, and able to show every character.

A terminal or pipe that cannot show a character gets the nearest one it can, so that a minus sign stays a
minus sign; what is closed when the process starts is opened on the null device, so that no file takes its
place.
"""

# ruff: noqa: RUF001 - a table of characters that look like others

import codecs
import os
import sys
import unicodedata
from contextlib import suppress
from io import FileIO, TextIOWrapper
from typing import TextIO

import click

_ERRORS = "brentwatch"
_ASCII = "brentwatch-ascii"
"""ASCII by another name: click takes a stream in ASCII for a mistake, and writes UTF-8 to it."""

_PLAIN = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "→": "->", "←": "<-", "↔": "<->", "…": "...", "·": "|", "•": "*",
    "─": "-", "━": "-", "═": "=", "│": "|", "┃": "|", "║": "|", "▲": "^", "▼": "v",
    "×": "x", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "±": "+/-", "α": "alpha", "β": "beta", "σ": "sigma",
    "τ": "tau", "ρ": "rho", "χ": "chi", "μ": "mu", "Δ": "Delta", "“": '"', "”": '"', "„": '"', "‘": "'",
    "’": "'", "§": "section ", "✓": "ok", "✗": "no", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d",
    "Đ": "D", "ı": "i", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE",
}  # fmt: skip
_STDIN, _STDOUT, _STDERR = 0, 1, 2


def prepare() -> None:
    """Make the three streams usable, whatever the shell has done to them."""
    codecs.register_error(_ERRORS, _replace_unencodable)
    codecs.register(_find_codec)
    if sys.stdin is None:
        sys.stdin = _open_null(_STDIN, os.O_RDONLY, "r")
    if sys.stdout is None:
        # Open for reading only: to write there is an error, and a result that nobody gets is a failure.
        sys.stdout = _open_null(_STDOUT, os.O_RDONLY, "w")
    if sys.stderr is None:
        sys.stderr = _open_null(_STDERR, os.O_WRONLY, "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            is_ascii = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding=_ASCII if is_ascii else None, errors=_ERRORS)


def say(text: str) -> None:
    """Write to standard error; where nobody can read it, the exit code alone tells what happened."""
    try:
        click.echo(text, err=True)
    except (OSError, ValueError):
        discard(sys.stderr)


def discard(stream: TextIO) -> None:
    """Send what is still in the buffer of `stream`, and all that comes, nowhere: it cannot be written."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _find_codec(name: str) -> codecs.CodecInfo | None:
    if name != _ASCII.replace("-", "_"):
        return None
    ascii_codec = codecs.lookup("ascii")
    return codecs.CodecInfo(
        name=_ASCII,
        encode=ascii_codec.encode,
        decode=ascii_codec.decode,
        incrementalencoder=ascii_codec.incrementalencoder,
        incrementaldecoder=ascii_codec.incrementaldecoder,
        streamreader=ascii_codec.streamreader,
        streamwriter=ascii_codec.streamwriter,
    )


def _open_null(number: int, flags: int, mode: str) -> TextIO:
    opened = os.open(os.devnull, flags)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    return TextIOWrapper(FileIO(number, mode, closefd=False), encoding="utf-8", write_through=True)


def _replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    """The handler of characters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    shown = (_convert_to_ascii(character) for character in error.object[error.start : error.end])
    return "".join(shown), error.end


def _convert_to_ascii(character: str) -> str:
    if plain := _PLAIN.get(character):
        return plain
    bare = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return bare or character.encode("ascii", "backslashreplace").decode()
