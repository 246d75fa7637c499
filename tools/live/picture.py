"""Record what `make live` shows: `python -m tools.live.picture docs/gallery/live.svg`.

It runs in a terminal of its own with 100 columns, and gets Ctrl-C once all is shown. The recording is an SVG
without scripts, and without fonts from elsewhere. A line appears when the run wrote it, but long waits are
shortened; then the whole screen stays for a while, and it begins again. Without animations the whole screen
is there from the start.
"""

from __future__ import annotations

import io
import os
import pty
import re
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text
from tools.live.show import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_WAIT_SECONDS = 0.7
"""A longer wait between two lines takes this time in the recording."""

READING_SECONDS = 20.0
"""How long the whole screen stays."""

_LAST = "Ctrl-C ends all of it."
_CTRL_C = b"\x03"
_ROW = re.compile(r'(<text) class="([^"]*" [^>]*clip-path="url\(#live-line-(\d+)\)")')
_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>A run of make live in a terminal</title>
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px;
}}
{styles}
/* times */
@media (prefers-reduced-motion: reduce) {{ text {{ animation: none !important }} }}
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


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line in its colours, and the seconds after which the run wrote it."""

    seconds: float
    text: str


def capture() -> list[ShownLine]:
    """What a run shows at a terminal, from its start to its end."""
    began = time.monotonic()
    child, terminal = pty.fork()
    if child == 0:
        os.environ.pop("NO_COLOR", None)
        os.execv(sys.executable, [sys.executable, "-W", "ignore", "-m", "tools.live"])  # noqa: S606 - ourselves
    lines, rest, is_asked = list[ShownLine](), b"", False
    while chunk := _read(terminal):
        *whole, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        seconds = time.monotonic() - began
        lines += [ShownLine(seconds, line.decode().replace("^C", "")) for line in whole]
        if not is_asked and any(_LAST in line.text for line in lines):
            is_asked = True
            os.write(terminal, _CTRL_C)
    os.waitpid(child, 0)
    return lines


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""


def draw(shown: Sequence[ShownLine]) -> str:
    """The recording of these lines in a terminal, with the command before them."""
    lines = [ShownLine(0.0, "$ make live"), *shown]
    while not lines[-1].text.strip():
        lines.pop()
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi("\n".join(line.text for line in lines)))
    svg = console.export_svg(title="make live", code_format=_FORMAT, unique_id="live")
    moments = shorten_waits([line.seconds for line in lines])
    timed = _ROW.sub(lambda found: f'{found[1]} class="at-{_name(moments[int(found[3])])} {found[2]}', svg)
    timed = timed.replace("/* times */", write_times(moments))
    return "\n".join(line.rstrip() for line in timed.splitlines()) + "\n"


def shorten_waits(seconds: Sequence[float]) -> list[float]:
    """The same moments with no wait that is longer than the longest one."""
    moments = [0.0]
    for before, after in pairwise(seconds):
        moments.append(moments[-1] + min(after - before, LONGEST_WAIT_SECONDS))
    return [round(each, 1) for each in moments]


def write_times(moments: Sequence[float]) -> str:
    """The rules by which what is written at a moment appears then; at the end all of it stays to be read."""
    whole = max(moments) + READING_SECONDS
    return "\n".join(
        f".at-{_name(each)} {{ animation: at-{_name(each)} {whole:.1f}s step-end infinite }}\n"
        f"@keyframes at-{_name(each)} {{ 0% {{ visibility: hidden }} "
        f"{100.0 * each / whole:.2f}% {{ visibility: visible }} }}"
        for each in sorted(set(moments))
        if each
    )


def _name(moment: float) -> str:
    return f"{round(10 * moment)}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(draw(capture()), encoding="utf-8")
