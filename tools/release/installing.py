"""Installs a wheel and an sdist into an empty environment without the repository, and uses what is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.release.interpreters import Interpreter
from tools.release.report import CheckFailed, Shell, clean_environment

_PROBE = Path(__file__).with_name("probe.py")


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment, and an empty folder to work in."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "venv" / "bin" / "python"

    @property
    def desk(self) -> Path:
        """The working folder."""
        return self.folder / "desk"

    def run(self, *words: str | Path, folder: Path | None = None) -> str:
        """Run a program of this environment, by default in the working folder; see `Shell.run`."""
        path = f"{self.python.parent}{os.pathsep}{os.environ['PATH']}"
        shell = Shell(folder=folder or self.desk, environment=clean_environment(os.environ) | {"PATH": path})
        return shell.run(self.python.parent / words[0], *words[1:])

    def install(self, *words: str | Path) -> None:
        """Run `pip install`, without compiling thousands of files of which few are imported."""
        self.run("python", "-m", "pip", "install", "--quiet", "--no-compile", *words)

    def remove(self) -> None:
        """Delete it: each takes half a gigabyte."""
        shutil.rmtree(self.folder)


def make_environment(interpreter: Interpreter, folder: Path) -> Environment:
    """An empty environment in which brentwatch cannot be imported.

    Raises:
        CheckFailed: if it cannot be made, or finds a brentwatch.
    """
    made = Environment(folder)
    made.desk.mkdir(parents=True)
    shell = Shell(folder=made.desk, environment=clean_environment(os.environ))
    shell.run(interpreter.path, "-m", "venv", made.folder / "venv")
    script = "import importlib.util, sys; sys.exit(importlib.util.find_spec('brentwatch') is not None)"
    made.run("python", "-c", script)
    return made


def install_locked(environment: Environment, lock: Path, wheel: Path) -> None:
    """Install the locked versions by hash, then the wheel without looking for anything else."""
    environment.install("--require-hashes", "-r", lock)
    environment.install("--no-deps", "--no-index", wheel)


def replace_by_sdist(environment: Environment, sdist: Path, *, locked: bool) -> None:
    """Remove brentwatch and install it from the sdist, which pip builds; the dependencies stay."""
    environment.run("python", "-m", "pip", "uninstall", "--quiet", "--yes", "brentwatch")
    environment.install(*(["--no-deps"] if locked else []), sdist)


def use(environment: Environment, version: str, cells: Iterable[str] = ()) -> str:
    """Use what is installed, as a newcomer would, and give the versions of pandas and others.

    The demo runs from the command, and once more, like the cells, in a process that collects the warnings
    about deprecated use in our own files.

    Raises:
        CheckFailed: if it is not the one in the environment, a command fails, the demo shows no alert, or our
            code was warned.
    """
    where = environment.run("python", "-c", "import brentwatch; print(brentwatch.__file__)").strip()
    expect(where, re.escape(str(environment.folder / "venv")))
    environment.run("python", "-m", "pip", "check")
    environment.run("python", "-W", "error", "-m", "compileall", "-q", "-f", Path(where).parent)
    expect(environment.run("brentwatch", "--version"), rf"^brentwatch {re.escape(version)}$")
    expect(environment.run("brentwatch", "demo"), r"CRITICAL ▲ Brent \+11\.7 %")
    probe = shutil.copy(_PROBE, environment.desk)
    expect(environment.run("python", probe, "brentwatch", "demo"), r"CRITICAL ▲ Brent \+11\.7 %")
    for number, cell in enumerate(cells):
        script = environment.desk / f"cell{number}.py"
        script.write_text(cell, encoding="utf-8")
        environment.run("python", probe, script)
    return _list_versions(environment)


def _list_versions(environment: Environment) -> str:
    packages = json.loads(environment.run("python", "-m", "pip", "list", "--format", "json"))
    shown = {"pandas", "numpy", "scipy", "statsmodels"}
    return ", ".join(f"{each['name']} {each['version']}" for each in packages if each["name"] in shown)


def expect(text: str, pattern: str) -> None:
    """The pattern must be in the text.

    Raises:
        CheckFailed: if it is not.
    """
    if not re.search(pattern, text, flags=re.MULTILINE):
        raise CheckFailed(f"expected {pattern!r}, got:\n{text[-2000:].strip()}")


def read_first_cell(notebook: Path) -> str:
    """The first cell of code of a notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return next("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def unpack(sdist: Path, folder: Path) -> Path:
    """The folder of the project that an sdist holds, unpacked here."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (tree,) = folder.iterdir()
    return tree


def run_own_tests(environment: Environment, tree: Path) -> str:
    """Run the quick tests of an unpacked sdist with the locked development versions; give their last line.

    Raises:
        CheckFailed: if a test fails.
    """
    environment.install("--require-hashes", "--no-deps", "-r", tree / "requirements-dev.lock")
    environment.install("--no-deps", "--no-build-isolation", "--editable", tree)
    options = (
        "-q",
        "-n",
        "2",
        "--dist",
        "worksteal",
        "-p",
        "no:cacheprovider",
        "-m",
        "not kafka and not slow",
    )
    said = environment.run("python", "-m", "pytest", *options, folder=tree)
    return said.strip().splitlines()[-1].strip("= ")
