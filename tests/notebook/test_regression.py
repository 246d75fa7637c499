"""`fit` gives the regression of statsmodels, whose figures are those of the study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import RegressionResultsWrapper
from tests.core.event_study.series import WTI

from brentwatch import InvalidInput, bundled_prices, event_study

if TYPE_CHECKING:
    from brentwatch.notebook.names import ClassicalModel

EVENTS = {"Abqaiq": "2019-09-14T00:45Z", "Soleimani": "2020-01-02T22:00Z", "late": "2030-01-01"}


def exactly(expected: Any) -> Any:
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def read_wti() -> pd.Series[float]:
    return pd.read_csv(WTI, index_col="date", parse_dates=True)["usd_per_bbl"]


@pytest.mark.parametrize("model", ["constant-mean", "market", "market-adjusted"])
@pytest.mark.parametrize("event", ["Abqaiq", "Soleimani"])
def test_the_figures_of_the_regression_are_those_of_the_study(model: ClassicalModel, event: str) -> None:
    prices, wti = bundled_prices(), read_wti()
    study = event_study(EVENTS, prices, wti, model=model, window=(0, 5))
    rows = study.rows[study.rows["event"] == event].set_index("session")
    fit = study.fit(event)
    both = pd.DataFrame({"price": prices, "benchmark": wti}).reindex(prices.index)
    returns = both.where(both > 0.0).map(np.log).diff()
    ahead = pd.DataFrame({"const": 1.0, "benchmark": returns.loc[rows.index, "benchmark"]})
    predicted = fit.get_prediction(ahead[fit.params.index])

    assert isinstance(fit, RegressionResultsWrapper)
    assert fit.nobs == 120
    assert fit.df_resid == rows["df"].iloc[0]
    assert fit.scale == exactly(rows["sigma"].iloc[0] ** 2)
    assert fit.params["const"] == exactly(np.nan_to_num(rows["alpha"].iloc[0]))
    if model != "constant-mean":
        assert fit.params["benchmark"] == exactly(rows["beta"].iloc[0])
    ar = returns.loc[rows.index, "price"] - predicted.predicted_mean
    assert ar.to_numpy() == exactly(rows["ar"].to_numpy())
    assert predicted.se_obs == exactly((rows["ar"] / rows["t"]).to_numpy())
    assert fit.resid.index[-1] < rows.index[0]


@pytest.mark.parametrize("model", ["constant-mean", "market"])
def test_the_standard_errors_are_those_of_the_diagnostics(model: ClassicalModel) -> None:
    study = event_study(EVENTS, None, read_wti(), model=model)
    (row,) = (each for each in study.diagnostics().itertuples() if each.event == "Abqaiq")
    errors = study.fit("Abqaiq").bse

    assert errors["const"] == exactly(row.alpha_se)
    assert model == "constant-mean" or errors["benchmark"] == exactly(row.beta_se)


def test_a_model_of_factors_has_a_coefficient_for_each_column() -> None:
    wti = read_wti()
    both = pd.DataFrame({"wti": wti, "brent before": bundled_prices().shift(1).reindex(wti.index)})
    study = event_study(EVENTS, None, both, model="factors", window=(0, 5))
    fit, rows = study.fit("Abqaiq"), study.rows.query("event == 'Abqaiq'")
    errors = study.diagnostics().query("event == 'Abqaiq'").set_index("factor")["beta_se"]

    assert list(fit.params.index) == ["const", "wti", "brent before"]
    assert fit.df_resid == rows["df"].iloc[0] == 117
    assert fit.scale == exactly(rows["sigma"].iloc[0] ** 2)
    assert fit.bse[["wti", "brent before"]].to_numpy() == exactly(errors.to_numpy())


def test_one_factor_is_the_market_model() -> None:
    one = event_study(EVENTS, None, read_wti().rename("wti"), model="factors", window=(0, 5)).to_frame()

    assert one["car_t"].to_numpy() == exactly(
        event_study(EVENTS, None, read_wti(), model="market", window=(0, 5)).to_frame()["car_t"].to_numpy()
    )


def test_market_adjusted_has_fixed_coefficients_without_errors() -> None:
    fit = event_study(EVENTS, None, read_wti(), model="market-adjusted").fit("Abqaiq")

    assert fit.params.to_dict() == {"const": 0.0, "benchmark": 1.0}
    assert fit.bse.to_dict() == {"const": 0.0, "benchmark": 0.0}
    assert "benchmark      1.0000" in str(fit.summary())


def test_an_event_that_cannot_be_fitted_is_refused_with_its_reason() -> None:
    study = event_study(EVENTS, windows=[(0, 1), (-5, 5)])

    with pytest.raises(InvalidInput, match=r"event is 'Abqaik'; .* did you mean 'Abqaiq'?"):
        study.fit("Abqaik", (0, 1))
    with pytest.raises(InvalidInput, match="event 'late' has no result: no session settles after the event"):
        study.fit("late", (0, 1))
    with pytest.raises(InvalidInput, match=r"\[0, 1\], \[-5, 5\] start at different sessions"):
        study.fit("Abqaiq")
    with pytest.raises(InvalidInput, match=r"window is \[0, 3\]; expected one of \[0, 1\], \[-5, 5\]"):
        study.fit("Abqaiq", (0, 3))
    assert study.fit("Abqaiq", (-5, 5)).resid.index[-1] < study.fit("Abqaiq", (0, 1)).resid.index[-1]
