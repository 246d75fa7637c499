"""Runs the notebooks of examples/ and writes their outputs into them: `python -m tools.notebooks`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]
NOTEBOOKS = tuple(sorted((ROOT / "examples").glob("*.ipynb")))
_LONGEST = 600
"""Seconds for one cell."""

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(path: Path) -> Any:
    """The notebook with fresh outputs, and nothing in it that tells the machine or the time.

    It runs in an empty folder of its own, and talks to its kernel through a file, so that no port is opened.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # it has no types
    with TemporaryDirectory() as folder:
        options = Config()
        options.KernelManager.transport, options.KernelManager.ip = "ipc", str(Path(folder) / "kernel")
        place = {"metadata": {"path": folder}}
        NotebookClient(
            notebook, kernel_name="python3", timeout=_LONGEST, resources=place, config=options
        ).execute()
    for number, cell in enumerate(notebook.cells, start=1):
        cell.metadata = {}
        cell.id = f"cell-{number}"
    notebook.metadata = _METADATA
    return notebook


def list_texts(notebook: Any) -> list[str]:
    """What the cells print and show as text, in their order; pictures have no text."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [
        output["text"] if output["output_type"] == "stream" else output["data"].get("text/plain", "")
        for output in outputs
        if "image/png" not in output.get("data", {})
    ]


def main(words: Sequence[str]) -> int:
    """Execute the notebooks that are named, by default all."""
    for path in [Path(word) for word in words] or NOTEBOOKS:
        nbformat.write(execute(path), path)  # type: ignore[no-untyped-call]  # it has no types
        print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
