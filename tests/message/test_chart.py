"""The chart: its numbers, its words, and the same bytes each time."""

from __future__ import annotations

import struct
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from tests.message.studies import SESSIONS, found, grown, study

from brentwatch.core.domain import Beside, NotYet, Refused, Window
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.message.chart import ChartPanel, draw
from brentwatch.message.chart_layout import (
    Point,
    choose_label_sides,
    format_dates,
    plan_layout,
    select_points,
    wrap_sentence,
    write_verdicts,
)
from brentwatch.message.chart_marks import MoveMark, choose_mark, style_mark
from brentwatch.message.figures import MINUS

ABQAIQ = ChartPanel("Abqaiq", "exposure 0.98", grown(0.11, 0.05, 0.05, 0.05, 0.066, 0.06))
KAZAKHSTAN = ChartPanel(
    "Kazakhstan", "exposure 0.65", grown(0.013, 0.03, 0.034, 0.025, 0.065), sessions=SESSIONS
)


_PROGRAM = """
import sys
from tests.message.test_chart import ABQAIQ, KAZAKHSTAN, draw
sys.stdout.buffer.write(draw([ABQAIQ, KAZAKHSTAN]))
"""


def texts(svg: bytes) -> list[str]:
    """What can be read in the picture, in the order in which it is drawn."""
    nodes = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314  # made here
    return [node.text or "" for node in nodes]


@pytest.mark.slow
def test_the_same_panels_give_the_same_bytes_in_this_process_and_in_another() -> None:
    other = subprocess.run([sys.executable, "-c", _PROGRAM], check=True, capture_output=True).stdout
    once = draw([ABQAIQ, KAZAKHSTAN])
    assert once == draw([ABQAIQ, KAZAKHSTAN]) == other
    assert len(once) < 60_000


def test_text_is_text_and_says_the_verdict_under_the_title() -> None:
    told = texts(draw([ABQAIQ]))
    assert told[told.index("Abqaiq") :][:5] == [
        "Abqaiq",
        "exposure 0.98",
        "Session: abnormal move up: +11.6 %, 95 % range +7.3 to +16.2 %, p < 0.002",
        f"Six sessions: no abnormal move detected; abnormal return +6.2 %, 95 % range {MINUS}3.7 to +17.1 %; "
        "the test finds a rise of 20.3 % four times",
        "in five",
    ]


def marks(panel: ChartPanel) -> list[MoveMark]:
    return [
        choose_mark(each.car, each.low, each.high, is_abnormal=each.p <= panel.level)
        for each in select_points(panel.studies)
    ]


def test_outside_the_normal_range_and_abnormal_are_two_marks() -> None:
    panel = ChartPanel("", "", grown(0.11, 0.0745, 0.01))
    assert marks(panel) == [MoveMark.ABNORMAL, MoveMark.OUTSIDE, MoveMark.INSIDE]

    shown = texts(draw([panel]))
    assert shown[shown.index("abnormal") + 1] == "+11.6 %"
    assert shown.count("abnormal") == 1
    assert shown[-4:] == [
        "normal range (95 %)",
        "inside",
        "outside the normal range",
        "abnormal (alert level 0.01)",
    ]


def test_a_mark_is_known_by_its_shape_without_its_colour() -> None:
    shapes = {(style["marker"], style["markerfacecolor"] == "white") for style in (
        style_mark(mark, 0.1, 5.0) for mark in MoveMark
    )}  # fmt: skip
    assert len(shapes) == len(MoveMark)
    assert style_mark(MoveMark.ABNORMAL, -0.1, 5.0)["marker"] == "v"


@pytest.mark.parametrize("car", [0.11, 0.045, 0.01])
@pytest.mark.parametrize("level", [0.05, 0.01, 0.001])
def test_the_picture_calls_a_session_abnormal_if_and_only_if_its_text_does(car: float, level: float) -> None:
    panel = ChartPanel("", "", grown(car), level=level)
    (verdict,) = write_verdicts(panel)
    assert verdict.startswith("Session: abnormal move") is (marks(panel) == [MoveMark.ABNORMAL])
    assert ("abnormal" in texts(draw([panel]))) is (marks(panel) == [MoveMark.ABNORMAL])


def test_panels_of_two_levels_have_a_legend_without_one() -> None:
    both = [ChartPanel("", "", grown(0.11), level=level) for level in (0.01, 0.006)]
    assert "abnormal (at the alert level)" in texts(draw(both))


def test_a_large_session_that_is_not_abnormal_is_explained() -> None:
    beside = (Beside(model="constant-mean", p=0.0001),)
    first, second = (replace(each, beside=beside) for each in grown(0.045, 0.05))
    session, window = write_verdicts(ChartPanel("", "", [first, second]))
    assert "large, but not rare enough for an alert: the market had become more volatile" in session
    assert "large" not in window


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_png_has_the_proportions_and_the_resolution_of_a_slide(count: int) -> None:
    png = draw([ABQAIQ, KAZAKHSTAN, ABQAIQ, KAZAKHSTAN][:count], "png")
    width, height = struct.unpack(">II", png[16:24])
    assert width >= 2000
    assert width / height == pytest.approx(16 / 9, abs=0.001)
    dots_a_metre = struct.unpack(">I", png[png.index(b"pHYs") + 4 :][:4])[0]
    assert dots_a_metre * 0.0254 == pytest.approx(200, abs=0.1)


def test_axes_that_have_no_room_on_a_slide_get_a_larger_page() -> None:
    one, four = plan_layout([ABQAIQ]), plan_layout([ABQAIQ, KAZAKHSTAN] * 2)
    assert one.page_width == 720.0
    assert four.page_width > 720.0
    assert four.is_roomy


def test_panels_side_by_side_share_one_scale() -> None:
    calm, wild = ChartPanel("", "", grown(0.001)), ChartPanel("", "", grown(0.4))
    assert "+40 %" not in texts(draw([calm]))
    assert texts(draw([calm, wild])).count("+40 %") == 1


def test_the_band_is_the_range_around_zero() -> None:
    test = found(0.05, window=Window(0, 5), observed=2)
    (point,) = select_points([study(window=test.window, result=test)])
    assert point == Point(tau=1, car=0.05, low=0.05 - test.high, high=0.05 - test.low, p=test.p)


def test_the_newest_revision_of_a_session_counts() -> None:
    first, second = grown(0.01, 0.02)
    revised = study(revision=3, window=second.window, result=found(0.09, window=second.window, observed=2))
    assert [point.car for point in select_points([revised, first, second])] == [0.01, 0.09]


def test_labels_keep_off_the_curve() -> None:
    assert choose_label_sides(select_points(grown(0.05, 0.02, 0.04))) == [1, -1, 1]


def test_dates_stand_where_they_are_known() -> None:
    assert format_dates(ABQAIQ) == {-1: "4 Jan", 0: "5 Jan"}
    assert format_dates(KAZAKHSTAN) == {
        -1: "4 Jan", 0: "5 Jan", 1: "6 Jan", 2: "7 Jan", 3: "10 Jan", 4: "11 Jan",
    }  # fmt: skip


def test_one_settled_session_has_one_verdict() -> None:
    (told,) = write_verdicts(ChartPanel("", "", grown(0.01)))
    assert told.startswith("Session: no abnormal move detected; ")


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (NotYet(settles_at=datetime(2022, 1, 5, 16, 30, tzinfo=UTC)), "pending: settles Wed 5 Jan 16:30 UTC"),
        (Refused("49 returns, 120 wanted"), "no answer: 49 returns, 120 wanted"),
    ],
)
def test_without_an_answer_the_chart_says_so(result: NotYet | Refused, expected: str) -> None:
    told = texts(draw([ChartPanel("Vorukh", "", [study(window=Window(0, 5), result=result)])]))
    assert f"Six sessions: {expected}" in told
    assert "nothing was tested" in told


def test_foreign_text_is_no_markup_no_formula_and_no_control_character() -> None:
    told = texts(draw([ChartPanel("a < b & $x$ \x1b\n\uffff石", "\x00", grown(0.01))]))
    assert "a < b & $x$ 石" in told


def test_no_panel_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no panel to draw; expected one or more"):
        draw([])


def test_no_line_ends_within_a_figure_a_range_or_a_p() -> None:
    assert wrap_sentence("up: +11 %, range +6 to +17 %, p < 0.002", 18) == [
        "up: +11 %, range",
        "+6 to +17 %,",
        "p < 0.002",
    ]
    assert wrap_sentence("one two three", 8) == ["one two", "three"]


def test_without_matplotlib_no_chart_is_drawn_and_what_to_install_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(SettingsError) as caught:
        draw([ABQAIQ])
    assert str(caught.value).startswith("matplotlib, which draws charts, cannot be imported (")
    assert str(caught.value).endswith('expected the extra "chart"; run pip install "brentwatch[chart]"')
