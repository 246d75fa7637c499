"""The boards drawn from a running Prometheus, for who has no Grafana at hand: the same panels and queries."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from brentwatch.dashboards.board import (
    GRID_WIDTH,
    Bars,
    Board,
    BoardPanel,
    Graph,
    Histogram,
    LargeNumbers,
    Listing,
    PanelQuery,
)
from brentwatch.dashboards.expressions import fill_variables
from brentwatch.dashboards.panel_drawing import (
    GREY,
    INK,
    RULE,
    DrawnMark,
    PanelAnswer,
    draw_bars,
    draw_graph,
    draw_histogram,
    draw_listing,
    draw_numbers,
    fill_legend,
)
from brentwatch.dashboards.prometheus import PrometheusServer, read_seconds
from brentwatch.message.chart import render_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOT_GRAFANA = "Drawn by brentwatch, not Grafana"

_WIDTH, _ROW, _HEAD, _GAP = 11.1, 0.262, 0.42, 0.04
"""In inches: of the picture, of a row of the grid, of the line above it, around each panel."""

_TITLE, _SIDE = 0.25, 0.1
_GROUND = "#eef1f4"
_POINTS = 240
_SHORTEST_STEP = 1.0
_COLOURS = 128

Answers = Sequence[tuple[BoardPanel, Sequence[PanelAnswer], Sequence[DrawnMark]]]


def draw_board(board: Board, server: PrometheusServer, last: str = "") -> bytes:
    """A PNG of a board that looks back over `last`, such as 15m, or over the span of the board.

    Raises:
        InvalidInput: if Prometheus refuses a query, or `last` is no span.
        Unavailable: if Prometheus does not answer.
        SettingsError: if the extra `chart` is not installed.
    """
    span = last or board.span
    read_seconds(span)
    marks = _ask_marks(server, board, span)
    answers = [
        (panel, [_ask(server, board, panel, query, span) for query in panel.queries], marks[panel.title])
        for panel in board.panels
    ]
    return _reduce_colours(render_figure(lambda: _draw_figure(board, answers, span, server.now), "png"))


def _reduce_colours(picture: bytes) -> bytes:
    """The same picture with few colours, which takes a third of the bytes."""
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(_COLOURS).save(out, "png", optimize=True)
    return out.getvalue()


def _ask(
    server: PrometheusServer, board: Board, panel: BoardPanel, query: PanelQuery, span: str
) -> PanelAnswer:
    values = {"__rate_interval": "1m", "__interval": "15s", "__range": span}
    expr = fill_variables(query.expr, values | dict.fromkeys(board.choices, ".*"))
    if isinstance(panel.show, Graph):
        return PanelAnswer(query, server.ask_range(expr, span, _find_step(span)))
    return PanelAnswer(query, server.ask_now(expr))


def _ask_marks(server: PrometheusServer, board: Board, span: str) -> dict[str, list[DrawnMark]]:
    """The annotations of each panel: the first moment of each series, where Grafana draws a region."""
    drawn: dict[str, list[DrawnMark]] = {panel.title: [] for panel in board.panels}
    for mark in board.marks:
        for series in server.ask_range(mark.expr, span, _find_step(span)):
            for title in mark.on:
                drawn[title].append(DrawnMark(series.points[0][0], fill_legend(mark.text, series)))
    return drawn


def _find_step(span: str) -> float:
    return max(read_seconds(span) / _POINTS, _SHORTEST_STEP)


def _draw_figure(board: Board, answers: Answers, span: str, now: float) -> Figure:
    from matplotlib.figure import Figure

    rows = max(panel.place.y + panel.place.height for panel in board.panels)
    height = _HEAD + rows * _ROW + 2 * _GAP
    figure = Figure(figsize=(_WIDTH, height), facecolor=_GROUND)
    _write_head(figure, board, span, height)
    limits = (now - read_seconds(span), now)
    for panel, answered, marks in answers:
        _draw_panel(figure, panel, answered, marks, limits, height)
    return figure


def _write_head(figure: Figure, board: Board, span: str, height: float) -> None:
    middle, left, right = 1 - _HEAD / 2 / height, 2 * _GAP / _WIDTH, 1 - 2 * _GAP / _WIDTH
    title = board.title.replace("Brentwatch: ", "Brentwatch · ")
    figure.text(left, middle, title, fontsize=13, fontweight="bold", color=INK, va="center")
    told = f"{NOT_GRAFANA} · last {span} · {datetime.now(UTC):%d %B %Y %H:%M} UTC"
    figure.text(right, middle, told, fontsize=8.5, color=GREY, va="center", ha="right")


def _draw_panel(
    figure: Figure,
    panel: BoardPanel,
    answers: Sequence[PanelAnswer],
    marks: Sequence[DrawnMark],
    limits: tuple[float, float],
    height: float,
) -> None:
    """Its frame and title, and in the room that is left what it shows."""
    from matplotlib.patches import Rectangle

    column, place = (_WIDTH - 2 * _GAP) / GRID_WIDTH, panel.place
    left, wide = _GAP + place.x * column + _GAP, place.width * column - 2 * _GAP
    high = place.height * _ROW - 2 * _GAP
    bottom = height - _HEAD - (place.y + place.height) * _ROW + _GAP
    corner = (left / _WIDTH, bottom / height)
    figure.add_artist(
        Rectangle(
            corner, wide / _WIDTH, high / height, transform=figure.transFigure, facecolor="white",
            edgecolor=RULE, linewidth=0.7, zorder=0,
        )
    )  # fmt: skip
    figure.text(
        (left + _SIDE) / _WIDTH, (bottom + high - 0.14) / height, panel.title,
        fontsize=8.5, fontweight="bold", color=INK, va="center",
    )  # fmt: skip
    room = (left + _SIDE, bottom + 0.06, wide - 2 * _SIDE, high - _TITLE - 0.06)
    axes = figure.add_axes(
        (room[0] / _WIDTH, room[1] / height, room[2] / _WIDTH, room[3] / height), facecolor="none"
    )
    axes.set_axis_off()
    _fill_panel(axes, panel, answers, marks, limits, (room[2], room[3]))


def _fill_panel(
    axes: Axes,
    panel: BoardPanel,
    answers: Sequence[PanelAnswer],
    marks: Sequence[DrawnMark],
    limits: tuple[float, float],
    size: tuple[float, float],
) -> None:
    if not any(answer.series for answer in answers):
        axes.text(0.5, 0.5, panel.empty, color=GREY, fontsize=10, ha="center", va="center")
        return
    match panel.show:
        case LargeNumbers() as show:
            draw_numbers(axes, panel, show, answers, size)
        case Graph(dashed=dashed):
            draw_graph(axes, panel, dashed, answers, marks, limits, size)
        case Bars():
            draw_bars(axes, panel, answers, size)
        case Listing(labels=labels):
            draw_listing(axes, panel, labels, answers)
        case Histogram() as show:
            draw_histogram(axes, panel, show, answers, size)
