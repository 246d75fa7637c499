"""The page of a study by the monitor's forecasts: one HTML file to forward, without scripts or links.

The normal range and the move of each line are drawn beside the figures, on one scale. On a phone a line
becomes a block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from brentwatch.commands.study.impact_results import ImpactRun
from brentwatch.commands.study.impact_words import (
    ImpactLine,
    describe_error_rate,
    describe_method,
    list_lines,
)
from brentwatch.core.domain import ConfounderKind, Found
from brentwatch.core.errors import InvalidInput
from brentwatch.core.impact.impacts import MoveVerdict
from brentwatch.message import figures
from brentwatch.message.chart_marks import MoveMark
from brentwatch.message.foreign import clean
from brentwatch.message.html.axes import PlotAxis
from brentwatch.message.html.page_tables import PageSection
from brentwatch.message.html.pages import render_page
from brentwatch.message.html.plots import PlotStrip

_WIDTH, _MARGIN = 220.0, 8.0
_SHORTEST = 0.01
"""The scale reaches at least 1 % to each side."""

_MARKS = {
    MoveVerdict.ABNORMAL: MoveMark.ABNORMAL,
    MoveVerdict.OUTSIDE: MoveMark.OUTSIDE,
    MoveVerdict.NORMAL: MoveMark.INSIDE,
}


def write_page(run: ImpactRun, path: Path, section: PageSection | None = None) -> None:
    """Write the page to a file, with a section above the events.

    Raises:
        InvalidInput: if the file cannot be written.
    """
    try:
        path.write_text(build_page(run, section), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written ({error.strerror}); expected a file in a folder that exists; correct "
            "the path of --html"
        ) from error


def build_page(run: ImpactRun, section: PageSection | None = None) -> str:
    """The page as a text, with a section above the events; whatever comes from a file is escaped."""
    lines = list(list_lines(run.impacts))
    reach = _find_reach(lines)
    axis = PlotAxis(low=-reach, high=reach, start=_MARGIN, end=_WIDTH - _MARGIN)
    return render_page(
        "brentwatch.commands.study",
        "impact.html.j2",
        run=run,
        section=section,
        title=_write_title(run),
        method=describe_method(run),
        rows=[(line, _make_strip(line, axis)) for line in lines],
        level=figures.format_level(run.impacts.level),
        error_rate=describe_error_rate(run).replace("`", ""),
        reach=_describe_smallest(run),
        confounders=list(_list_confounders(run)),
        refused=list(_list_refused(run)),
    )


def _write_title(run: ImpactRun) -> str:
    count = len({each.event for each in run.impacts.found})
    what = "the event" if count == 1 else figures.format_count(count, "event")
    return f"{run.impacts.instrument.label} after {what}"


def _find_reach(lines: Sequence[ImpactLine]) -> float:
    """How far the scale reaches to each side of no move, in percent."""
    ends = [
        abs(figures.convert_to_percent(value))
        for line in lines
        if line.found is not None
        for value in (line.found.total, *line.found.normal_range)
    ]
    return max(ends, default=0.0) or 100.0 * _SHORTEST


def _make_strip(line: ImpactLine, axis: PlotAxis) -> PlotStrip | None:
    """The normal range as a bar and the move as a mark, in percent; None for a line without a test."""
    if line.found is None or line.verdict is None:
        return None
    low, high = (figures.convert_to_percent(each) for each in line.found.normal_range)
    return PlotStrip(
        axis=axis,
        move=figures.convert_to_percent(line.found.total),
        low=low,
        high=high,
        mark=_MARKS[line.verdict],
        label=f"{line.move}, normal {line.normal}",
    )


def _describe_smallest(run: ImpactRun) -> str:
    """The effects that the test finds four times in five, from the smallest to the largest."""
    found = [each.windows[0].result for each in run.impacts.found]
    sizes = sorted(each.mde_alert for each in found if isinstance(each, Found))
    ends = (sizes[0], sizes[-1]) if sizes else ()
    return " to ".join(dict.fromkeys(figures.format_size(each) for each in ends))


def _list_confounders(run: ImpactRun) -> Iterator[str]:
    told = (
        f"{figures.format_day(each.session, year=True)}: {each.text}"
        for impact in run.impacts.found
        for window in impact.windows
        for each in window.confounders
        if each.kind is not ConfounderKind.WEEKLY_REPORT
    )
    yield from dict.fromkeys(told)


def _list_refused(run: ImpactRun) -> Iterator[str]:
    yield from (f"{clean(event)}: {reason}" for event, reason in run.impacts.refused.items())
    yield from run.events.unreadable
