"""Texts that people read are plain English: the worst patterns do not come back."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

PLACES = (
    "README.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "Makefile",
    ".github", "docs", "deploy", "schemas", "services", "tools", "examples", "benchmarks",
)  # fmt: skip
"""The files with texts, and the folders whose files are searched."""

SUFFIXES = frozenset({"", ".md", ".py", ".json", ".yml", ".yaml", ".toml", ".ipynb", ".service", ".target"})
"""Kinds of files with texts. Recorded data (`.csv`, `.jsonl`) and pictures are left out."""

START = r"(?:^|(?<=[.;:!?|] )|(?<=[*#-] ))"
"""The beginning of a sentence."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words that are not plain, how to write them instead, and an example that is refused."""

    expression: str
    better: str
    example: str

    @property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.expression)


PATTERNS = (
    Pattern(r"(?i)(?<!`)\bwanted\b", "expected X", "event_id,date were wanted"),
    Pattern(r"(?i)(?<!`)\btold\b(?! apart)", "reported, shown, given, called", "The headline model is told."),
    Pattern(r"\b(?:is|are) said\b", "reported, recorded, shown", "a missing value is said, never filled in"),
    Pattern(r"(?i)\bbars? of (?:five|\d+) minutes?\b", "5-minute bars", "bars of five minutes"),
    Pattern(r"(?i)\bbeside (?:it|them)\b", "also, with, next to", "Beside it: adaptive-rank"),
    Pattern(r"cannot be excluded", "the move that the test can find", "moves under 8.5 % cannot be excluded"),
    Pattern(r"(?<![\w.)\]}/*?\\^$])\.\d+(?!\w|\.\w|[(*])", "0.05", "p = .05"),
    Pattern(r"(?i)\bwho(?:m|so)?ever\b", "name the subject: users, a program", "Whoever fails is left alone"),
    Pattern(rf"{START}(?:Who|Whose)\b(?![^.!]*\?)", "begin with the subject", "Who is turned away stops."),
    Pattern(rf"{START}Where (?!to\b)[^.?!:]*,", "if, when", "Where it is left out, the default counts."),
    Pattern(rf"{START}Of (?!course|the\b)", "begin with the subject", "Of a bare date the hour is unknown."),
    Pattern(r"(?i)\bwherever\b", "if, when, everywhere", "wherever the group stands"),
    Pattern(r"(?i)\bturned away\b", "refused", "one that is turned away"),
    Pattern(r"(?i)\bstands? with\b", "is counted for, belongs to", "day only, stands with two sessions"),
    Pattern(r"(?i)\bsiev(?:e|es|ed|ing)\b", "filter", "The screen sieves"),
    Pattern(r"(?i)\bin vain\b", "without success", "it waits in vain"),
    Pattern(r"(?i)\bever longer\b", "with exponential back-off", "left alone ever longer"),
    Pattern(r"(?i)\banew\b", "again", "measured anew"),
    Pattern(r"(?i)\blimits? of time\b", "timeout, time limit", "no limit of time"),
    Pattern(r"(?i)\bin uproar\b", "in the middle of protests", "the country was in uproar"),
    Pattern(r"(?i)\bknowable\b", "public, known", "after it was knowable"),
    Pattern(r"(?i)\bso many\b(?! (?:that|as)\b)", "that many, N, the number of", "for so many minutes"),
    Pattern(r"(?i)\bnoise alone\b", "normal range (95 %)", "noise alone: -4.0 to +4.5 %"),
    Pattern(r"(?i)\breal news left in\b", "including days with real news", "with real news left in"),
    Pattern(r"(?i)\bgates nothing\b", "for information only", "ADDIS at 0.05, which gates nothing"),
    Pattern(r"(?i)\bclos(?:e|ed|es)[ -]out\b", "final", "closed out: only a revised price can revise it"),
    Pattern(r"(?i)\bunseen below\b", "detectable from", "unseen below 8.5 %"),
    Pattern(r"(?i)\bbet on\b", "with a measured false-alarm rate", "alerts they can bet on"),
    Pattern(r"(?i)\bsame fold\b(?! in)", "the same code", "through the same fold"),
    Pattern(r"(?i)\bhowever often it\b", "at most 1 in 100 ever", "however often it is looked at"),
    Pattern(r"(?i)\bcounts? for nothing\b", "is ignored, does not count", "It counts for nothing."),
    Pattern(r"(?i)\bstanding by\b(?!,)", "a standby, ready", "restored, or standing by"),
    Pattern(r"(?i)\bNo restart opens\b", "a restart does not clear it", "No restart opens it"),
    Pattern(r"(?i)\bin spite of\b", "despite", "in spite of its number"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a file, without line breaks, and the line on which it begins."""

    line: int
    words: str


def files() -> Iterator[Path]:
    for place in PLACES:
        path = ROOT / place
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.is_file() and file.suffix in SUFFIXES and not hidden(file))


def hidden(file: Path) -> bool:
    """A file of a tool: byte-code, caches, what was built."""
    return any(part.startswith(("_build", "__pycache__", ".cache")) for part in file.relative_to(ROOT).parts)


def texts(file: Path) -> Iterator[Text]:
    content = file.read_text(encoding="utf-8")
    match file.suffix:
        case ".py":
            yield from python_texts(content)
        case ".ipynb":
            yield from notebook_texts(content)
        case ".md":
            newest = newest_part(content) if file.name == "CHANGELOG.md" else content
            yield from markdown_texts(newest)
        case _:
            yield from (Text(number, line) for number, line in enumerate(content.splitlines(), 1))


def python_texts(content: str) -> Iterator[Text]:
    """The string literals and docstrings, f-strings with dots for each value, and the comments."""
    parts: set[int] = set()
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            parts |= {id(node.format_spec), *map(id, ast.walk(node.format_spec))}
        elif isinstance(node, ast.JoinedStr) and id(node) not in parts:
            parts |= {id(part) for part in node.values}
            words = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "..." for part in node.values
            )
            yield from paragraphs(node.lineno, words)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            if node.value.isidentifier():
                continue
            yield from paragraphs(node.lineno, node.value)
    for token in tokenize.generate_tokens(io.StringIO(content).readline):
        if token.type == tokenize.COMMENT:
            yield Text(token.start[0], token.string)


def markdown_texts(content: str) -> Iterator[Text]:
    """The paragraphs; code in Python keeps its own way of numbers, and links are no words."""
    prose = re.sub(
        r"```(?:python|toml)\n.*?```", lambda code: "\n" * code[0].count("\n"), content, flags=re.S
    )
    prose = re.sub(r"\]\([^)\s]*\)", "]", prose)
    yield from paragraphs(1, prose)


def notebook_texts(content: str) -> Iterator[Text]:
    """Markdown, code and printed text of the cells; pictures and HTML are left out."""
    for number, cell in enumerate(json.loads(content)["cells"], 1):
        source = "".join(cell["source"])
        found = python_texts(source) if cell["cell_type"] == "code" else markdown_texts(source)
        yield from (Text(number, text.words) for text in found)
        for output in cell.get("outputs", ()):
            printed = output.get("text") or output.get("data", {}).get("text/plain", "")
            yield from (Text(number, text.words) for text in paragraphs(number, "".join(printed)))


def newest_part(changelog: str) -> str:
    """Down to the second version."""
    return "\n## [".join(changelog.split("\n## [")[:2])


def paragraphs(line: int, words: str) -> Iterator[Text]:
    """Paragraphs, list items and table rows, each in one line, since a sentence may be broken anywhere."""
    pending: list[str] = []
    begun = line
    for number, part in enumerate(words.split("\n"), line):
        stripped = part.strip()
        if not stripped or re.match(r"[*#|-]|\d+\. ", stripped):
            yield from ([Text(begun, " ".join(pending))] if pending else [])
            pending, begun = [], number
        if stripped:
            pending.append(stripped)
    yield from ([Text(begun, " ".join(pending))] if pending else [])


def findings(text: Text) -> Iterator[str]:
    for pattern in PATTERNS:
        for found in pattern.compiled.finditer(text.words):
            around = text.words[max(0, found.start() - 40) : found.end() + 40]
            yield f"{text.line}: {found[0]!r} -> {pattern.better}: …{around}…"


def findings_of(file: Path) -> list[str]:
    return [finding for text in texts(file) for finding in findings(text)]


def test_no_text_has_one_of_the_patterns() -> None:
    found = [f"{file.relative_to(ROOT)}:{one}" for file in files() for one in findings_of(file)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.expression)
def test_each_pattern_is_found_in_its_example(pattern: Pattern) -> None:
    assert pattern.compiled.search(pattern.example)


@pytest.mark.parametrize(
    "words",
    [
        "expected a number from 0 to 1, got 1.5: correct it",
        "p = 0.05, size 0.0502 ± 0.0013, version 3.0.12, history.toml and *.csv",
        "The options .csv and .jsonl.",
        "The two kinds are told apart by their key.",
        "Who is on call? Whose prices are these?",
        "## Where to begin",
        "Of the sessions of the catalogue, four alert.",
        "so many that each of 220 is an alert",
    ],
)
def test_plain_words_are_accepted(words: str) -> None:
    assert list(findings(Text(1, words))) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("docstring.py", '"""The model\nis told."""'),
        ("error.py", 'raise ValueError(f"{name} was wanted, not {value:.3f}")'),
        ("pieces.py", 'TEXT = (\n    "no price was "\n    "wanted"\n)'),
        ("comment.py", "size = 1  # p = .05"),
        ("page.md", "A sentence that is\ntold in two lines."),
        ("table.md", "| model | size |\n|---|---|\n| garch-t | .0502 |"),
        ("item.md", "* Where it is left out, the default counts."),
        ("output.md", "```\nadaptive-rank p .41\n```"),
        ("some.schema.json", '{"description": "The share of p at or below .05."}'),
        ("rules.yml", "summary: the operator is told"),
        ("Makefile", "fits: ## fit every month anew"),
        ("own.ipynb", '{"cells": [{"cell_type": "markdown", "source": ["The price\\n", "was wanted"]}]}'),
        (
            "printed.ipynb",
            '{"cells": [{"cell_type": "code", "source": [], "outputs": [{"text": ["p .41"]}]}]}',
        ),
    ],
)
def test_a_pattern_is_found_in(name: str, content: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    assert len(findings_of(file)) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("figure.py", 'HALF = .5\nprint(f"{HALF:.1f}")'),
        ("code.md", "```python\nhalf = .5\n```"),
        ("link.md", "See [the page](docs/anew/told.md)."),
        ("CHANGELOG.md", "# Changelog\n\n## [2]\n\n- plain\n\n## [1]\n\n- told\n"),
        (
            "picture.ipynb",
            '{"cells": [{"cell_type": "code", "source": ["a = .5"], "outputs": [{"data": {}}]}]}',
        ),
    ],
)
def test_what_nobody_reads_as_prose_is_left_out(name: str, content: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    assert findings_of(file) == []


def test_every_kind_of_text_is_searched() -> None:
    searched = {str(file.relative_to(ROOT)) for file in files()}
    assert {
        "README.md",
        "docs/alerts.md",
        "deploy/Dockerfile",
        "deploy/prometheus/rules/brentwatch.yml",
        "deploy/grafana/dashboards/desk.json",
        "schemas/alert.v2.schema.json",
        "services/README.md",
        "services/brentwatch/cli.py",
        "services/brentwatch/history/data/abqaiq-2019/history.toml",
        "examples/read_alerts.py",
        "tools/shape.py",
        "benchmarks/fold.py",
    } <= searched
