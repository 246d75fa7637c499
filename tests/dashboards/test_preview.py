"""The previews: every kind of panel is drawn from what Prometheus answers, and they say what they are not."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from matplotlib.figure import Figure
from PIL import Image
from tests.dashboards.fake_prometheus import FakePrometheus

from brentwatch.core.errors import InvalidInput
from brentwatch.dashboards import preview
from brentwatch.dashboards.boards import BOARDS
from brentwatch.dashboards.prometheus import PrometheusServer
from brentwatch.message import chart

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_790_000_000.0
NAMES = ("job", "instrument", "event_id", "severity", "direction", "session", "event_class", "country")


def answer_all(expr: str) -> list[tuple[dict[str, str], float]]:
    """Two series for each query, with whatever labels a legend may name."""
    if found := re.findall(r'"(\d\.\d to \d\.\d)"', expr):
        return [({"range": name}, 0.1) for name in found]
    value = 1.0 if "market_open" in expr else 0.5
    return [({name: f"{name}-{each}" for name in NAMES}, value) for each in (1, 2)]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Every figure that was made, to be read."""
    figures = list[Figure]()

    def keep(make: Callable[[], Figure], form: chart.Form) -> bytes:
        def remember() -> Figure:
            figures.append(make())
            return figures[-1]

        return chart.render_figure(remember, form)

    monkeypatch.setattr(preview, "render_figure", keep)
    return figures


def read_texts(figure: Figure) -> list[str]:
    return [each.get_text() for each in figure.findobj(lambda artist: hasattr(artist, "get_text"))]  # type: ignore[attr-defined] # only those that have it


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_is_drawn_with_all_its_titles_and_says_that_it_is_not_grafana(
    name: str, drawn: list[Figure]
) -> None:
    board = BOARDS[name]
    with FakePrometheus(answer_all) as fake:
        picture = preview.draw_board(board, PrometheusServer(fake.url, NOW), "15m")
    image = Image.open(io.BytesIO(picture))
    assert image.format == "PNG"
    assert image.width > 1200
    texts = read_texts(drawn[0])
    assert any("Drawn by brentwatch, not Grafana" in text for text in texts)
    assert {panel.title for panel in board.panels} <= set(texts)


@pytest.mark.parametrize("name", BOARDS)
def test_where_there_is_no_data_each_panel_says_so(name: str, drawn: list[Figure]) -> None:
    board = BOARDS[name]
    with FakePrometheus(lambda _: []) as fake:
        preview.draw_board(board, PrometheusServer(fake.url, NOW))
    texts = read_texts(drawn[0])
    assert all(panel.empty in texts for panel in board.panels)


def test_words_stand_in_the_place_of_numbers_and_alerts_are_marked(drawn: list[Figure]) -> None:
    with FakePrometheus(answer_all) as fake:
        preview.draw_board(BOARDS["desk"], PrometheusServer(fake.url, NOW), "15m")
    texts = read_texts(drawn[0])
    assert "Open" in texts
    assert "▲ severity-1 alert: abnormal move direction-1" in texts
    assert "50.0 %" in texts


def test_a_span_that_is_none_is_refused_before_anything_is_asked() -> None:
    with FakePrometheus(answer_all) as fake:
        with pytest.raises(InvalidInput, match="'soon' is no span of time"):
            preview.draw_board(BOARDS["desk"], PrometheusServer(fake.url, NOW), "soon")
        assert fake.asked == []
