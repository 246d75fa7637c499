"""The checks of a release, each a line of the report."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tools.release import licences, metadata, sbom, third_party
from tools.release.building import Built, build_twice, hash_file, list_uncommitted
from tools.release.installing import (
    Environment,
    install_locked,
    make_environment,
    read_first_cell,
    replace_by_sdist,
    run_own_tests,
    unpack,
    use,
)
from tools.release.interpreters import Interpreter
from tools.release.report import CheckFailed, Report, Shell, clean_environment

from brentwatch import __version__

ROOT = Path(__file__).parents[2]


def fail_on(find_faults: Callable[[], list[str]]) -> None:
    """Turn faults into a failed check.

    Raises:
        CheckFailed: if there is one.
    """
    if faults := find_faults():
        raise CheckFailed("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Release:
    """What is checked: the built files, the sdist unpacked, and where there is room."""

    folder: Path
    built: Built
    tree: Path

    @property
    def cells(self) -> list[str]:
        """The first cell of each notebook."""
        return [read_first_cell(path) for path in sorted((self.tree / "examples").glob("*.ipynb"))]

    @property
    def bill(self) -> Path:
        """Where the SBOM is written."""
        return self.folder / f"brentwatch-{__version__}.cdx.json"


def prepare(report: Report, folder: Path) -> Release | None:
    """Build, compare and unpack; None if that failed."""
    made: list[Built] = []

    def build() -> str:
        made.append(build_twice(ROOT, folder))
        return "\n".join(f"{hash_file(path)}  {path.name}" for path in (made[0].wheel, made[0].sdist))

    if not report.take("two builds of the last commit give the same wheel and sdist", build):
        return None
    if changed := list_uncommitted(ROOT):
        report.leave_out("changes that are not committed", f"{len(changed)}, such as {changed[0]}")
    (folder / "sdist").mkdir()
    return Release(folder, made[0], unpack(made[0].sdist, folder / "sdist"))


def check_metadata(report: Report, release: Release) -> None:
    """What a package index would show."""
    described, members = metadata.read_metadata(release.built.wheel)
    shell = Shell(folder=release.folder, environment=clean_environment(os.environ))
    files = (release.built.wheel, release.built.sdist)
    report.take(
        "twine check --strict: the description can be shown",
        lambda: shell.run(sys.executable, "-m", "twine", "--no-color", "check", "--strict", *files) and None,
    )
    report.take(
        "name, version, licence, classifiers and licence files",
        partial(fail_on, lambda: metadata.list_faults(described, members, __version__)),
    )
    for point in metadata.list_open_points(described):
        report.ask(point)


def check_licences(report: Report, release: Release) -> None:
    """The licences of all locked packages."""
    groups = third_party.group_packages()
    for group, name in zip(groups, ("runtime", "extras", "development"), strict=True):
        report.take(
            f"licences of the {len(group)} packages of the {name} fit Apache-2.0",
            partial(fail_on, partial(licences.list_faults, group)),
        )
    page = release.tree / "deploy" / third_party.PAGE.name
    report.take("deploy/THIRD-PARTY.md lists them", lambda: compare_page(page))
    report.leave_out(
        "compiled libraries inside wheels other than NumPy's and SciPy's", "their metadata name no licences"
    )


def compare_page(page: Path) -> None:
    """The page in the sdist must be what the locks give.

    Raises:
        CheckFailed: if it is not.
    """
    if page.read_text(encoding="utf-8") != third_party.write_page():
        raise CheckFailed("run make licences, and commit the page")


def check_sbom(report: Report, release: Release) -> None:
    """The list of packages in CycloneDX."""

    def write_twice() -> str:
        again = release.bill.with_name("again.json")
        for target in (release.bill, again):
            sbom.write_sbom(release.tree, target)
        fail_on(lambda: [fault] if (fault := compare_bytes(release.bill, again)) else [])
        return release.bill.name

    report.take("SBOM in CycloneDX, valid, the same twice, without an address", write_twice)


def compare_bytes(first: Path, second: Path) -> str | None:
    """A sentence if two files differ."""
    return None if first.read_bytes() == second.read_bytes() else f"two runs give a different {first.name}"


@dataclass(frozen=True, slots=True)
class Installed:
    """One Python with the locked or the newest versions of all dependencies."""

    release: Release
    interpreter: Interpreter
    kind: str

    @property
    def folder(self) -> Path:
        """Where its environment is."""
        return self.release.folder / f"{self.interpreter.version} {self.kind}"

    def check(self, report: Report) -> bool:
        """Use the wheel, then the sdist in its place; True if both work."""
        title = f"Python {self.interpreter.full}, {self.kind} versions"
        fine = report.take(f"{title}: the wheel", self._use_wheel)
        if fine:
            fine = report.take(f"{title}: the sdist in its place", self._use_sdist)
        shutil.rmtree(self.folder)
        return fine

    def _use_wheel(self) -> str:
        environment, built = make_environment(self.interpreter, self.folder), self.release.built
        if self.kind == "locked":
            install_locked(environment, self.release.tree / "requirements.lock", built.wheel)
        else:
            environment.install(built.wheel)
        return use(environment, __version__, self.release.cells)

    def _use_sdist(self) -> str:
        environment = Environment(self.folder)
        replace_by_sdist(environment, self.release.built.sdist, locked=self.kind == "locked")
        return use(environment, __version__)  # the wheel made of it has the same bytes: no cells again


def check_tests(report: Report, release: Release, interpreter: Interpreter) -> bool:
    """The sdist's own tests on one Python; True if they pass."""

    def run_tests() -> str:
        folder = release.folder / f"{interpreter.version} tests"
        environment = make_environment(interpreter, folder)
        (folder / "sdist").mkdir()
        tree = unpack(release.built.sdist, folder / "sdist")
        said = run_own_tests(environment, tree)
        environment.remove()
        return said

    return report.take(f"Python {interpreter.full}: the sdist's own tests", run_tests)
