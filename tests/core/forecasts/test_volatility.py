from __future__ import annotations

from datetime import date
from itertools import islice

import numpy as np
import pytest
from arch.univariate import GARCH, ConstantMean, StudentsT
from tests.core.series import UNDIAGNOSED, garch_returns, returns

from brentwatch.core.domain import Refused
from brentwatch.core.forecasts import volatility
from brentwatch.core.forecasts.diagnostics import diagnose
from brentwatch.core.forecasts.forecast import Ahead, Path
from brentwatch.core.forecasts.garch_t import GarchT
from brentwatch.core.forecasts.volatility import Garch, fit_garch

VALUES = garch_returns(seed=6, count=1_560)
PAST = returns(VALUES[:1_500])


def fitted() -> Garch:
    fit = fit_garch(PAST)
    assert isinstance(fit, Garch)
    return fit


FIT = fitted()
PARAMETERS = [FIT.mu * 100, FIT.omega * 1e4, FIT.alpha, FIT.beta, FIT.nu]


def by_arch(values: np.typing.NDArray[np.float64]) -> ConstantMean:
    return ConstantMean(values * 100, volatility=GARCH(1, 0, 1), distribution=StudentsT(), rescale=False)


def garch(variance: float = 4e-4) -> Garch:
    return Garch(
        mu=0.001,
        omega=1e-5,
        alpha=0.1,
        beta=0.8,
        nu=7.0,
        variance=variance,
        fitted_through=date(2022, 1, 5),
        diagnostics=UNDIAGNOSED,
    )


def test_the_fit_is_that_of_arch_in_fractions() -> None:
    result = by_arch(VALUES[:1_500]).fit(disp="off")

    assert pytest.approx(result.params.tolist(), rel=1e-4) == PARAMETERS


def test_the_variance_after_the_fit_is_the_one_that_arch_forecasts() -> None:
    forecast = (
        by_arch(VALUES[:1_500]).fit(disp="off").forecast(horizon=5, reindex=False).variance.to_numpy()[0]
    )

    assert list(FIT.forecast_variances(FIT.variance, 5)) == pytest.approx((forecast / 1e4).tolist(), rel=1e-4)


def test_the_filter_is_the_conditional_variance_of_arch_continued() -> None:
    """Beyond the sample with the parameters held, session by session."""
    continued = by_arch(VALUES).fix(PARAMETERS).conditional_volatility[1_500:] ** 2 / 1e4
    filtered = [FIT.filter_returns(VALUES[1_500:until]) for until in range(1_500, 1_560)]

    assert filtered == pytest.approx(continued.tolist(), rel=1e-6)


def test_the_filter_without_a_new_return_is_the_variance_of_the_fit() -> None:
    assert garch(5e-4).filter_returns(np.array([])) == 5e-4


def test_the_filter_takes_each_return_less_the_mean() -> None:
    once = 1e-5 + 0.1 * 0.03**2 + 0.8 * 5e-4
    twice = 1e-5 + 0.1 * 0.02**2 + 0.8 * once

    assert garch(5e-4).filter_returns(np.array([0.031, -0.019])) == pytest.approx(twice, rel=1e-12)


def test_the_variance_ahead_starts_with_what_is_known_and_returns_to_the_long_run() -> None:
    ahead = list(islice(garch().forecast_variances(9e-4, 400), 400))

    assert ahead[:2] == pytest.approx([9e-4, 1e-5 + 0.9 * 9e-4], rel=1e-12)
    assert ahead[-1] == pytest.approx(1e-5 / (1.0 - 0.9), rel=1e-9)
    assert len(list(garch().forecast_variances(9e-4, 6))) == 6


def test_persistence_is_what_is_left_of_a_shock() -> None:
    assert garch().persistence == pytest.approx(0.9, rel=1e-12)


def test_the_fit_says_through_which_session_and_on_how_many_returns() -> None:
    assert (FIT.fitted_through, FIT.n) == (PAST.sessions[-1], 1_500)


def test_the_parameters_of_a_long_series_are_found_again() -> None:
    found = fit_garch(returns(garch_returns(seed=1, count=20_000)))

    assert isinstance(found, Garch)
    assert found.n == 20_000
    assert found.mu == pytest.approx(0.0, abs=4e-4)
    assert found.omega == pytest.approx(8e-6, abs=2e-6)
    assert found.alpha == pytest.approx(0.06, abs=0.01)
    assert found.beta == pytest.approx(0.92, abs=0.015)
    assert found.nu == pytest.approx(7.0, abs=1.0)


@pytest.mark.parametrize("factor", [1e-6, 1e-4, 0.02, 1.01, 10.0, 1e3])
def test_the_fit_and_its_p_do_not_depend_on_the_scale_of_the_returns(factor: float) -> None:
    """A series of 0.02 % a session passed its own checks with a sigma up to 10^12 too large."""
    fit = fit_garch(returns(VALUES[:1_500] * factor))
    assert isinstance(fit, Garch)

    unscaled = [fit.mu / factor, fit.omega / factor**2, fit.alpha, fit.beta, fit.nu, fit.variance / factor**2]
    assert unscaled == pytest.approx([FIT.mu, FIT.omega, FIT.alpha, FIT.beta, FIT.nu, FIT.variance], rel=1e-9)
    assert p_of(fit, factor) == pytest.approx(p_of(FIT, 1.0), rel=1e-9)


def p_of(fit: Garch, factor: float) -> float:
    """p of a move of 3 % times the factor in the session after the fit."""
    path = GarchT().forecast(returns(VALUES[:1_500] * factor), fit, Ahead((1,)))
    assert isinstance(path, Path)
    return path.steps[0].tail(abs(0.03 * factor - path.steps[0].expected))


def test_the_last_bits_of_the_returns_move_no_fit() -> None:
    """They depend on the level of the prices, and the optimiser would end elsewhere."""
    noise = np.random.default_rng(5).choice([-1.0, 0.0, 1.0], 1_500) * np.spacing(VALUES[:1_500])
    fit = fit_garch(returns(VALUES[:1_500] + noise))

    assert isinstance(fit, Garch)
    assert (fit.nu, fit.alpha, fit.beta) == (FIT.nu, FIT.alpha, FIT.beta)


def test_a_price_that_does_not_move_is_refused() -> None:
    refused = fit_garch(returns(np.zeros(600)))

    assert isinstance(refused, Refused)
    assert "did not move in 600 sessions" in refused.reason


@pytest.mark.parametrize("at", [0, 700, 1_499])
@pytest.mark.parametrize("size", [0.5, 2.0, 10.0, 1e3, 1e6])
def test_one_huge_outlier_is_refused_or_leaves_a_sane_variance(size: float, at: int) -> None:
    """Sane: between that of the other returns and what one session can leave behind."""
    values = VALUES[:1_500].copy()
    values[at] = size
    fit = fit_garch(returns(values))

    if isinstance(fit, Refused):
        assert size >= 10.0
        assert "check the prices for errors of unit or splice" in fit.reason
    else:
        usual = float(np.std(VALUES[:1_500]))
        assert 0.5 * usual < fit.variance**0.5 < 0.5 * size + usual


def test_a_fit_that_does_not_converge_is_refused_with_what_to_check() -> None:
    refused = fit_garch(returns(np.array([*np.zeros(1_499), 0.01])))

    assert isinstance(refused, Refused)
    assert "on 1500 returns through 2015-10-02 did not converge (code " in refused.reason
    assert "check the prices" in refused.reason


def test_a_fit_that_was_cut_short_is_refused_however_sane_it_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(volatility._TOLERANCE, "maxiter", 2)
    refused = fit_garch(returns(VALUES[:1_499]))

    assert isinstance(refused, Refused)
    assert "did not converge (code 9, persistence 0.9" in refused.reason


def test_the_fit_tells_the_diagnostics_of_its_standardised_residuals() -> None:
    result = by_arch(VALUES[:1_500]).fit(disp="off")

    told, by_hand = FIT.diagnostics, diagnose(np.asarray(result.std_resid))
    assert told.arch_lm_p == pytest.approx(by_hand.arch_lm_p, abs=1e-3)
    assert told.ljung_box_p == pytest.approx(by_hand.ljung_box_p, abs=1e-3)
    raw = diagnose(VALUES[:1_500])
    # What clusters in the returns no longer does in the residuals: that is what the model is for.
    assert told.arch_lm_p is not None
    assert raw.arch_lm_p is not None
    assert raw.arch_lm_p < 0.01 < told.arch_lm_p
