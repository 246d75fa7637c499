"""Forecasts of a model of normal returns: the distribution of the summed return of the next sessions.

A model is fitted on the past (`fit`). From a fit and the past it forecasts the distribution of the sum of the
next 1, 2, … L returns if nothing abnormal happens (`forecast`), or refuses. A test measures how far in the
tail of that forecast the realised sum is. A path is stored with its session: a price that is revised later is
tested against the original forecast, not against a new one.

An adaptive model also remembers how well its forecasts did (`learn`). This memory is part of the caller's
state, and starts with the first tested session.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from scipy.special import stdtr, stdtrit

from brentwatch.core.domain import Diagnostics, Refused, Scale
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.two_tails import UNSCALED, WIDEST, TailScale
from brentwatch.core.forecasts.volatility import Garch


class Forecast(Protocol):
    """The distribution of a sum of log returns under the null, its median at `expected`."""

    @property
    def expected(self) -> float:
        """The mean."""

    @property
    def standard_error(self) -> float:
        """The standard deviation of the forecast error."""

    @property
    def degrees_of_freedom(self) -> float | None:
        """The degrees of freedom of a t distribution; None for any other distribution."""

    def tail(self, deviation: float) -> float:
        """Two-sided p of a sum that lies `deviation` from `expected`, above it or below."""

    def distance(self, tail: float, *, up: bool = True) -> float:
        """The distance above `expected`, or for `up` false below it, that has this `tail`: the inverse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentT:
    """(sum of returns - `expected`) / `scale` is Student t with `degrees_of_freedom`, under the null.

    All values are log-return fractions. `standard_error` is the standard deviation of the forecast error. It
    equals `scale` in the textbook's t-test (constant mean), and is larger if the innovations themselves have
    the t distribution (GARCH-t, whose t has variance nu / (nu - 2)).
    """

    expected: float
    standard_error: float
    scale: float
    degrees_of_freedom: float

    def tail(self, deviation: float) -> float:
        """Two-sided p of a realised sum that lies `deviation` from `expected`."""
        return float(2.0 * stdtr(self.degrees_of_freedom, -abs(deviation) / self.scale))

    def distance(self, tail: float, *, up: bool = True) -> float:
        """The distance whose two-sided p is `tail`: the same on both sides."""
        return self.scale * float(stdtrit(self.degrees_of_freedom, 1.0 - tail / 2.0))


@dataclass(frozen=True, slots=True)
class Residuals:
    """The residuals of the estimation window, as log fractions, oldest first."""

    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """`steps[i]` is the forecast of the sum of the next i + 1 returns, with its `flags`.

    `scale` is set by adaptive models only. `estimation` has the residuals behind the forecast, or their
    diagnostics once they are computed. If the next return `spans` more than one session, because prices are
    missing, `steps[0]` is the forecast of their sum, and each step includes them. `single` is the first step
    with one scale for both tails and without the calendar.
    """

    steps: tuple[Forecast, ...]
    flags: tuple[str, ...] = ()
    scale: Scale | None = None
    estimation: Diagnostics | Residuals | None = None
    spans: int = 1
    single: StudentT | None = None

    def join_sessions(self, sessions: int) -> "Path":
        """The same forecast if the next return is the sum of several sessions."""
        return replace(self, steps=self.steps[sessions - 1 :], spans=sessions)


@dataclass(frozen=True, slots=True)
class Mean:
    """The fit of a constant mean: its estimate, the residual variance (n - 1), and n."""

    mean: float
    variance: float
    n: int


Fit = Mean | Garch


@dataclass(frozen=True, slots=True)
class Ahead:
    """The sessions to forecast: the calendar days before each, oldest first.

    The first return is the sum of the first `spans` sessions; more than one if prices are missing.
    """

    days: tuple[int, ...]
    spans: int = 1


WIDENING = 0.03
LEVEL = 0.05
POOL = 750


@dataclass(frozen=True, slots=True)
class Memory:
    """How well the forecasts of an adaptive model did since the session `since`.

    `log_k` is the logarithm of its scale for both tails; `up` and `down` are the scales of each tail, of
    `adaptive-garch-t`; `pool` holds the newest `POOL` distances |r - mu| / sigma of `adaptive-rank`, oldest
    first, before any scale.
    """

    since: date
    log_k: float = 0.0
    up: TailScale = UNSCALED
    down: TailScale = UNSCALED
    pool: tuple[float, ...] = ()

    def widen(self, p: float) -> "Memory":
        """The memory with the scale for both tails after a session with this p.

        ln k += 0.03 (1[p <= 0.05] - 0.05), clipped at +- 0.7 (adaptive conformal inference: Gibbs, Candes
        2021). k grows by 2.9 % after each p at or below 0.05, and shrinks by 0.15 % otherwise, which holds
        the long-run share of such sessions at 0.05 on any series.
        """
        moved = self.log_k + WIDENING * ((p <= LEVEL) - LEVEL)
        return replace(self, log_k=min(WIDEST, max(-WIDEST, moved)))

    def add_distance(self, distance: float) -> "Memory":
        """The memory with the distance of one more session."""
        return replace(self, pool=(*self.pool, distance)[-POOL:])


class NormalReturns(Protocol):
    """A model of normal returns: one file in this folder, one line in `table.py`."""

    @property
    def name(self) -> str:
        """As in `table.py`."""

    @property
    def edition(self) -> int:
        """The edition of the model; its name, and so the ids of its results, do not change with it."""

    @property
    def family(self) -> str:
        """Models of one family share their fits."""

    @property
    def monthly(self) -> bool:
        """True if it is fitted once a month, at the first session by date; else before each session."""

    @property
    def adaptive(self) -> bool:
        """True if it remembers how well its forecasts did; its memory changes with each session."""

    def fit(self, past: Returns) -> Fit | Refused:
        """The parameters from `past`, whose newest return is that of the session before the forecast."""

    def forecast(self, past: Returns, fit: Fit, ahead: Ahead, memory: Memory | None = None) -> Path | Refused:
        """The forecasts of the sums of the next returns after `past`, one for each session `ahead`.

        The sessions that the first return spans are joined.

        `memory` is None for an adaptive model at its start, and always for other models.
        """

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> Memory | None:
        """The memory after `session` had the return `value`, which the first step of `path` had forecast."""
