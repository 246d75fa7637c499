"""What a model of normal returns gives: the distribution of the next sessions' summed return, or a refusal.

A model is fitted on the past (`fit`), and from a fit and the past it says what the sum of the next 1, 2, … L
returns is drawn from if nothing abnormal happens (`path`). The test then only asks how far in the tail of
that forecast the realised sum lies. A path is stored with its session: a price that is revised later is
tested against the forecast that was made, never against a new one.

An adaptive model also remembers how its forecasts fared (`learn`): the memory is part of the state of whoever
tests session after session, and starts where the testing starts.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from scipy.special import stdtr, stdtrit

from brentwatch.core.domain import Diagnostics, Refused, Scale
from brentwatch.core.domain.returns import Returns
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.volatility import Garch


class Forecast(Protocol):
    """The distribution of a sum of log returns under the null, symmetric about `expected`."""

    @property
    def expected(self) -> float:
        """The mean."""

    @property
    def standard_error(self) -> float:
        """The standard deviation of the forecast error."""

    @property
    def degrees_of_freedom(self) -> float | None:
        """Of the t distribution; None where the distribution is not one."""

    def tail(self, distance: float) -> float:
        """The probability of lying at least `distance` >= 0 from `expected`, on either side."""

    def distance(self, tail: float) -> float:
        """The distance from `expected` that has this `tail`, the inverse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentT:
    """(sum of returns - `expected`) / `scale` is Student t with `degrees_of_freedom`, under the null.

    All in log-return fractions. `standard_error` is the standard deviation of the forecast error; it equals
    `scale` where the textbook reads the t table with it (constant mean) and exceeds it where the t
    distribution is that of the innovations themselves (GARCH-t, whose t has variance nu / (nu - 2)).
    """

    expected: float
    standard_error: float
    scale: float
    degrees_of_freedom: float

    def tail(self, distance: float) -> float:
        """Two-sided p of a realised sum that lies `distance` from `expected`."""
        return float(2.0 * stdtr(self.degrees_of_freedom, -distance / self.scale))

    def distance(self, tail: float) -> float:
        """The distance whose two-sided p is `tail`."""
        return self.scale * float(stdtrit(self.degrees_of_freedom, 1.0 - tail / 2.0))


@dataclass(frozen=True, slots=True)
class Residuals:
    """What the normal return left of the estimation window, log fractions, oldest first."""

    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """`steps[i]` is the forecast of the sum of the next i + 1 returns; `flags` what to know of it.

    `scale` is told by adaptive models only; `estimation` says how the residuals behave that the forecast
    rests on, or holds them until somebody asks. Where the next return `spans` more than one session, because
    the price of some is missing, `steps[0]` is the forecast of their sum, and each step counts them.
    """

    steps: tuple[Forecast, ...]
    flags: tuple[str, ...] = ()
    scale: Scale | None = None
    estimation: Diagnostics | Residuals | None = None
    spans: int = 1

    def join_sessions(self, sessions: int) -> "Path":
        """The same forecast where the next return is the sum of so many sessions.

        Raises:
            InvalidInput: if the path is not longer than that.
        """
        if sessions > len(self.steps):
            raise InvalidInput(
                f"the forecast reaches {len(self.steps)} sessions ahead; expected {sessions} or more, which "
                "the next return spans: ask the model for a longer path"
            )
        return replace(self, steps=self.steps[sessions - 1 :], spans=sessions)


@dataclass(frozen=True, slots=True)
class Mean:
    """The fit of a constant mean: its estimate, the residual variance (n - 1), and n."""

    mean: float
    variance: float
    n: int


Fit = Mean | Garch

WIDENING = 0.03
LEVEL = 0.05
WIDEST = 0.7
POOL = 750


@dataclass(frozen=True, slots=True)
class Memory:
    """How the forecasts of an adaptive model fared since the session `since`.

    `log_k` is the logarithm of its scale; `pool` holds the newest `POOL` distances |r - mu| / sigma, oldest
    first, before any scale.
    """

    since: date
    log_k: float = 0.0
    pool: tuple[float, ...] = ()

    def add_session(self, p: float, distance: float) -> "Memory":
        """The memory once a session had this p and lay this far out.

        ln k += .03 (1[p <= .05] - .05), clipped at +- .7 (adaptive conformal inference: Gibbs, Candes 2021):
        k widens 2.9 % after each p at or below .05, and narrows .15 % otherwise, which holds the long-run
        share of such sessions at .05 on any series.
        """
        moved = self.log_k + WIDENING * ((p <= LEVEL) - LEVEL)
        pool = (*self.pool, distance)[-POOL:]
        return replace(self, log_k=min(WIDEST, max(-WIDEST, moved)), pool=pool)


class NormalReturns(Protocol):
    """A model of normal returns: one file in this folder, one line in `table.py`."""

    @property
    def name(self) -> str:
        """As in `table.py`."""

    @property
    def family(self) -> str:
        """Models of one family share their fits."""

    @property
    def monthly(self) -> bool:
        """Fitted at the first session of each month, by session date; else before every session."""

    def fit(self, past: Returns) -> Fit | Refused:
        """The parameters from `past`, whose newest return is that of the session before the forecast."""

    def forecast(
        self, past: Returns, fit: Fit, sessions: int, memory: Memory | None = None
    ) -> Path | Refused:
        """The forecasts of the sums of the next 1 to `sessions` returns after `past`.

        Without a `memory` an adaptive model has none yet; the others never have one.
        """

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> Memory | None:
        """The memory once `session` had the return `value`, which the first step of `path` forecast."""
