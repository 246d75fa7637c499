from __future__ import annotations

import math
from dataclasses import replace
from statistics import fmean, variance

import numpy as np
import pytest
from tests.core.series import bars_of_returns, garch_returns, returns

from brentwatch.core.calibration.daily import run_placebos
from brentwatch.core.domain import Refused
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts import table
from brentwatch.core.forecasts.abnormal_returns import p_value
from brentwatch.core.forecasts.forecast import Ahead, Mean, Path, StudentT
from brentwatch.core.forecasts.garch_t import SHORT_ESTIMATION, GarchT
from brentwatch.core.forecasts.volatility import Garch, fit_garch

MODEL = GarchT()
VALUES = garch_returns(seed=6, count=1_620)
PAST = returns(VALUES)
MONTH_BEGAN = PAST.sessions[1_600]


def fitted(past: Returns) -> Garch:
    fit = MODEL.fit(past)
    assert isinstance(fit, Garch)
    return fit


FIT = fitted(PAST.select_before(MONTH_BEGAN))


def path(past: Returns, fit: Garch = FIT, sessions: int = 1) -> Path:
    found = MODEL.forecast(past, fit, Ahead((1,) * sessions))
    assert isinstance(found, Path)
    return found


def test_the_fit_is_that_of_the_last_1500_returns() -> None:
    assert fit_garch(PAST.select_between(100, 1_600)) == FIT
    assert FIT.n == 1_500


def test_one_session_has_the_fitted_mean_and_the_filtered_variance_without_a_term_for_an_error() -> None:
    error = math.sqrt(FIT.filter_returns(VALUES[1_600:]))

    assert path(PAST).steps == (
        StudentT(
            expected=FIT.mu,
            standard_error=error,
            scale=error * math.sqrt((FIT.nu - 2.0) / FIT.nu),
            degrees_of_freedom=FIT.nu,
        ),
    )


def test_the_filter_runs_through_the_newest_return_without_a_gap() -> None:
    shocked = VALUES.copy()
    shocked[-1] = FIT.mu + 0.2

    quiet, loud = path(PAST).steps[0], path(returns(shocked)).steps[0]
    moved = FIT.alpha * (0.2**2 - (VALUES[-1] - FIT.mu) ** 2)
    assert loud.standard_error**2 - quiet.standard_error**2 == pytest.approx(moved, rel=1e-9)


def test_right_after_the_fit_its_own_variance_is_the_forecast() -> None:
    assert path(PAST.select_before(MONTH_BEGAN)).steps[0].standard_error ** 2 == pytest.approx(
        FIT.variance, rel=1e-12
    )


@pytest.mark.parametrize("sessions", [2, 6])
def test_a_sum_has_the_mean_of_120_sessions_with_its_error_and_the_sum_of_the_variances(
    sessions: int,
) -> None:
    step = path(PAST, sessions=sessions).steps[-1]
    recent = VALUES[-120:].tolist()
    ahead = [FIT.filter_returns(VALUES[1_600:])]
    for _ in range(sessions - 1):
        ahead.append(FIT.omega + (FIT.alpha + FIT.beta) * ahead[-1])
    expected = sum(ahead) + sessions**2 * variance(recent) / 120

    assert isinstance(step, StudentT)
    assert step.expected == pytest.approx(sessions * fmean(recent), rel=1e-12)
    assert step.standard_error**2 == pytest.approx(expected, rel=1e-12)
    assert step.scale == pytest.approx(step.standard_error * math.sqrt((FIT.nu - 2) / FIT.nu), rel=1e-12)
    assert step.degrees_of_freedom == FIT.nu


def test_a_path_has_a_step_for_each_number_of_sessions() -> None:
    assert path(PAST, sessions=6).steps[:2] == path(PAST, sessions=2).steps
    assert len(path(PAST, sessions=6).steps) == 6


def test_499_returns_are_refused_and_500_are_enough() -> None:
    assert MODEL.fit(returns(VALUES[:499])) == Refused(
        "499 returns before the month began; expected 500 or more; give more price history"
    )
    assert fitted(returns(VALUES[:500])).n == 500


@pytest.mark.parametrize(
    ("n", "flags"), [(500, (SHORT_ESTIMATION,)), (1_499, (SHORT_ESTIMATION,)), (1_500, ())]
)
def test_fewer_than_1500_returns_are_flagged(n: int, flags: tuple[str, ...]) -> None:
    assert path(PAST, replace(FIT, diagnostics=replace(FIT.diagnostics, n=n))).flags == flags


def test_a_price_that_stood_still_is_refused() -> None:
    assert MODEL.fit(returns(np.zeros(600))) == Refused(
        "the price did not move in 600 sessions: check the price source"
    )


def test_it_is_fitted_by_the_month() -> None:
    assert (MODEL.name, MODEL.monthly) == ("garch-t", True)


def test_the_fit_of_another_model_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="expected a Garch, not Mean"):
        MODEL.forecast(PAST, Mean(0.0, 4e-4, 120), Ahead((1,)))


@pytest.mark.parametrize("level", [0.05, 0.01])
def test_the_size_with_known_parameters_is_the_level(level: float) -> None:
    """The null exactly as `garch_returns` draws it; the fit is moved on by hand each session."""
    count = 20_000
    simulated = returns(garch_returns(seed=21, count=count))
    truth = replace(FIT, mu=0.0, omega=8e-6, alpha=0.06, beta=0.92, nu=7.0, variance=4e-4)
    found = 0
    for at in range(count - 1):
        past = simulated.select_between(at, at + 1)
        truth = replace(truth, variance=truth.filter_returns(past.values), fitted_through=past.sessions[-1])
        found += p_value(float(simulated.values[at + 1]), path(past, truth).steps[0]) <= level

    assert found / count == pytest.approx(level, abs=3.0 * math.sqrt(level * (1.0 - level) / count))


@pytest.mark.slow
def test_the_size_under_its_own_null_is_the_level_when_it_is_fitted_by_the_month() -> None:
    tested = run_placebos(bars_of_returns(garch_returns(seed=22, count=3_500)), table.load("garch-t"))
    found = sum(placebo.p <= 0.05 for placebo in tested) / len(tested)

    assert len(tested) == 3_000
    assert found == pytest.approx(0.05, abs=3.0 * math.sqrt(0.05 * 0.95 / 3_000))
