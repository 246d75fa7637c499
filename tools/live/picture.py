"""Draw what `make live` shows: `python -m tools.live.picture docs/live.svg`.

It runs in a terminal of its own with 100 columns, gets Ctrl-C once all is shown, and becomes an SVG without
fonts from elsewhere.
"""

from __future__ import annotations

import io
import os
import pty
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text
from tools.live.show import WIDTH

_LAST = "Ctrl-C ends all of it."
_CTRL_C = b"\x03"
_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>What make live shows in a terminal</title>
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def capture() -> str:
    """What a run shows at a terminal, from its start to its end."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.pop("NO_COLOR", None)
        os.execv(sys.executable, [sys.executable, "-W", "ignore", "-m", "tools.live"])  # noqa: S606 - ourselves
    shown, is_asked = b"", False
    while chunk := _read(terminal):
        shown += chunk
        if _LAST.encode() in shown and not is_asked:
            is_asked = True
            os.write(terminal, _CTRL_C)
    os.waitpid(child, 0)
    return shown.decode().replace("\r\n", "\n").replace("^C", "")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""


def draw(shown: str) -> str:
    """The picture of a terminal with this in it."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(f"$ make live\n{shown.strip()}\n"))
    svg = console.export_svg(title="make live", code_format=_FORMAT, unique_id="live")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(draw(capture()), encoding="utf-8")
