"""The page of a report: one HTML file without scripts, whose charts are SVG.

Page and report.json are made from the same `ReplayReport`; the page adds no figure of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from brentwatch.message.figures import format_day, format_exposure, format_p_value, format_utc
from brentwatch.message.html.page_tables import PageLink, PagePart, PageTable
from brentwatch.message.html.pages import render_page
from brentwatch.message.html.plots import Plot
from brentwatch.replay.report import event_tables, session_tables, summary_tables
from brentwatch.replay.report.charts import draw_event, draw_histogram, draw_mean_car, draw_sessions
from brentwatch.replay.report.contents import EventFigures, MonthCell, ReplayReport, TestedSession
from brentwatch.replay.report.page_cells import link_source, list_confounders

_WIDTHS = {"narrow": 358.0, "middle": 740.0, "wide": 1088.0}
"""The first chart is drawn for each width of screen, so that its text has one size; the style shows one."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBlock:
    """One event on the page: `number` is its place there, `plot` is None without prices."""

    number: int
    figures: EventFigures
    plot: Plot | None
    tests: PageTable
    untested: Sequence[str]
    prices: PageTable
    confounders: Sequence[PagePart]


def render_report(report: ReplayReport) -> str:
    """The page as a text; texts of others are cleaned and escaped. The same report gives the same text."""
    links = _link_events(report.events)
    tested = _select_sessions(report)
    names = {event.event_id: _shorten(event) for event in report.events}
    return render_page(
        "brentwatch.replay.report",
        "report.html.j2",
        report=report,
        tables=session_tables,
        summary=summary_tables,
        link_source=link_source,
        links=links,
        sessions=[(style, draw_sessions(tested, names, width)) for style, width in _WIDTHS.items()]
        if tested
        else [],
        blocks=[
            _make_block(number, event, report.verdict.level) for number, event in enumerate(report.events, 1)
        ],
        mean_car=draw_mean_car(report.mean_car) if report.mean_car and report.mean_car.points else None,
        histograms=[(draw_histogram(each, at), each) for at, each in enumerate(report.p_values, 1)],
        years=_group_months(report.months),
        months=_MONTHS,
        format_day=format_day,
        format_utc=format_utc,
        format_exposure=format_exposure,
        format_p_value=format_p_value,
    )


def _link_events(events: Sequence[EventFigures]) -> dict[str, PageLink]:
    return {
        event.event_id: PageLink(text=event.label, address=f"#event-{number}")
        for number, event in enumerate(events, 1)
    }


def _shorten(event: EventFigures) -> str:
    """The first place of an event, or its country."""
    return (event.place or event.country_name).partition(",")[0]


def _select_sessions(report: ReplayReport) -> list[TestedSession]:
    """The tested sessions of the events, oldest first, each once."""
    tests = (each.test for event in report.events for each in event.sessions)
    by_day = {test.session: test for test in tests if isinstance(test, TestedSession)}
    return [by_day[session] for session in sorted(by_day)]


def _make_block(number: int, event: EventFigures, level: float) -> EventBlock:
    return EventBlock(
        number=number,
        figures=event,
        plot=draw_event(event, number, level),
        tests=event_tables.list_tests(event),
        untested=event_tables.list_untested(event),
        prices=event_tables.list_prices(event),
        confounders=list_confounders(event.confounders),
    )


def _group_months(months: Sequence[MonthCell]) -> list[tuple[int, list[MonthCell | None]]]:
    """A row of twelve cells for each year; None where no session was tested."""
    known = {(cell.year, cell.month): cell for cell in months}
    years = sorted({cell.year for cell in months})
    return [(year, [known.get((year, month)) for month in range(1, 13)]) for year in years]
