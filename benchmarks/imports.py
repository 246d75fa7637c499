"""What a command of ours loads: the modules, and a process that loads them and does nothing else.

    python -m benchmarks.imports record FILE COMMAND ...
    python -m benchmarks.imports load FILE

The first runs the command and writes the names of the modules that were loaded by its end; the second loads
these and ends.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.child import Run, in_turn

BUILT = ("__main__", "__mp_main__")


def beside_imports(*words: str, times: int) -> tuple[Run, Run]:
    """A command of brentwatch, and a process that does nothing but import what it imports."""
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "modules.json")
        recorder = [sys.executable, "-m", "benchmarks.imports", "record", path, *words]
        subprocess.run(recorder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return in_turn(("-m", "brentwatch", *words), ("-m", "benchmarks.imports", "load", path), times)


def record(path: str, words: list[str]) -> int:
    """Run a command, and write what was loaded by its end, in the order in which it was begun."""
    from brentwatch.cli import main

    with redirect_stdout(io.StringIO()):
        code = main(words)
    names = [
        name for name, module in sys.modules.items() if name not in BUILT and hasattr(module, "__spec__")
    ]
    Path(path).write_text(json.dumps(names), encoding="utf-8")
    return code


def load(path: str) -> int:
    """Import what was written."""
    for name in json.loads(Path(path).read_text(encoding="utf-8")):
        if name not in sys.modules:
            _import(name)
    return 0


def _import(name: str) -> None:
    """A name that a package made for itself, as six does, was loaded with the package."""
    try:
        import_module(name)
    except ImportError:
        return


if __name__ == "__main__":
    verb, file, *rest = sys.argv[1:]
    sys.exit(record(file, rest) if verb == "record" else load(file))
