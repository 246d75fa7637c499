"""The code blocks of README and docs/, and how each is proven.

A block is run unless a comment before it says otherwise:

* `<!-- kafka -->`: it needs a broker; its commands are read here and run by the tests in `tests/kafka/`.
* `<!-- template: reason -->`: it has placeholders or asks a server elsewhere. The reason names the test that
  runs such commands on a stub; the commands, options and files of the block must exist.
* `<!-- no-run: reason -->`: nothing here can run it; at most six.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = (
    *(
        "README.md",
        "CODE_OF_CONDUCT.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "deploy/README.md",
        "services/README.md",
    ),
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").glob("*.md"))),
)
PROVEN_ELSEWHERE = {
    "docs/operations.md": "tests/kafka/test_operations_page.py",
    "docs/runbook.md": "tests/deploy/test_runbook.py",
    "docs/upgrading.md": "tests/kafka/test_upgrade_notes.py",
}
"""Pages whose `sh` blocks a test of their own runs or reads."""

SHELL = ("sh", "bash")
PYTHON = ("python", "py")
SETTINGS = ("toml", "ini", "properties")
OUTPUT = ("", "text", "promql")
_FENCE = re.compile(
    r"^(?:<!-- (?P<mark>kafka|template|no-run)(?:: (?P<reason>.+?))? -->\n)?"
    r"^```(?P<language>[\w-]*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """One block: where it stands, its language, its text, and what the comment before it says."""

    page: str
    line: int
    language: str
    text: str
    mark: str
    reason: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def is_run(self) -> bool:
        """True if it is a block of commands that the sandbox runs."""
        return self.language in SHELL and not self.mark and self.page not in PROVEN_ELSEWHERE


def read_blocks() -> list[CodeBlock]:
    """The blocks of all pages, in their order."""
    return [block for page in PAGES for block in _read_page(page)]


def _read_page(page: str) -> list[CodeBlock]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        CodeBlock(
            page=page,
            line=text.count("\n", 0, found.start()) + 1,
            language=found["language"],
            text=found["text"],
            mark=found["mark"] or "",
            reason=found["reason"] or "",
        )
        for found in _FENCE.finditer(text)
    ]
