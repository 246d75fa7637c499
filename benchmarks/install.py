"""The disk space of `pip install brentwatch`: the files of brentwatch and of all its dependencies.

    python -m benchmarks.install      # the size of each distribution, those of the extras marked

It needs no network: it reads what is installed here from the records of pip. Libraries that only an extra or
the development needs are not counted. Sizes are bytes of files, with the byte-code that pip makes of each
Python file; missing byte-code is compiled in memory. `du` gives a little more, because it counts whole
blocks, folders, and pip itself.
"""

from __future__ import annotations

import marshal
import tomllib
import warnings
from importlib.metadata import distribution
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.measurement import AtMost, Beside, Measurement, Reference
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import brentwatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import Distribution

NAME = "brentwatch"
LIMIT_MB = 550.0
_ROOT = Path(__file__).parents[1]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_HEADER = 16
"""Bytes before the code in a file of byte-code."""


class Size(NamedTuple):
    """Bytes of the files of a wheel, and of the byte-code made from them."""

    files: int
    code: int


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """The size of a plain install with its limit, then what each extra adds; a short run skips byte-code."""
    plain, code = required(), not short
    limit = Reference("its limit of 550 MB", LIMIT_MB)
    size = megabytes(plain, code=code)
    yield Measurement("pip install brentwatch", size, "MB", AtMost(1.0, limit))
    for extra in extras():
        added = megabytes(required(extra) - plain, code=code)
        yield Measurement(f"  [{extra}] adds", added, "MB", Beside(Reference("the plain install", size)))


def extras() -> list[str]:
    """The names of the extras of brentwatch."""
    return list(_PROJECT["optional-dependencies"])


def required(*extra: str) -> set[str]:
    """brentwatch and all its dependencies by name, with these extras or none.

    Raises:
        PackageNotFoundError: if one is not installed here.
    """
    found: set[tuple[str, str]] = set()
    waiting = [(NAME, each) for each in ("", *extra)]
    while waiting:
        asked = waiting.pop()
        if asked not in found:
            found.add(asked)
            waiting.extend(_asked_by(*asked))
    return {name for name, _ in found}


def _asked_by(name: str, extra: str) -> Iterator[tuple[str, str]]:
    for line in _requirements(name, extra):
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
            yield from ((canonicalize_name(wanted.name), each) for each in ("", *wanted.extras))


def _requirements(name: str, extra: str) -> list[str]:
    """The dependencies of brentwatch from pyproject.toml, because the installed metadata may be older."""
    if name != NAME:
        return distribution(name).requires or []
    lines: list[str] = _PROJECT["optional-dependencies"][extra] if extra else _PROJECT["dependencies"]
    return lines


def megabytes(names: Iterable[str], *, code: bool) -> float:
    """The size of these distributions, in 10^6 bytes."""
    sizes = [size_of(name, code=code) for name in names]
    return sum(size.files + size.code for size in sizes) / 1e6


def size_of(name: str, *, code: bool) -> Size:
    """The bytes of one distribution."""
    paths = sorted(_paths(distribution(name)))
    made = sum(map(bytes_of_code, paths)) if code else 0
    return Size(sum(path.stat().st_size for path in paths), made)


def _paths(found: Distribution) -> set[Path]:
    """Its files without byte-code; brentwatch itself is installed editable, so its folder is read."""
    listed = {Path(str(file.locate())) for file in found.files or ()}
    if found.name == NAME:
        listed |= set(Path(brentwatch.__file__).parent.rglob("*"))
    return {path for path in listed if path.suffix != ".pyc" and path.is_file()}


def bytes_of_code(path: Path) -> int:
    """The size of the byte-code of a file, compiled if it is missing; 0 if the file is not Python."""
    if path.suffix != ".py":
        return 0
    kept = Path(cache_from_source(str(path)))
    if kept.exists():
        return kept.stat().st_size
    try:
        with warnings.catch_warnings(action="ignore"):
            return _HEADER + len(marshal.dumps(compile(path.read_bytes(), path, "exec")))
    except (SyntaxError, ValueError):  # pip skips it too: a template, or for another Python
        return 0


def main() -> None:
    """Print each distribution with its size, the largest first."""
    plain, every = required(), required(*extras())
    sizes = {name: size_of(name, code=True) for name in every}
    for name in sorted(every, key=lambda each: -sum(sizes[each])):
        files, code = (part / 1e6 for part in sizes[name])
        print(f"{name:<28}{files:8.1f} MB {code:8.1f} MB of byte-code  {'' if name in plain else 'extra'}")


if __name__ == "__main__":
    main()
