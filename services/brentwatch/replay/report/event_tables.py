"""The tables of one event of a report: its tests, and the settlements around it."""

from __future__ import annotations

from brentwatch.message.figures import (
    format_day,
    format_p_number,
    format_percent,
    format_percent_range,
    format_price,
)
from brentwatch.message.html.page_tables import PageRow, PageTable
from brentwatch.replay.report.charts import MARKS
from brentwatch.replay.report.contents import EventFigures, TestedSession, UntestedSession, WindowFigures
from brentwatch.replay.report.page_cells import compute_normal_range, format_tau


def list_tests(event: EventFigures) -> PageTable:
    """The tests of an event: its session, and the windows."""
    rows: list[PageRow] = []
    for each in event.sessions:
        rows.append(_list_session(each.test, carried=each.carried))
        if not each.carried:
            rows += [_list_window(window) for window in (*each.windows, each.after) if window is not None]
    return PageTable(caption="Tests", rows=rows, style="tests")


def _list_session(test: TestedSession | UntestedSession, *, carried: bool) -> PageRow:
    name = f"{'or ' if carried else ''}{format_day(test.session)}"
    if isinstance(test, UntestedSession):
        move = "" if test.move is None else format_percent(test.move)
        return _make_row(name, move, "no test", "")
    normal = format_percent_range(test.low, test.high)
    style = MARKS[test.verdict].name.lower()
    return _make_row(name, format_percent(test.move), normal, format_p_number(test.p), style)


def _list_window(window: WindowFigures) -> PageRow:
    ongoing = "" if window.observed == window.planned else f", {window.observed} settled"
    normal = format_percent_range(*compute_normal_range(window))
    return _make_row(
        f"{window.window}{ongoing}", format_percent(window.total), normal, format_p_number(window.p)
    )


def _make_row(name: str, move: str, normal: str, p: str, style: str = "") -> PageRow:
    cells = {"Sessions#": name, "Move#": move, "Normal range (95 %)#": normal, "p#": p}
    return PageRow(cells=cells, style=style)


def list_untested(event: EventFigures) -> list[str]:
    """The sessions of an event without a test, and why."""
    return [
        f"{format_day(each.session)} {each.test.outcome}: {each.test.reason}"
        for each in event.sessions
        if isinstance(each.test, UntestedSession)
    ]


def list_prices(event: EventFigures) -> PageTable:
    """The settlements around an event."""
    return PageTable(
        caption="Settlements around the event; the move is since the close before session 0",
        rows=[
            PageRow(
                cells={
                    "Session#": format_tau(point.tau),
                    "Day#": format_day(point.session, year=True),
                    "Close#": format_price(point.close),
                    "Move#": "" if point.move is None else format_percent(point.move),
                }
            )
            for point in event.path
        ],
        style="tests",
    )
