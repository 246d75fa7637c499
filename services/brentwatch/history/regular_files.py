"""Reads and writes regular files only: never through a link, and each write is complete or has no effect.

In a folder that others can write, a file name may lead anywhere: to a file of secrets, to a pipe on which a
read blocks for ever, to a device. Errors are `OSError`, whose `strerror` says what was found.
"""

import errno
import os
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

OWNER_ALONE = 0o600
"""The mode of every file that is written: only its owner can read it."""

_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def look_at_regular(path: Path) -> os.stat_result:
    """Size, times and owner of a regular file, without opening it.

    Raises:
        OSError: if it is not there, or is a link, folder, pipe, socket or device.
    """
    return _check_regular(path, os.lstat(path))


def open_regular(path: Path, flags: int = os.O_RDONLY) -> int:
    """The descriptor of a regular file; with `os.O_CREAT`, only its owner can read a new one.

    Raises:
        OSError: if it cannot be opened, or is a link, folder, pipe, socket or device.
    """
    with suppress(FileNotFoundError):
        look_at_regular(path)  # opening a device may have effects
    careful = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    descriptor = os.open(path, flags | careful, OWNER_ALONE)
    try:
        _check_regular(path, os.fstat(descriptor))  # it may have been replaced since
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def read_regular(path: Path, most_bytes: int = -1) -> bytes:
    """The contents of a regular file, or its first `most_bytes`.

    Raises:
        OSError: as `open_regular`.
    """
    with open(open_regular(path), "rb") as file:
        return file.read(most_bytes)


def write_whole(path: Path, data: bytes) -> None:
    """`write_parts` with one part."""
    write_parts(path, (data,))


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Replace the file at `path` atomically: a reader sees the old contents or the new ones.

    Raises:
        OSError: if it cannot be written, or a link, folder, pipe, socket or device is there.
    """
    with suppress(FileNotFoundError):
        look_at_regular(path)
    descriptor, temporary = tempfile.mkstemp(prefix=".brentwatch-", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)  # a link that appeared meanwhile is replaced, not followed
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _check_regular(path: Path, found: os.stat_result) -> os.stat_result:
    if stat.S_ISREG(found.st_mode):
        return found
    kind = _KINDS.get(stat.S_IFMT(found.st_mode), "a device")
    raise OSError(errno.EINVAL, f"it is {kind}, not a regular file", str(path))
