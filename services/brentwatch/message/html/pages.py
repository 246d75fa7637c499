"""The way to make an HTML page: Jinja2, which cleans and escapes every text, and one style for all pages.

A page is one file without scripts, links to files or fonts; its charts are SVG in it. A room that has a page
keeps its templates in its own folder `templates`; they extend `base.html.j2` here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from brentwatch import __version__
from brentwatch.message.foreign import clean, is_web_address

if TYPE_CHECKING:
    from jinja2 import Environment

_BETWEEN_TAGS = re.compile(r"\n\s*")


def make_environment(package: str) -> Environment:
    """The templates of a package and those of all pages.

    Every text is cleaned and escaped where it is written. What a template is not given is an error.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    shared = PackageLoader("brentwatch.message.html")
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), shared]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean_text,
    )
    environment.tests["web_address"] = is_web_address
    return environment


def _clean_text(value: Any) -> Any:
    """What a template writes: texts without control characters, other values and markup as they are."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def render_page(package: str, template: str, **values: Any) -> str:
    """The page as a text. The same values give the same text; a number stays with its percent sign."""
    page = make_environment(package).get_template(template).render(version=__version__, **values)
    return _BETWEEN_TAGS.sub("\n", page).replace(" %", "\N{NO-BREAK SPACE}%").strip() + "\n"
