"""The diagnostics of residuals: the formulas, worked out otherwise; no NaN; size under the null."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chi2, kurtosis, skew
from tests.core.series import garch_returns

from brentwatch.core.diagnostics import Diagnostics, diagnose

Floats = NDArray[np.float64]


def arch_lm(values: Floats) -> float:
    """n R^2 of the squares on five lags of them."""
    squares = values**2
    lagged = np.column_stack([squares[5 - lag : -lag] for lag in range(1, 6)])
    design = np.column_stack([np.ones(len(lagged)), lagged])
    wanted = squares[5:]
    left = wanted - design @ np.linalg.lstsq(design, wanted)[0]
    r_squared = 1.0 - left @ left / ((wanted - wanted.mean()) @ (wanted - wanted.mean()))
    return float(chi2.sf(len(wanted) * r_squared, 5))


def ljung_box(values: Floats) -> float:
    n, away = len(values), values - values.mean()
    r = [away[lag:] @ away[:-lag] / (away @ away) for lag in range(1, 11)]
    return float(chi2.sf(n * (n + 2) * sum(rho**2 / (n - lag) for lag, rho in enumerate(r, start=1)), 10))


def jarque_bera(values: Floats) -> float:
    return float(chi2.sf(len(values) / 6 * (skew(values) ** 2 + kurtosis(values) ** 2 / 4), 2))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("unit", [1.0, 1e-4])
def test_each_is_its_formula(seed: int, unit: float) -> None:
    values = garch_returns(seed, 120)

    found = diagnose(values * unit)

    assert found.n == 120
    assert found.arch_lm_p == pytest.approx(arch_lm(values), rel=1e-9)
    assert found.ljung_box_p == pytest.approx(ljung_box(values), rel=1e-9)
    assert found.jarque_bera_p == pytest.approx(jarque_bera(values), rel=1e-9)


@pytest.mark.parametrize("values", [[0.0] * 120, [0.01] * 120, [], [0.02, -0.02] * 10 + [0.03]])
def test_where_too_few_or_none_vary_no_test_exists(values: list[float]) -> None:
    assert diagnose(values) == Diagnostics(
        n=len(values), arch_lm_p=None, ljung_box_p=None, jarque_bera_p=None
    )


def test_squares_that_do_not_vary_leave_arch_lm_alone_without_an_answer() -> None:
    signs = np.random.default_rng(3).choice([-1.0, 1.0], 120)

    found = diagnose(0.02 * signs)

    assert found.arch_lm_p is None
    assert found.ljung_box_p == pytest.approx(ljung_box(signs), rel=1e-9)


@given(st.lists(st.floats(-0.5, 0.5), min_size=0, max_size=60))
def test_every_p_that_exists_is_a_probability(values: list[float]) -> None:
    found = diagnose(values)

    for p in (found.arch_lm_p, found.ljung_box_p, found.jarque_bera_p):
        assert p is None or 0.0 <= p <= 1.0


def test_under_the_null_each_is_small_as_often_as_it_says() -> None:
    draws = np.random.default_rng(1).standard_normal((600, 250))
    found = [diagnose(row) for row in draws]

    def size(name: str) -> float:
        return float(np.mean([getattr(each, name) <= 0.05 for each in found]))

    # Monte Carlo error .009; all three are asymptotic and a little small on 250 rows.
    assert [size(name) for name in ("arch_lm_p", "ljung_box_p", "jarque_bera_p")] == pytest.approx(
        [0.045, 0.05, 0.045], abs=0.025
    )


def test_what_clusters_and_has_fat_tails_is_found() -> None:
    found = diagnose(garch_returns(8, 1_500, nu=4.0))

    assert found.arch_lm_p is not None
    assert found.arch_lm_p < 1e-6
    assert found.jarque_bera_p is not None
    assert found.jarque_bera_p < 1e-6
