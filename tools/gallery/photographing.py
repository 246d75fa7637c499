"""Pages photographed by Chromium. A picture is marked by what it was drawn from, so a test finds old ones."""

from __future__ import annotations

import io
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).parents[2] / "docs" / "gallery"
_MARK, _AREAS, _OTHERS = "drawn-from", 24, 64
_PACKED = np.array([1 << 16, 1 << 8, 1])
"""Red, green and blue as one number."""

_PICTURE, _LONG_NUMBER = re.compile(r"data:image/png;base64,[\w+/=]+"), re.compile(r"(\d\.\d{4})\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen in CSS pixels; `dots` is the number of dots for each of them."""

    width: int
    height: int = 100
    scheme: Literal["light", "dark"] = "light"
    dots: float = 1.6


class Photographer:
    """Takes pictures with one browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @contextmanager
    def show(self, page: Path, screen: Screen) -> Iterator[Page]:
        """A page on a screen; no script of it runs."""
        with self._browser.new_context(
            viewport={"width": screen.width, "height": screen.height},
            color_scheme=screen.scheme,
            device_scale_factor=screen.dots,
            java_script_enabled=False,
        ) as context:
            shown = context.new_page()
            shown.goto(page.as_uri())
            yield shown

    def draw(self, page: str, screen: Screen) -> bytes:
        """A whole page."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "page.html"
            path.write_text(page, encoding="utf-8")
            with self.show(path, screen) as shown:
                return shown.screenshot(full_page=True)


@contextmanager
def open_browser() -> Iterator[Photographer]:
    """Chromium, until the context ends."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield Photographer(browser)
        browser.close()


def save_picture(path: Path, picture: bytes, drawn_from: str) -> None:
    """Write a picture with few colours, which takes a third of the bytes, and what it was drawn from."""
    mark = PngInfo()
    mark.add_text(_MARK, drawn_from)
    small = _reduce_colours(Image.open(io.BytesIO(picture)).convert("RGB"))
    small.save(path, "png", optimize=True, pnginfo=mark)


def _reduce_colours(image: Image.Image) -> Image.Image:
    """The colours of the largest areas stay as they are; each other one becomes the nearest of few."""
    counted = sorted(image.getcolors(image.width * image.height) or [], reverse=True)
    found = np.array([colour for _, colour in counted])
    others = np.array(image.quantize(_OTHERS, Image.Quantize.FASTOCTREE).getpalette()).reshape(-1, 3)
    palette = np.concatenate([found[:_AREAS], others])
    nearest = np.square(found[:, None, :] - palette).sum(axis=2).argmin(axis=1)
    places = np.zeros(1 << 24, dtype=np.uint8)
    places[found @ _PACKED] = nearest
    small = Image.fromarray(places[np.asarray(image, dtype=np.int64) @ _PACKED])
    small.putpalette(palette.astype(np.uint8).tobytes())
    return small


def make_fingerprint(text: str) -> str:
    """What tells two texts apart; the last digits of numbers and the dots of a chart, by machine, do not."""
    return sha256(_LONG_NUMBER.sub(r"\1", _PICTURE.sub("chart", text)).encode()).hexdigest()


def read_mark(path: Path) -> str:
    """What a picture was drawn from; empty if it does not say."""
    with Image.open(path) as image:
        return str(image.info.get(_MARK, ""))
