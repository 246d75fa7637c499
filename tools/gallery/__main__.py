"""Draws docs/gallery: `python -m tools.gallery`, or only `python -m tools.gallery channels report`.

Each part shows what users run. Chromium photographs pages; the parts `dashboards` and `live` start a real
broker (Java 17 and Maven), and `dashboards` a real Prometheus as well.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tools.gallery.drawing import DRAWINGS, WIDTH
from tools.gallery.notebook_pages import build_site, save_notebooks
from tools.gallery.photographing import FOLDER, Screen, make_fingerprint, open_browser, save_picture
from tools.gallery.sending import list_alerts, send_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[2]
DASHBOARDS = ("desk", "health")
REPORT_SCREENS = {
    "report-desktop.png": Screen(width=1280, height=880, dots=1.25),
    "report-phone.png": Screen(width=390, height=844, scheme="dark", dots=1.25),
}


def draw_channels() -> None:
    """The alert of Abqaiq as each channel shows it.

    All is sent before the browser opens, whose event loop would be in the way of the mail server.
    """
    pages = {}
    for drawing in DRAWINGS:
        with TemporaryDirectory() as folder:
            pages[drawing.channel] = drawing.write_page(send_thread(drawing.way, list_alerts(), Path(folder)))
    with open_browser() as photographer:
        for channel, page in pages.items():
            picture = photographer.draw(page, Screen(width=WIDTH))
            save_picture(FOLDER / f"{channel}.png", picture, make_fingerprint(page))


def draw_report() -> None:
    """The first screen of the report of the catalogue, on a desktop in light and on a phone in dark."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        run_python("-m", "brentwatch", "replay", "catalogue", "--report", str(path))
        mark = make_fingerprint(find_first_screen(path.read_text(encoding="utf-8")))
        with open_browser() as photographer:
            for name, screen in REPORT_SCREENS.items():
                with photographer.show(path, screen) as shown:
                    save_picture(FOLDER / name, shown.screenshot(), mark)


def find_first_screen(report: str) -> str:
    """The text of the first part of a report: the title, the verdict, and the alerts."""
    first = report[report.index("<header>") : report.index('<section aria-labelledby="quality">')]
    return re.sub(r"<[^>]*>", " ", first)


def draw_notebooks() -> None:
    """The result of each notebook, as the documentation site shows it."""
    build_site()
    with open_browser() as photographer:
        save_notebooks(photographer)


def draw_dashboards() -> None:
    """Previews of the dashboards, from a real run."""
    with TemporaryDirectory() as folder:
        run_python("-W", "ignore", "-m", "tests.kafka.stage", folder)
        for name in DASHBOARDS:
            picture = (Path(folder) / f"{name}.png").read_bytes()
            save_picture(FOLDER / f"{name}.png", picture, mark_dashboard(name))


def mark_dashboard(name: str) -> str:
    """What the preview of a dashboard is drawn from."""
    path = ROOT / "deploy" / "grafana" / "dashboards" / f"{name}.json"
    return make_fingerprint(path.read_text(encoding="utf-8"))


def draw_live() -> None:
    """The recording of `make live`."""
    run_python("-m", "tools.live.picture", str(FOLDER / "live.svg"))


def run_python(*words: str) -> None:
    """Run a command of the project, whose output is not shown."""
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


PARTS: dict[str, Callable[[], None]] = {
    "channels": draw_channels,
    "report": draw_report,
    "notebooks": draw_notebooks,
    "live": draw_live,
    "dashboards": draw_dashboards,
}


def main(words: Sequence[str]) -> int:
    """Draw the parts that are named, by default all, and print how long each took."""
    if unknown := set(words) - PARTS.keys():
        print(f"expected parts out of {', '.join(PARTS)}, got {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    for name in words or PARTS:
        began = time.monotonic()
        PARTS[name]()
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
