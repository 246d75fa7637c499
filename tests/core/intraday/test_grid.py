from __future__ import annotations

import math

import numpy as np
import pytest
from tests.core.intraday.sessions import TUESDAY, bar, history, session_bars, walk

from brentwatch.core.intraday.clock import SLOTS
from brentwatch.core.intraday.grid import ABSENT, BROKEN, QUIET, TRADED


def test_a_return_is_that_of_the_close_on_the_close_before_and_first_on_its_own_open() -> None:
    grid = session_bars([bar(0, 81.0, first=80.0), bar(1, 82.0)], known=2).grid

    assert grid.returns[:2].tolist() == pytest.approx([math.log(81 / 80), math.log(82 / 81)])
    assert grid.kinds[:3].tolist() == [TRADED, TRADED, ABSENT]


def test_a_first_bar_whose_open_is_not_told_has_no_return() -> None:
    grid = session_bars([bar(0, 81.0), bar(1, 82.0)], known=2).grid

    assert grid.kinds[:2].tolist() == [BROKEN, TRADED]
    assert grid.returns[0] == 0.0
    assert math.isnan(grid.first_price)


def test_a_missing_bar_is_a_return_of_zero_and_the_next_one_holds_the_way_since() -> None:
    grid = session_bars([bar(0, 80.0, first=80.0), bar(3, 84.0)], known=4).grid

    assert grid.kinds[:4].tolist() == [TRADED, QUIET, QUIET, TRADED]
    assert grid.returns[:4].tolist() == pytest.approx([0.0, 0.0, 0.0, math.log(84 / 80)])
    assert grid.prices[:4].tolist() == [80.0, 80.0, 80.0, 84.0]


def test_a_bar_that_counts_no_trade_and_stands_is_quiet_and_one_that_moves_is_not() -> None:
    bars = [bar(0, 80.0, first=80.0), bar(1, 80.0, volume=0.0), bar(2, 80.5, volume=0.0), bar(3, 80.5)]

    assert session_bars(bars, known=4).grid.kinds[:4].tolist() == [TRADED, QUIET, TRADED, TRADED]


def test_bars_that_never_came_are_quiet_and_those_still_to_come_are_not_there() -> None:
    grid = session_bars([], known=5).grid

    assert grid.kinds[:6].tolist() == [QUIET] * 5 + [ABSENT]
    assert np.isnan(grid.prices).all()


def test_a_bar_that_came_before_the_series_is_complete_through_it_does_not_count_yet() -> None:
    early = session_bars([bar(0, 80.0, first=80.0), bar(2, 81.0)], known=1).grid

    assert early.kinds[:3].tolist() == [TRADED, ABSENT, ABSENT]
    assert early.returns[2] == 0.0


def test_no_return_exists_across_a_splice_but_that_of_the_new_contract_on_its_own_open() -> None:
    told = [bar(0, 80.0, first=80.0, contract="N4"), bar(1, 84.0, first=83.0, contract="Q4")]
    untold = [told[0], bar(1, 84.0, contract="Q4"), bar(2, 84.2, contract="Q4")]

    assert session_bars(told, known=2).grid.returns[1] == pytest.approx(math.log(84 / 83))
    assert session_bars(untold, known=3).grid.kinds[:3].tolist() == [TRADED, BROKEN, TRADED]
    assert session_bars(told, known=2).grid.contracts == ("N4", "Q4")


def test_into_and_out_of_a_price_below_zero_there_is_no_return() -> None:
    bars = [bar(0, 80.0, first=80.0), bar(1, -36.98), bar(2, 10.0), bar(3, 11.0)]

    assert session_bars(bars, known=4).grid.kinds[:4].tolist() == [TRADED, BROKEN, BROKEN, TRADED]


def test_after_an_early_close_there_are_no_slots() -> None:
    grid = session_bars(walk(TUESDAY, 240), closes=240).grid

    assert (grid.closes, grid.known) == (240, 240)
    assert grid.kinds[239:241].tolist() == [TRADED, ABSENT]
    assert grid.usable


def test_a_session_that_is_not_over_is_not_looked_back_on() -> None:
    assert session_bars(walk(TUESDAY)).grid.usable
    assert not session_bars(walk(TUESDAY)[:-1], known=SLOTS - 1).grid.usable


def test_a_session_of_which_more_than_a_third_is_missing_is_not_looked_back_on() -> None:
    a_third = walk(TUESDAY)[: SLOTS * 2 // 3]

    assert session_bars(a_third).grid.usable
    assert not session_bars(a_third[:-1]).grid.usable


def test_a_session_in_which_the_price_stood_still_is_not_looked_back_on() -> None:
    still = [bar(slot, 80.0, first=80.0) for slot in range(SLOTS)]

    assert not session_bars(still).grid.usable


def test_bars_and_columns_lay_out_the_same() -> None:
    made = history()
    for at, grid in enumerate(made.build_grids()[:5]):
        laid = made.build_bars(at).grid

        assert laid.returns.tolist() == grid.returns.tolist()
        assert laid.kinds.tolist() == grid.kinds.tolist()
        assert laid.prices.tolist() == grid.prices.tolist()
        assert (laid.session, laid.opens, laid.closes, laid.known) == (
            grid.session,
            grid.opens,
            grid.closes,
            grid.known,
        )
