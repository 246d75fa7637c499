"""The normal GARCH that the record is compared with: the fit of arch, and its own filter."""

from __future__ import annotations

import math

import numpy as np
import pytest
from arch.univariate import arch_model
from tests.core.series import bars_of_returns, garch_returns, returns

from brentwatch.core.calibration.daily import run_placebos
from brentwatch.core.domain import Refused
from brentwatch.core.forecasts import table
from brentwatch.core.forecasts.ewma_rank import Normal, measure_turbulence
from brentwatch.core.forecasts.forecast import Ahead, Path
from brentwatch.core.forecasts.garch_n import GarchN
from brentwatch.core.forecasts.volatility import Garch

VALUES = garch_returns(seed=6, count=1_520)
PAST = returns(VALUES)


def forecast_step(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Normal:
    past, model = returns(values), GarchN()
    fit = model.fit(past.select_between(0, 1_500))
    assert isinstance(fit, Garch)
    path = model.forecast(past, fit, Ahead((1,)))
    assert isinstance(path, Path)
    step = path.steps[0]
    assert isinstance(step, Normal)
    return step


def test_the_forecast_is_that_of_arch_filtered_on_the_newest_returns() -> None:
    expected = arch_model(100.0 * VALUES, mean="Constant", vol="GARCH", p=1, q=1, dist="normal")
    fitted = expected.fit(last_obs=1_500, disp="off", options={"ftol": 1e-12, "maxiter": 500})
    variance = fitted.forecast(horizon=1, start=len(VALUES) - 1, reindex=False).variance.to_numpy()[0, 0]
    step = forecast_step(VALUES)

    assert step.standard_error == pytest.approx(math.sqrt(variance) / 100.0, rel=2e-3)
    assert step.expected == pytest.approx(fitted.params["mu"] / 100.0, abs=2e-5)


def test_it_is_refused_where_garch_t_is() -> None:
    fit = GarchN().fit(PAST.select_between(0, 499))

    assert isinstance(fit, Refused)
    assert "499 returns before the month began; expected 500" in fit.reason


def test_it_is_a_peer_and_no_model_of_the_monitor() -> None:
    assert table.load("garch-n").name == "garch-n"
    assert "garch-n" not in table.MODELS


@pytest.mark.parametrize("at", [520, 700, 1_000])
def test_turbulence_is_that_of_the_calibration_and_known_before_the_session(at: int) -> None:
    """Changing the session itself, or a later one, changes nothing."""
    values = VALUES[: at + 1]
    placebos = run_placebos(bars_of_returns(values), table.load("constant-mean"))

    assert measure_turbulence(values[:-1]) == pytest.approx(placebos[-1].turbulence, rel=1e-9)
    assert measure_turbulence(values[:119]) == 0.0
    assert measure_turbulence(np.zeros(200)) == 0.0
