"""A plot shows each move beside its normal range, and marks what lies outside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pytest
from tests.hiding import run_script

from brentwatch import InvalidInput, event_study
from brentwatch.message.chart_marks import MoveMark
from brentwatch.notebook.drawing import DrawnMove, draw_moves, draw_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

EVENTS = {"Abqaiq": "2019-09-14T00:45Z", "Kazakhstan": "2022-01-05", "late": "2030-01-01"}


@pytest.fixture(autouse=True)
def without_a_screen() -> Iterator[None]:
    with mpl.rc_context({"backend": "agg"}):
        yield
    from matplotlib import pyplot

    pyplot.close("all")


def list_marks(axes: Axes) -> list[tuple[float, str]]:
    """The place of each mark on the scale of moves, and its colour."""
    lines = [line for line in axes.get_lines() if line.get_marker() in ("o", "^", "v")]
    return [(float(np.ravel(np.asarray(line.get_xdata()))[0]), str(line.get_color())) for line in lines]


def test_all_events_have_a_row_each_with_move_and_range() -> None:
    study = event_study(EVENTS, windows=[(0, 0), (0, 1)])
    axes = study.plot()
    frame = study.to_frame()

    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert labels == ["Abqaiq [0, 0]", "Abqaiq [0, 1]", "Kazakhstan [0, 0]", "Kazakhstan [0, 1]"]
    marks = list_marks(axes)
    assert [mark for mark, _ in marks] == pytest.approx([100 * np.expm1(car) for car in frame["car"]])
    assert [colour == MoveMark.OUTSIDE.colour for _, colour in marks] == [p < 0.05 for p in frame["car_p"]]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert {text.get_text() for text in axes.texts} == {"+11.8 %", "+7.3 %", "+1.5 %", "+3.3 %"}


def test_one_event_has_the_path_of_its_sessions() -> None:
    study = event_study(EVENTS)
    axes = study.plot("Abqaiq")
    (path,) = (line for line in axes.get_lines() if len(np.ravel(np.asarray(line.get_xdata()))) == 17)

    assert list(np.ravel(np.asarray(path.get_xdata()))) == list(range(-6, 11))
    cars = study.rows[study.rows["event"] == "Abqaiq"]["car"]
    assert list(np.ravel(np.asarray(path.get_ydata()))) == pytest.approx(
        [0, *(100 * np.expm1(car) for car in cars)]
    )
    assert axes.get_title(loc="left") == "Abqaiq, constant-mean"


def test_a_study_of_one_event_draws_its_path_unasked() -> None:
    assert (
        event_study({"Abqaiq": "2019-09-14T00:45Z"}).plot().get_title(loc="left") == "Abqaiq, constant-mean"
    )


def test_it_draws_on_the_axes_that_are_given() -> None:
    from matplotlib import pyplot

    _, given = pyplot.subplots()

    assert event_study(EVENTS).plot(ax=given) is given


def test_the_two_marks_have_two_words_and_only_what_is_drawn_is_named() -> None:
    inside = DrawnMove(label="a", tau=0, move=0.01, low=-0.03, high=0.03)
    outside = DrawnMove(label="b", tau=0, move=-0.04, low=-0.03, high=0.03)
    abnormal = DrawnMove(label="c", tau=0, move=0.11, low=-0.03, high=0.03, abnormal=True)

    def words(*moves: DrawnMove) -> list[str]:
        legend: Any = draw_moves(moves, "", None, 0.01).get_legend()
        return [text.get_text() for text in legend.get_texts()]

    assert words(inside) == ["normal range (95 %)", "inside it"]
    assert words(inside, outside) == ["normal range (95 %)", "inside it", "outside the normal range"]
    assert words(outside, abnormal) == [
        "normal range (95 %)",
        "outside the normal range",
        "abnormal (p ≤ 0.01)",
    ]


def test_no_more_than_sixty_moves_are_drawn_and_the_title_says_so() -> None:
    moves = [DrawnMove(label=str(at), tau=0, move=0.0, low=-0.03, high=0.03) for at in range(70)]
    axes = draw_moves(moves, "Moves", None, None)

    assert axes.get_title(loc="left") == "Moves (the first 60 of 70)"
    assert len(axes.get_yticklabels()) == 60


def test_a_formula_in_a_name_is_text() -> None:
    move = DrawnMove(label="$x$ \\frac", tau=0, move=0.0, low=-0.03, high=0.03)
    draw_moves([move, move], "$\\frac$", None, None).figure.canvas.draw()
    draw_path([move], "$\\frac$", "$y$", None, None).figure.canvas.draw()


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no event has a result, so there is nothing to draw"):
        event_study({"late": "2030-01-01"}).plot()
    with pytest.raises(InvalidInput, match=r"event is 'Abqaik'; .* did you mean 'Abqaiq'\?"):
        event_study(EVENTS).plot("Abqaik")


def test_without_matplotlib_the_error_names_the_extra() -> None:
    script = """
from brentwatch import BrentwatchError, event_study
study = event_study("2022-01-05")
print(len(study.summary().as_text()) > 500)
try:
    study.plot()
except BrentwatchError as error:
    print(error)
"""
    works, error = run_script(script, "matplotlib").splitlines()

    assert works == "True"
    assert error.endswith('expected the extra "chart"; run pip install "brentwatch[chart]"')
