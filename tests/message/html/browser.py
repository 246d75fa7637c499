"""A page in a real browser: Debian's Chromium, driven by playwright, with axe-core.

    with open_browser() as browser:
        prove_page(browser, path)

Without the program `chromium` the test is skipped by name.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from tests.deploy.prometheus_server import need_programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser, Page

Scheme = Literal["light", "dark"]

CHROMIUM = "chromium"
WIDTHS = (390, 820, 1280)
"""A phone, a tablet, a desktop; in CSS pixels."""

SCHEMES: Sequence[Scheme] = ("light", "dark")

_HEIGHT = 844
_WITH_AXE: Sequence[tuple[int, Scheme]] = ((WIDTHS[0], "dark"), (WIDTHS[-1], "light"))
_IS_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_CUT = """[...document.querySelectorAll('svg')].flatMap(svg => {
  const box = svg.getBoundingClientRect()
  if (box.width === 0) return []
  return [...svg.querySelectorAll('text, path.mark, rect')].filter(part => {
    const inner = part.getBoundingClientRect()
    return inner.left < box.left - 1 || inner.right > box.right + 1
      || inner.top < box.top - 1 || inner.bottom > box.bottom + 1
  }).map(part => (svg.querySelector('title') || svg).textContent + ': ' + part.outerHTML)
})"""
_COLLIDING = """[...document.querySelectorAll('svg.plot')].flatMap(svg => {
  const texts = [...svg.querySelectorAll('text')].map(text => [text, text.getBoundingClientRect()])
  return texts.flatMap(([one, a], at) => texts.slice(at + 1).filter(([other, b]) =>
    a.width && b.width && a.left < b.right - 1 && b.left < a.right - 1
      && a.top < b.bottom - 3 && b.top < a.bottom - 3
  ).map(([other]) => `${svg.querySelector('title').textContent}: ${one.textContent} / ${other.textContent}`))
})"""

_FOLDED = """[...document.querySelectorAll('details:not(.prices) li')]
  .filter(each => each.getBoundingClientRect().height === 0).map(each => each.textContent)"""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Chromium, closed at the end."""
    need_programs(CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def open_page(
    browser: Browser, path: Path, width: int, scheme: Scheme, *, scripts: bool = False
) -> Iterator[Page]:
    """The page at a width, in light or dark; whatever it asks for beside itself fails the test."""
    with browser.new_context(
        viewport={"width": width, "height": _HEIGHT},
        color_scheme=scheme,
        java_script_enabled=scripts,
        bypass_csp=scripts,
    ) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        yield page
        assert asked == [path.as_uri()]


def prove_page(browser: Browser, path: Path, *, with_axe: bool = True) -> None:
    """Without scripts it has its look at each width, in light and in dark; nothing is cut, nothing collides.

    axe-core looks at the narrowest page in dark and at the widest in light, and finds no violation; it takes
    half a minute for a megabyte, so a large page may go without.
    """
    for width in WIDTHS:
        for scheme in SCHEMES:
            prove_look(browser, path, width, scheme)
        with open_page(browser, path, width, "light", scripts=True) as page:
            prove_room(page, f"{path.name} at {width} px")
    for width, scheme in _WITH_AXE if with_axe else ():
        with open_page(browser, path, width, scheme, scripts=True) as page:
            prove_access(page, f"{path.name} at {width} px, {scheme}")


def prove_room(page: Page, where: str) -> None:
    """The page is no wider than the screen; in a chart, nothing is cut and no two texts collide."""
    assert page.evaluate(_IS_WIDER) == 0, f"{where}: wider than the screen"
    assert page.evaluate(_CUT) == [], where
    assert page.evaluate(_COLLIDING) == [], where


def prove_access(page: Page, where: str) -> None:
    """axe-core finds no violation: contrast, names, order of headings, tables and the rest of its rules."""
    found = Axe().run(page)
    assert found.violations_count == 0, f"{where}:\n{found.generate_report()}"


def prove_look(browser: Browser, path: Path, width: int, scheme: Scheme) -> None:
    """Without scripts, the page has its ground in the scheme and shows its heading."""
    with open_page(browser, path, width, scheme) as page:
        assert page.get_by_role("heading", level=1).is_visible()
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        red = int(ground.removeprefix("rgb(").split(",")[0])
        assert red > 200 if scheme == "light" else red < 60, ground


def print_page(browser: Browser, path: Path) -> bytes:
    """The page as a PDF of A4, from a screen that is dark: on paper it is light, and hides no words.

    What is folded on the screen is open on paper, but for lists of prices.
    """
    with open_page(browser, path, WIDTHS[-1], "dark", scripts=True) as page:
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate(_FOLDED) == []
        return page.pdf(format="A4")
