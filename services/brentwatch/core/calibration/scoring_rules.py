"""Proper scoring rules of a forecast with a Student t, normal or two-tailed distribution.

The log score is the log density at what came; more is better. The continuous ranked probability score (CRPS;
Gneiting, Raftery 2007) is the integral over x of (F(x) - 1[x >= y])^2; less is better, in the unit of y.

With q(d) the probability of a deviation beyond d on one side, A the integral of q^2 from 0 to infinity on
that side, and I(d) the integral of q from 0 to d on the side of what came, which lies d from the median:

    CRPS = A_up + A_down + d - 2 I(d).

For the t distribution A and I have a closed form (Jordan, Krueger, Lerch 2019, `scoringRules`, appendix A).
Beyond 0.025 the tail may be bent: q' = 0.025 (q / 0.025)^e. There both integrals are taken by Gauss-Legendre
quadrature in 1 / z, which is exact to ten digits.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, gammaln, ndtr, ndtri, stdtr, stdtrit

from brentwatch.core.domain.arrays import Floats
from brentwatch.core.forecasts.two_tails import USUAL_TAIL

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """One side of a distribution around its median: t over `scale`, its tail beyond 0.025 to a `power`.

    `nu` is infinite for the normal distribution; a `power` of 1 leaves the tail as it is.
    """

    scale: float
    nu: float
    power: float = 1.0

    @property
    def knee(self) -> float:
        """The deviation beyond which the tail may be bent, in scales."""
        return -float(stdtrit(self.nu, USUAL_TAIL) if math.isfinite(self.nu) else ndtri(USUAL_TAIL))

    def find_log_density(self, z: float) -> float:
        """ln of the density at `z` scales from the median."""
        density = _find_log_density(z, self.nu) - math.log(self.scale)
        if self.power == 1.0 or z <= self.knee:
            return density
        q = max(float(_find_tail(np.array(z), self.nu)), sys.float_info.min)
        return density + math.log(self.power) + (self.power - 1.0) * math.log(q / USUAL_TAIL)

    def integrate_square(self) -> float:
        """A, the integral of q^2 from the median on."""
        whole = _integrate_square(self.nu)
        if self.power != 1.0:
            whole += self._integrate_tail(lambda q, bent: bent**2 - q**2, math.inf)
        return self.scale * whole

    def integrate_to(self, z: float) -> float:
        """I, the integral of q from the median to `z` scales from it."""
        knee, whole = self.knee, _integrate_to(z, self.nu)
        if self.power != 1.0 and z > knee:
            whole += self._integrate_tail(lambda q, bent: bent - q, z)
        return self.scale * whole

    def _integrate_tail(self, value: Callable[[Floats, Floats], Floats], end: float) -> float:
        """The integral of `value` of the plain and the bent q, from the knee to `end`, both in scales."""
        knee = self.knee
        first = math.sqrt(knee / end)
        u = first + (1.0 - first) * (_NODES + 1.0) / 2.0  # z = knee / u^2, so dz = -2 knee / u^3 du
        q = _find_tail(knee / u**2, self.nu)
        bent = USUAL_TAIL * (q / USUAL_TAIL) ** self.power
        return float(np.sum(_WEIGHTS * value(q, bent) * 2.0 * knee / u**3)) * (1.0 - first) / 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredForecast:
    """The distribution of a return around its median `expected`; all in log fractions."""

    expected: float
    up: Half
    down: Half

    def find_log_score(self, value: float) -> float:
        """The log density at `value`."""
        half, deviation = self._choose(value)
        return half.find_log_density(deviation / half.scale)

    def find_crps(self, value: float) -> float:
        """The CRPS of `value`, a log fraction."""
        half, deviation = self._choose(value)
        both = self.up.integrate_square() + self.down.integrate_square()
        return both + deviation - 2.0 * half.integrate_to(deviation / half.scale)

    def _choose(self, value: float) -> tuple[Half, float]:
        deviation = value - self.expected
        return (self.up, deviation) if deviation >= 0.0 else (self.down, -deviation)


def _find_tail(z: Floats, nu: float) -> Floats:
    """q of the t distribution, or of the normal one."""
    return np.asarray(stdtr(nu, -z) if math.isfinite(nu) else ndtr(-z), dtype=np.float64)


def _find_log_density(z: float, nu: float) -> float:
    if math.isinf(nu):
        return -(z**2) / 2.0 - math.log(2.0 * math.pi) / 2.0
    constant = float(gammaln((nu + 1.0) / 2.0) - gammaln(nu / 2.0)) - math.log(nu * math.pi) / 2.0
    return constant - (nu + 1.0) / 2.0 * math.log1p(z**2 / nu)


def _integrate_square(nu: float) -> float:
    """Half of the CRPS at the median."""
    centre = math.exp(_find_log_density(0.0, nu))
    if math.isinf(nu):
        return centre - 0.5 / math.sqrt(math.pi)
    ratio = math.exp(float(betaln(0.5, nu - 0.5) - 2.0 * betaln(0.5, nu / 2.0)))
    return nu / (nu - 1.0) * centre - math.sqrt(nu) / (nu - 1.0) * ratio


def _integrate_to(z: float, nu: float) -> float:
    """z q(z) and the integral of x f(x) from 0 to z."""
    centre, density = math.exp(_find_log_density(0.0, nu)), math.exp(_find_log_density(z, nu))
    moment = centre - density
    if math.isfinite(nu):
        moment = nu / (nu - 1.0) * (centre - density * (1.0 + z**2 / nu))
    return z * float(_find_tail(np.array(z), nu)) + moment
