"""The closed forms against statsmodels, matrix algebra and hand arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t as student
from tests.core.event_study.series import WTI, brent, prices, row_of, with_market
from tests.core.series import sessions

from brentwatch.core.domain import Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.batch import EventStudy, list_outcomes
from brentwatch.core.event_study.classical import study
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.rows import build_rows
from brentwatch.core.event_study.table import MODELS, load

DESIGN = Design()
EXACT = 1e-12


def of(model: str, at: int, *, count: int = 400) -> EventStudy:
    (found,) = list_outcomes(study(with_market(count), DESIGN, load(model), [at]))
    assert isinstance(found, EventStudy)
    return found


@pytest.mark.parametrize("at", [140, 200, 389])
def test_the_market_model_is_the_regression_of_statsmodels(at: int) -> None:
    series, found = with_market(), of("market", at)
    assert series.benchmark is not None
    estimated, judged = slice(at - 130, at - 10), slice(at - 5, at + 11)
    line = sm.OLS(series.returns[estimated], sm.add_constant(series.benchmark[estimated])).fit()
    design = sm.add_constant(series.benchmark[judged])
    error = np.sqrt(line.get_prediction(design).var_pred_mean + line.mse_resid)

    assert found.alpha == pytest.approx(line.params[0], rel=EXACT)
    assert found.beta == pytest.approx(line.params[1], rel=EXACT)
    assert found.sigma == pytest.approx(math.sqrt(line.mse_resid), rel=EXACT)
    assert found.df == line.df_resid
    moves = series.returns[judged] - line.predict(design)
    np.testing.assert_allclose([row.ar for row in found.rows], moves, rtol=EXACT, atol=1e-16)
    np.testing.assert_allclose([row.error_ar for row in found.rows], error, rtol=EXACT)
    np.testing.assert_allclose(
        [row.p_ar for row in found.rows], 2.0 * student.sf(np.abs(moves / error), 118), rtol=1e-10
    )


@pytest.mark.parametrize(("model", "k"), [("market", 2), ("constant-mean", 1)])
def test_the_variance_of_a_car_is_that_of_the_whole_covariance_matrix(model: str, k: int) -> None:
    series, at, found = with_market(), 200, of(model, 200)
    assert series.benchmark is not None
    x = sm.add_constant(series.benchmark)[:, :k]
    x0, x1 = x[at - 130 : at - 10], x[at - 5 : at + 11]
    covariance = found.sigma**2 * (np.eye(16) + x1 @ np.linalg.inv(x0.T @ x0) @ x1.T)
    error = [math.sqrt(covariance[:n, :n].sum()) for n in range(1, 17)]

    np.testing.assert_allclose([row.error_car for row in found.rows], error, rtol=EXACT)
    np.testing.assert_allclose([row.t_car * row.error_car for row in found.rows], [r.car for r in found.rows])


def test_the_market_adjusted_variance_is_about_its_mean_and_holds_no_error_of_estimation() -> None:
    series, at, found = with_market(), 200, of("market-adjusted", 200)
    assert series.benchmark is not None
    apart = series.returns - series.benchmark
    sigma = float(np.std(apart[at - 130 : at - 10], ddof=1))

    assert (found.alpha, found.beta, found.df) == (None, 1.0, 119)
    assert found.sigma == pytest.approx(sigma, rel=EXACT)
    np.testing.assert_allclose([row.ar for row in found.rows], apart[at - 5 : at + 11], rtol=EXACT)
    np.testing.assert_allclose([row.error_ar for row in found.rows], [sigma] * 16, rtol=EXACT)
    np.testing.assert_allclose(
        [row.error_car for row in found.rows], [sigma * math.sqrt(n) for n in range(1, 17)], rtol=EXACT
    )


def test_a_constant_mean_worked_out_by_hand() -> None:
    """Returns +-1 % five and five about 1 %: mean .01, S = 10 x .0001, sigma^2 = .001 / 9."""
    moves = [0.0, 0.02] * 5 + [0.05] + [0.01, 0.04]
    series = build_rows(sessions(14), 100.0 * np.exp(np.cumsum([0.0, *moves])))
    design = Design(estimation=10, gap=1, window=Window(0, 1))
    (found,) = list_outcomes(study(series, design, load("constant-mean"), [12]))
    assert isinstance(found, EventStudy)
    first, second = found.rows

    assert found.alpha == pytest.approx(0.01)
    assert (found.beta, found.df) == (None, 9)
    assert found.sigma == pytest.approx(math.sqrt(0.001 / 9.0))
    assert first.ar == pytest.approx(0.0, abs=1e-15)
    assert second.ar == pytest.approx(0.03)
    assert second.error_ar == pytest.approx(found.sigma * math.sqrt(1.1))
    assert second.error_car == pytest.approx(found.sigma * math.sqrt(2.0 + 4.0 / 10.0))
    assert second.car == pytest.approx(0.03)
    assert second.rank_p_ar == pytest.approx(1.0 / 11.0)
    assert first.rank_p_ar == 1.0


def test_abqaiq_is_what_the_facts_say_and_wti_absorbs_it() -> None:
    at, wti = row_of("2019-09-16"), prices(WTI)
    (alone,) = list_outcomes(study(brent(), DESIGN, load("constant-mean"), [at]))
    (beside,) = list_outcomes(study(brent(wti), DESIGN, load("market"), [at]))
    assert isinstance(alone, EventStudy)
    assert isinstance(beside, EventStudy)

    assert alone.rows[5].ar == pytest.approx(0.111, abs=5e-4)
    assert 0.02 < beside.rows[5].ar < 0.03
    assert str(beside.passed_over[0]) == "2019-07-04"


def test_a_trend_without_much_noise_is_estimated_to_the_last_digits() -> None:
    """Where the sum of squares is all but cancelled by the mean, the windows are read row by row."""
    noise = np.random.default_rng(5).normal(0.0, 1e-6, 200)
    series = build_rows(sessions(201), 1.0 * np.exp(np.cumsum([0.0, *(0.01 + noise)])))
    (found,) = list_outcomes(study(series, DESIGN, load("constant-mean"), [150]))
    assert isinstance(found, EventStudy)

    assert found.sigma == pytest.approx(float(np.std(series.returns[20:140], ddof=1)), rel=EXACT)


def test_a_benchmark_that_explains_nearly_all_is_estimated_to_the_last_digits() -> None:
    days = sessions(300)
    market = np.random.default_rng(6).normal(0.0, 0.02, 299)
    own = 0.7 * market + np.random.default_rng(7).normal(0.0, 1e-5, 299)
    closes, beside = (50.0 * np.exp(np.cumsum([0.0, *moves])) for moves in (own, market))
    series = build_rows(days, closes, dict(zip(days, beside.tolist(), strict=True)))
    (found,) = list_outcomes(study(series, DESIGN, load("market"), [200]))
    assert isinstance(found, EventStudy)
    assert series.benchmark is not None
    line = sm.OLS(series.returns[70:190], sm.add_constant(series.benchmark[70:190])).fit()

    assert found.sigma == pytest.approx(math.sqrt(line.mse_resid), rel=1e-9)
    assert found.beta == pytest.approx(line.params[1], rel=EXACT)


def test_the_models_are_those_of_the_table_each_under_its_name() -> None:
    assert [load(name).name for name in MODELS] == list(MODELS)


def test_an_unknown_model_is_told_the_known_ones_and_a_forecast_where_it_is_used() -> None:
    with pytest.raises(InvalidInput, match="expected one of constant-mean, market-adjusted, market"):
        load("capm")
    with pytest.raises(InvalidInput, match="'garch-t' is a forecast model"):
        load("garch-t")


def test_a_residual_exactly_as_far_out_as_the_move_counts_against_it() -> None:
    """Halved and doubled in turn: the mean is zero and every move is as large as every other."""
    series = build_rows(sessions(14), [64.0, 128.0] * 7)
    design = Design(estimation=10, gap=0, window=Window(0, 0))
    (found,) = list_outcomes(study(series, design, load("constant-mean"), [12]))
    assert isinstance(found, EventStudy)

    assert found.alpha == 0.0
    assert found.rows[0].rank_p_ar == 1.0
