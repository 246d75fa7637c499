"""Two tails scaled apart: p, distances and ranges of a forecast that falls further than it rises."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from brentwatch.core.forecasts.abnormal_returns import find_noise, minimum_detectable_effect
from brentwatch.core.forecasts.two_tails import GAIN, UNSCALED, WIDEST, TailScale, TwoTails

scales = st.builds(TailScale, st.floats(-WIDEST, WIDEST), st.floats(-WIDEST, WIDEST))


def forecast(up: TailScale = UNSCALED, down: TailScale = UNSCALED, nu: float = 7.0) -> TwoTails:
    return TwoTails(expected=0.001, standard_error=0.02, scale=0.017, degrees_of_freedom=nu, up=up, down=down)


@pytest.mark.parametrize("deviation", [-0.1, -0.03, -0.001, 0.0, 0.001, 0.03, 0.1])
def test_unscaled_tails_are_those_of_student_t(deviation: float) -> None:
    assert forecast().tail(deviation) == pytest.approx(2.0 * stats.t.sf(abs(deviation) / 0.017, 7.0))


def test_a_wide_lower_tail_makes_falls_less_surprising_and_leaves_rises_alone() -> None:
    wide = forecast(down=TailScale(0.3))

    assert wide.tail(-0.05) == pytest.approx(2.0 * stats.t.sf(0.05 / 0.017 / math.exp(0.3), 7.0))
    assert wide.tail(-0.05) > forecast().tail(-0.05)
    assert wide.tail(0.05) == forecast().tail(0.05)


def test_the_bend_moves_the_rare_moves_alone() -> None:
    bent = forecast(up=TailScale(0.0, 0.4))
    usual, rare = 0.017 * stats.t.isf(0.03, 7.0), 0.017 * stats.t.isf(0.001, 7.0)

    assert bent.one_sided(usual, up=True) == pytest.approx(0.03)
    assert bent.one_sided(rare, up=True) == pytest.approx(0.025 * (0.001 / 0.025) ** math.exp(-0.4))
    assert bent.one_sided(rare, up=True) > 0.001


@given(up=scales, down=scales, tail=st.floats(1e-4, 0.9), is_up=st.booleans())
def test_a_distance_has_the_tail_that_it_was_asked_for(
    up: TailScale, down: TailScale, tail: float, *, is_up: bool
) -> None:
    asked = forecast(up, down)
    away = asked.distance(tail, up=is_up)

    assert asked.tail(away if is_up else -away) == pytest.approx(tail, rel=1e-6)


@given(
    up=scales, down=scales, one=st.floats(0.0, 0.3), two=st.floats(0.0, 0.3), sign=st.sampled_from([1, -1])
)
def test_p_falls_with_the_distance(up: TailScale, down: TailScale, one: float, two: float, sign: int) -> None:
    near, far = sorted((one, two))

    assert forecast(up, down).tail(sign * near) >= forecast(up, down).tail(sign * far)


def test_a_tail_widens_when_it_is_exceeded_and_its_bend_at_rarer_moves() -> None:
    usual, rare, quiet = TailScale().learn(0.025), TailScale().learn(0.005), TailScale().learn(0.0251)

    assert (usual.log_k, usual.bend) == pytest.approx((GAIN * 0.975, -GAIN * 0.005))
    assert (rare.log_k, rare.bend) == pytest.approx((GAIN * 0.975, GAIN * 0.995))
    assert (quiet.log_k, quiet.bend) == pytest.approx((-GAIN * 0.025, -GAIN * 0.005))


def test_scale_and_bend_are_clipped() -> None:
    assert TailScale(WIDEST, WIDEST).learn(0.0) == TailScale(WIDEST, WIDEST)
    assert TailScale(-WIDEST, -WIDEST).learn(1.0) == TailScale(-WIDEST, -WIDEST)


def test_the_range_reaches_further_down_where_the_lower_tail_is_wider() -> None:
    below, above = find_noise(forecast(down=TailScale(0.3)))

    assert below == pytest.approx(math.exp(0.3) * above)


@pytest.mark.parametrize("level", [0.05, 0.01])
def test_the_detectable_rise_is_found_four_times_in_five(level: float) -> None:
    """Draws of the forecast itself: each side with its own scale."""
    asked = forecast(TailScale(-0.1), TailScale(0.2))
    draws = np.random.default_rng(8).standard_t(7.0, 20_000) * 0.017
    noise = np.where(draws > 0.0, draws * asked.up.k, draws * asked.down.k)
    effect = minimum_detectable_effect(asked, level)

    assert np.mean([asked.tail(each + effect) <= level for each in noise.tolist()]) == pytest.approx(
        0.8, abs=0.01
    )
    assert np.mean([asked.tail(each - effect) <= level for each in noise.tolist()]) < 0.78


@pytest.mark.parametrize("skewed", [False, True])
def test_in_the_long_run_each_tail_has_its_size_at_both_levels(*, skewed: bool) -> None:
    """Falls a fifth larger than the forecast says, and both tails as heavy as those of a t with 4."""
    draws = np.random.default_rng(4).standard_t(4.0, 30_000) * 0.017
    moves = np.where((draws < 0.0) & skewed, 1.2 * draws, draws).tolist()
    up = down = UNSCALED
    hits = np.zeros((len(moves), 4))
    for at, move in enumerate(moves):
        each = forecast(up, down)
        rise, fall = each.one_sided(move, up=True), each.one_sided(move, up=False)
        hits[at] = rise <= 0.025, rise <= 0.005, fall <= 0.025, fall <= 0.005
        up, down = up.learn(rise), down.learn(fall)

    settled = hits[2_000:].mean(axis=0)
    assert settled[[0, 2]] == pytest.approx(0.025, abs=0.001)
    assert settled[[1, 3]] == pytest.approx(0.005, abs=0.001)
