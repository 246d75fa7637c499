"""The gallery shows what the product sends today: every channel, every text, and nothing that could act."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import pytest
from tests.notify.channels.receptions import RECEPTIONS
from tests.notify.channels.test_every_way import HOSTILE
from tools.gallery.__main__ import DASHBOARDS, mark_dashboard
from tools.gallery.drawing import DRAWINGS, Drawing
from tools.gallery.notebook_pages import NOTEBOOKS
from tools.gallery.photographing import FOLDER, make_fingerprint, read_mark
from tools.gallery.sending import Received, list_alerts, send_thread

from brentwatch.notify.channels.table import CHANNELS

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PAGE = (FOLDER / "index.md").read_text(encoding="utf-8")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
MOST_BYTES = 1_500_000
OF_DOCUMENTS = ("jsonl", "webhook")
BY_CHANNEL = pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.channel)


class Reader(HTMLParser):
    """The text of a page, and its elements with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.text += "\n" if tag == "br" else ""

    def handle_data(self, data: str) -> None:
        self.text += data


@cache
def receive(way: str) -> Received:
    with TemporaryDirectory() as folder:
        return send_thread(way, list_alerts(), Path(folder))


@cache
def write_page(drawing: Drawing) -> str:
    return drawing.write_page(receive(drawing.way))


def test_every_channel_is_drawn_and_has_its_place_on_the_page() -> None:
    assert {drawing.channel for drawing in DRAWINGS} == set(CHANNELS)
    assert {f"{channel}.png" for channel in CHANNELS} <= {name for _, name in PICTURE.findall(PAGE)}


@BY_CHANNEL
def test_a_picture_is_of_what_would_be_drawn_today(drawing: Drawing) -> None:
    mark = read_mark(FOLDER / f"{drawing.channel}.png")

    assert mark == make_fingerprint(write_page(drawing)), "make gallery PARTS=channels draws it again"


@BY_CHANNEL
def test_what_readers_see_of_the_newest_message_is_drawn(drawing: Drawing) -> None:
    text = Reader(write_page(drawing)).text
    newest = receive(drawing.way).texts[-1]

    if drawing.channel in OF_DOCUMENTS:
        texts = list_texts(json.loads(newest))
        text = text.replace("\\n\n", "\\n")
        assert [each for each in texts if json.dumps(each, ensure_ascii=False) not in text] == []
    else:
        lines = click.unstyle(newest).split("\n")
        assert len(lines) > 6
        assert [line for line in lines if line not in text] == []


def list_texts(value: object) -> list[str]:
    """Every text in a document."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for each in value.values() for text in list_texts(each)]
        case list():
            return [text for each in value for text in list_texts(each)]
    return []


@BY_CHANNEL
def test_hostile_text_is_drawn_as_text(drawing: Drawing, tmp_path: Path) -> None:
    kind = "in the headline" if drawing.channel in OF_DOCUMENTS else "in all words"
    with RECEPTIONS[drawing.way](tmp_path) as reception:
        reception.channel.send(HOSTILE[kind])
        page = drawing.write_page(Received(list(reception.received()), reception.show()))
    read = Reader(page)

    assert "evil.example.org" in read.text
    assert read.tags.count("b") <= 3
    assert {"script", "a", "iframe", "link", "object", "form"}.isdisjoint(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    sources = [value for name, value in read.attributes if name in ("src", "href")]
    assert all(value and value.startswith("data:image/png;base64,") for value in sources)


@BY_CHANNEL
def test_nothing_of_the_test_that_made_it_is_on_a_page(drawing: Drawing) -> None:
    page = write_page(drawing)

    assert not re.search(r"127\.0\.0\.1|localhost|open-sesame|canary|/tmp/", page)
    assert "rawn by brentwatch" in Reader(page).text


def test_the_dashboards_are_those_that_are_drawn_today() -> None:
    marks = {name: read_mark(FOLDER / f"{name}.png") for name in DASHBOARDS}

    assert marks == {name: mark_dashboard(name) for name in DASHBOARDS}, "make previews draws them again"


def test_the_notebooks_are_as_they_are_today_and_linked() -> None:
    marks = {part.name: read_mark(FOLDER / f"{part.name}.png") for part in NOTEBOOKS}

    assert marks == {part.name: part.mark for part in NOTEBOOKS}, (
        "make gallery PARTS=notebooks draws them again"
    )
    assert {f"{part.name}.ipynb" for part in NOTEBOOKS} == {each.name for each in EXAMPLES.glob("*.ipynb")}
    assert all(f"](../../examples/{part.name}.ipynb)" in PAGE for part in NOTEBOOKS)


def test_every_picture_is_there_and_described_and_every_file_is_used() -> None:
    pictures = PICTURE.findall(PAGE)
    names = [name for _, name in pictures]

    assert all(len(told) > 30 for told, _ in pictures)
    assert sorted([*names, "index.md"]) == sorted(each.name for each in FOLDER.iterdir())
    assert sum(each.stat().st_size for each in FOLDER.iterdir()) < MOST_BYTES


def test_the_links_of_the_page_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)[^)]*\)", PAGE)

    assert [link for link in links if not (FOLDER / link).exists()] == []


def test_the_first_screen_of_the_readme_shows_two_pictures_and_the_way_to_the_rest() -> None:
    first = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## ")[0]

    assert len(re.findall(r"\(docs/gallery/[\w-]+\.png\)\]\(docs/gallery/index\.md#", first)) == 2
    assert "[The gallery](docs/gallery/index.md)" in first
