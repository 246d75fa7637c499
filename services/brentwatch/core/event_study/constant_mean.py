"""`constant-mean`: the normal return is the mean of the estimation window."""

from dataclasses import dataclass

import numpy as np

from brentwatch.core.event_study.model import Fitted, Sample, detect_cancellation


@dataclass(frozen=True, slots=True)
class ConstantMean:
    """alpha is the mean; there is no beta. Var AR = sigma^2 (1 + 1/n), Var CAR = sigma^2 (L + L^2/n)."""

    name: str = "constant-mean"
    parameters: int = 1
    needs_benchmark: bool = False
    takes_factors: bool = False

    def fit(self, sample: Sample) -> Fitted:
        """The mean of each estimation window."""
        own, moments, n = sample.own, sample.moments, sample.moments.n
        alpha = moments.mean(own)
        squares = moments.sum_products(own, own, alpha, alpha)
        length, so_far = sample.count_sessions(), sample.count_sessions_so_far()
        shape = (len(alpha), sample.length)
        return Fitted(
            alpha=alpha,
            beta=None,
            squares=squares,
            cancelled=detect_cancellation(squares, squares, alpha, n),
            ar_factor=np.full(shape, length + length**2 / n),
            car_factor=np.full(shape, so_far + so_far**2 / n),
        )
