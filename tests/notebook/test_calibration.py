"""`session_tests` and `sizes` give what a replay and `brentwatch calibrate` give."""

from __future__ import annotations

import pandas as pd
import pytest

from brentwatch import bundled_prices, session_tests, sizes
from brentwatch.core.errors import InvalidInput

pytestmark = pytest.mark.slow


def test_the_test_of_a_session_is_that_of_a_replay() -> None:
    tests = session_tests(bundled_prices())

    assert list(tests.columns) == ["ar", "sigma", "z", "p"]
    assert tests.loc["2022-01-05", "p"] == pytest.approx(0.355, abs=5e-4)
    assert tests.loc["2019-09-16", "p"] == pytest.approx(0.0016, abs=5e-4)
    assert len(tests) == 6_004


def test_sizes_have_a_row_for_each_model_window_and_level() -> None:
    found = sizes(bundled_prices(), models=["ewma-rank"], windows=[(0, 0), (0, 1)])

    assert list(zip(found["window"], found["nominal"], strict=True)) == [
        ("[0, 0]", 0.05),
        ("[0, 0]", 0.01),
        ("[0, 1]", 0.05),
        ("[0, 1]", 0.01),
    ]
    assert found.loc[0, "size"] == pytest.approx(0.0515, abs=5e-4)


@pytest.mark.slow
def test_the_order_of_prices_does_not_matter_and_two_of_one_day_do() -> None:
    prices = bundled_prices("vorukh-2021")
    assert session_tests(prices[::-1]).equals(session_tests(prices))
    with pytest.raises(InvalidInput, match="2021-05-12 has two prices"):
        session_tests(pd.concat([prices, prices.tail(1)]))


def test_prices_are_the_bundled_brent_spot_unless_given() -> None:
    tests = session_tests(model="ewma-rank")

    assert tests.equals(session_tests(bundled_prices(), "ewma-rank"))
    assert tests.attrs["notes"] == ("prices are the bundled Brent spot of the EIA, 2001-01-02 to 2026-08-18",)


def test_one_model_and_one_window_need_no_list() -> None:
    prices = bundled_prices("vorukh-2021")

    assert sizes(prices, "ewma-rank", (0, 1)).equals(sizes(prices, ["ewma-rank"], [(0, 1)]))


def test_all_faults_of_the_arguments_are_reported_at_once() -> None:
    with pytest.raises(InvalidInput) as raised:
        sizes(None, ["garch", "ewma"], [(0, 1.5)], instrument="brent")  # type: ignore[arg-type, list-item]  # the attempt is the test

    assert [fault.partition(";")[0] for fault in raised.value.faults] == [
        "models is 'garch'",
        "models is 'ewma'",
        "an end of a window of windows is 1.5, a float",
        "instrument is 'brent'",
    ]
    with pytest.raises(InvalidInput, match=r"model is 'market'; .*event_study\(events, model=...\) has this"):
        session_tests(None, "market")  # type: ignore[arg-type]  # the attempt is the test
