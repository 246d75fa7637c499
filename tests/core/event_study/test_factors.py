"""The factor model is the regression of statsmodels, with the exact variance of its forecasts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from tests.core.series import sessions

from brentwatch.core.domain import Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.classical import Studies, study
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.rows import build_rows
from brentwatch.core.event_study.table import load

if TYPE_CHECKING:
    from datetime import date

    from brentwatch.core.domain.arrays import Floats
    from brentwatch.core.event_study.rows import Rows

COUNT, FACTORS = 400, 3
DAYS = sessions(COUNT)
DESIGN = Design(estimation=60, gap=4, window=Window(-2, 5))
AT = (120, 200, 205, 390)


def simulate(seed: int = 1, factors: int = FACTORS) -> tuple[Floats, Floats]:
    """Returns of the price (S,) and of the factors (S, K)."""
    random = np.random.default_rng(seed)
    known = 0.01 * random.standard_normal((COUNT, factors)) + 0.001
    known[:, -1] += 0.5 * known[:, 0]
    own = known @ np.linspace(0.8, -0.3, factors) + 0.015 * random.standard_normal(COUNT) + 5e-4
    return own, known


def build_levels(returns: Floats) -> Floats:
    levels: Floats = 50.0 * np.exp(np.cumsum(np.concatenate([[0.0], returns[1:]])))
    return levels


def build_series(own: Floats, known: Floats, missing: frozenset[date] = frozenset()) -> Rows:
    factors = {
        f"f{place}": {
            day: value
            for day, value in zip(DAYS, build_levels(column).tolist(), strict=True)
            if place or day not in missing
        }
        for place, column in enumerate(known.T)
    }
    return build_rows(DAYS, build_levels(own), factors=factors)


@pytest.fixture(scope="module")
def studied() -> Studies:
    return study(build_series(*simulate()), DESIGN, load("factors", FACTORS), AT)


@pytest.mark.parametrize("place", range(len(AT)))
def test_it_is_the_regression_of_statsmodels(studied: Studies, place: int) -> None:
    own, known = simulate()
    first = AT[place] - 2
    window, event = slice(first - 64, first - 4), slice(first, first + 8)
    fitted = sm.OLS(own[window], sm.add_constant(known[window])).fit()
    ahead = sm.add_constant(known[event], has_constant="add")
    forecast = fitted.get_prediction(ahead)
    summed = np.cumsum(ahead, axis=0)
    covariance = fitted.cov_params()
    error_car = np.sqrt(
        fitted.mse_resid * np.arange(1, 9) + np.einsum("ik,kl,il->i", summed, covariance, summed)
    )
    ar = own[event] - forecast.predicted_mean

    assert studied.df == fitted.df_resid == 60 - FACTORS - 1
    assert studied.fitted.betas is not None
    assert studied.fitted.alpha is not None
    assert studied.fitted.betas[place] == pytest.approx(fitted.params[1:], rel=1e-9)
    assert studied.fitted.alpha[place] == pytest.approx(fitted.params[0], rel=1e-9)
    assert studied.sigma[place] == pytest.approx(np.sqrt(fitted.mse_resid), rel=1e-9)
    assert studied.residuals()[place] == pytest.approx(fitted.resid, rel=1e-9, abs=1e-12)
    assert studied.ar[place] == pytest.approx(ar, rel=1e-9, abs=1e-13)
    assert studied.error_ar()[place] == pytest.approx(forecast.se_obs, rel=1e-9)
    assert studied.error_car()[place] == pytest.approx(error_car, rel=1e-9)
    assert studied.p(studied.t_car())[place] == pytest.approx(
        2.0 * stats.t.sf(np.abs(np.cumsum(ar) / error_car), fitted.df_resid), rel=1e-8
    )


def test_with_one_factor_it_is_the_market_model() -> None:
    own, known = simulate(factors=1)
    levels = dict(zip(DAYS, build_levels(known[:, 0]).tolist(), strict=True))
    market = study(build_rows(DAYS, build_levels(own), levels), DESIGN, load("market"), AT)
    factor = study(build_series(own, known), DESIGN, load("factors"), AT)

    assert factor.ar == pytest.approx(market.ar, rel=1e-9, abs=1e-13)
    assert factor.error_car() == pytest.approx(market.error_car(), rel=1e-9)


def test_a_return_over_missing_sessions_counts_as_in_the_market_model() -> None:
    """With --span its mean and variance are those of the sessions it spans."""
    own, known = simulate(factors=1)
    left = [place for place in range(COUNT) if not 193 <= place < 200]
    days, prices = tuple(DAYS[place] for place in left), build_levels(own)[left]
    levels = dict(zip(DAYS, build_levels(known[:, 0]).tolist(), strict=True))
    spans, design = {DAYS[200]: 8}, replace(DESIGN, span=True)
    market = study(build_rows(days, prices, levels, spans), design, load("market"), [193])
    factor = study(build_rows(days, prices, None, spans, {"f": levels}), design, load("factors"), [193])

    assert market.spanned is not None
    assert factor.ar == pytest.approx(market.ar, rel=1e-9, abs=1e-13)
    assert factor.error_ar() == pytest.approx(market.error_ar(), rel=1e-9)
    assert factor.error_car() == pytest.approx(market.error_car(), rel=1e-9)


def test_its_size_is_right_if_nothing_happens() -> None:
    at = range(80, COUNT - 6)
    p = np.concatenate(
        [
            studied.p(studied.t_car())[:, -1]
            for seed in range(20)
            for studied in [
                study(
                    build_series(*simulate(seed)), DESIGN, load("factors", FACTORS), list(at)[seed % 8 :: 8]
                )
            ]
        ]
    )
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.017)


def test_a_session_without_a_value_of_one_factor_is_not_estimated_on_and_not_judged() -> None:
    own, known = simulate()
    series = build_series(own, known, frozenset({DAYS[100], DAYS[201]}))
    studied = study(series, DESIGN, load("factors", FACTORS), AT)

    assert studied.kept.tolist() == [0, 2, 3]
    assert "the benchmark has no value on" in studied.refused[1].reason
    assert DAYS[100] not in {DAYS[row] for row in series.used.tolist()}


def test_factors_that_explain_each_other_are_refused() -> None:
    own, known = simulate()
    known[:, 2] = 2.0 * known[:, 0] - known[:, 1]
    studied = study(build_series(own, known), DESIGN, load("factors", FACTORS), AT)

    assert len(studied.kept) == 0
    assert "a factor is explained by the others" in studied.refused[0].reason


def test_another_number_of_factors_than_the_model_has_is_refused() -> None:
    with pytest.raises(InvalidInput, match="set up for 2 factors, and 3 are given"):
        study(build_series(*simulate()), DESIGN, load("factors", 2), AT)
