from __future__ import annotations

import math
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from tests.core.series import bar, bars, history, returns, sessions

from brentwatch.core.domain.returns import KEPT_BARS, PriceHistory, log_return

DAYS = sessions(6)


def test_a_return_is_the_logarithm_of_the_ratio_of_the_closes() -> None:
    assert log_return(80.0, 84.0) == math.log(84.0 / 80.0)


@pytest.mark.parametrize(
    ("previous", "close"), [(18.31, -36.98), (-36.98, 8.91), (0.0, 8.91), (8.91, 0.0), (-1.0, -2.0)]
)
def test_no_log_return_exists_into_or_out_of_a_price_of_zero_or_below(previous: float, close: float) -> None:
    assert log_return(previous, close) is None


def test_a_session_stands_with_the_return_that_it_earned() -> None:
    earned = history(80.0, 84.0, 63.0).compute_returns()

    assert earned.sessions == DAYS[1:3]
    assert earned.values.tolist() == pytest.approx([math.log(1.05), math.log(0.75)], abs=1e-15)


@pytest.mark.parametrize("refused", [0.0, -36.98])
def test_only_the_returns_into_and_out_of_a_price_of_zero_or_below_are_left_out(refused: float) -> None:
    earned = history(80.0, 84.0, refused, 63.0, 70.0, 77.0).compute_returns()

    assert earned.sessions == (DAYS[1], DAYS[4], DAYS[5])
    assert earned.values.tolist() == pytest.approx(
        [math.log(84 / 80), math.log(70 / 63), math.log(77 / 70)], abs=1e-15
    )


def test_prices_below_zero_at_both_ends_and_in_a_row_leave_what_lies_between() -> None:
    earned = history(-1.0, 80.0, 84.0, -2.0, -3.0, 63.0).compute_returns()

    assert earned.sessions == (DAYS[2],)
    assert earned.values.tolist() == pytest.approx([math.log(1.05)], abs=1e-15)


@pytest.mark.parametrize("closes", [(), (80.0,), (80.0, -1.0)])
def test_a_history_without_two_good_prices_has_no_returns(closes: tuple[float, ...]) -> None:
    earned = history(*closes).compute_returns()

    assert (len(earned), earned.sessions, earned.values.tolist()) == (0, (), [])


def test_a_newer_bar_goes_to_the_end() -> None:
    grown = PriceHistory().append(bar(DAYS[0], 80.0)).append(bar(DAYS[1], 81.0))

    assert grown == history(80.0, 81.0)


def test_the_oldest_bar_is_let_go_when_the_history_is_full() -> None:
    ordered = bars([50.0 + at for at in range(KEPT_BARS + 1)])
    grown = PriceHistory()
    for each in ordered:
        grown = grown.append(each)

    assert KEPT_BARS == 1_700
    assert grown.bars == tuple(ordered[1:])
    assert grown.sessions == tuple(each.session for each in ordered[1:])


def test_a_history_stays_as_it_was_when_another_grows_from_it() -> None:
    before = history(80.0, 81.0)
    before.append(bar(DAYS[2], 82.0))
    before.revise(bar(DAYS[0], 79.0))

    assert before == history(80.0, 81.0)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_revision_replaces_the_bar_of_its_session_alone(at: int) -> None:
    closes = [80.0, 81.0, 82.0]
    closes[at] = 90.0

    assert history(80.0, 81.0, 82.0).revise(bar(DAYS[at], 90.0)) == history(*closes)


def test_a_bar_is_found_by_its_session() -> None:
    held = history(80.0, 81.0, 82.0)

    assert [held.find(session) for session in DAYS[:3]] == list(held.bars)


def test_a_session_without_a_bar_is_not_found() -> None:
    held = history(80.0, 81.0, 82.0, 83.0, 84.0)

    assert held.find(DAYS[0] - timedelta(days=1)) is None
    assert held.find(DAYS[4] + timedelta(days=1)) is None
    assert held.find(DAYS[5]) is None
    assert PriceHistory().find(DAYS[0]) is None


def test_the_first_bar_after_an_instant_settles_strictly_after_it() -> None:
    held = history(80.0, 81.0, 82.0)
    settled = held.bars[1].closes_at

    assert held.find_first_after(settled - timedelta(microseconds=1)) == 1
    assert held.find_first_after(settled) == 2
    assert held.find_first_after(held.bars[2].closes_at) == 3


def test_before_a_session_leaves_out_the_session_itself() -> None:
    earned = returns([0.01, 0.02, 0.03])

    assert earned.select_before(DAYS[2]).sessions == DAYS[:2]
    assert earned.select_before(DAYS[2]).values.tolist() == [0.01, 0.02]
    assert len(earned.select_before(DAYS[0])) == 0


def test_after_a_session_leaves_out_the_session_itself() -> None:
    earned = returns([0.01, 0.02, 0.03])

    assert earned.select_values_after(DAYS[0]).tolist() == [0.02, 0.03]
    assert earned.select_values_after(DAYS[2]).tolist() == []


@pytest.mark.parametrize(("count", "kept"), [(0, [1, 2, 3]), (1, [1, 2]), (3, []), (4, [])])
def test_a_gap_takes_the_newest_returns_away(count: int, kept: list[float]) -> None:
    left = returns([1, 2, 3]).drop_last(count)

    assert left.values.tolist() == kept
    assert left.sessions == DAYS[: len(kept)]


@pytest.mark.parametrize(("count", "kept"), [(0, []), (2, [2, 3]), (3, [1, 2, 3]), (4, [1, 2, 3])])
def test_the_last_returns_are_the_newest(count: int, kept: list[float]) -> None:
    last = returns([1, 2, 3]).take_last(count)

    assert last.values.tolist() == kept
    assert last.sessions == DAYS[3 - len(kept) : 3]


def test_the_returns_of_a_full_history_are_those_of_each_pair_of_closes() -> None:
    closes = (50.0 + np.random.default_rng(1).random(KEPT_BARS)).tolist()
    expected = [log_return(one, other) for one, other in pairwise(closes)]

    assert history(*closes).compute_returns().values.tolist() == pytest.approx(expected, abs=1e-14)
