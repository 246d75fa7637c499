"""The committed boards are those that the code makes, and read as a trader would want them."""

from __future__ import annotations

import json
import re

import pytest
from tests.dashboards.files import COMMITTED, FOLDER, ROOT, RULES

from brentwatch.dashboards.board import Bars, Graph, LargeNumbers
from brentwatch.dashboards.boards import BOARDS
from brentwatch.dashboards.checking import check_all
from brentwatch.dashboards.grafana import render_board
from brentwatch.dashboards.health import HEALTH

PANELS = [(name, panel) for name, board in COMMITTED.items() for panel in board["panels"]]


@pytest.mark.parametrize("name", BOARDS)
def test_the_committed_file_is_the_generated_one(name: str) -> None:
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == render_board(BOARDS[name])


def test_nothing_else_stands_in_the_folder() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.json" for name in BOARDS}


def test_boards_and_rules_break_no_rule() -> None:
    report = check_all(FOLDER, RULES)
    assert report.faults == []
    assert report.boards == len(BOARDS)
    assert report.rules > 20


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=[f"{name}-{panel['id']}" for name, panel in PANELS])
def test_each_panel_has_a_plain_title_a_sentence_and_a_unit(name: str, panel: dict[str, object]) -> None:
    title, about = str(panel["title"]), str(panel["description"])
    assert re.fullmatch(r"[A-Zp][^_{}$]{2,60}", title), title
    assert about.endswith(".")
    assert len(about) > 20
    assert '"unit"' in json.dumps(panel["fieldConfig"])


def test_the_first_row_of_health_is_six_numbers_each_with_a_word_beside_it() -> None:
    first = [panel for panel in HEALTH.panels if panel.place.y == 0]
    titles = [panel.title for panel in first]
    assert titles == [
        "Price age", "Lag", "Deliveries waiting", "Dead letters in 1 hour", "Canary", "Oldest feed"
    ]  # fmt: skip
    for panel in first:
        assert isinstance(panel.show, LargeNumbers)
        _, verdict = panel.queries
        assert [(word.text, word.colour) for word in verdict.words] == [
            ("OK", "green"), ("Watch", "orange"), ("Act now", "red")
        ]  # fmt: skip


def test_an_answer_in_words_never_rests_on_colour_alone() -> None:
    for board in BOARDS.values():
        for panel in board.panels:
            for query in panel.queries:
                words = query.words or panel.words
                assert len({word.text for word in words}) == len(words)


def test_what_is_shown_as_it_is_now_is_asked_for_as_it_is_now() -> None:
    for name, board in BOARDS.items():
        for panel, written in zip(board.panels, COMMITTED[name]["panels"], strict=True):
            over_time = isinstance(panel.show, Graph)
            assert {target["range"] for target in written["targets"]} == {over_time}
            if isinstance(panel.show, LargeNumbers | Bars):
                assert written["options"]["reduceOptions"]["calcs"] == ["lastNotNull"]


def test_the_alert_marks_stand_on_the_price_and_need_no_token() -> None:
    (mark,) = COMMITTED["desk"]["annotations"]["list"]
    (price,) = [panel for panel in COMMITTED["desk"]["panels"] if panel["id"] in mark["filter"]["ids"]]
    assert price["title"] == "Brent, with a mark at each alert"
    assert mark["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_the_pictures_are_small_enough_for_a_page() -> None:
    for name in ("desk", "health"):
        assert (ROOT / "docs" / "gallery" / f"{name}.png").stat().st_size <= 150_000
