"""The picture of one alert: each window that was tested beside its normal range, and when the news was.

It is drawn from the alert alone, at the width of a phone, and the same alert gives the same bytes.
Percentages stand on the left, and on the right the prices that they come to: of prices that may not be shown
an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.domain import WINDOWS, Severity, is_derived_only
from brentwatch.core.domain.price_levels import BASE
from brentwatch.core.intraday.minutes import HOUR, QUARTER
from brentwatch.message import figures, phrases
from brentwatch.message.alert_state import has_no_hour, is_withdrawn, select_events_before
from brentwatch.message.chart import GREY, INK, INSIDE, NORMAL, OUTSIDE, RULE, render_figure
from brentwatch.message.details import normal_range
from brentwatch.message.findings import select_reactions
from brentwatch.message.foreign import clean, cut_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from brentwatch.core.domain import Alert, EventRef, Found

_WIDTH, _HEIGHT = 400.0, 300.0
"""Points: 800 by 600 dots in the PNG."""

_TEXT, _TITLE = 10.0, 14.0
_LEFT, _RIGHT = 52.0, 58.0
_PLOT, _TIMES = (84.0, 142.0), (26.0, 16.0)
"""From the foot of the picture: where the panel begins, and its height."""

_COLOURS = {
    Severity.CRITICAL: "#b3261e",
    Severity.HIGH: "#b35900",
    Severity.MEDIUM: "#7a6200",
    Severity.INFO: "#2f5d8a",
}
_SHOWN_EVENTS = 10
_LARGEST_PERCENT = 1000.0


@dataclass(frozen=True, slots=True)
class Picture:
    """The chart of an alert in both forms."""

    png: bytes
    svg: bytes


@dataclass(frozen=True, slots=True)
class Slot:
    """A window of the picture: its name, and its test, None where it is still to come."""

    name: str
    found: Found | None


def draw_alert(alert: Alert) -> Picture:
    """The picture of an alert.

    Raises:
        SettingsError: if the extra `chart` is not installed.
    """
    return Picture(
        png=render_figure(lambda: build_figure(alert), "png"),
        svg=render_figure(lambda: build_figure(alert), "svg"),
    )


def list_slots(alert: Alert) -> list[Slot]:
    """The windows of the alert in their order, those to come among them."""
    if alert.within is not None:
        tested = {each.planned: each for each in (*alert.windows, alert.headline)}
        return [Slot(f"{each.minutes} minutes", tested.get(each.bars)) for each in (QUARTER, HOUR)]
    complete = {each.window: each for each in (alert.headline, *select_reactions(alert.windows))}
    return [Slot(_name_window(each.sessions, alert), complete.get(each)) for each in WINDOWS]


def _name_window(sessions: int, alert: Alert) -> str:
    return (
        figures.format_day(alert.session) if sessions == 1 else f"{phrases.spell_number(sessions)} sessions"
    )


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
    """Severity, direction, instrument and move; below it p and the occasion."""
    word = "WITHDRAWN" if is_withdrawn(alert) else alert.severity.upper()
    colour = GREY if is_withdrawn(alert) else _COLOURS[alert.severity]
    window = "" if alert.within is None else f" in {alert.within.minutes} min"
    moved = f"{phrases.cut_title(alert)} {phrases.format_move(alert)}{window}"
    first = f"{word} {phrases.choose_arrow(alert)} {moved}"
    second = f"{phrases.format_alert_p(alert)} · {phrases.describe_occasion(alert, 20)}"
    left = 14.0 / _WIDTH
    figure.text(left, (_HEIGHT - 24.0) / _HEIGHT, first, color=colour, fontsize=_TITLE, fontweight="bold")
    figure.text(left, (_HEIGHT - 42.0) / _HEIGHT, cut_text(clean(second), 60), color=INK, fontsize=_TEXT)
    figure.text(left, (_HEIGHT - 58.0) / _HEIGHT, _describe_signs(alert), color=GREY, fontsize=0.9 * _TEXT)


def _describe_signs(alert: Alert) -> str:
    since = (
        "the close before" if alert.within is None else f"{figures.format_time(alert.within.begins_at)} UTC"
    )
    return f"Move since {since} with its 95 % range; grey: normal range"


def _draw_windows(axes: Axes, alert: Alert) -> None:
    slots = list_slots(alert)
    for place, slot in enumerate(slots):
        if slot.found is None:
            axes.text(place, 0.0, "to come", color=GREY, ha="center", va="bottom", fontsize=0.9 * _TEXT)
        else:
            _draw_window(axes, place, slot.found)
    axes.axhline(0.0, color=GREY, linewidth=0.7, zorder=2)
    axes.set_xlim(-0.5, len(slots) - 0.5)
    axes.set_ylim(*_find_limits(slots))
    axes.set_xticks(range(len(slots)), [slot.name for slot in slots], fontsize=_TEXT, color=INK)
    axes.yaxis.set_major_formatter(lambda value, _: figures.format_axis_percent(value))
    axes.locator_params(axis="y", nbins=5)
    axes.tick_params(axis="y", labelsize=_TEXT)
    axes.grid(axis="y", color=RULE, linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    _draw_prices(axes, alert)


def _draw_window(axes: Axes, place: int, found: Found) -> None:
    """The normal range as a box, the move as a triangle outside it or a dot inside, and its 95 % range."""
    low, high = (_convert(each) for each in normal_range(found))
    move = _convert(found.total)
    start, end = (_convert(each + found.expected) for each in (found.low, found.high))
    is_outside = not low <= move <= high
    colour = OUTSIDE if is_outside else INSIDE
    marker = ("^" if move > 0.0 else "v") if is_outside else "o"
    axes.fill_between([place - 0.32, place + 0.32], low, high, color=NORMAL, linewidth=0.0, zorder=1)
    axes.plot([place, place], [start, end], color=colour, linewidth=2.0, zorder=3)
    axes.plot([place], [move], marker, color=colour, markersize=9.0, zorder=4)
    axes.annotate(
        phrases.format_short_percent(found.total),
        (place, move),
        (9.0, 0.0),
        textcoords="offset points",
        va="center",
        color=colour,
        fontsize=_TEXT,
        fontweight="bold" if is_outside else "normal",
        zorder=5,
    )


def _convert(log_return: float) -> float:
    """In percent, and no further than a picture can show."""
    return max(-_LARGEST_PERCENT, min(_LARGEST_PERCENT, figures.convert_to_percent(log_return)))


def _find_limits(slots: Sequence[Slot]) -> tuple[float, float]:
    """Everything that is drawn, and a tenth more on either side."""
    found = [slot.found for slot in slots if slot.found is not None]
    ends = [_convert(end) for each in found for end in normal_range(each)]
    ends += [_convert(end + each.expected) for each in found for end in (each.low, each.high)]
    low, high = min((0.0, *ends)), max((0.0, *ends))
    margin = 0.1 * (high - low) or 1.0
    return low - margin, high + margin


def _draw_prices(axes: Axes, alert: Alert) -> None:
    """The scale on the right: prices, or the index; none where the price before was zero or below."""
    before = BASE if is_derived_only(alert) else alert.move.previous_close
    if before <= 0.0:
        return
    scale = axes.secondary_yaxis("right", functions=(lambda x: x, lambda x: x))
    digits = 2 if before < 20.0 else 1
    scale.yaxis.set_major_formatter(lambda value, _: f"{before * (1.0 + value / 100.0):,.{digits}f}")
    scale.tick_params(axis="y", labelsize=_TEXT, labelcolor=GREY, length=0.0)
    name = f"index, close before = {BASE:.0f}" if is_derived_only(alert) else "USD/bbl"
    scale.set_ylabel(name, color=GREY, fontsize=0.9 * _TEXT)


def _draw_times(axes: Axes, alert: Alert) -> None:
    """A line of time: the news that is listed, the one that is named full, and when the test ended."""
    end = alert.settled_at if alert.within is None else alert.within.ends_at
    events = select_events_before(alert)[:_SHOWN_EVENTS]
    hours = [max(0.0, (end - each.known_at).total_seconds() / 3600.0) for each in events]
    start = max(hours) or 1.0
    axes.axhline(0.0, color=RULE, linewidth=2.0, zorder=1)
    for back in hours:
        axes.plot([-back], [0.0], "D", color=INSIDE, markerfacecolor="white", markersize=6.0, zorder=2)
    axes.plot([-hours[0]], [0.0], "D", color=INSIDE, markersize=6.0, zorder=3)
    axes.plot([0.0], [0.0], "|", color=INK, markersize=14.0, markeredgewidth=2.0, zorder=3)
    axes.set_xlim(-1.04 * start, 0.04 * start)
    axes.set_ylim(-1.0, 1.0)
    axes.set_axis_off()
    _write_times(axes, alert, events[0], -hours[0] / start)


def _write_times(axes: Axes, alert: Alert, event: EventRef, at: float) -> None:
    """The words above and below the line; `at` is where the news is, from -1 at the left to 0."""
    end = alert.settled_at if alert.within is None else alert.within.ends_at
    what = "settled" if alert.within is None else "window ended"
    day = f"news {figures.format_short_day(event.known_at.date())}"
    news = day if has_no_hour(event) else f"{day} {figures.format_time(event.known_at)} UTC"
    after = "" if has_no_hour(event) else f", {figures.format_duration(end - event.known_at)} later"
    closed = f"{what} {figures.format_short_day(end.date())} {figures.format_time(end)} UTC{after}"
    left = 0.02 + min(0.4, 0.96 * (1.0 + at))
    for told, place, side in ((news, (left, 1.0), "left"), (closed, (1.0, -0.1), "right")):
        axes.annotate(
            told,
            place,
            xycoords="axes fraction",
            va="bottom" if side == "left" else "top",
            ha=side,
            color=GREY,
            fontsize=0.9 * _TEXT,
        )


def _describe_no_news(alert: Alert) -> str:
    return "Every event was withdrawn" if is_withdrawn(alert) else "No event is known before it"
