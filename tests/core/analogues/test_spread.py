"""The weighted median and its interval: exact, the same everywhere, and silent about too few moves."""

from __future__ import annotations

from itertools import product
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brentwatch.core.analogues.spread import FEWEST, count_effective, summarise_moves

SIGN_TEST = {8: 1, 9: 2, 12: 3, 15: 4, 17: 5, 20: 6, 25: 8}
"""n, and the rank of the lower end of the 95 % interval of a median, as tables of the sign test have it."""


def test_fewer_than_eight_say_nothing_and_unequal_weights_are_worth_less() -> None:
    assert summarise_moves([0.01] * 7, [1.0] * 7) is None
    assert summarise_moves([0.01] * 8, [1.0] * 8) is not None
    assert summarise_moves([0.01] * 9, [1.0] * 8 + [9.0]) is None
    assert summarise_moves([], []) is None
    assert count_effective([2.0] * 5) == pytest.approx(5.0)
    assert count_effective([1.0, 0.0]) == 1.0
    assert FEWEST == 8


@pytest.mark.parametrize(("n", "rank"), SIGN_TEST.items())
def test_with_equal_weights_the_interval_is_that_of_the_sign_test_or_wider(n: int, rank: int) -> None:
    spread = summarise_moves([float(number) for number in range(1, n + 1)], [0.5] * n)

    assert spread is not None
    assert spread.median == (n + 1) / 2
    assert spread.interval_low <= rank
    assert spread.interval_high >= n + 1 - rank
    assert spread.interval_low >= rank - 1


def test_the_interval_holds_that_of_all_draws_there_are() -> None:
    """Not a sample of the draws: every draw of 8 from 8, of which 3 values matter, counted one by one."""
    moves = [-3.0, -1.0, -1.0, -1.0, 0.0, 0.0, 0.0, 2.0]
    chances = {-3.0: 1 / 8, -1.0: 3 / 8, 0.0: 3 / 8, 2.0: 1 / 8}
    shares: dict[float, float] = {}
    for draw in product(chances, repeat=8):
        middle = median(draw)
        shares[middle] = shares.get(middle, 0.0) + float(np.prod([chances[each] for each in draw]))
    ranked = sorted(shares)
    totals = np.cumsum([shares[each] for each in ranked])
    low, high = ranked[int(np.searchsorted(totals, 0.025))], ranked[int(np.searchsorted(totals, 0.975))]

    spread = summarise_moves(moves, [1.0] * 8)

    assert spread is not None
    assert spread.interval_low <= low <= high <= spread.interval_high


def test_a_move_that_weighs_little_moves_no_figure_much() -> None:
    moves = [number / 100 for number in range(12)]
    plain, more = summarise_moves(moves, [1.0] * 12), summarise_moves([*moves, 9.0], [*[1.0] * 12, 1e-6])

    assert plain is not None
    assert more is not None
    assert (more.low, more.high, more.interval_low) == pytest.approx(
        (plain.low, plain.high, plain.interval_low), abs=0.011
    )
    assert more.interval_high < 9.0


weighted = st.lists(st.tuples(st.floats(-0.2, 0.2), st.floats(0.2, 1.0)), min_size=12, max_size=40)


@given(weighted)
def test_the_order_of_the_moves_and_the_unit_of_the_weights_change_nothing(
    pairs: list[tuple[float, float]],
) -> None:
    def summarise(given_pairs: list[tuple[float, float]], unit: float) -> object:
        return summarise_moves(
            [move for move, _ in given_pairs], [unit * weight for _, weight in given_pairs]
        )

    first = summarise(pairs, 1.0)
    assert summarise(pairs[::-1], 1.0) == first
    assert summarise(pairs, 4.0) == first


@given(weighted)
def test_turned_around_the_moves_have_the_same_interval_turned_around(
    pairs: list[tuple[float, float]],
) -> None:
    moves, weights = [move for move, _ in pairs], [weight for _, weight in pairs]
    spread, turned = summarise_moves(moves, weights), summarise_moves([-move for move in moves], weights)
    if spread is None or turned is None:
        assert spread is turned
        return
    assert (turned.interval_low, turned.interval_high) == (-spread.interval_high, -spread.interval_low)
    assert spread.interval_low <= spread.median <= spread.interval_high
    assert spread.low <= spread.median <= spread.high
