"""Draws the pictures of docs/replays.md from the report of the catalogue: `python -m tools.report_pictures`.

The first screen on a desktop in light, and on a phone in dark; Chromium draws them. It takes a minute.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DOCS = Path(__file__).parents[1] / "docs"
_COLOURS = 200


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen in CSS pixels; `dots` is the number of dots for each of them."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]
    dots: float


SCREENS = (
    Screen("report-desktop.png", 1280, 880, "light", 1.25),
    Screen("report-phone.png", 390, 844, "dark", 2.0),
)


def draw_pictures(folder: Path) -> None:
    """Write a picture for each screen into the folder."""
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as scratch, sync_playwright() as playwright:
        page = Path(scratch) / "report.html"
        command = [sys.executable, "-m", "brentwatch", "replay", "catalogue", "--report", str(page)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for screen in SCREENS:
            (folder / screen.name).write_bytes(_reduce_colours(_draw_screen(browser, page, screen)))
        browser.close()


def _draw_screen(browser: Browser, page: Path, screen: Screen) -> bytes:
    with browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        color_scheme=screen.scheme,
        device_scale_factor=screen.dots,
        java_script_enabled=False,
    ) as context:
        shown = context.new_page()
        shown.goto(page.as_uri())
        return shown.screenshot()


def _reduce_colours(picture: bytes) -> bytes:
    """The same picture with few colours, which takes a third of the bytes."""
    from PIL import Image

    out = io.BytesIO()
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    draw_pictures(DOCS)
