"""What share of a command is imports.

    python -m benchmarks.imports record FILE COMMAND ...
    python -m benchmarks.imports split FILE COMMAND ...

The first runs the command and writes the names of the modules that were loaded by its end. The second imports
these modules, reads the clock and the memory, runs the command, and reads both again. Both parts are measured
in one process, so neither can be below zero.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.child import Run, middle, own_peak

BUILT = ("__main__", "__mp_main__")


def beside_imports(*words: str, times: int) -> tuple[Run, Run]:
    """The imports of a command of brentwatch, with the start of Python, and the whole; medians."""
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "modules.json")
        _child("record", path, *words)
        runs = [
            [Run(*figures) for figures in json.loads(_child("split", path, *words))] for _ in range(times)
        ]
    return middle([imports for imports, _ in runs]), middle([whole for _, whole in runs])


def _child(*words: str) -> str:
    command = [sys.executable, "-m", "benchmarks.imports", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def record(path: str, words: list[str]) -> int:
    """Run a command, and write the loaded modules in the order in which their imports began."""
    code = _run(words)
    names = [
        name for name, module in sys.modules.items() if name not in BUILT and hasattr(module, "__spec__")
    ]
    Path(path).write_text(json.dumps(names), encoding="utf-8")
    return code


def split(path: str, words: list[str]) -> int:
    """Import these modules, run the command, and print the figures of both."""
    began = time.perf_counter()
    for name in json.loads(Path(path).read_text(encoding="utf-8")):
        if name not in sys.modules:
            _import(name)
    imports = _figures(began)
    code = _run(words)
    print(json.dumps([imports, _figures(began)]))
    return code


def _run(words: list[str]) -> int:
    from brentwatch.cli import main

    with redirect_stdout(io.StringIO()):
        return main(words)


def _figures(began: float) -> tuple[float, float, float]:
    """Processor seconds since Python started, seconds of the clock, and peak memory in MB."""
    return time.process_time(), time.perf_counter() - began, own_peak()


def _import(name: str) -> None:
    """A module that a package creates itself, as six does, is loaded with the package."""
    try:
        import_module(name)
    except ImportError:
        return


if __name__ == "__main__":
    verb, file, *rest = sys.argv[1:]
    sys.exit(record(file, rest) if verb == "record" else split(file, rest))
