"""The coefficients of an estimation window with their standard errors, the usual ones and Newey-West's.

The usual error takes residuals as independent and equally wide; that of Newey and West (1987) bears
volatility that comes in clusters and residuals that remember. Far apart, they say that the usual is wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from brentwatch.core.domain.arrays import Floats


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An estimate, its standard error, and the one that bears heteroscedasticity and autocorrelation."""

    value: float
    error: float
    hac_error: float


def estimate_coefficients(own: Floats, benchmark: Floats | None) -> tuple[Coefficient, ...]:
    """Alpha, and a beta for each column of `benchmark`, (n,) or (n, K), of `own` (n,) by least squares.

    Newey-West with `choose_hac_lags` lags and the small-sample factor n / (n - k).
    """
    from statsmodels.regression.linear_model import OLS

    columns = [np.ones(len(own))] if benchmark is None else [np.ones(len(own)), benchmark]
    fitted = OLS(own, np.column_stack(columns)).fit()
    robust = fitted.get_robustcov_results("HAC", maxlags=choose_hac_lags(len(own)), use_correction=True)
    return tuple(_build_coefficients(fitted.params, _read_errors(fitted), _read_errors(robust)))


def choose_hac_lags(n: int) -> int:
    """floor(4 (n / 100)^(2/9)): 4 of 120 sessions, as Newey and West advise."""
    return int(4.0 * (n / 100.0) ** (2.0 / 9.0))


def _read_errors(results: object) -> Floats:
    """Rounding can bring a variance that is nothing to just below it."""
    variances = np.diag(np.atleast_2d(results.cov_params()))  # type: ignore[attr-defined]  # of statsmodels
    errors: Floats = np.sqrt(np.maximum(variances, 0.0))
    return errors


def _build_coefficients(*columns: Floats) -> Iterator[Coefficient]:
    yield from (Coefficient(*row) for row in np.column_stack(columns).tolist())
