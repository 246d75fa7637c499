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
from tests.notify.alerts import CASES, EVENT, GONE, INTRADAY, alert, window

from brentwatch.core.domain import Found
from brentwatch.message.alert_chart import Picture, build_figure, draw_alert, list_slots
from brentwatch.message.alert_text import compose_text
from brentwatch.message.chart import render_figure
from brentwatch.message.figures import MINUS, format_percent
from brentwatch.message.words import write_alert_lines

HOSTILE = replace(
    alert(
        title="Brent $x_2$ <b>& \x1b[31m\u202e",
        events=(replace(EVENT, place="<script>\u2066$\\frac{1}{2}$ هجوم", known_at=EVENT.known_at),),
    )
)
ODD = {
    **CASES,
    "hostile": HOSTILE,
    "huge": alert(
        move=replace(alert().move, close=1e300, previous_close=1e-300, log_return=1e3),
        headline=replace(alert().headline, total=900.0, car=900.0, low=-900.0, high=1e3),
    ),
    "flat": alert(headline=replace(alert().headline, total=0.0, car=0.0, low=0.0, high=0.0)),
    "below_zero": alert(move=replace(alert().move, close=-37.63, previous_close=-1.0, log_return=None)),
    "one_instant": alert(events=(replace(EVENT, known_at=alert().settled_at),)),
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
        "import hashlib; from tests.notify.alerts import CASES; "
        "from brentwatch.message.alert_chart import draw_alert; "
        "made = [draw_alert(each) for each in CASES.values()]; "
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


@pytest.mark.parametrize("name", CASES)
def test_its_moves_and_its_p_are_those_of_the_words(name: str) -> None:
    said, told = "\n".join(write_alert_lines(CASES[name])), words(drawn(name).svg)
    moves = [format_percent(slot.found.total) for slot in list_slots(CASES[name]) if slot.found is not None]

    assert [move for move in moves if move not in told] == []
    assert [move for move in moves if move not in said and move.replace(" %", "") not in said] == []
    (p,) = [line.split(" · ")[0] for line in told if line.startswith("p ")]
    assert p in compose_text(CASES[name]).card


def test_it_says_how_loud_which_way_and_how_much() -> None:
    for name, head in (
        ("critical", "CRITICAL ▲ Brent +11.6 %"),
        ("medium", f"MEDIUM ▼ Brent {MINUS}5.8 %"),
        ("info", "INFO ▲ Brent +11.6 %"),
        ("withdrawn_event", "WITHDRAWN ▲ Brent +11.6 %"),
        ("intraday", "CRITICAL ▲ Brent +3.0 % in 15 min"),
    ):
        assert head in words(drawn(name).svg)


def test_the_windows_stand_in_their_order_and_those_to_come_are_named() -> None:
    assert [(slot.name, slot.found is not None) for slot in list_slots(CASES["update"])] == [
        ("Mon 16 Sep", True),
        ("two sessions", True),
        ("six sessions", False),
    ]
    assert words(drawn("update").svg).count("to come") == 1
    hour = replace(window(0, 0.04), observed=12, planned=12)
    (first, second) = list_slots(replace(INTRADAY, windows=(hour,)))
    assert (first.found, second.found) == (INTRADAY.headline, hour)
    assert isinstance(second.found, Found)


def test_the_news_and_the_settlement_stand_below_with_the_time_between_them() -> None:
    told = words(drawn("critical").svg)
    assert "news 14 Sep 00:45 UTC" in told
    assert "settled 16 Sep 15:30 UTC, 62.8 h later" in told
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
