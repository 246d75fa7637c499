"""What a classical event study knows of its events, in arrays: the tests of significance read no more.

N events; n rows of each in the estimation window; L rows in the event window. Rows are sessions, oldest
first, and returns are log fractions. The estimation window holds neither the gap nor the event window.
"""

from dataclasses import dataclass

import numpy as np

from brentwatch.core.domain.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Abnormal returns and their exact variances (MacKinlay 1997; Campbell, Lo, MacKinlay 1997, ch. 4).

    `residuals` (N, n) of the estimation window; `ar` (N, L) of the event window. `sigma` (N,) is the residual
    standard deviation with `df` (N,) = n - k degrees of freedom, k the `parameters` that were estimated.
    Var AR = sigma^2 `ar_factor` (N, L); Var CAR = sigma^2 `car_factor` (N, L), cumulated from the first row.
    `spanned` (N, L) is how many sessions each return of the event window spans, None where each is of one.
    """

    residuals: Floats
    ar: Floats
    sigma: Floats
    df: Floats
    parameters: int
    ar_factor: Floats
    car_factor: Floats
    spanned: Floats | None = None

    @property
    def alike(self) -> Floats:
        """(N, L): `ar`, where it spans q sessions over the square root of q: it varies as a residual does."""
        return self.ar if self.spanned is None else self.ar / np.sqrt(self.spanned)

    @property
    def car(self) -> Floats:
        """(N, L): AR cumulated from the first row of the event window."""
        return np.cumsum(self.ar, axis=1)

    @property
    def sar(self) -> Floats:
        """(N, L): AR over its standard error."""
        return self.ar / (self.sigma[:, None] * np.sqrt(self.ar_factor))

    @property
    def scar(self) -> Floats:
        """(N, L): CAR over its standard error."""
        return self.car / (self.sigma[:, None] * np.sqrt(self.car_factor))
