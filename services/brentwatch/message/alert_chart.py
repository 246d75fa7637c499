"""The picture of one alert: each test with its normal range, and the time of the news.

It is drawn from the alert alone, at the width of a phone, and the same alert gives the same bytes. The left
scale is in percent, the right one in prices; an index replaces prices that may not be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.domain import REBASED_CLOSE, Severity, Stage, is_derived_only
from brentwatch.core.errors import InvalidInput
from brentwatch.message import figures, phrases
from brentwatch.message.alert_state import has_no_hour, is_withdrawn, select_events_before
from brentwatch.message.chart import GREY, INK, NORMAL, RULE, render_figure
from brentwatch.message.chart_marks import MoveMark, make_mark_key, style_mark
from brentwatch.message.chart_slots import DrawnTest, Slot, list_slots
from brentwatch.message.figures import format_short_percent
from brentwatch.message.foreign import clean, cut_text
from brentwatch.message.outcomes import format_test_p

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from brentwatch.core.domain import Alert, AlertTest, EventRef

_WIDTH, _HEIGHT = 400.0, 300.0
"""Points: 800 by 600 dots in the PNG."""

_TEXT, _TITLE = 10.0, 14.0
_LEFT, _RIGHT = 52.0, 58.0
_PLOT, _TIMES = (84.0, 130.0), (26.0, 16.0)
"""The height above the foot of the picture at which a panel begins, and its own height."""

_COLOURS = {
    Severity.CRITICAL: "#b3261e",
    Severity.HIGH: "#b35900",
    Severity.MEDIUM: "#7a6200",
    Severity.INFO: "#2f5d8a",
}
_ENDS = {Stage.REOPEN: "re-open", Stage.WITHIN: "window ended", Stage.PROVISIONAL: "last bar"}
_SHOWN_EVENTS = 10
_WIDE_SLOTS, _SMALL = 3, 8.0
"""The size of the words if there are more slots than that."""

_ROOM_FOR_A_HEAD = 40
"""Characters of the first line at its full size."""

_LARGEST_PERCENT = 1000.0
_MARKER = 7.0
_NEWS = MoveMark.INSIDE.colour


@dataclass(frozen=True, slots=True)
class Picture:
    """The chart of an alert in both forms."""

    png: bytes
    svg: bytes


def draw_alert(alert: Alert) -> Picture:
    """The picture of an alert.

    Raises:
        InvalidInput: if nothing was tested yet (`has_chart` is false).
        SettingsError: if the extra `chart` is not installed.
    """
    find_lead(alert)
    return Picture(
        png=render_figure(lambda: build_figure(alert), "png"),
        svg=render_figure(lambda: build_figure(alert), "svg"),
    )


def find_lead(alert: Alert) -> AlertTest:
    """The test that the picture is about.

    Raises:
        InvalidInput: if nothing was tested yet.
    """
    if alert.lead is None:
        raise InvalidInput(
            f"alert {alert.alert_id} has no test to draw; expected one or more: send it without a chart "
            "while `has_chart` is false"
        )
    return alert.lead


def build_figure(alert: Alert) -> Figure:
    """The figure of an alert, before it is saved."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH / 72.0, _HEIGHT / 72.0), dpi=72.0, facecolor="white")
    _write_head(figure, alert)
    _draw_windows(_add_axes(figure, _PLOT), alert)
    if select_events_before(alert):
        _draw_times(_add_axes(figure, _TIMES), alert)
    else:
        figure.text(_LEFT / _WIDTH, 28.0 / _HEIGHT, _describe_no_news(alert), color=GREY, fontsize=_TEXT)
    return figure


def _add_axes(figure: Figure, where: tuple[float, float]) -> Axes:
    bottom, height = where
    width = (_WIDTH - _LEFT - _RIGHT) / _WIDTH
    return figure.add_axes((_LEFT / _WIDTH, bottom / _HEIGHT, width, height / _HEIGHT), facecolor="none")


def _write_head(figure: Figure, alert: Alert) -> None:
    """Severity, direction, instrument and move; p and the occasion; what is drawn; the legend."""
    is_quiet = alert.severity is None or is_withdrawn(alert)
    colour = GREY if is_quiet or alert.severity is None else _COLOURS[alert.severity]
    first = phrases.describe_lead_move(alert)
    second = f"{format_test_p(find_lead(alert))} · {phrases.describe_occasion(alert, 20)}"
    left, size = 14.0 / _WIDTH, min(_TITLE, _TITLE * _ROOM_FOR_A_HEAD / len(first))
    figure.text(left, (_HEIGHT - 24.0) / _HEIGHT, first, color=colour, fontsize=size, fontweight="bold")
    figure.text(left, (_HEIGHT - 42.0) / _HEIGHT, cut_text(clean(second), 60), color=INK, fontsize=_TEXT)
    figure.text(left, (_HEIGHT - 58.0) / _HEIGHT, _describe_moves(alert), color=GREY, fontsize=0.9 * _TEXT)
    figure.legend(
        handles=[make_mark_key(mark, mark.value, 0.6 * _MARKER) for mark in reversed(MoveMark)],
        loc="center left",
        bbox_to_anchor=(left, (_HEIGHT - 70.0) / _HEIGHT),
        ncols=3,
        frameon=False,
        borderpad=0.0,
        borderaxespad=0.0,
        handlelength=1.0,
        handletextpad=0.5,
        labelcolor=GREY,
        fontsize=0.9 * _TEXT,
    )


def _describe_moves(alert: Alert) -> str:
    ranges = "with its 95 % range; grey: normal range"
    if len({each.window.begins_at for each in alert.tests}) > 1:
        return f"Each move from its own start, {ranges}"
    test = find_lead(alert)
    since = {
        Stage.WITHIN: f"{figures.format_time(test.window.begins_at)} UTC",
        Stage.REOPEN: "the last trade",
    }
    return f"Move since {since.get(test.stage, 'the close before')} {ranges}"


def _draw_windows(axes: Axes, alert: Alert) -> None:
    slots = list_slots(alert)
    is_narrow = len(slots) > _WIDE_SLOTS
    size = _SMALL if is_narrow else _TEXT
    for place, slot in enumerate(slots):
        if slot.drawn is None:
            axes.text(place, 0.0, "to come", color=GREY, ha="center", va="bottom", fontsize=0.9 * size)
        else:
            _draw_window(axes, place, slot.drawn, is_narrow=is_narrow)
    names = [slot.name.replace(" ", "\n", 1) if is_narrow else slot.name for slot in slots]
    axes.axhline(0.0, color=GREY, linewidth=0.7, zorder=2)
    axes.set_xlim(-0.5, len(slots) - 0.5)
    axes.set_ylim(*_find_limits(slots))
    axes.set_xticks(range(len(slots)), names, fontsize=size, color=INK)
    axes.yaxis.set_major_formatter(lambda value, _: figures.format_axis_percent(value))
    axes.locator_params(axis="y", nbins=5)
    axes.tick_params(axis="y", labelsize=_TEXT)
    axes.grid(axis="y", color=RULE, linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    _draw_prices(axes, alert)


def _draw_window(axes: Axes, place: int, drawn: DrawnTest, *, is_narrow: bool) -> None:
    """The normal range as a box, the move as a mark, and its 95 % range as a line."""
    low, high, move = (_convert(each) for each in (drawn.normal_low, drawn.normal_high, drawn.move))
    start, end = _convert(drawn.low), _convert(drawn.high)
    colour = drawn.mark.colour
    axes.fill_between([place - 0.32, place + 0.32], low, high, color=NORMAL, linewidth=0.0, zorder=1)
    axes.plot([place, place], [start, end], color=colour, linewidth=2.0, zorder=3)
    axes.plot([place], [move], zorder=4, **style_mark(drawn.mark, move, _MARKER))
    axes.annotate(
        format_short_percent(drawn.move),
        (place, max(end, high) if is_narrow else move),
        (0.0, 3.0) if is_narrow else (9.0, 0.0),
        textcoords="offset points",
        ha="center" if is_narrow else "left",
        va="bottom" if is_narrow else "center",
        color=colour,
        fontsize=_SMALL if is_narrow else _TEXT,
        fontweight="bold" if drawn.is_abnormal else "normal",
        zorder=5,
    )


def _convert(log_return: float) -> float:
    """In percent, and no further than a picture can show."""
    return max(-_LARGEST_PERCENT, min(_LARGEST_PERCENT, figures.convert_to_percent(log_return)))


def _find_limits(slots: Sequence[Slot]) -> tuple[float, float]:
    """Everything that is drawn, and room for the figures."""
    drawn = [slot.drawn for slot in slots if slot.drawn is not None]
    ends = [
        _convert(end) for each in drawn for end in (each.normal_low, each.normal_high, each.low, each.high)
    ]
    low, high = min((0.0, *ends)), max((0.0, *ends))
    margin = (0.2 if len(slots) > _WIDE_SLOTS else 0.1) * (high - low) or 1.0
    return low - margin, high + margin


def _draw_prices(axes: Axes, alert: Alert) -> None:
    """The scale on the right: prices, or the index.

    There is none if the price before was zero or below, or if the tests begin at different prices.
    """
    starts = {each.move.previous_close for each in alert.tests}
    before = REBASED_CLOSE if is_derived_only(alert) else min(starts)
    if before <= 0.0 or len(starts) > 1:
        return
    scale = axes.secondary_yaxis("right", functions=(lambda x: x, lambda x: x))
    digits = 2 if before < 20.0 else 1
    scale.yaxis.set_major_formatter(lambda value, _: f"{before * (1.0 + value / 100.0):,.{digits}f}")
    scale.tick_params(axis="y", labelsize=_TEXT, labelcolor=GREY, length=0.0)
    name = f"index, close before = {REBASED_CLOSE:.0f}" if is_derived_only(alert) else "USD/bbl"
    scale.set_ylabel(name, color=GREY, fontsize=0.9 * _TEXT)


def _draw_times(axes: Axes, alert: Alert) -> None:
    """A time line: the listed news, the news that the alert names (filled), and the end of the test."""
    end = find_lead(alert).window.ends_at
    events = select_events_before(alert)[:_SHOWN_EVENTS]
    hours = [max(0.0, (end - each.known_at).total_seconds() / 3600.0) for each in events]
    start = max(hours) or 1.0
    axes.axhline(0.0, color=RULE, linewidth=2.0, zorder=1)
    for back in hours:
        axes.plot([-back], [0.0], "D", color=_NEWS, markerfacecolor="white", markersize=6.0, zorder=2)
    axes.plot([-hours[0]], [0.0], "D", color=_NEWS, markersize=6.0, zorder=3)
    axes.plot([0.0], [0.0], "|", color=INK, markersize=14.0, markeredgewidth=2.0, zorder=3)
    axes.set_xlim(-1.04 * start, 0.04 * start)
    axes.set_ylim(-1.0, 1.0)
    axes.set_axis_off()
    _write_times(axes, alert, events[0], -hours[0] / start)


def _write_times(axes: Axes, alert: Alert, event: EventRef, at: float) -> None:
    """The words above and below the line; `at` is the place of the news, from -1 at the left to 0."""
    test = find_lead(alert)
    end, what = test.window.ends_at, _ENDS.get(test.stage, "settled")
    day = f"news {figures.format_short_day(event.known_at.date())}"
    news = day if has_no_hour(event) else f"{day} {figures.format_time(event.known_at)} UTC"
    after = "" if has_no_hour(event) else f", {figures.format_duration(end - event.known_at)} later"
    closed = f"{what} {figures.format_short_day(end.date())} {figures.format_time(end)} UTC{after}"
    left = 0.02 + min(0.4, 0.96 * (1.0 + at))
    for words, place, side in ((news, (left, 1.0), "left"), (closed, (1.0, -0.1), "right")):
        axes.annotate(
            words,
            place,
            xycoords="axes fraction",
            va="bottom" if side == "left" else "top",
            ha=side,
            color=GREY,
            fontsize=0.9 * _TEXT,
        )


def _describe_no_news(alert: Alert) -> str:
    return "Every event was withdrawn" if is_withdrawn(alert) else "No event is known before it"
