"""The page of a report: its figures are those of the report, and texts of others stay texts."""

# ruff: noqa: RUF001 - figures have a minus sign, not a hyphen

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from html.parser import HTMLParser
from math import expm1
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.message.html.browser import open_browser, print_page, prove_page
from tests.replay.report.building_of import report_history
from tests.replay.report.html_tables import read_tables
from tests.replay.report.svg import DrawnChart, read_charts
from tools.gallery.__main__ import REPORT_SCREENS, find_first_screen
from tools.gallery.photographing import FOLDER, make_fingerprint, read_mark

from brentwatch.core.domain import BRENT_FRONT, Stage
from brentwatch.replay.report.contents import MissedMove, RankedMove, ReplayReport, TestedSession
from brentwatch.replay.report.page import render_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x1b[31m{{ 7*7 }}"
MOST_BYTES = 1_500_000
_MANY = 40
_CELL = re.compile(r'class="h(\d)"[^>]*>([\d.]+)(?:<span class="alarms">▲(\d*)</span>)?')


@pytest.fixture(scope="module", params=["abqaiq-2019", pytest.param("catalogue", marks=pytest.mark.slow)])
def report(request: pytest.FixtureRequest) -> ReplayReport:
    return report_history(request.param)


@pytest.fixture(scope="module")
def page(report: ReplayReport) -> str:
    return render_report(report)


@pytest.fixture(scope="module")
def charts(page: str) -> dict[str, DrawnChart]:
    return read_charts(page)


@pytest.fixture(scope="module")
def tables(page: str) -> Mapping[str, Sequence[Mapping[str, str]]]:
    return read_tables(page)


def percent(log_return: float) -> float:
    return 100.0 * expm1(log_return)


def near(numbers: Any) -> Any:
    """The same to the last digits that count; also for rows of numbers."""
    return pytest.approx(np.array(numbers, dtype=float), rel=1e-12, abs=1e-12)


def test_the_whole_catalogue_is_one_small_file_that_asks_for_nothing(page: str) -> None:
    assert len(page.encode()) <= MOST_BYTES
    assert not re.search(r"<script|<link|<img|<iframe|<object|@import|url\(|\ssrc=", page)


@pytest.mark.slow
@pytest.mark.parametrize("report", ["catalogue"], indirect=True)
def test_the_pictures_of_the_gallery_are_of_this_report(report: ReplayReport, page: str) -> None:
    marks = {read_mark(FOLDER / name) for name in REPORT_SCREENS}
    assert marks == {make_fingerprint(find_first_screen(page))}, "make gallery PARTS=report draws them again"


def test_the_same_report_gives_the_same_page(report: ReplayReport, page: str) -> None:
    assert render_report(report) == page


@pytest.mark.parametrize("width", ["358", "740", "1088"])
def test_the_first_chart_has_each_session_with_an_event(
    report: ReplayReport, charts: dict[str, DrawnChart], width: str
) -> None:
    """In order, at its place: the move as a mark, the normal range as a bar."""
    tests = [each.test for event in report.events for each in event.sessions]
    by_day = {test.session: test for test in tests if isinstance(test, TestedSession)}
    rows = [by_day[day] for day in sorted(by_day)]
    chart = charts[f"sessions-{width}"]

    assert rows
    assert chart.points["mark"] == near([(at, percent(row.move)) for at, row in enumerate(rows)])
    assert chart.spans["bar"] == near(
        [(at, percent(row.low), percent(row.high)) for at, row in enumerate(rows)]
    )


def test_each_event_has_its_chart(report: ReplayReport, charts: dict[str, DrawnChart]) -> None:
    """The path of its prices, the normal range of its tests, and a mark for the tests that are labelled."""
    for number, event in enumerate(report.events, 1):
        chart = charts[f"path-{number}"]
        path = {point.tau: percent(point.move) for point in event.path if point.move is not None}
        first = event.sessions[0] if event.sessions else None
        assert chart.points["line"] == near(list(path.items()))
        if first is None or not isinstance(first.test, TestedSession):
            assert not chart.spans
            continue
        windows = [each for each in first.windows if each.observed == each.planned and each.window.start == 0]
        totals = {0: first.test.move, **{each.window.end: each.total for each in windows}}
        assert chart.points["mark"] == near([(t, percent(v)) for t, v in totals.items() if t != 1])
        assert chart.spans["band"][:2] == near(
            [(-1.0, 0.0, 0.0), (0.0, percent(first.test.low), percent(first.test.high))]
        )
        for (tau, low, high), window in zip(chart.spans["band"][2:], windows, strict=True):
            # The mirror of the range of the effect: Found.normal_range.
            expected = window.total - window.car
            assert tau == window.window.end
            assert low == near(percent(expected - (window.high - window.car)))
            assert high == near(percent(expected + (window.car - window.low)))


def test_the_mean_has_its_band(report: ReplayReport, page: str, charts: dict[str, DrawnChart]) -> None:
    mean = report.mean_car
    if mean is None or not mean.points:
        assert "Too few sessions with events to say." in page
        return

    chart = charts["mean-car"]
    assert chart.points["line"] == chart.points["mark"]
    assert chart.points["line"] == near([(point.tau, percent(point.caar)) for point in mean.points])
    assert chart.spans["band"] == near(
        [(each.tau, percent(each.band_low or 0.0), percent(each.band_high or 0.0)) for each in mean.points]
    )


def test_each_histogram_has_its_counts(report: ReplayReport, charts: dict[str, DrawnChart]) -> None:
    assert report.p_values
    for number, histogram in enumerate(report.p_values, 1):
        bins = len(histogram.counts)
        bars = charts[f"p-values-{number}"].spans["bar"]
        assert bars == near([((at + 0.5) / bins, 0.0, count) for at, count in enumerate(histogram.counts)])


def test_each_month_has_its_largest_move_and_its_alarms(report: ReplayReport, page: str) -> None:
    heat = re.findall(r'<table class="heat">.*?</table>', page, re.DOTALL)[0]
    shown = {}
    for year, row in re.findall(r'<tr><th scope="row">(\d+)</th>(.*?)</tr>', heat, re.DOTALL):
        for month, cell in enumerate(re.findall(r"<td.*?</td>", row, re.DOTALL), 1):
            if found := re.search(
                r'class="h(\d)"[^>]*>([\d.]+)(?:<span class="alarms">▲(\d*)</span>)?', cell
            ):
                alarms = 0 if found[3] is None else int(found[3] or 1)
                shown[int(year), month] = (int(found[1]), found[2], alarms)

    assert shown == {
        (each.year, each.month): (
            sum(abs(each.z) >= limit for limit in (1.5, 2.0, 3.0, 4.0)),
            f"{abs(each.z):.1f}",
            each.alarms,
        )
        for each in report.months
    }


def test_the_strips_of_a_table_share_one_scale(report: ReplayReport, page: str) -> None:
    """Zero is in the middle, and a place is in proportion to its move."""
    strips = re.findall(r'<svg class="strip".*?</svg>', page, re.DOTALL)
    ranked = [*report.largest_with_event, *report.largest_without_event]
    with_event = len(report.largest_with_event)
    assert len(strips) == len(ranked) > 20
    for rows in (slice(with_event), slice(with_event, None)):
        table, moves = strips[rows], ranked[rows]
        reach = max(abs(percent(v)) for e in moves for v in (e.tested.move, e.tested.low, e.tested.high))
        for strip, each in zip(table, moves, strict=True):
            left, width = map(float, re.findall(r'x="([\d.]+)" y="6" width="([\d.]+)"', strip)[0])
            move = float(re.findall(r"translate\(([\d.]+) 11\)", strip)[0])
            places = [(place - 110.0) / 102.0 * reach for place in (move, left, left + width)]
            values = [percent(each.tested.move), percent(each.tested.low), percent(each.tested.high)]
            assert places == pytest.approx(values, abs=0.5 / 102.0 * reach)


def write_percent(log_return: float) -> str:
    """As a person would round it."""
    value = percent(log_return)
    sign = "+" if value > 0.0 else "−" if value < 0.0 else "±"
    return f"{sign}{abs(value):.1f} %"


def write_span(low: float, high: float) -> str:
    return f"{write_percent(low)[:-2]} to {write_percent(high)}"


def check_p(printed: str, p: float) -> None:
    if printed.startswith("<"):
        assert p < float(printed[1:])
    else:
        assert float(printed) == pytest.approx(p, rel=0.06)


def write_date(session: date) -> str:
    return f"{session:%a} {session.day} {session:%b} {session.year}"


def test_the_alerts_are_printed_with_their_lead_and_what_was_left(
    report: ReplayReport, tables: Mapping[str, Sequence[Mapping[str, str]]]
) -> None:
    rows = next(rows for caption, rows in tables.items() if caption.startswith("Alerts:"))
    assert len(rows) == len(report.alerts) > 0
    for row, alert in zip(rows, report.alerts, strict=True):
        leads = {each.stage: each.lead_hours for each in alert.answers}
        left = {each.sessions: each.directed for each in alert.left}
        assert row["Session"] == write_date(alert.session)
        assert row["Severity"] == alert.severity
        assert row["Move"] == write_percent(alert.move)
        check_p(row["p"], alert.p)
        if alert.events:
            assert row["Alert"].startswith(f"{leads[alert.opening_stage]:.1f} h")
            assert row["Heads-up"] == f"{leads[Stage.HEADS_UP]:.1f} h"
        assert (row["1 session later"], row["5 sessions later"]) == (
            write_percent(left[1]),
            write_percent(left[5]),
        )


def test_the_rows_of_sessions_are_printed_with_their_test(
    report: ReplayReport, tables: Mapping[str, Sequence[Mapping[str, str]]]
) -> None:
    """The largest moves and those without an alert: each figure under its own title."""
    lists: dict[str, Sequence[RankedMove | MissedMove]] = {
        "The largest moves with an event": report.largest_with_event,
        "The largest moves without an event": report.largest_without_event,
        "Moves without an alert, worst first": report.missed,
    }
    for caption, listed in lists.items():
        assert listed
        for row, each in zip(tables[caption], listed, strict=True):
            tested = each.tested
            assert row["Session"] == write_date(tested.session)
            assert row["Move"] == write_percent(tested.move)
            assert float(row["z"].replace("−", "-")) == pytest.approx(tested.z, abs=0.0501)
            check_p(row["p"], tested.p)
            if isinstance(each, RankedMove):
                assert row["Rank"] == f"{each.rank:,}"
            else:
                assert row["Normal range (95 %)"] == write_span(tested.low, tested.high)


def test_the_averages_and_counts_are_printed_as_they_are(
    report: ReplayReport, tables: Mapping[str, Sequence[Mapping[str, str]]]
) -> None:
    counts = [(each.kind, f"{each.count:,}") for each in report.quality.counts]
    assert [(row["Record"], row["Count"]) for row in tables["Records by outcome"]] == counts
    if report.mean_car is None or not report.mean_car.points:
        return
    rows = tables["Mean abnormal return (AAR), mean CAR, and the placebo band"]
    for row, point in zip(rows, report.mean_car.points, strict=True):
        assert float(row["Session"].replace("−", "-")) == point.tau
        assert (row["AAR"], row["Mean CAR"]) == (write_percent(point.aar), write_percent(point.caar))
        assert row["Placebo band (95 %)"] == write_span(point.band_low or 0.0, point.band_high or 0.0)
    valid = [each for each in report.average_tests if each.valid]
    for row, test in zip(tables["Tests of the average over sessions with events"], valid, strict=True):
        assert (row["Test"], row["n"]) == (test.title, str(test.n))
        assert float(row["Statistic"].replace("−", "-")) == pytest.approx(test.statistic, abs=0.00501)
        assert test.p is not None
        check_p(row["p"], test.p)


def test_each_event_is_printed_with_its_tests(report: ReplayReport, page: str) -> None:
    """The session, then the windows: the move, its normal range, the p."""
    blocks = re.findall(r'<article id="event-\d+".*?</article>', page, re.DOTALL)
    for block, event in zip(blocks, report.events, strict=True):
        rows = read_tables(block).get("Tests", [])
        expected: list[tuple[float, float, float, float] | None] = []
        for each in event.sessions:
            test = each.test
            if isinstance(test, TestedSession):
                expected.append((test.move, test.low, test.high, test.p))
            else:
                expected.append(None)
            windows = [] if each.carried else [window for window in (*each.windows, each.after) if window]
            for window in windows:
                own = window.total - window.car
                ends = own - (window.high - window.car), own + (window.car - window.low)
                expected.append((window.total, *ends, window.p))
        for row, figures in zip(rows, expected, strict=True):
            if figures is None:
                assert row["Normal range (95 %)"] == "no test"
                continue
            move, low, high, p = figures
            assert row["Move"] == write_percent(move)
            assert row["Normal range (95 %)"] == write_span(low, high)
            check_p(row["p"], p)


class _Markup(HTMLParser):
    """The tags, the attributes and the texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def read_markup(page: str) -> _Markup:
    markup = _Markup()
    markup.feed(page)
    return markup


def make_hostile(value: Any) -> Any:
    """The same report with every text of it replaced; closed lists of words stay."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return HOSTILE
    if isinstance(value, tuple):
        return tuple(make_hostile(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value) if each.init]
        return replace(value, **{name: make_hostile(getattr(value, name)) for name in names})
    return value


def test_no_text_of_a_report_becomes_markup(report: ReplayReport, page: str) -> None:
    """Whatever a text says: the same tags and attributes, no address, no control or turning character."""
    plain, hostile = read_markup(page), render_report(make_hostile(report))
    found = read_markup(hostile)

    assert hostile.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 100
    assert found.tags <= plain.tags
    assert {name for name, _ in found.attributes} <= {name for name, _ in plain.attributes}
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f\x7f]", hostile)
    assert {value[:1] for name, value in found.attributes if name == "href"} <= {"#"}


def test_links_lead_within_the_page_or_to_the_web(page: str) -> None:
    """Each place that a link leads to is there, once; the web is told nothing of the page."""
    markup = read_markup(page)
    names = [value for name, value in markup.attributes if name == "id"]
    links = [value for name, value in markup.attributes if name == "href"]
    web = [link for link in links if not link.startswith("#")]

    assert len(names) == len(set(names))
    assert {link.removeprefix("#") for link in links if link.startswith("#")} <= set(names)
    assert web
    assert all(re.match(r"https?://", link) for link in web)
    assert page.count('rel="noreferrer noopener"') == len(web)


def test_what_a_report_does_not_have_is_said(report: ReplayReport) -> None:
    empty = replace(report, alerts=(), doubtful=(), events=(), calendar=(), mean_car=None, months=())
    page = render_report(empty)

    for told in ("No alert.", "No session with an event was tested.", "No session has an event.", "Too few"):
        assert told in page


def test_alerts_within_the_session_are_told_in_the_first_line_and_with_the_move_by_then() -> None:
    report = report_history("intraday-demo", BRENT_FRONT)
    page = render_report(report)
    rows = next(rows for caption, rows in read_tables(page).items() if caption.startswith("Alerts:"))
    shares = [next(a.share for a in e.answers if a.stage is e.opening_stage) for e in report.alerts]

    assert report.verdict.headline.startswith("2 alerts opened before the settlement.")
    assert None not in shares
    assert [row["Move by then"] for row in rows] == [f"{100.0 * (each or 0.0):.0f} %" for each in shares]


@pytest.mark.slow
def test_the_page_in_a_browser(report: ReplayReport, page: str, tmp_path: Path) -> None:
    """At three widths, in light and in dark, without scripts: nothing is cut, axe-core finds no violation.

    It asks for nothing, and prints. The whole catalogue is many times the same for axe-core.
    """
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    with open_browser() as browser:
        prove_page(browser, path, with_axe=len(report.events) < _MANY)
        assert print_page(browser, path).startswith(b"%PDF")
