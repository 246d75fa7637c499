"""The charts of a report: each move in percent, beside its normal range, in the marks of the alert charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from brentwatch.core.impact.impacts import MoveVerdict
from brentwatch.message.chart_marks import MoveMark, choose_mark
from brentwatch.message.figures import (
    convert_to_percent,
    format_axis_percent,
    format_day,
    format_percent,
    format_percent_range,
    format_short_day,
)
from brentwatch.message.html.axes import AxisTick, PlotAxis, make_value_axis
from brentwatch.message.html.plots import (
    Plot,
    PlotBand,
    PlotBar,
    PlotCurve,
    PlotMark,
    PlotPoint,
    PlotRule,
    PlotSpan,
    PlotStrip,
    TextAnchor,
)
from brentwatch.replay.report.contents import EventFigures, MeanCar, PValueHistogram, TestedSession
from brentwatch.replay.report.page_cells import compute_normal_range, format_tau

MARKS = {
    MoveVerdict.ABNORMAL: MoveMark.ABNORMAL,
    MoveVerdict.OUTSIDE: MoveMark.OUTSIDE,
    MoveVerdict.NORMAL: MoveMark.INSIDE,
}

_LEFT, _RIGHT, _TOP = 44.0, 10.0, 14.0
_NARROW, _MIDDLE = 360.0, 440.0
_LABEL_ROOM = 60.0
_CHARACTER, _LINE, _HALF_MARK, _TICK_ROOM = 6.4, 13.0, 6.0, 40.0
_STRIP = (8.0, 212.0)


def draw_sessions(tested: Sequence[TestedSession], names: dict[str, str], width: float) -> Plot:
    """Each session in a row, oldest first: its move, and its normal range as a bar.

    `names` are the short names of the events by id. The abnormal moves are labelled, with the first event if
    the chart is wide; all moves if there is room.
    """
    x = _make_row_axis(tested, width)
    ends = [convert_to_percent(each) for row in tested for each in (row.move, row.low, row.high)]
    y = make_value_axis(ends, 214.0, _TOP + 8.0, format_axis_percent)
    thickness = max(1.5, min(14.0, 0.6 * (x.end - x.start) / max(len(tested), 1)))
    return Plot(
        name=f"sessions-{width:g}",
        title="The move of each session with events, beside its normal range",
        description=_describe_sessions(tested),
        width=width,
        height=246.0,
        x=x,
        y=y,
        bars=[
            PlotBar(span=_make_span(at, row.low, row.high), width=thickness) for at, row in enumerate(tested)
        ],
        marks=_place_labels([_mark_session(at, row, names, x) for at, row in enumerate(tested)], x, y),
    )


def _make_row_axis(tested: Sequence[TestedSession], width: float) -> PlotAxis:
    """A place for each session, and a tick for each day, or where a year begins, as far as there is room."""
    start, end = _LEFT + 4.0, width - _RIGHT - 4.0
    room = (end - start) / max(len(tested), 1)
    names = [_name_tick(tested, at, room) for at in range(len(tested))]
    ticks: list[AxisTick] = []
    for at, name in enumerate(names):
        if name and (not ticks or (at - ticks[-1].value) * room >= _TICK_ROOM):
            ticks.append(AxisTick(value=float(at), text=name))
    return PlotAxis(low=-0.5, high=max(len(tested), 1) - 0.5, start=start, end=end, ticks=ticks)


def _name_tick(tested: Sequence[TestedSession], at: int, room: float) -> str:
    """The day if each has room, else the year if it is a new one, else nothing."""
    session = tested[at].session
    is_new = at == 0 or session.year != tested[at - 1].session.year
    if room >= _TICK_ROOM:
        return f"{format_short_day(session)}{chr(10) if is_new else ''}{session.year if is_new else ''}"
    return str(session.year) if is_new else ""


def _mark_session(at: int, row: TestedSession, names: dict[str, str], x: PlotAxis) -> PlotMark:
    mark = MARKS[row.verdict]
    name = names.get(row.events[0], "") if row.events else ""
    label = ""
    has_room = (x.end - x.start) / (x.high - x.low) >= _LABEL_ROOM
    if mark is MoveMark.ABNORMAL or has_room:
        is_named = mark is MoveMark.ABNORMAL and x.end > 1.2 * _NARROW
        label = f"{name if is_named else ''} {format_percent(row.move)}"
    return PlotMark(
        at=PlotPoint(x=float(at), y=convert_to_percent(row.move)),
        mark=mark,
        label=label.strip(),
        under=row.move < 0.0,
        hint=f"{format_day(row.session, year=True)}: {name} {format_percent(row.move)}, normal "
        f"{format_percent_range(row.low, row.high)}",
        size=3.0 if mark is MoveMark.INSIDE else 4.0,
    )


def _place_labels(marks: Sequence[PlotMark], x: PlotAxis, y: PlotAxis) -> list[PlotMark]:
    """The marks, with each label inside the chart and free of triangles and of the labels before it."""
    taken = [
        (x.place(mark.at.x) - _HALF_MARK, x.place(mark.at.x) + _HALF_MARK, y.place(mark.at.y))
        for mark in marks
        if mark.mark is not MoveMark.INSIDE
    ]
    placed = []
    for mark in marks:
        if not mark.label:
            placed.append(mark)
            continue
        at, half = x.place(mark.at.x), 0.5 * _CHARACTER * len(mark.label)
        anchor: TextAnchor = (
            "start" if at - half < x.start else "end" if at + half > x.end + _RIGHT else "middle"
        )
        left = at - {"start": 0.0, "middle": half, "end": 2.0 * half}[anchor]
        away, lift = (1.0 if mark.under else -1.0), 0.0
        level = y.place(mark.at.y) + away * _LINE
        while _is_taken(taken, left, left + 2.0 * half, level + away * lift):
            lift += _LINE
        taken.append((left, left + 2.0 * half, level + away * lift))
        placed.append(replace(mark, anchor=anchor, lift=lift))
    return placed


def _is_taken(taken: Iterable[tuple[float, float, float]], left: float, right: float, row: float) -> bool:
    return any(left < end and start < right and abs(row - other) < _LINE - 1.0 for start, end, other in taken)


def _describe_sessions(tested: Sequence[TestedSession]) -> str:
    abnormal = [row for row in tested if row.verdict is MoveVerdict.ABNORMAL]
    told = ", ".join(f"{format_day(row.session, year=True)} {format_percent(row.move)}" for row in abnormal)
    return f"{len(tested)} sessions, {len(abnormal)} abnormal{': ' if told else ''}{told}."


def draw_event(event: EventFigures, number: int, level: float) -> Plot | None:
    """The price around the first session of an event, in percent of the close before, with the normal range.

    The normal range is that of the session, and of the windows that begin with it. `number` is unique on the
    page. None without a path.
    """
    points = [
        PlotPoint(x=float(point.tau), y=convert_to_percent(point.move))
        for point in event.path
        if point.move is not None
    ]
    if not points:
        return None
    spans, marks = _draw_tests(event, level)
    ends = [*(each.y for each in points), *(end for span in spans for end in (span.low, span.high))]
    return Plot(
        name=f"path-{number}",
        title=f"Price around the event: {event.label}",
        description="Moves since the close before the first session, which is session 0, in percent. The "
        "table gives the tests, and the list below it the prices.",
        width=_NARROW,
        height=206.0,
        x=PlotAxis(
            low=min(-10.0, points[0].x) - 0.5,
            high=max(10.0, points[-1].x) + 0.9,
            start=_LEFT,
            end=_NARROW - _RIGHT,
            ticks=[AxisTick(value=float(tau), text=format_tau(tau)) for tau in (-10, -5, 0, 5, 10)],
        ),
        y=make_value_axis(ends, 168.0, _TOP + 6.0, format_axis_percent),
        x_title="sessions from the news",
        bands=[PlotBand(spans=spans)] if spans else [],
        curves=[PlotCurve(points=points)],
        marks=marks,
    )


def _draw_tests(event: EventFigures, level: float) -> tuple[Sequence[PlotSpan], Sequence[PlotMark]]:
    """The normal range from the close before on, and a mark for each test that begins with session 0."""
    if not event.sessions or not isinstance(event.sessions[0].test, TestedSession):
        return (), ()
    first = event.sessions[0].test
    tests = {0: (first.move, first.low, first.high, first.verdict is MoveVerdict.ABNORMAL)}
    for window in event.sessions[0].windows:
        if window.window.start == 0 and window.observed == window.planned and window.window.end > 0:
            low, high = compute_normal_range(window)
            tests[window.window.end] = (window.total, low, high, window.p <= level)
    spans = [PlotSpan(x=-1.0, low=0.0, high=0.0)]
    spans += [_make_span(tau, low, high) for tau, (_, low, high, _) in sorted(tests.items())]
    return spans, [
        PlotMark(
            at=PlotPoint(x=float(tau), y=convert_to_percent(move)),
            mark=choose_mark(move, low, high, is_abnormal=is_abnormal),
            label=format_percent(move),
            under=move < 0.0,
        )
        for tau, (move, low, high, is_abnormal) in sorted(tests.items())
        if tau != 1
    ]


def _make_span(at: float, low: float, high: float) -> PlotSpan:
    return PlotSpan(x=float(at), low=convert_to_percent(low), high=convert_to_percent(high))


def draw_mean_car(mean: MeanCar) -> Plot:
    """The mean CAR over event time, and the band of placebo sets where there are enough of them."""
    taus = [point.tau for point in mean.points]
    spans = [
        _make_span(point.tau, point.band_low, point.band_high)
        for point in mean.points
        if point.band_low is not None and point.band_high is not None
    ]
    points = [PlotPoint(x=float(each.tau), y=convert_to_percent(each.caar)) for each in mean.points]
    ends = [*(each.y for each in points), *(end for span in spans for end in (span.low, span.high))]
    return Plot(
        name="mean-car",
        title="Mean cumulative abnormal return, and the placebo band",
        description=f"Over {mean.sessions} sessions with events, from session {taus[0]} to {taus[-1]}. The "
        "table gives each value.",
        width=_MIDDLE,
        height=258.0,
        x=PlotAxis(
            low=taus[0] - 0.5,
            high=taus[-1] + 0.5,
            start=_LEFT,
            end=_MIDDLE - _RIGHT,
            ticks=[AxisTick(value=float(tau), text=format_tau(tau)) for tau in taus if tau % 5 == 0],
        ),
        y=make_value_axis(ends, 222.0, _TOP, format_axis_percent),
        x_title="sessions from the event",
        bands=[PlotBand(spans=spans)] if spans else [],
        curves=[PlotCurve(points=points)],
        marks=[PlotMark(at=point, mark=_judge_mean(point, spans), size=3.0) for point in points],
    )


def _judge_mean(point: PlotPoint, spans: Sequence[PlotSpan]) -> MoveMark:
    band = next((span for span in spans if span.x == point.x), PlotSpan(x=0.0, low=point.y, high=point.y))
    return choose_mark(point.y, band.low, band.high, is_abnormal=False)


def draw_histogram(histogram: PValueHistogram, number: int) -> Plot:
    """The counts of p-values in bins, and the count expected if p is uniform."""
    bins = len(histogram.counts)
    x = PlotAxis(
        low=0.0,
        high=1.0,
        start=_LEFT,
        end=_NARROW - _RIGHT,
        ticks=[AxisTick(value=each / 4.0, text=f"{each / 4.0:g}") for each in range(5)],
    )
    y = make_value_axis(
        [*map(float, histogram.counts), histogram.expected], 168.0, _TOP, "{:g}".format, ticks=4
    )
    return Plot(
        name=f"p-values-{number}",
        title=f"p-values of {histogram.group}",
        description=f"{histogram.n} sessions in {bins} bins of equal width; {histogram.expected:.1f} are "
        "expected in each if nothing happens. The table gives the counts.",
        width=_NARROW,
        height=206.0,
        x=x,
        y=y,
        x_title="p-value",
        bars=[
            PlotBar(
                span=PlotSpan(x=(at + 0.5) / bins, low=0.0, high=float(count)),
                width=(x.end - x.start) / bins - 2.0,
                style="inside",
            )
            for at, count in enumerate(histogram.counts)
        ],
        rules=[PlotRule(y=histogram.expected)],
    )


def make_strips(tested: Iterable[TestedSession]) -> list[PlotStrip]:
    """A strip for each session, all on one scale."""
    rows = list(tested)
    ends = [abs(convert_to_percent(each)) for row in rows for each in (row.move, row.low, row.high)]
    reach = max(ends, default=1.0)
    axis = PlotAxis(low=-reach, high=reach, start=_STRIP[0], end=_STRIP[1])
    return [
        PlotStrip(
            axis=axis,
            move=convert_to_percent(row.move),
            low=convert_to_percent(row.low),
            high=convert_to_percent(row.high),
            mark=MARKS[row.verdict],
            label=f"{format_percent(row.move)}, normal {format_percent_range(row.low, row.high)}",
        )
        for row in rows
    ]
