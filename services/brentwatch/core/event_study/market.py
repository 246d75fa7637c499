"""`market`: the normal return is a line in that of the benchmark, by ordinary least squares.

WTI as the benchmark of Brent takes most of an oil shock into the normal return: it answers "was it only
Brent?", never "did oil move?".
"""

from dataclasses import dataclass

import numpy as np

from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.model import Fitted, Sample, cumulate, detect_cancellation


@dataclass(frozen=True, slots=True)
class MarketModel:
    """alpha and beta of each event's own window, with the error of both in every variance.

    With S the sum of squares of the benchmark m about its mean, Var AR = sigma^2 (1 + 1/n + (m - mean)^2 / S)
    and Var CAR = sigma^2 (L + L^2/n + (sum of (m - mean))^2 / S).
    """

    name: str = "market"
    parameters: int = 2
    needs_benchmark: bool = True
    takes_factors: bool = False

    def fit(self, sample: Sample) -> Fitted:
        """The regression of each event."""
        benchmark, ahead = sample.require_benchmark()
        own, moments, n = sample.own, sample.moments, sample.moments.n
        mean, market = moments.mean(own), moments.mean(benchmark)
        total = moments.sum_products(own, own, mean, mean)
        spread = moments.sum_products(benchmark, benchmark, market, market)
        common = moments.sum_products(own, benchmark, mean, market)
        beta = _divide_by_spread(common, spread)
        squares = total - beta * common
        ahead = (
            ahead - market[:, None] if sample.spanned is None else ahead - market[:, None] * sample.spanned
        )
        ar_factor, car_factor = _build_factors(ahead, _divide_by_spread(1.0, spread)[:, None], sample)
        return Fitted(
            alpha=mean - beta * market,
            beta=beta,
            squares=squares,
            cancelled=detect_cancellation(squares, total, mean, n)
            | detect_cancellation(spread, spread, market, n),
            ar_factor=ar_factor,
            car_factor=car_factor,
            spread=spread,
        )


def _build_factors(ahead: Floats, per_spread: Floats, sample: Sample) -> tuple[Floats, Floats]:
    """In place: on many machines new memory costs more than the arithmetic in it."""
    n, length, so_far = sample.moments.n, sample.count_sessions(), sample.count_sessions_so_far()
    summed = cumulate(ahead)
    for distance in (ahead, summed):
        distance *= distance
        distance *= per_spread
    ahead += length + length**2 / n
    summed += so_far + so_far**2 / n
    return ahead, summed


def _divide_by_spread(value: Floats | float, spread: Floats) -> Floats:
    """Zero where the benchmark did not move: such an event is refused."""
    return np.divide(value, spread, out=np.zeros(len(spread)), where=spread > 0.0)
