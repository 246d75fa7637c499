"""The axes of charts: round values that hold what is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brentwatch.message.html.axes import choose_step, make_value_axis


@given(
    values=st.lists(st.floats(min_value=-1e6, max_value=1e6, allow_subnormal=False), max_size=8),
    ticks=st.integers(min_value=2, max_value=9),
)
def test_an_axis_holds_zero_and_every_value_between_its_ends(values: list[float], ticks: int) -> None:
    """Its ticks rise in equal steps, their number stays near what was asked, and all places are inside."""
    axis = make_value_axis(values, 200.0, 10.0, "{:g}".format, ticks=ticks)
    steps = [after.value - before.value for before, after in zip(axis.ticks, axis.ticks[1:], strict=False)]

    assert axis.low <= 0.0 <= axis.high
    assert 2 <= len(axis.ticks) <= ticks + 2
    assert steps == pytest.approx([steps[0]] * len(steps))
    assert all(10.0 - 1e-6 <= axis.place(value) <= 200.0 + 1e-6 for value in values)
    assert (axis.place(axis.low), axis.place(axis.high)) == (200.0, 10.0)


@pytest.mark.parametrize(
    ("span", "ticks", "step"),
    [(10.0, 5, 2.0), (11.0, 5, 2.5), (0.9, 4, 0.25), (300.0, 4, 100.0), (0.0, 5, 1.0), (5e-15, 5, 1.0)],
)
def test_a_step_is_a_round_number(span: float, ticks: int, step: float) -> None:
    assert choose_step(span, ticks) == pytest.approx(step)
