"""`make record`: writes the scores of the bundled prices into docs/record.md.

    python -m benchmarks.scored_record

It records every session of the bundled catalogue, and scores the record. It takes about a minute. Run it
after `make fits` and `make calibration`, and if the catalogue or the rules have changed; a test in
`tests/calibration` fails when it is due.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.commands.record.contents import gather_contents
from brentwatch.commands.record.sections import build_sections, write_markdown
from brentwatch.core.domain import BRENT_SPOT
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.replay.scored_record import build_header, clear_warmup, record_signals

if TYPE_CHECKING:
    from brentwatch.wire.record_line import Line

PAGE = Path(__file__).parents[1] / "docs" / "record.md"
BEGIN, END = "<!-- scores: written by make record -->\n", "<!-- end of scores -->\n"


def main() -> int:
    """Rewrite the scores of the page and print them."""
    before, _, after = split_page(PAGE.read_text(encoding="utf-8"))
    scores = write_scores()
    PAGE.write_text(before + scores + after, encoding="utf-8")
    print(scores, end="")
    return 0


def split_page(text: str) -> tuple[str, str, str]:
    """The page before its scores, the scores, and what follows them."""
    before, begin, rest = text.partition(BEGIN)
    scores, end, after = rest.partition(END)
    return before + begin, scores, end + after


def record_bundled() -> list[Line]:
    """The lines of the record of every session of the bundled prices."""
    instrument = replace(BRENT_SPOT, alerts=True)
    signals = clear_warmup(find_history("catalogue").signals)
    return [build_header(instrument), *record_signals(build_rules(instrument), signals)]


def write_scores() -> str:
    """The scores of the bundled record as Markdown."""
    sections = build_sections(gather_contents(record_bundled()))
    return "\n" + "\n".join(write_markdown(sections))


if __name__ == "__main__":
    sys.exit(main())
