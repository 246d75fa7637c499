"""Runs a command or a script, and fails if Python warned of deprecated use in the files of brentwatch.

    python probe.py brentwatch demo      # the command
    python probe.py cell.py              # a script

It is copied next to what it runs and imports nothing of the project but what is installed.
"""

import importlib.util
import runpy
import sys
import warnings
from pathlib import Path
from typing import TextIO

DEPRECATED = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
found: list[str] = []


def note(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Keep a warning that a file of brentwatch caused, in place of `warnings.showwarning`."""
    if issubclass(category, DEPRECATED) and Path(filename).is_relative_to(PACKAGE):
        found.append(f"{filename}:{lineno}: {category.__name__}: {message}")


spec = importlib.util.find_spec("brentwatch")
assert spec is not None  # noqa: S101 - mypy
assert spec.origin is not None  # noqa: S101 - the same
PACKAGE = Path(spec.origin).parent
warnings.simplefilter("always")
warnings.showwarning = note
sys.argv = sys.argv[1:]
sys.warnoptions.append("always")  # the command would silence the warnings of libraries
try:
    if sys.argv[0].endswith(".py"):
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
except SystemExit as end:
    if end.code not in (None, 0):
        raise
if found:
    print(*found, sep="\n", file=sys.stderr)
    sys.exit(1)
