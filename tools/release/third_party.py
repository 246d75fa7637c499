"""Writes deploy/THIRD-PARTY.md, the list of all locked packages with their licences: `make licences`."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING

from benchmarks.install import extras, required
from tools.release.licences import (
    DEVELOPS,
    EXCEPTIONS,
    ROOT,
    RUNS,
    Package,
    has_licence_text,
    list_packages,
    read_lock,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = ROOT / "deploy" / "THIRD-PARTY.md"

_TOP = """\
# Third-party packages

This page lists every package that `requirements.lock` and `requirements-dev.lock` name, with its licence. \
`make licences` writes it, and a test compares it with the locks. brentwatch itself is under Apache-2.0 \
(`LICENSE`, `NOTICE`), and so are the bundled data, except where `NOTICE` says otherwise.

The wheel and the source distribution contain none of these packages. The image of `deploy/Dockerfile` \
contains those under [Runtime](#runtime), and this page in `/opt/brentwatch/share/doc/brentwatch`. The \
texts of the licences are in the image too, in the `*.dist-info` folder of each package. The licences of \
Debian and Python are in `/usr/share/doc` of the base image.

"BSD" and "public domain" stand where the metadata of a package name no SPDX identifier.

## Licences that are not permissive

| package or library | licence | why it is accepted |
|---|---|---|
"""
_INNER = """
Wheels may contain compiled libraries. NumPy and SciPy list theirs in a form that a test reads: OpenBLAS and \
LAPACK (BSD) and, on Linux, the two libraries of GCC in the table above. Other wheels, such as those of \
curl_cffi, lxml, zstandard, pillow and pyarrow, describe their libraries in prose or not at all; no test \
reads these.

If you give an image to others, offer them the sources of `crc32c`, `certifi` and `libquadmath` too: the \
source distributions of the versions below, and GCC.
"""
_COLUMNS = "| package | version | licence |\n|---|---|---|\n"
_GROUPS = (
    ("Runtime", "What `pip install brentwatch` and the image contain."),
    ("Extras", "What the extra `all` adds. The image has no extras."),
    ("Development", "What only tests and tools use. It is not distributed."),
)


def group_packages() -> tuple[list[Package], list[Package], list[Package]]:
    """The locked packages: of the runtime, of the extras, and those that only the development needs."""
    runtime = list_packages(read_lock(RUNS))
    names = {package.name for package in runtime}
    others = [each for each in list_packages(read_lock(DEVELOPS)) if each.name not in names]
    optional = required(*extras()) - names
    return (
        runtime,
        [each for each in others if each.name in optional],
        [each for each in others if each.name not in optional],
    )


def write_page() -> str:
    """The page as Markdown."""
    exceptions = "".join(f"| {each.name} | {each.licence} | {each.reason} |\n" for each in EXCEPTIONS)
    groups = zip(_GROUPS, group_packages(), strict=True)
    tables = (_write_group(*words, packages) for words, packages in groups)
    return _TOP + exceptions + _INNER + "".join(tables)


def _write_group(title: str, words: str, packages: list[Package]) -> str:
    rows = "".join(
        f"| {each.name} | {', '.join(each.versions)} | {_say_licence(each.licence)} |\n" for each in packages
    )
    head = f"\n## {title}\n\n{words} {len(packages)} packages.\n\n{_COLUMNS}"
    without = ", ".join(_list_textless(packages))
    return head + rows + (f"\nNo text of the licence is in the wheel of: {without}.\n" if without else "")


def _say_licence(expression: str) -> str:
    return expression.replace("LicenseRef-BSD", "BSD").replace("LicenseRef-Public-Domain", "public domain")


def _list_textless(packages: Iterable[Package]) -> list[str]:
    found = []
    for package in packages:
        try:
            if not has_licence_text(distribution(package.name)):
                found.append(package.name)
        except PackageNotFoundError:  # for another system or another Python
            pass
    return found


def main() -> None:
    """Write the page."""
    PAGE.write_text(write_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
