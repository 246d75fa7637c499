"""Memory: how much a service needs, checked before it loads anything, and how its garbage is collected.

With too little memory the libraries of a service crash. The state of a fold is a tree, and what goes out of
it is freed at once, without the collector. With its defaults the collector looks through young objects
every 700, and through all of them each time a quarter more have come: a quarter of the time of a monitor in
a flood of events.
"""

import gc
import sys
from dataclasses import dataclass
from pathlib import Path

from brentwatch.core.errors import SettingsError

_MB = 1024 * 1024
_UNLIMITED = 1 << 60
"""Larger limits than this are none."""

_CONTAINER_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True, slots=True)
class Minimum:
    """What a service needs at least, in MB: of address space, and in a container of memory."""

    address_space: int = 800
    container: int = 128


_OTHERS = Minimum()
MINIMUM = {"monitor": Minimum(address_space=1200, container=256)}
"""Where a service needs more than others."""


def check_memory(service: str) -> None:
    """Make sure that a service may use as much memory as it needs.

    Raises:
        SettingsError: if it may not.
    """
    needed = MINIMUM.get(service, _OTHERS)
    faults = []
    if (limit := _read_address_space()) < needed.address_space * _MB:
        faults.append(
            f"{service} may use {limit // _MB:,} MB of address space; expected at least "
            f"{needed.address_space:,} MB: raise the limit (ulimit -v, or LimitAS= of systemd)"
        )
    if (limit := read_container_limit(_CONTAINER_LIMITS)) < needed.container * _MB:
        faults.append(
            f"{service} may use {limit // _MB:,} MB of memory in its container; expected at least "
            f"{needed.container:,} MB: raise the memory limit of the container (memory.max of its cgroup)"
        )
    if faults:
        raise SettingsError(*faults)


def _read_address_space() -> int:
    if sys.platform == "win32":
        return _UNLIMITED
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return _UNLIMITED if limit == resource.RLIM_INFINITY else limit


def read_container_limit(files: tuple[str, ...]) -> int:
    """The lowest limit in these files of bytes; "max", and a file that cannot be read, are none."""
    return min((_read(Path(file)) for file in files), default=_UNLIMITED)


def _read(file: Path) -> int:
    try:
        text = file.read_text().strip()
    except OSError:
        return _UNLIMITED
    return int(text) if text.isdigit() else _UNLIMITED


def is_out_of_memory(error: BaseException) -> bool:
    """True where memory was refused: a thread that cannot start says it in its own way."""
    return isinstance(error, MemoryError) or "can't start new thread" in str(error)


SELDOM = (50_000, 20, 10)
"""Young objects until the youngest are looked through; how often that happens until older ones are."""


def adjust_collector() -> None:
    """Leave alone for good what is there by now, modules above all, and look through what comes seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
