"""The estimation window of one event as a regression of statsmodels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.event_study.table import load

if TYPE_CHECKING:
    import pandas as pd
    from statsmodels.regression.linear_model import OLS, RegressionResultsWrapper

    from brentwatch.core.event_study.classical import Studies

_FIXED = "market-adjusted"
_FIXED_COEFFICIENTS = (0.0, 1.0)


def fit_estimation_window(studies: Studies, place: int) -> RegressionResultsWrapper:
    """Ordinary least squares on the estimation window of the event at `place` among those with a result.

    `market-adjusted` has fixed coefficients, 0 and 1: their standard errors are zero, and `scale` is the
    variance about the mean difference with n - 1 degrees of freedom.
    """
    from statsmodels.regression.linear_model import OLS

    own, explaining = _read_window(studies, place)
    model = OLS(own, explaining)
    return _fix_coefficients(model, float(studies.sigma[place])) if studies.model == _FIXED else model.fit()


def _read_window(studies: Studies, place: int) -> tuple[pd.Series[float], pd.DataFrame]:
    """The returns of the price, and a constant with the returns of the benchmark, by session."""
    import pandas as pd

    rows = studies.rows
    at = rows.used[int(studies.first[place]) + np.arange(studies.design.estimation)]
    sessions = pd.DatetimeIndex([rows.sessions[row] for row in at.tolist()], name="session")
    columns = {"const": np.ones(len(at))}
    if rows.factors is not None:
        columns |= dict(zip(rows.factor_names, rows.factors[at].T, strict=True))
    elif rows.benchmark is not None and load(studies.model).needs_benchmark:
        columns["benchmark"] = rows.benchmark[at]
    return pd.Series(rows.returns[at], sessions, name="return"), pd.DataFrame(columns, index=sessions)


def _fix_coefficients(model: OLS, sigma: float) -> RegressionResultsWrapper:
    from statsmodels.regression.linear_model import OLSResults, RegressionResultsWrapper

    model.df_resid, model.df_model = len(model.endog) - 1.0, 0.0
    results = OLSResults(model, np.array(_FIXED_COEFFICIENTS), normalized_cov_params=np.zeros((2, 2)))
    results.scale = sigma**2  # the argument of that name is not used
    return RegressionResultsWrapper(results)
