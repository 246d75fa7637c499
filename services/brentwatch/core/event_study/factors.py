"""`factors`: the normal return is linear in the returns of any number of factors, by ordinary least squares.

With one factor it is the market model. The factors of Fama and French, exchange rates or other commodities
are taken in the same way; what they explain is not abnormal.
"""

from dataclasses import dataclass

import numpy as np

from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.model import Fitted, Sample, copy_factor_windows, copy_windows

_COLLINEAR = 1e-10
"""A factor of which the others explain all but this share of its variation is not estimated."""


@dataclass(frozen=True, slots=True)
class FactorModel:
    """alpha and a beta for each factor, of each event's own window, with the error of all in every variance.

    With z the factors less their means, Z those of the estimation window and d(z) = z'(Z'Z)^-1 z,
    Var AR = sigma^2 (1 + 1/n + d(z)) and Var CAR = sigma^2 (L + L^2/n + d(sum of z)).
    """

    factors: int = 1
    name: str = "factors"
    needs_benchmark: bool = True
    takes_factors: bool = True

    @property
    def parameters(self) -> int:
        """Alpha and the betas."""
        return self.factors + 1

    def fit(self, sample: Sample) -> Fitted:
        """The regression of each event, by the QR decomposition of its factors."""
        factors, ahead = sample.require_benchmark()
        first, n = sample.moments.first, sample.moments.n
        own, known = copy_windows(sample.own, first, n), copy_factor_windows(factors, first, n)
        mean, means = own.mean(axis=1), known.mean(axis=1)
        own -= mean[:, None]
        known -= means[:, None, :]
        spread = np.einsum("nik,nik->nk", known, known)
        q, r = np.linalg.qr(known)
        left = np.square(np.diagonal(r, axis1=1, axis2=2))
        sound = (left > _COLLINEAR * spread).all(axis=1)
        r[~sound] = np.eye(self.factors)
        betas = np.linalg.solve(r, np.einsum("nik,ni->nk", q, own)[..., None])[..., 0]
        own -= np.einsum("nik,nk->ni", known, betas)
        ar_factor, car_factor = _build_factors(ahead, means, r, sample)
        return Fitted(
            alpha=mean - np.einsum("nk,nk->n", means, betas),
            beta=None,
            betas=betas,
            squares=np.einsum("ni,ni->n", own, own),
            cancelled=np.zeros(len(mean), dtype=np.bool_),
            ar_factor=ar_factor,
            car_factor=car_factor,
            spread=np.where(sound, left.min(axis=1, initial=np.inf), 0.0),
        )


def _build_factors(ahead: Floats, means: Floats, r: Floats, sample: Sample) -> tuple[Floats, Floats]:
    n, length, so_far = sample.moments.n, sample.count_sessions(), sample.count_sessions_so_far()
    apart = ahead - means[:, None, :] * np.broadcast_to(length, ahead.shape[:2])[..., None]
    ar_factor = length + length**2 / n + _measure_distance(apart, r)
    car_factor = so_far + so_far**2 / n + _measure_distance(np.cumsum(apart, axis=1), r)
    return ar_factor, car_factor


def _measure_distance(apart: Floats, r: Floats) -> Floats:
    """(N, L): z'(Z'Z)^-1 z, where Z'Z = R'R."""
    solved = np.linalg.solve(r.transpose(0, 2, 1), apart.transpose(0, 2, 1))
    distances: Floats = np.einsum("nkl,nkl->nl", solved, solved)
    return distances
