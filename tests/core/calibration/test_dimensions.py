"""Sizes by group: who belongs to a group, what is counted, and how many sessions there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from tests.core.series import bars_of_returns, garch_returns

from brentwatch.core.calibration.daily import Placebo, run_placebos
from brentwatch.core.calibration.dimensions import (
    AFTER,
    DIMENSIONS,
    SeriesPlacebos,
    count_since_expiry,
    measure_dimension,
    split_windows,
)
from brentwatch.core.domain import HEADLINE, GroupSize
from brentwatch.core.forecasts.forecast import StudentT
from brentwatch.core.forecasts.table import load
from brentwatch.core.sessions.roll import NO_ROLL, find_spliced_sessions

FORECAST = StudentT(expected=0.0, standard_error=0.02, scale=0.02, degrees_of_freedom=7.0)
MONDAY = date(2022, 1, 3)


def placebo(day: date, p: float = 0.5, ar: float = 0.01, days: int = 1, *, shaken: bool = False) -> Placebo:
    return Placebo(day, HEADLINE, ar, 0.02, p, 1.0, shaken, days, FORECAST)


def series(*tested: Placebo, sums: tuple[Placebo, ...] = ()) -> SeriesPlacebos:
    sessions = [each.session for each in tested]
    return split_windows([*tested, *(replace(each, window=AFTER) for each in sums)], sessions, NO_ROLL)


def shares(dimension: str, tested: SeriesPlacebos, nominal: float = 0.05) -> dict[str, tuple[int, float]]:
    return {
        each.group: (each.n, each.size)
        for each in measure_dimension(dimension, tested)
        if each.nominal == nominal
    }


def test_a_gap_is_the_calendar_days_since_the_price_before() -> None:
    gaps = [1, 2, 3, 3, 4, 5]
    tested = series(
        *(
            placebo(MONDAY + timedelta(place), 0.04 if gap in (2, 4) else 0.2, days=gap)
            for place, gap in enumerate(gaps)
        )
    )

    assert shares("gap", tested) == {
        "1 or 2 days": (2, 0.5),
        "3 days": (2, 0.0),
        "4 days and more": (2, 0.5),
    }


def test_a_direction_is_a_share_of_all_tests_and_half_the_level_is_expected() -> None:
    tested = series(
        placebo(MONDAY, 0.04, 0.05),
        placebo(MONDAY + timedelta(1), 0.01, -0.06),
        placebo(MONDAY + timedelta(2), 0.3, -0.01),
        placebo(MONDAY + timedelta(3), 0.05, -0.05),
    )

    assert shares("direction", tested, 0.025) == {"up": (4, 0.25), "down": (4, 0.5)}
    assert shares("direction", tested, 0.005) == {"up": (4, 0.0), "down": (4, 0.25)}


def test_weekdays_months_and_years_are_those_of_the_session() -> None:
    tested = series(placebo(MONDAY, 0.04), placebo(date(2023, 1, 2)), placebo(date(2023, 2, 1)))

    assert shares("weekday", tested) == {"Monday": (2, 0.5), "Wednesday": (1, 0.0)}
    assert shares("month", tested) == {"01": (2, 0.5), "02": (1, 0.0)}
    assert shares("year", tested) == {"2022": (1, 1.0), "2023": (2, 0.0)}


def test_sessions_after_a_shock_stand_apart() -> None:
    tested = series(placebo(MONDAY, 0.04, shaken=True), placebo(MONDAY + timedelta(1)))

    assert shares("shock", tested) == {"within 20 sessions": (1, 1.0), "later": (1, 0.0)}


def test_after_an_alert_the_next_session_and_the_next_five_are_counted() -> None:
    """Each is tested from the next session on; an alert on the last session has none."""
    days = [MONDAY + timedelta(place) for place in range(4)]
    tested = series(
        placebo(days[0], 0.01),
        placebo(days[1], 0.04),
        placebo(days[2], 0.2),
        placebo(days[3], 0.002),
        sums=(placebo(days[0], 0.03), placebo(days[1], 0.3)),
    )

    assert shares("after_alert", tested) == {"[1, 1]": (1, 1.0), "[1, 5]": (1, 0.0)}


def test_nothing_tested_gives_no_group() -> None:
    assert [measure_dimension(name, series()) for name in DIMENSIONS] == [[] for _ in DIMENSIONS]


def test_too_few_for_fifths_have_none() -> None:
    assert shares("fifth", series(placebo(MONDAY))) == {}


def test_sessions_since_an_expiry_count_from_the_first_after_it() -> None:
    """The Brent contract of March 2022 traded until 31 January."""
    days = [date(2022, 1, 28), date(2022, 1, 31), *(date(2022, 2, day) for day in (1, 2, 3, 4, 7))]
    found = count_since_expiry("brent", days)

    assert found == dict(zip(days[2:], range(1, 6), strict=True))
    assert count_since_expiry(NO_ROLL, days) == {}


def test_every_tested_session_after_an_expiry_is_in_one_group() -> None:
    bars = bars_of_returns(garch_returns(seed=3, count=620))
    sessions = [bar.session for bar in bars]
    left_out = find_spliced_sessions("brent", sessions)
    tested = run_placebos(bars, load("ewma-rank"), windows=(HEADLINE, AFTER), left_out=left_out)
    found = split_windows(tested, sessions, "brent")

    counted = shares("expiry", found)
    assert list(counted) == ["3 to 5", "6 to 10", "11 to 15", "16 and more"]
    assert sum(n for n, _ in counted.values()) == len(found.tested)
    assert shares("expiry", replace(found, roll=NO_ROLL)) == {}


@pytest.mark.parametrize("dimension", ["gap", "weekday", "month", "year", "fifth", "shock"])
def test_groups_share_out_all_tests_and_their_sizes_add_up(dimension: str) -> None:
    tested = drawn(600)
    sizes = [each for each in measure_dimension(dimension, tested) if each.nominal == 0.05]
    alarms = sum(each.p <= 0.05 for each in tested.tested)

    assert sum(each.n for each in sizes) == len(tested.tested)
    assert sum(round(each.n * each.size) for each in sizes) == alarms
    assert all(each.error >= (0.05 * 0.95 / each.n) ** 0.5 * 0.999 for each in sizes)


def drawn(count: int) -> SeriesPlacebos:
    """Tests whose null holds."""
    rng = np.random.default_rng(8)
    days = [MONDAY + timedelta(place) for place in range(count * 7 // 5) if (place % 7) < 5]
    return series(
        *(
            replace(
                placebo(day, float(p), float(sign)),
                turbulence=float(calm),
                days=3 if day.weekday() == 0 else 1,
            )
            for day, p, sign, calm in zip(
                days,
                rng.random(len(days)),
                rng.standard_normal(len(days)),
                rng.random(len(days)),
                strict=True,
            )
        )
    )


@pytest.mark.parametrize("dimension", [name for name in DIMENSIONS if name not in ("coverage", "expiry")])
def test_a_size_lies_within_four_errors_of_the_level_where_the_null_holds(dimension: str) -> None:
    for size in measure_dimension(dimension, drawn(5_000)):
        assert isinstance(size, GroupSize)
        assert abs(size.size - size.nominal) <= max(4.0 * size.error, 2.0 / size.n)
