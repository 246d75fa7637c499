"""Builds wheel and sdist twice under different circumstances, and compares them byte by byte."""

from __future__ import annotations

import hashlib
import os
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from tools.release.report import CheckFailed, NotPossible, Shell, clean_environment

LONG_AGO = 1_000_000_000
"""September 2001: the age of the files of the second build."""


@dataclass(frozen=True, slots=True)
class Built:
    """The files of one build."""

    wheel: Path
    sdist: Path


def clone(root: Path, folder: Path) -> Path:
    """A clone of the last commit in this folder.

    Raises:
        NotPossible: if `root` is no git repository.
    """
    if not (root / ".git").exists():
        raise NotPossible("this is no git repository, and a release is built from a commit")
    Shell(folder=root, environment=os.environ).run("git", "clone", "--quiet", "--no-hardlinks", root, folder)
    return folder


def list_uncommitted(root: Path) -> list[str]:
    """Files that differ from the last commit."""
    said = Shell(folder=root, environment=os.environ).run("git", "status", "--porcelain")
    return [line[3:] for line in said.splitlines()]


def build_twice(root: Path, folder: Path) -> Built:
    """Build the last commit twice and give the first result if the second has the same bytes.

    The builds differ in folder, age and permissions of the files, time zone, language and hash seed. The
    second makes the wheel from the sdist, as pip does.

    Raises:
        CheckFailed: if a build fails or the results differ; the message names the members that differ.
    """
    first_tree, second_tree = (
        clone(root, folder / "one"),
        _clone_otherwise(root, folder / "second build" / "tree"),
    )
    targets = ("--sdist", "--wheel")
    first = build(first_tree, folder / "first", targets, {"TZ": "UTC", "PYTHONHASHSEED": "1"})
    other = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "2"}
    second = build(second_tree, folder / "second", (), other)
    faults = [compare(first.wheel, second.wheel), compare(first.sdist, second.sdist)]
    if any(faults):
        raise CheckFailed("\n".join(filter(None, faults)))
    return first


def _clone_otherwise(root: Path, folder: Path) -> Path:
    before = os.umask(0o077)
    try:
        clone(root, folder)
    finally:
        os.umask(before)
    for path in folder.rglob("*"):
        if ".git" not in path.parts:
            os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    return folder


def build(tree: Path, out: Path, targets: tuple[str, ...], variables: Mapping[str, str]) -> Built:
    """Build with the locked versions; without targets, the sdist and from it the wheel."""
    shell = Shell(folder=tree, environment={**clean_environment(os.environ), **variables})
    shell.run(sys.executable, "-m", "build", "--no-isolation", *targets, "--outdir", out, ".")
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return Built(wheel, sdist)


def compare(first: Path, second: Path) -> str | None:
    """What differs between two archives; None if they have the same bytes."""
    if first.name == second.name and first.read_bytes() == second.read_bytes():
        return None
    ours, theirs = read_members(first), read_members(second)
    names = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    differing = ", ".join(names[:5]) or "only the archive around the members"
    return f"{first.name} and {second.name} differ in {len(names)} members: {differing}"


def read_members(archive: Path) -> dict[str, tuple[object, ...]]:
    """Each member of a wheel or sdist: the hash of its content, its time, mode and owner."""
    if archive.suffix == ".whl":
        with ZipFile(archive) as wheel:
            return {
                each.filename: (_hash(wheel.read(each)), each.date_time, each.external_attr)
                for each in wheel.infolist()
            }
    with tarfile.open(archive) as sdist:
        return {
            each.name: (_hash(_read(sdist, each)), each.mtime, each.mode, each.uid, each.uname)
            for each in sdist.getmembers()
        }


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    found = archive.extractfile(member) if member.isfile() else None
    return found.read() if found else b""


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def hash_file(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return _hash(path.read_bytes())
