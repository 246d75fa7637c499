"""`market-adjusted`: the normal return is that of the benchmark; nothing is estimated but a variance."""

from dataclasses import dataclass

import numpy as np

from brentwatch.core.event_study.model import Fitted, Sample, detect_cancellation


@dataclass(frozen=True, slots=True)
class MarketAdjusted:
    """No alpha; beta is 1. Var AR = sigma^2, Var CAR = L sigma^2, sigma about the mean difference, n - 1.

    The residuals keep their mean: they are what the abnormal return of a quiet session looks like.
    """

    name: str = "market-adjusted"
    parameters: int = 1
    needs_benchmark: bool = True
    takes_factors: bool = False

    def fit(self, sample: Sample) -> Fitted:
        """The variance of the difference to the benchmark."""
        benchmark, _ = sample.require_benchmark()
        apart, moments = sample.own - benchmark, sample.moments
        mean = moments.mean(apart)
        squares = moments.sum_products(apart, apart, mean, mean)
        shape = (len(mean), sample.length)
        return Fitted(
            alpha=None,
            beta=np.ones(len(mean)),
            squares=squares,
            cancelled=detect_cancellation(squares, squares, mean, moments.n),
            ar_factor=np.full(shape, sample.count_sessions()),
            car_factor=np.full(shape, sample.count_sessions_so_far()),
        )
