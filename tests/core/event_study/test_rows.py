from __future__ import annotations

import math
from datetime import date

import pytest
from tests.core.series import sessions

from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.rows import build_rows

DAYS = sessions(4)


def test_a_return_is_logarithmic_and_runs_from_the_session_before() -> None:
    read = build_rows(DAYS, [100.0, 110.0, 99.0, 99.0])

    assert read.returns.tolist() == [0.0, math.log(1.1), math.log(99.0 / 110.0), 0.0]
    assert read.usable.tolist() == [False, True, True, True]


def test_no_return_exists_into_or_out_of_a_price_of_zero_or_below() -> None:
    read = build_rows(DAYS, [18.31, -36.98, 8.91, 9.0])

    assert read.usable.tolist() == [False, False, False, True]
    assert list(read.list_below_zero(0, 3)) == [("price", DAYS[1], -36.98)]


def test_a_session_without_a_benchmark_value_stays_and_two_returns_do_not_exist() -> None:
    read = build_rows(DAYS, [100.0, 110.0, 99.0, 99.0], {DAYS[0]: 50.0, DAYS[2]: 51.0, DAYS[3]: 52.0})

    assert read.sessions == DAYS
    assert read.usable.tolist() == [False, False, False, True]
    assert list(read.list_missing_benchmark(0, 3)) == [DAYS[1]]
    assert read.benchmark is not None
    assert read.benchmark.tolist() == [0.0, 0.0, 0.0, math.log(52.0 / 51.0)]


def test_a_benchmark_value_between_two_sessions_is_no_session() -> None:
    between = {**dict.fromkeys(DAYS, 50.0), date(2010, 1, 9): 60.0}

    assert build_rows(DAYS, [100.0, 110.0, 99.0, 99.0], between).usable.tolist() == [False, True, True, True]


@pytest.mark.parametrize("price", [math.nan, math.inf, -math.inf, 1e300, 1e-300])
def test_what_is_no_price_is_refused_by_name(price: float) -> None:
    with pytest.raises(InvalidInput) as error:
        build_rows(DAYS, [100.0, price, 99.0, 99.0], {DAYS[0]: price})

    assert [fault.split(" is ")[0] for fault in error.value.faults] == [
        f"the price of {DAYS[1]}",
        f"the benchmark of {DAYS[0]}",
    ]


def test_sessions_must_ascend_and_have_one_price_each() -> None:
    with pytest.raises(InvalidInput, match="follows"):
        build_rows((DAYS[1], DAYS[0], DAYS[0]), [1.0, 2.0, 3.0])
    with pytest.raises(InvalidInput, match="4 sessions and 3 prices"):
        build_rows(DAYS, [1.0, 2.0, 3.0])
