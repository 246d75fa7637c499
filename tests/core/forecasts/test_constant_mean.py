from __future__ import annotations

import math
from statistics import fmean, variance

import numpy as np
import pytest
import statsmodels.api as sm
from tests.core.series import UNDIAGNOSED, garch_returns, returns
from tests.core.series import sessions as business_days

from brentwatch.core.domain import Refused
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.abnormal_returns import p_value
from brentwatch.core.forecasts.constant_mean import ConstantMeanForecast
from brentwatch.core.forecasts.forecast import Ahead, Mean, Path, StudentT
from brentwatch.core.forecasts.volatility import Garch

MODEL = ConstantMeanForecast()
VALUES = garch_returns(seed=3, count=200)
WINDOW = VALUES[75:195]  # 120 returns, then the gap of five
DAYS = business_days(125)
REPLICATIONS = 4_000


def fitted(past: Returns) -> Mean:
    fit = MODEL.fit(past)
    assert isinstance(fit, Mean)
    return fit


def path(past: Returns, sessions: int) -> Path:
    found = MODEL.forecast(past, fitted(past), Ahead((1,) * sessions))
    assert isinstance(found, Path)
    return found


def test_mean_and_variance_are_those_of_the_120_returns_before_the_gap() -> None:
    fit = fitted(returns(VALUES))

    assert fit.n == 120
    assert fit.mean == pytest.approx(fmean(WINDOW), rel=1e-12)
    assert fit.variance == pytest.approx(variance(WINDOW.tolist()), rel=1e-12)


@pytest.mark.parametrize("sessions", [1, 2, 6, 11])
def test_a_sum_is_forecast_as_the_textbook_has_it(sessions: int) -> None:
    step = path(returns(VALUES), sessions).steps[-1]
    squares = sum((value - fmean(WINDOW)) ** 2 for value in WINDOW.tolist())
    error = math.sqrt(squares / 119 * (sessions + sessions**2 / 120))

    assert isinstance(step, StudentT)
    assert step.expected == pytest.approx(sessions * fmean(WINDOW), rel=1e-12)
    assert step.standard_error == pytest.approx(error, rel=1e-12)
    assert step.scale == step.standard_error
    assert step.degrees_of_freedom == 119


def test_the_error_of_one_session_is_the_prediction_error_of_statsmodels() -> None:
    predicted = sm.OLS(WINDOW, np.ones(120)).fit().get_prediction(np.ones(1))
    (step,) = path(returns(VALUES), 1).steps

    assert step.expected == pytest.approx(float(predicted.predicted_mean[0]), rel=1e-9)
    assert step.standard_error == pytest.approx(float(predicted.se_obs[0]), rel=1e-9)


def test_p_is_that_of_a_regression_with_a_dummy_for_the_session() -> None:
    """The oldest check of an event study: the t of the event's dummy in one regression over all rows."""
    rows = np.append(WINDOW, 0.05)
    dummy = np.append(np.zeros(120), 1.0)
    regression = sm.OLS(rows, np.column_stack([np.ones(121), dummy])).fit()

    assert p_value(0.05, path(returns(VALUES), 1).steps[0]) == pytest.approx(regression.pvalues[1], rel=1e-7)


def test_the_variance_of_a_car_over_eleven_sessions_has_the_exact_factor() -> None:
    step = path(returns(VALUES), 11).steps[-1]

    assert step.standard_error**2 / fitted(returns(VALUES)).variance == pytest.approx(
        11 + 121 / 120, rel=1e-12
    )


def test_a_path_has_a_step_for_each_number_of_sessions() -> None:
    past = returns(VALUES)

    assert path(past, 6).steps[:2] == path(past, 2).steps
    assert len(path(past, 6).steps) == 6


@pytest.mark.parametrize("place", range(195, 200))
def test_the_gap_never_enters_the_estimation(place: int) -> None:
    shocked = VALUES.copy()
    shocked[place] += 0.3

    assert MODEL.fit(returns(shocked)) == MODEL.fit(returns(VALUES))


@pytest.mark.parametrize("place", [75, 194])
def test_both_ends_of_the_estimation_window_enter_it(place: int) -> None:
    shocked = VALUES.copy()
    shocked[place] += 0.3

    assert MODEL.fit(returns(shocked)) != MODEL.fit(returns(VALUES))


def test_what_is_older_than_the_estimation_window_does_not_enter_it() -> None:
    shocked = VALUES.copy()
    shocked[:75] += 0.3

    assert MODEL.fit(returns(shocked)) == MODEL.fit(returns(VALUES))


def test_the_event_window_never_enters_the_estimation() -> None:
    shocked = VALUES.copy()
    shocked[190:] += 0.3
    quiet, loud = returns(VALUES), returns(shocked)
    session = quiet.sessions[190]

    assert MODEL.fit(loud.select_before(session)) == MODEL.fit(quiet.select_before(session))


def test_124_returns_are_refused_and_125_are_enough() -> None:
    assert MODEL.fit(returns(VALUES[:124])) == Refused(
        "119 returns before a gap of 5 sessions; expected 120; give more price history"
    )
    assert isinstance(MODEL.fit(returns(VALUES[:125])), Mean)


def test_a_price_that_stood_still_is_refused() -> None:
    still = np.zeros(200)
    still[-5:] = 0.01  # it moves in the gap only

    refused = MODEL.fit(returns(still))
    assert isinstance(refused, Refused)
    assert "did not move in the 120 sessions" in refused.reason


@pytest.mark.parametrize("sessions", [1, 11])
def test_the_size_under_its_own_null_is_the_level(sessions: int) -> None:
    generator = np.random.default_rng(5)
    found = 0
    for _ in range(REPLICATIONS):
        values = generator.normal(0.0005, 0.02, 125 + sessions)
        past = returns(values[:125])
        found += p_value(float(values[125:].sum()), path(past, sessions).steps[-1]) <= 0.05

    assert found / REPLICATIONS == pytest.approx(0.05, abs=3.0 * math.sqrt(0.05 * 0.95 / REPLICATIONS))


def test_it_is_fitted_before_every_session() -> None:
    assert (MODEL.name, MODEL.monthly) == ("constant-mean", False)


def test_the_fit_of_another_model_is_a_mistake_of_the_program() -> None:
    fit = Garch(
        mu=0.0,
        omega=1e-5,
        alpha=0.1,
        beta=0.8,
        nu=7.0,
        variance=4e-4,
        fitted_through=DAYS[0],
        diagnostics=UNDIAGNOSED,
    )
    with pytest.raises(TypeError, match="expected a Mean, not Garch"):
        MODEL.forecast(returns(VALUES), fit, Ahead((1,)))
