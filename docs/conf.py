"""The documentation site, made of the Markdown that GitHub shows: `make docs` writes it to .cache/docs."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "services"))

import brentwatch  # noqa: E402 - found by the line above

project = "brentwatch"
author = "The brentwatch maintainers"
release = brentwatch.__version__
html_title = f"brentwatch {release}"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
# The root of the repository is the source, so that a link between two pages is the same on GitHub and here.
include_patterns = [
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"),
    *("docs/*.md", "docs/gallery/*.md", "deploy/README.md", "deploy/THIRD-PARTY.md", "services/README.md"),
    "examples/*.ipynb",
]
exclude_patterns = [".venv", ".cache", ".git", "services/brentwatch", "tests", "**/.ipynb_checkpoints"]
root_doc = "docs/index"

myst_heading_anchors = 4
nb_execution_mode = "off"  # a test runs the notebooks
highlight_language = "none"
autodoc_typehints = "description"
default_role = "code"  # of `names` in docstrings
nitpick_ignore_regex = [("py:.*", ".*")]  # the types of other projects; links between pages are checked

html_theme = "furo"
html_static_path = ["site/site.css"]
html_extra_path = ["site/index.html"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_show_copyright = False

_CHAPTER = re.compile(r"^## (.+)$|^\* \[[^]]+\]\((.+?)\.(?:md|ipynb)\)", re.MULTILINE)
_API = "<!-- api -->"


def add_contents(app: Sphinx, page: str, source: list[str]) -> None:
    """Give the index a table of contents made of its own lists, and the page of the API its functions."""
    if page == root_doc:
        source[0] += "".join(_write_toctrees(source[0]))
    if page == "docs/api":
        names = [name for name in brentwatch.__all__ if not name.startswith("_")]
        names.sort(key=lambda name: (isinstance(getattr(brentwatch, name), type), name))
        source[0] = source[0].replace(_API, "\n\n".join(map(_write_entry, names)))


def _write_toctrees(text: str) -> list[str]:
    """A hidden table of contents for each chapter, with its pages."""
    chapters: dict[str, list[str]] = {}
    for heading, target in _CHAPTER.findall(text):
        if heading:
            chapters[heading] = []
        else:
            chapters[list(chapters)[-1]].append(target)
    return [
        "\n```{toctree}\n:hidden:\n:caption: " + chapter + "\n\n" + "\n".join(pages) + "\n```\n"
        for chapter, pages in chapters.items()
    ]


def _write_entry(name: str) -> str:
    """The directive that writes the signature and the docstring of a public name."""
    is_class = isinstance(getattr(brentwatch, name), type)
    kind, members = ("autoclass", "\n   :members:") if is_class else ("autofunction", "")
    directive = f".. {kind}:: brentwatch.{name}{members}"
    return f"## `{name}`\n\n```{{eval-rst}}\n{directive}\n```"


def setup(app: Sphinx) -> None:
    """Register the step above."""
    app.connect("source-read", add_contents)
