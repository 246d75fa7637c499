"""The part of each notebook that shows its result, photographed as the documentation site shows it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.gallery.photographing import FOLDER, Photographer, Screen, make_fingerprint, save_picture

ROOT = Path(__file__).parents[2]
_SITE = ROOT / ".cache" / "docs"
_SCREEN = Screen(width=860, height=1200, dots=1.25)
_MARGIN = 18


@dataclass(frozen=True, slots=True)
class NotebookPart:
    """A heading of a notebook, and how many cells with code below it are shown."""

    name: str
    heading: str
    cells: int

    @property
    def mark(self) -> str:
        """What its picture is drawn from: the heading and the cells, with their outputs."""
        return make_fingerprint(json.dumps(self._list_cells()))

    def _list_cells(self) -> list[Any]:
        path = ROOT / "examples" / f"{self.name}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        (first,) = [at for at, cell in enumerate(cells) if "".join(cell["source"]).startswith(self._title)]
        code = [at for at, cell in enumerate(cells) if at > first and cell["cell_type"] == "code"]
        return [[cell["source"], cell.get("outputs")] for cell in cells[first : code[self.cells - 1] + 1]]

    @property
    def _title(self) -> str:
        return f"## {self.heading}\n"

    def photograph(self, photographer: Photographer) -> bytes:
        """The part, from its heading to the end of its last cell."""
        page = _SITE / "examples" / f"{self.name}.html"
        with photographer.show(page, _SCREEN) as shown:
            section = shown.locator(f"section#{self.heading.lower().replace(' ', '-')}")
            top = section.bounding_box()
            end = section.locator(".cell").nth(self.cells - 1).bounding_box()
            if top is None or end is None:
                raise RuntimeError(f"{page.name} has no {self.heading!r} with {self.cells} cells")
            return shown.screenshot(
                full_page=True,
                clip={
                    "x": top["x"] - _MARGIN,
                    "y": top["y"] - _MARGIN,
                    "width": top["width"] + 2 * _MARGIN,
                    "height": end["y"] + end["height"] - top["y"] + 2 * _MARGIN,
                },
            )


NOTEBOOKS = (
    NotebookPart("own_dates", "The answer", 2),
    NotebookPart("kazakhstan_beside_abqaiq", "The two beside each other", 1),
    NotebookPart("calibrate_your_series", "In calm and in turbulent weeks", 1),
)


def build_site() -> None:
    """The site, as `make docs` builds it."""
    words = ("-q", "-c", "docs", "-d", ".cache/doctrees", "-b", "html", ".", str(_SITE))
    subprocess.run([sys.executable, "-m", "sphinx", *words], cwd=ROOT, check=True)


def save_notebooks(photographer: Photographer) -> None:
    """Write the picture of each notebook."""
    for part in NOTEBOOKS:
        save_picture(FOLDER / f"{part.name}.png", part.photograph(photographer), part.mark)
