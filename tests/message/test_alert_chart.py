"""The picture of an alert: the same bytes each time, the figures of the card, nothing clipped, no level."""

from __future__ import annotations

import struct
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from functools import cache
from xml.etree import ElementTree

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from tests.notify.alerts import (
    CASES,
    EVENT,
    FIRST_HOUR_TEST,
    GONE,
    HOUR_TEST,
    PROVISIONAL_TEST,
    REOPEN_TEST,
    SETTLEMENT_TEST,
    WITHIN_TEST,
    alert,
    provisional_alert,
    tested_alert,
    within_alert,
)

from brentwatch.core.domain import Range, Stage
from brentwatch.core.errors import InvalidInput
from brentwatch.message.alert_chart import Picture, build_figure, draw_alert
from brentwatch.message.alert_state import has_chart
from brentwatch.message.alert_text import compose_text
from brentwatch.message.chart import render_figure
from brentwatch.message.chart_marks import MoveMark
from brentwatch.message.chart_slots import list_slots
from brentwatch.message.figures import MINUS, format_day, format_percent
from brentwatch.message.words import write_alert_lines

HOSTILE = replace(
    alert(
        title="Brent $x_2$ <b>& \x1b[31m\u202e",
        events=(replace(EVENT, place="<script>\u2066$\\frac{1}{2}$ هجوم", known_at=EVENT.known_at),),
    )
)
DRAWN = {name: each for name, each in CASES.items() if has_chart(each)}
ODD = {
    **DRAWN,
    "hostile": HOSTILE,
    "huge": tested_alert(
        move=replace(SETTLEMENT_TEST.move, close=1e300, previous_close=1e-300, log_return=1e3),
        estimate=900.0,
        range=Range(-900.0, 1e3),
        normal=Range(-1e3, 1e3),
    ),
    "flat": tested_alert(estimate=0.0, range=Range(0.0, 0.0), normal=Range(0.0, 0.0)),
    "below_zero": tested_alert(
        move=replace(SETTLEMENT_TEST.move, close=-37.63, previous_close=-1.0, log_return=None)
    ),
    "one_instant": alert(events=(replace(EVENT, known_at=alert().settles_at),)),
    "two_tests": provisional_alert(
        tests=(REOPEN_TEST, FIRST_HOUR_TEST, WITHIN_TEST, HOUR_TEST, PROVISIONAL_TEST)
    ),
    "many": alert(
        events=tuple(replace(EVENT, known_at=EVENT.known_at + timedelta(hours=each)) for each in range(60)),
        events_total=60,
    ),
    "long_ago": alert(events=(replace(EVENT, known_at=EVENT.known_at - timedelta(days=9)),)),
}


def words(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)  # noqa: S314 - it is ours
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


@cache
def drawn(name: str) -> Picture:
    return draw_alert(ODD[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_it_is_the_same_each_time_and_small(name: str) -> None:
    picture = drawn(name)

    assert picture == draw_alert(ODD[name])
    assert len(picture.png) <= 100_000
    assert len(picture.svg) <= 100_000
    assert struct.unpack(">II", picture.png[16:24]) == (800, 600)


@pytest.mark.slow
def test_another_process_draws_the_same() -> None:
    script = (
        "import hashlib; from tests.message.test_alert_chart import DRAWN; "
        "from brentwatch.message.alert_chart import draw_alert; "
        "made = [draw_alert(each) for each in DRAWN.values()]; "
        "print(*(hashlib.sha256(each.png + each.svg).hexdigest() for each in made))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_every_word_is_within_the_picture(name: str) -> None:
    assert render_figure(lambda: check_bounds(build_figure(ODD[name])), "png")


def check_bounds(figure: Figure) -> Figure:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]  # of the library
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(canvas.get_renderer())  # type: ignore[no-untyped-call]  # of the library
            inside = box.x0 >= 0 and box.x1 <= 400 and box.y0 >= 0 and box.y1 <= 300
            assert inside, (text.get_text(), box)
    return figure


@pytest.mark.parametrize("name", DRAWN)
def test_its_moves_and_its_p_are_those_of_the_words(name: str) -> None:
    said, told = "\n".join(write_alert_lines(CASES[name])), words(drawn(name).svg)
    moves = [format_percent(slot.drawn.move) for slot in list_slots(CASES[name]) if slot.drawn is not None]

    assert [move for move in moves if move not in told] == []
    assert [move for move in moves if move not in said and move.replace(" %", "") not in said] == []
    (p,) = [line.split(" · ")[0] for line in told if line.startswith("p ")]
    assert p in compose_text(CASES[name]).card


@pytest.mark.parametrize("name", DRAWN)
def test_a_test_is_marked_abnormal_if_and_only_if_its_words_say_so(name: str) -> None:
    shown = CASES[name]
    assert {MoveMark.ABNORMAL.value, MoveMark.OUTSIDE.value, MoveMark.INSIDE.value} <= set(
        words(drawn(name).svg)
    )
    marks = {slot.name: slot.drawn.mark for slot in list_slots(shown) if slot.drawn is not None}
    settlement = shown.find_test(Stage.SETTLEMENT)
    if settlement is not None:
        assert (marks[format_day(shown.session)] is MoveMark.ABNORMAL) is settlement.is_abnormal


def test_a_first_hour_outside_its_normal_range_and_above_its_level_is_not_marked_abnormal() -> None:
    gap, hour = [slot.drawn for slot in list_slots(CASES["first_hour"])[:2]]
    assert gap is not None
    assert hour is not None
    assert (gap.mark, hour.mark) == (MoveMark.ABNORMAL, MoveMark.OUTSIDE)


def test_it_says_how_loud_which_way_and_how_much() -> None:
    for name, head in (
        ("critical", "CRITICAL ▲ Brent +11.6 %"),
        ("medium", f"MEDIUM ▼ Brent {MINUS}5.8 %"),
        ("info", "INFO ▲ Brent +11.6 %"),
        ("withdrawn_event", "WITHDRAWN ▲ Brent +11.6 %"),
        ("intraday", "CRITICAL ▲ Brent +3.0 % in 15 min"),
        ("settled_calm", "HIGH ▲ Brent +7.1 % at re-open"),
        ("provisional", "HIGH ▲ Brent +14.6 % provisional"),
        ("reopen_calm", f"HEADS-UP Brent {MINUS}0.4 % at re-open, not abnormal"),
    ):
        assert head in words(drawn(name).svg)


def test_a_thread_without_a_test_has_no_picture_and_says_so_before() -> None:
    assert [name for name, each in CASES.items() if not has_chart(each)] == [
        "heads_up",
        "heads_up_open",
        "reopen_untested",
    ]
    with pytest.raises(InvalidInput, match="no test to draw; expected one or more"):
        draw_alert(CASES["heads_up"])


@pytest.mark.parametrize(
    ("name", "slots"),
    [
        ("reopen", {"re-open": True, "re-open +60 min": False}),
        ("first_hour", {"re-open": True, "re-open +60 min": True}),
        ("provisional", {"re-open": True, "re-open +60 min": True, "provisional": True}),
        ("settled", {"re-open": True, "re-open +60 min": True, "Mon 16 Sep": True}),
        ("intraday", {"15 minutes": True, "60 minutes": False}),
    ],
)
def test_each_stage_draws_what_was_tested_and_what_is_to_come(name: str, slots: dict[str, bool]) -> None:
    rest = {"Mon 16 Sep": False} if "Mon 16 Sep" not in slots and "provisional" not in slots else {}
    assert {slot.name: slot.drawn is not None for slot in list_slots(CASES[name])} == {
        **slots,
        **rest,
        "two sessions": False,
        "six sessions": False,
    }


def test_a_withdrawn_thread_waits_for_no_further_session() -> None:
    assert [slot.name for slot in list_slots(CASES["withdrawn_move"])] == ["Mon 16 Sep"]


def test_of_two_tests_in_a_session_the_one_that_leads_is_drawn() -> None:
    second = replace(
        WITHIN_TEST, window=replace(WITHIN_TEST.window, number=2), p=0.4, estimate=0.001, study_id="77"
    )
    (first, *_) = list_slots(within_alert(tests=(WITHIN_TEST, second)))
    assert first.drawn is not None
    assert first.drawn.move == WITHIN_TEST.estimate


def test_moves_from_several_starts_have_no_scale_of_prices() -> None:
    assert "USD/bbl" in words(drawn("first_hour").svg)
    told = words(drawn("settled").svg)
    assert "USD/bbl" not in told
    assert "Each move from its own start, with its 95 % range; grey: normal range" in told


def test_the_windows_stand_in_their_order_and_those_to_come_are_named() -> None:
    assert [(slot.name, slot.drawn is not None) for slot in list_slots(CASES["update"])] == [
        ("Mon 16 Sep", True),
        ("two sessions", True),
        ("six sessions", False),
    ]
    assert words(drawn("update").svg).count("to come") == 1


def test_the_news_and_the_settlement_stand_below_with_the_time_between_them() -> None:
    told = words(drawn("critical").svg)
    assert "news 14 Sep 00:45 UTC" in told
    assert "settled 16 Sep 15:30 UTC, 62.8 h later" in told
    assert "re-open 15 Sep 22:05 UTC, 45.3 h later" in words(drawn("reopen").svg)
    assert "last bar 16 Sep 18:30 UTC, 65.8 h later" in words(drawn("provisional").svg)
    assert "news 14 Sep" in words(drawn("medium").svg)
    assert "No event is known before it" in words(drawn("info").svg)
    assert "Every event was withdrawn" in words(drawn("withdrawn_event").svg)


def test_prices_that_may_not_be_shown_are_an_index() -> None:
    told = words(drawn("derived_only").svg)
    assert "index, close before = 100" in told
    assert "100.0" in told
    assert not any("USD" in each for each in told)
    assert "USD/bbl" in words(drawn("critical").svg)
    below = words(drawn("below_zero").svg)
    assert not any(each == "USD/bbl" or "index" in each for each in below)


def test_text_from_outside_is_text() -> None:
    told = "\n".join(words(drawn("hostile").svg))
    assert "<script>" in told
    assert "$x_2$" in told
    assert all(each.isprintable() or each == "\n" for each in told)


def test_a_revision_without_its_events_draws_no_time() -> None:
    assert not any(each.startswith("news ") for each in words(draw_alert(alert(**GONE)).svg))


def test_nothing_is_loaded_before_something_is_drawn() -> None:
    script = "import brentwatch.message.alert_chart, sys; print({'matplotlib', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
