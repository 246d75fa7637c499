from __future__ import annotations

import math
from datetime import date

import pytest
from tests.core.series import bar

from brentwatch.core.domain import DAILY
from brentwatch.core.errors import InvalidInput


@pytest.mark.parametrize("close", [math.nan, math.inf, -math.inf])
def test_a_close_that_is_no_number_is_refused_with_its_session(close: float) -> None:
    with pytest.raises(InvalidInput, match=rf"session 2020-04-20 is {close}; expected a finite price"):
        bar(date(2020, 4, 20), close)


@pytest.mark.parametrize("close", [-36.98, 0.0])
def test_a_price_of_zero_or_below_is_kept_as_it_is(close: float) -> None:
    assert bar(date(2020, 4, 20), close).close == close


def test_a_bar_is_a_daily_one_without_remarks_by_default() -> None:
    plain = bar(date(2022, 1, 5), 80.6)

    assert (plain.interval, plain.quality) == (DAILY, ())
