"""The diagnostics of residuals against formulas written out, and their size where nothing is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from brentwatch.core.domain import Diagnostics
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.forecasts.diagnostics import diagnose


def noise(n: int = 120, seed: int = 1) -> Floats:
    return 0.02 * np.random.default_rng(seed).standard_normal(n)


def clustered(n: int = 500) -> Floats:
    """An ARCH(1) series."""
    drawn, values = np.random.default_rng(2).standard_normal(n), [0.02]
    for draw in drawn:
        values.append(float(draw * np.sqrt(2e-4 + 0.6 * values[-1] ** 2)))
    return np.array(values[1:])


def arch_lm(residuals: Floats) -> float:
    """n R^2 of the squares on those of the five sessions before."""
    squares = residuals**2
    lags = [squares[5 - lag : len(squares) - lag] for lag in range(1, 6)]
    x, y = np.column_stack([np.ones(len(squares) - 5), *lags]), squares[5:]
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(chi2.sf(len(y) * (1.0 - left @ left / ((y - y.mean()) @ (y - y.mean()))), 5))


def ljung_box(residuals: Floats) -> float:
    """n (n + 2) times the sum of squared autocorrelations, each over n - lag."""
    n, apart = len(residuals), residuals - residuals.mean()
    rho = [apart[lag:] @ apart[:-lag] / (apart @ apart) for lag in range(1, 11)]
    return float(chi2.sf(n * (n + 2) * sum(r**2 / (n - lag) for lag, r in enumerate(rho, start=1)), 10))


def jarque_bera(residuals: Floats) -> float:
    """n / 6 (skewness^2 + (kurtosis - 3)^2 / 4), moments over n."""
    apart = (residuals - residuals.mean()) / residuals.std(ddof=0)
    skewness, kurtosis = (apart**3).mean(), (apart**4).mean()
    return float(chi2.sf(len(apart) / 6.0 * (skewness**2 + (kurtosis - 3.0) ** 2 / 4.0), 2))


@pytest.mark.parametrize("residuals", [noise(), noise(12, seed=3), clustered(), noise() ** 3 + 0.001])
def test_each_p_is_that_of_its_formula(residuals: Floats) -> None:
    found = diagnose(residuals)

    assert found.n == len(residuals)
    assert found.arch_lm_p == pytest.approx(arch_lm(residuals), rel=1e-6, abs=1e-12)
    assert found.ljung_box_p == pytest.approx(ljung_box(residuals), rel=1e-9)
    assert found.jarque_bera_p == pytest.approx(jarque_bera(residuals), rel=1e-9, abs=1e-12)


def test_each_finds_what_it_looks_for_and_little_else() -> None:
    moved = np.convolve(noise(400), [1.0, 0.7], mode="valid")
    rare = np.random.default_rng(4).standard_t(3.0, 500)

    assert diagnose(clustered()).arch_lm_p == pytest.approx(0.0, abs=1e-6)
    assert diagnose(moved).ljung_box_p == pytest.approx(0.0, abs=1e-6)
    assert diagnose(rare).jarque_bera_p == pytest.approx(0.0, abs=1e-6)
    assert (
        min(p for p in (diagnose(noise()).arch_lm_p, diagnose(noise()).ljung_box_p) if p is not None) > 0.05
    )


def test_a_list_will_do_and_the_unit_does_not_matter() -> None:
    found, smaller = diagnose(noise().tolist()), diagnose(1e-9 * noise())

    assert found == diagnose(noise())
    assert smaller.arch_lm_p == pytest.approx(found.arch_lm_p, rel=1e-6)


@pytest.mark.parametrize(
    "residuals",
    [
        [],
        [0.01],
        [0.0] * 120,
        [0.013] * 120,
        (0.1 + 0.2) * np.ones(50),
        [*noise(), np.nan],
        [*noise(), np.inf],
    ],
)
def test_what_does_not_vary_or_is_no_number_has_none(residuals: list[float]) -> None:
    assert diagnose(residuals) == Diagnostics(
        n=len(residuals), arch_lm_p=None, ljung_box_p=None, jarque_bera_p=None
    )


@pytest.mark.parametrize("first", [0.01, 0.03])
def test_squares_that_do_not_vary_have_no_arch_and_the_others_stay(first: float) -> None:
    """Only the rows that are regressed count: the first five have no five before them."""
    found = diagnose([first] * 5 + [0.01, -0.01] * 60)

    assert found.arch_lm_p is None
    assert found.ljung_box_p == pytest.approx(0.0, abs=1e-9)
    assert found.jarque_bera_p is not None


@pytest.mark.parametrize("residuals", [[0.01, -0.02] * 60, [*[0.0] * 119, 0.01]])
def test_squares_that_tell_one_another_have_no_arch(residuals: list[float]) -> None:
    """A pattern that repeats, and a price that stood still until the last session."""
    assert diagnose(residuals).arch_lm_p is None


@pytest.mark.parametrize(
    ("n", "defined"), [(10, (False, False, True)), (11, (False, True, True)), (12, (True, True, True))]
)
def test_too_few_residuals_leave_a_test_undefined(n: int, defined: tuple[bool, ...]) -> None:
    found = diagnose(noise(n))

    assert tuple(p is not None for p in (found.arch_lm_p, found.ljung_box_p, found.jarque_bera_p)) == defined


@pytest.mark.slow
def test_of_quiet_residuals_one_in_twenty_is_below_05() -> None:
    """1,000 samples of 500: Monte Carlo error .007; ARCH-LM and Jarque-Bera reach .05 from below."""
    samples = np.random.default_rng(20220105).standard_normal((1_000, 500))
    found = [diagnose(sample) for sample in samples]
    p = np.array([(each.arch_lm_p, each.ljung_box_p, each.jarque_bera_p) for each in found])

    assert (p <= 0.05).mean(axis=0).tolist() == pytest.approx([0.05, 0.05, 0.05], abs=0.014)
