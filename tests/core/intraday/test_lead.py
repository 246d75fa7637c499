from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from tests.core.intraday.sessions import TUESDAY, bar, busy, session_bars, start

from brentwatch.core.domain import Refused
from brentwatch.core.intraday.grid import BROKEN, Grid
from brentwatch.core.intraday.lead import Before, Gap, measure_gap, measure_hour_before
from brentwatch.core.intraday.minutes import Minutes

TODAY = busy(60)[50]


def session(day: date, first: float | None, last: float, contract: str = "") -> Grid:
    bars = [
        bar(0, last, session=day, first=first, contract=contract),
        bar(275, last, session=day, contract=contract),
    ]
    return session_bars(bars, session=day).grid


def test_before_the_test_is_the_hour_that_ends_where_it_begins_the_mixed_bar_in_it() -> None:
    told = measure_hour_before(TODAY, start(TODAY, 192))

    assert isinstance(told, Before)
    assert told.window == Minutes(12)
    assert told.move == pytest.approx(math.log(TODAY.prices[191] / TODAY.prices[179]))


def test_early_in_a_session_it_is_what_there_is() -> None:
    told = measure_hour_before(TODAY, start(TODAY, 2))

    assert isinstance(told, Before)
    assert told.window == Minutes(2)
    assert told.move == pytest.approx(math.log(TODAY.prices[1] / TODAY.first_price))
    assert isinstance(measure_hour_before(TODAY, start(TODAY, 0)), Refused)


def test_there_is_none_over_a_bar_without_a_return() -> None:
    kinds = TODAY.kinds.copy()
    kinds[185] = BROKEN

    assert isinstance(measure_hour_before(replace(TODAY, kinds=kinds), start(TODAY, 192)), Refused)
    assert isinstance(measure_hour_before(replace(TODAY, kinds=kinds), start(TODAY, 198)), Before)


def test_the_gap_is_from_the_last_price_to_the_first() -> None:
    friday, monday = session(date(2019, 9, 13), 60.0, 60.2), session(date(2019, 9, 16), 66.8, 68.0)

    assert measure_gap(friday, monday, roll="brent") == Gap(
        date(2019, 9, 13), 60.2, 66.8, math.log(66.8 / 60.2)
    )


def test_from_one_contract_to_the_next_there_is_no_gap() -> None:
    last, first = session(date(2021, 4, 30), 67.0, 67.2), session(date(2021, 5, 4), 66.7, 67.5)
    second = session(date(2021, 5, 5), 66.7, 67.5)
    refused = Refused(
        "the front contract expired on 2021-04-30: one of the first two gaps after it holds the step to the "
        "next contract"
    )

    assert measure_gap(last, first, roll="brent", before=date(2021, 4, 29)) == refused
    assert measure_gap(first, second, roll="brent", before=last.session) == refused
    assert isinstance(
        measure_gap(second, session(date(2021, 5, 6), 67.0, 67.0), roll="brent", before=first.session), Gap
    )
    assert isinstance(measure_gap(last, first, roll="none"), Gap)


def test_contracts_that_are_named_say_so_themselves() -> None:
    june = session(TUESDAY, 83.0, 83.2, contract="N4")
    july = session(date(2024, 5, 8), 82.5, 82.7, contract="Q4")

    assert measure_gap(june, july, roll="none") == Refused(
        "the front contract expired: the gap holds the step to the next contract"
    )
    last, first = session(date(2021, 4, 30), 67.0, 67.2, "N1"), session(date(2021, 5, 4), 66.7, 67.5, "N1")
    assert isinstance(measure_gap(last, first, roll="brent"), Gap)


@pytest.mark.parametrize("first", [None, -3.0])
def test_without_the_open_there_is_no_gap(first: float | None) -> None:
    assert isinstance(
        measure_gap(session(TUESDAY, 83.0, 83.2), session(date(2024, 5, 8), first, 82.7), roll="none"),
        Refused,
    )
