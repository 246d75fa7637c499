"""The notebooks of examples/ run, and show what stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from tools.notebooks import NOTEBOOKS, execute, list_texts

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = ("/home", "/root", "/work", "ipykernel", "Warning", "iopub")
"""What a notebook says of the machine on which it ran."""

NAMES = [path.name for path in NOTEBOOKS]


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # it has no types


def test_there_are_three() -> None:
    assert NAMES == ["calibrate_your_series.ipynb", "kazakhstan_beside_abqaiq.ipynb", "own_dates.ipynb"]


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_shows_what_it_computes(path: Path) -> None:
    """If this fails after a change on purpose: `python -m tools.notebooks`."""
    fresh = list_texts(execute(path))

    assert fresh == list_texts(read(path))
    assert len(fresh) >= 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_is_small_complete_and_names_no_machine(path: Path) -> None:
    notebook, text = read(path), path.read_text(encoding="utf-8")

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [output.get("data", {}) for cell in code for output in cell["outputs"]]
    assert path.stat().st_size < 200_000
    assert [word for word in MACHINE if word in text] == []
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert any("image/png" in data for data in shown)
