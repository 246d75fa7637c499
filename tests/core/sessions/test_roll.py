"""When a contract expires, and which return it splices: against contract months that are known."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.core.sessions.roll import brent_expiry, cl_expiry, find_expiry, find_front_month


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        ((2021, 6), date(2021, 4, 30)),  # a Friday, inside the Kyrgyz-Tajik window
        ((2026, 4), date(2026, 2, 27)),  # the day before the strikes on Iran
        ((2020, 6), date(2020, 4, 30)),
        ((2022, 3), date(2022, 1, 31)),
        ((2016, 3), date(2016, 1, 29)),  # the first by the rule of today
        ((2016, 2), date(2016, 1, 14)),  # the last by the 15th day: 17 January was a Sunday
        ((2015, 1), date(2014, 12, 16)),  # 17 December was a banking day
        ((2022, 2), date(2021, 12, 30)),  # the 31st is the business day before New Year's Day
        ((2023, 2), date(2022, 12, 29)),  # the 30th is, the 31st being a Saturday
    ],
)
def test_a_contract_expires_by_the_rule_of_its_time(contract: tuple[int, int], expected: date) -> None:
    assert brent_expiry(*contract) == expected


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        ((2020, 5), date(2020, 4, 21)),  # the 25th was a Saturday; settled at -37.63 the day before
        ((2022, 1), date(2021, 12, 20)),  # Christmas on a Saturday, observed on Friday
        ((2023, 2), date(2023, 1, 20)),
        ((2023, 12), date(2023, 11, 20)),  # Thanksgiving on the 23rd, and the 25th a Saturday
        ((2022, 7), date(2022, 6, 21)),  # Juneteenth on the Monday before
        ((2011, 5), date(2011, 4, 19)),  # Good Friday on the 22nd
        ((2006, 12), date(2006, 11, 17)),  # NYMEX was still closed on the day after Thanksgiving, the 24th
    ],
)
def test_wti_expires_before_the_25th_of_the_month_before(contract: tuple[int, int], expected: date) -> None:
    assert cl_expiry(*contract) == expected
    assert find_expiry("cl", expected, expected + timedelta(days=1)) == expected


def test_a_series_without_contracts_has_no_splice() -> None:
    assert find_expiry("none", date(2021, 4, 30), date(2021, 5, 4)) is None


def test_every_month_one_contract_expires_and_the_next_one_later() -> None:
    ends = [brent_expiry(year, month) for year in range(2005, 2030) for month in range(1, 13)]

    gaps = [(after - before).days for before, after in pairwise(ends)]
    # Both rules met in January 2016: February expired on the 14th, March on the 29th.
    assert [gap for gap in gaps if not 25 <= gap <= 36] == [15]


@pytest.mark.parametrize(
    ("before", "session", "end"),
    [
        (date(2021, 4, 30), date(2021, 5, 4), date(2021, 4, 30)),
        (date(2021, 4, 29), date(2021, 4, 30), None),
        (date(2021, 5, 4), date(2021, 5, 5), None),
        (date(2021, 12, 30), date(2021, 12, 31), date(2021, 12, 30)),
        (date(2021, 12, 24), date(2022, 1, 4), date(2021, 12, 30)),
    ],
)
def test_the_first_return_after_an_expiry_is_spliced(before: date, session: date, end: date | None) -> None:
    assert find_expiry("brent", before, session) == end


@pytest.mark.parametrize(
    ("rule", "session", "month"),
    [
        ("brent", date(2026, 2, 27), date(2026, 4, 1)),  # the last session of April
        ("brent", date(2026, 2, 28), date(2026, 5, 1)),
        ("brent", date(2021, 12, 31), date(2022, 3, 1)),
        ("cl", date(2020, 4, 21), date(2020, 5, 1)),
        ("cl", date(2020, 4, 22), date(2020, 6, 1)),
        ("cl", date(2021, 12, 21), date(2022, 2, 1)),
    ],
)
def test_the_front_contract_is_the_next_to_expire(rule: str, session: date, month: date) -> None:
    assert find_front_month(rule, session) == month


def test_a_spot_price_has_no_front_contract() -> None:
    with pytest.raises(SettingsError, match="the roll rule is none, which has no contracts"):
        find_front_month("none", date(2024, 1, 8))
