from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.core.intraday.sessions import TUESDAY, bar, session_bars

from brentwatch.core.errors import InvalidInput
from brentwatch.core.intraday.clock import time_of
from brentwatch.core.intraday.session_bars import IntradayBar


def test_a_bar_that_comes_late_takes_its_place() -> None:
    kept = session_bars([bar(0, 80.0), bar(2, 82.0)]).add_bar(bar(1, 81.0))

    assert [each.close for each in kept.bars] == [80.0, 81.0, 82.0]


def test_a_bar_that_comes_again_replaces_the_first_version() -> None:
    before = session_bars([bar(0, 80.0), bar(1, 81.0)])
    revised = before.add_bar(bar(0, 79.0))

    assert [each.close for each in revised.bars] == [79.0, 81.0]
    assert [each.close for each in before.bars] == [80.0, 81.0]


def test_a_bar_outside_the_hours_is_not_of_the_session() -> None:
    kept = session_bars([], closes=240)

    assert kept.add_bar(bar(240, 80.0)) is kept
    assert kept.add_bar(bar(-1, 80.0)) is kept


def test_what_is_complete_never_moves_back() -> None:
    kept = session_bars([], known=10)

    assert kept.complete(time_of(TUESDAY, 5)) is kept
    assert kept.complete(time_of(TUESDAY, 12)).through == time_of(TUESDAY, 12)


def test_a_bar_is_found_by_when_it_begins() -> None:
    kept = session_bars([bar(0, 80.0), bar(2, 82.0)])

    assert kept.find(time_of(TUESDAY, 2)) == bar(2, 82.0)
    assert kept.find(time_of(TUESDAY, 1)) is None


@pytest.mark.parametrize("price", [float("nan"), float("inf")])
def test_a_price_that_is_none_is_refused(price: float) -> None:
    with pytest.raises(InvalidInput, match="expected finite prices in USD/bbl"):
        bar(0, price)
    with pytest.raises(InvalidInput, match="expected finite prices in USD/bbl"):
        bar(0, 80.0, first=price)


def test_a_bar_begins_at_a_full_five_minutes() -> None:
    with pytest.raises(InvalidInput, match="expected a multiple of 5 minutes"):
        IntradayBar(opens_at=datetime(2024, 5, 7, 13, 31, tzinfo=UTC), close=80.0)


def test_a_bar_ends_five_minutes_later() -> None:
    assert bar(0, 80.0).closes_at == time_of(TUESDAY, 1)
    assert replace(bar(0, 80.0), close=81.0).closes_at - bar(0, 80.0).opens_at == timedelta(minutes=5)
