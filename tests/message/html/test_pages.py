"""Pages: everything is escaped, a missing value is an error, links lead to the web alone."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from brentwatch.message.foreign import is_web_address
from brentwatch.message.html.page_tables import PageCell, PageLink, PageRow, PageTable
from brentwatch.message.html.pages import make_environment

HOSTILE = "<b>\"'&\u202e\x1b[31m\n{{ 7*7 }}"
CLEANED = "&lt;b&gt;&#34;&#39;&amp;[31m {{ 7*7 }}"


def draw(table: PageTable) -> str:
    page = make_environment("brentwatch.message.html")
    return page.from_string('{% from "tables.html.j2" import draw_table %}{{ draw_table(table) }}').render(
        table=table
    )


def test_every_text_of_a_table_is_cleaned_and_escaped() -> None:
    cells: dict[str, PageCell] = {
        HOSTILE: HOSTILE,
        f"{HOSTILE}#": [HOSTILE, PageLink(text=HOSTILE, address="https://example.org/?a=1&b=<i>")],
    }
    shown = draw(PageTable(caption=HOSTILE, rows=[PageRow(cells=cells)]))

    assert shown.count(CLEANED) == 7
    assert "<b>" not in shown
    assert "\u202e" not in shown.replace(HOSTILE, "")
    assert 'href="https://example.org/?a=1&amp;b=&lt;i&gt;" rel="noreferrer noopener"' in shown


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//example.org",
        "https://",
        "https://exa mple.org",
        "https://example.org/\u202e",
        "http://[",
        "file:///etc/passwd",
        "a newspaper",
        "",
    ],
)
def test_what_is_no_address_of_the_web_stays_a_text(address: str) -> None:
    table = PageTable(caption="", rows=[PageRow(cells={"a": PageLink(text="x", address=address)})])

    assert not is_web_address(address)
    assert "href" not in draw(table)


def test_an_address_of_the_web_is_one() -> None:
    assert is_web_address("https://example.org/a?b=c#d")
    assert is_web_address("http://example.org")


def test_a_row_with_other_columns_is_an_error() -> None:
    rows = [PageRow(cells={"a": "1", "b": "2"}), PageRow(cells={"b": "2", "a": "1"})]
    with pytest.raises(ValueError, match="other columns"):
        PageTable(caption="", rows=rows)


def test_a_value_that_a_template_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="nothing"):
        make_environment("brentwatch.message.html").from_string("{{ nothing }}").render()
