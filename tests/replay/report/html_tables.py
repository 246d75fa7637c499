"""Reads the tables of a page: by its caption, each row as texts by the titles of the columns."""

from __future__ import annotations

from html.parser import HTMLParser


def read_tables(page: str) -> dict[str, list[dict[str, str]]]:
    """The tables by caption; of several with the same caption, the last one. Spaces may break."""
    reader = _Reader()
    reader.feed(page.replace("\N{NO-BREAK SPACE}", " "))
    return reader.tables


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[dict[str, str]]] = {}
        self.rows: list[list[str]] = []
        self.caption = ""
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.rows, self.caption = [], ""
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")
            self.inside = "cell"
        elif tag == "caption":
            self.inside = "caption"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td", "caption"):
            self.inside = ""
        elif tag == "table":
            titles, *rows = self.rows
            self.tables[self.caption] = [dict(zip(titles, row, strict=True)) for row in rows]

    def handle_data(self, data: str) -> None:
        if self.inside == "cell":
            self.rows[-1][-1] += data.strip()
        elif self.inside == "caption":
            self.caption += data
