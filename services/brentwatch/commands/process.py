"""A process of brentwatch and its surroundings: exit codes, signals, the end of its parent, standard streams.

A signal lets a service finish the batch at hand. A child process ends with its parent, however the parent
ended: the parent holds the writing end of a pipe that is the child's standard input, and never writes to
it. The kernel closes that end when the parent ends, also by SIGKILL, and also before the child has begun to
read: the child reads the end of its input, and stops as after SIGTERM. If it does not stop in time, it ends
at once.

Standard input, output and error are open, and able to show every character. A terminal or pipe that cannot
show a character gets the nearest one it can, so that a minus sign stays a minus sign; what is closed when the
process starts is opened on the null device, so that no file takes its place.
"""

# ruff: noqa: RUF001 - a table of characters that look like others

import codecs
import os
import signal
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from io import FileIO, TextIOWrapper
from threading import Event
from typing import TextIO

import click

_OF_A_SIGNAL = 128
_STDIN, _STDOUT, _STDERR = 0, 1, 2


class ExitCode(IntEnum):
    """Returned by a command, or made from its error by `cli.main`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    SETTINGS = 3
    NOTHING_MATCHED = 4
    PARTIAL = 5
    UNREACHABLE = 6
    REFUSED = 7
    INTERNAL = 70
    INTERRUPTED = 130
    TERMINATED = 143


def convert_to_exit_code(signal_number: int) -> int:
    """The exit code of a process that a signal stopped, as shells count it: 129 is SIGHUP, 143 SIGTERM."""
    return _OF_A_SIGNAL + signal_number


_NAMES = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGBREAK")
STOPPING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""Every signal that asks a process to end; which of them there are depends on the platform."""


class Wish:
    """`stop` is set when a signal came; `exit_code` says which was the first."""

    def __init__(self) -> None:
        self.stop = Event()
        self.exit_code: int = ExitCode.OK

    def take(self, number: int, _: object) -> None:
        """The handler of the signals."""
        if not self.stop.is_set():
            self.exit_code = convert_to_exit_code(number)
        self.stop.set()


@contextmanager
def wish_to_stop() -> Iterator[Wish]:
    """Take the signals for as long as the context is open; only the main thread may open it.

    A SIGHUP that is ignored stays ignored: `nohup` asked for it.
    """
    wish = Wish()
    before = {number: signal.signal(number, wish.take) for number in STOPPING if not _is_nohup(number)}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_nohup(number: signal.Signals) -> bool:
    return number.name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN


PATIENCE_SECONDS = 60.0
"""A service finishes its batch: at most a delivery timeout, and then the leaving of the group."""


def end_with_parent(patience_seconds: float = PATIENCE_SECONDS, stdin: int = _STDIN) -> None:
    """Watch the pipe in a thread, from now on; call it from the main thread."""
    watching = (stdin, patience_seconds, threading.get_ident())
    threading.Thread(target=_watch, args=watching, name="lifeline", daemon=True).start()


def _watch(stdin: int, patience_seconds: float, main_thread: int) -> None:
    while _read(stdin):
        pass
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main_thread, signal.SIGTERM)  # interrupts what the main thread waits for
    else:
        signal.raise_signal(signal.SIGTERM)
    threading.Event().wait(patience_seconds)
    os._exit(ExitCode.TERMINATED)


def _read(stdin: int) -> bytes:
    """What the parent wrote, which is nothing; empty when the parent is gone or there is no pipe."""
    try:
        return os.read(stdin, 1)
    except OSError:  # closed before we began
        return b""


# ruff: noqa: RUF001 - a table of characters that look like others


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
        click.echo(text, file=sys.stderr)  # which may be that of a progress bar, that prints above itself
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
