"""The channel `jsonl`: appends each message to a file, one JSON object a line, safe on the disk.

Characters that are not printable are written as escapes: U+2028 ends a line for some readers.

The file is a regular one, and a new one is its owner's alone.
"""

import errno
import os
from contextlib import suppress
from io import FileIO
from pathlib import Path

from pydantic import Field

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.history.regular_files import open_regular
from brentwatch.message.foreign import escape_json
from brentwatch.notify.messages import Message, Receipt, Revisions
from brentwatch.notify.policy import EVERY_STAGE, ChannelSettings, Stages


class JsonlSettings(ChannelSettings):
    """The channel `jsonl`, which appends one JSON object a line to a file."""

    stages: Stages = Field(default=EVERY_STAGE, min_length=1)
    """Stages whose alerts this channel gets; other channels than terminal and jsonl leave out heads-up."""
    path: Path = Path("alerts.jsonl")
    """File to append to."""


class Jsonl:
    """Opens the file again for each message, so that it may be moved away at any time.

    Raises:
        SettingsError: if the file cannot be written.
    """

    revisions = Revisions.EVERY
    shows_chart = False

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            os.close(_open(path))
        except OSError as error:
            raise SettingsError(
                f"notify.jsonl.path is {path}, which cannot be written: {error.strerror}; expected a "
                "regular file in a folder that exists: correct the path or its permissions"
            ) from error

    def send(self, message: Message) -> Receipt:
        """Append the document of a message; when this returns it is on the disk.

        Raises:
            Unavailable: if the disk refuses it; the file is then as it was.
        """
        try:
            with FileIO(_open(self._path), "a+b") as file:
                _append(file, escape_json(message.document.decode()).encode() + b"\n")
        except OSError as error:
            raise Unavailable(
                f"{self._path} cannot be written: {error.strerror}; message {message.id} is to be "
                "appended there: make room, or correct the permissions"
            ) from error
        return Receipt()


def _open(path: Path) -> int:
    return open_regular(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)


def _append(file: FileIO, line: bytes) -> None:
    end = file.seek(0, os.SEEK_END)
    whole = _find_missing_end(file, end) + line
    try:
        if file.write(whole) != len(whole):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            file.truncate(end)
        raise


def _find_missing_end(file: FileIO, end: int) -> bytes:
    """What ends a line that was cut off, by a power failure say."""
    if end == 0:
        return b""
    file.seek(end - 1)
    return b"" if file.read(1) == b"\n" else b"\n"


def open_channel(settings: JsonlSettings) -> Jsonl:
    """The channel as the settings want it.

    Raises:
        SettingsError: if the file cannot be written.
    """
    return Jsonl(settings.path)
