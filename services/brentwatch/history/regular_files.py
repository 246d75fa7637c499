"""Regular files and nothing else: opened never through a link, and written whole or not at all.

In a folder that others can write, the name of a file may lead anywhere: to a file of secrets, to a pipe on
which a read waits for ever, to a device. Errors are `OSError`, whose `strerror` says what stands there.
"""

import errno
import os
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

OWNER_ALONE = 0o600
"""The mode of every file that is written: alerts and prices are their owner's."""

_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def look_at_regular(path: Path) -> os.stat_result:
    """Size, times and owner of a regular file, which is not opened.

    Raises:
        OSError: if it is not there, or is a link, folder, pipe, socket or device.
    """
    return _check_regular(path, os.lstat(path))


def open_regular(path: Path, flags: int = os.O_RDONLY) -> int:
    """The descriptor of a regular file; with `os.O_CREAT` a new one is its owner's alone.

    Raises:
        OSError: if it cannot be opened, or is a link, folder, pipe, socket or device.
    """
    with suppress(FileNotFoundError):
        look_at_regular(path)  # a device may act on being opened
    careful = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    descriptor = os.open(path, flags | careful, OWNER_ALONE)
    try:
        _check_regular(path, os.fstat(descriptor))  # another one may stand there by now
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def read_regular(path: Path, most_bytes: int = -1) -> bytes:
    """What a regular file holds, or its first `most_bytes`.

    Raises:
        OSError: as `open_regular`.
    """
    with open(open_regular(path), "rb") as file:
        return file.read(most_bytes)


def write_whole(path: Path, data: bytes) -> None:
    """As `write_parts`, of one part."""
    write_parts(path, (data,))


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Put a file of one's own in the place of `path`, at once: a reader sees the old one or the new one.

    Raises:
        OSError: if it cannot be written, or a link, folder, pipe, socket or device stands there.
    """
    with suppress(FileNotFoundError):
        look_at_regular(path)
    descriptor, temporary = tempfile.mkstemp(prefix=".brentwatch-", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)  # a link that was put there meanwhile is replaced, not followed
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _check_regular(path: Path, found: os.stat_result) -> os.stat_result:
    if stat.S_ISREG(found.st_mode):
        return found
    kind = _KINDS.get(stat.S_IFMT(found.st_mode), "a device")
    raise OSError(errno.EINVAL, f"it is {kind}, not a regular file", str(path))
