"""The library in a notebook gives what the commands give."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

import brentwatch
from brentwatch import bundled_prices, session_tests, sizes
from brentwatch.core.errors import InvalidInput, SettingsError


def test_the_test_of_a_session_is_that_of_a_replay() -> None:
    tests = session_tests(bundled_prices())

    assert list(tests.columns) == ["ar", "sigma", "z", "p"]
    assert tests.loc["2022-01-05", "p"] == pytest.approx(0.445, abs=5e-4)
    assert tests.loc["2019-09-16", "p"] == pytest.approx(0.0028, abs=5e-4)
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


def test_the_order_of_prices_does_not_matter_and_two_of_one_day_do() -> None:
    prices = bundled_prices("vorukh-2021")
    assert session_tests(prices[::-1]).equals(session_tests(prices))
    with pytest.raises(InvalidInput, match="2021-05-12 has two prices"):
        session_tests(pd.concat([prices, prices.tail(1)]))


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(SettingsError, match="no model is called 'egarch'"):
        session_tests(bundled_prices("vorukh-2021"), "egarch")
    with pytest.raises(InvalidInput, match="no history is called 'nowhere'"):
        bundled_prices("nowhere")
    with pytest.raises(AttributeError, match="has no attribute 'rumours'; it has "):
        brentwatch.rumours  # noqa: B018 - the attempt is the test


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = (
        "import sys, brentwatch; sys.exit(bool({'pandas', 'numpy', 'scipy', 'arch'} & sys.modules.keys()))"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
