"""The chart of a backtest: false alarms a year against the events found, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from brentwatch.commands.backtest.policy_files import INSTALLED
from brentwatch.commands.backtest.policy_tables import describe_filters
from brentwatch.core.errors import InvalidInput
from brentwatch.message.chart import GREY, RULE, Form, render_figure
from brentwatch.message.chart_marks import MoveMark
from brentwatch.message.foreign import clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from brentwatch.commands.backtest.policy_tables import Summary
    from brentwatch.core.backtest.evaluation import PolicyResult

_SIZE = (10.0, 5.625)
"""Inches: a slide, 16:9."""

_MOST_NAMED = 12
_BESIDE: dict[str, Any] = {"textcoords": "offset points"}
_TICKS = (0.1, 0.5, 1, 2, 3, 5, 10, 15, 20, 25)
_BEST, _GIVEN, _INSTALLED = (each.colour for each in MoveMark)


def draw_policies(
    summary: Summary,
    named: Sequence[PolicyResult],
    swept: Sequence[PolicyResult],
    best: Sequence[PolicyResult],
    form: Form,
) -> bytes:
    """The bytes of the picture.

    Raises:
        InvalidInput: if the history has no session without an event, so that there are no false alarms.
        SettingsError: if the extra `chart` is not installed.
    """
    if not named[0].placebo.total:
        raise InvalidInput(
            f"{clean(summary.history)} has no session without an event, so false alarms cannot be counted; "
            "expected some: give a history with quiet sessions, or leave out --chart"
        )
    return render_figure(lambda: _draw_figure(summary, named, swept, best), form)


def _draw_figure(
    summary: Summary,
    named: Sequence[PolicyResult],
    swept: Sequence[PolicyResult],
    best: Sequence[PolicyResult],
) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, dpi=72.0, facecolor="white")
    axes = figure.add_axes((0.08, 0.2, 0.65, 0.64), facecolor="none")
    _draw_frame(axes, named[0])
    _draw_sweep(axes, swept, best)
    for each in named:
        _draw_named(axes, each)
    axes.set_xlim(-0.02, 1.12 * max(map(_get_false, (*named, *swept))) + 0.5)
    figure.text(0.03, 0.945, "Alert policies: false alarms and events found", fontsize=13, fontweight="bold")
    for line, height in zip((_describe_basis(summary, named[0]), *_NOTES), (0.9, 0.06, 0.025), strict=True):
        figure.text(0.03, height, line, color=GREY)
    return figure


_NOTES = (
    "False alarms: on sessions without an event, if each had news like that of the history. Bars: exact 95 % "
    "intervals.",
    "The events were chosen by people who knew what followed, so the shares are too high. The best of many "
    "policies looks better than it is.",
)


def _describe_basis(summary: Summary, first: PolicyResult) -> str:
    sessions, news = len(summary.table.sessions), len(summary.table.news)
    counted = f"{sessions:,} sessions, {news:,} with an event; {first.power.total} {_name_events(first)}"
    return f"{clean(summary.history)}: {counted}"


def _name_events(result: PolicyResult) -> str:
    return "events expected to move the price" if result.found.total else "events"


def _draw_frame(axes: Axes, first: PolicyResult) -> None:
    import numpy as np

    axes.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0.0)), np.square))
    axes.set(
        xticks=_TICKS,
        xticklabels=[f"{each:g}" for each in _TICKS],
        yticks=range(0, 101, 20),
        yticklabels=[f"{each} %" for each in range(0, 101, 20)],
        ylim=(-2.0, 102.0),
        xlabel="False alarms a year",
        ylabel=f"Share of {_name_events(first)} with an alert",
    )
    axes.grid(axis="y", color=RULE, linewidth=0.6)


def _draw_sweep(axes: Axes, swept: Sequence[PolicyResult], best: Sequence[PolicyResult]) -> None:
    """The best policies are numbered, and named in a key at the right."""
    if not best:
        return
    axes.plot(*_list_places(swept), "o", color=RULE, markersize=3.5, label=f"swept policies ({len(swept):,})")
    axes.plot(*_list_places(best), "-o", color=_BEST, markersize=4.0, linewidth=0.9, label="the best")
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.02), frameon=False, fontsize=8.5)
    key: dict[str, Any] = {"fontsize": 7.5, "transform": axes.transAxes}
    axes.text(1.03, 0.82, "level · lowest exposure · classes · budget", color=GREY, **key)
    step = (len(best) - 1) // _MOST_NAMED + 1
    for number, each in enumerate(best[::step], start=1):
        (x,), (y,) = _list_places([each])
        axes.annotate(f"{number}", (x, y), (-3.0, 4.0), ha="right", color=_BEST, **_BESIDE)
        axes.text(
            1.03, 0.82 - 0.062 * number, f"{number}  {describe_filters(each.policy)}", color=_BEST, **key
        )


def _draw_named(axes: Axes, result: PolicyResult) -> None:
    """The label stands above the bar."""
    name = clean(result.policy.name)
    is_installed = result.policy.name == INSTALLED
    colour, marker = (_INSTALLED, "D") if is_installed else (_GIVEN, "s")
    (x,), (y,) = _list_places([result])
    _, low, high = result.false_yearly or (0.0, 0.0, 0.0)
    below, above = y - 100.0 * result.power.low, 100.0 * result.power.high - y
    bars: dict[str, Any] = {"xerr": [[x - low], [high - x]], "yerr": [[below], [above]], "linewidth": 1.2}
    axes.errorbar(x, y, fmt=marker, color=colour, markersize=6.0, zorder=4, **bars)
    axes.annotate(name, (x, y + above), (0.0, 4.0), ha="center", color=colour, fontweight="bold", **_BESIDE)


def _list_places(results: Sequence[PolicyResult]) -> tuple[list[float], list[float]]:
    """False alarms a year, and the percentage of the events found."""
    return [_get_false(each) for each in results], [100.0 * (each.power.share or 0.0) for each in results]


def _get_false(result: PolicyResult) -> float:
    return result.false_yearly[0] if result.false_yearly else 0.0
