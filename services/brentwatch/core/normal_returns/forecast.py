"""What a model of normal returns gives: the distribution of the next sessions' summed return, or a refusal.

A model is fitted on the past (`fit`), and from a fit and the past it says what the sum of the next 1, 2, … L
returns is drawn from if nothing abnormal happens (`path`). The test then only asks how far in the tail of
that forecast the realised sum lies. A path is stored with its session: a price that is revised later is
tested against the forecast that was made, never against a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from brentwatch.core.volatility import Garch

if TYPE_CHECKING:
    from brentwatch.core.refused import Refused
    from brentwatch.core.returns import Returns


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """(sum of returns - `expected`) / `scale` is Student t with `degrees_of_freedom`, under the null.

    All in log-return fractions. `standard_error` is the standard deviation of the forecast error; it equals
    `scale` where the textbook reads the t table with it (constant mean) and exceeds it where the t
    distribution is that of the innovations themselves (GARCH-t, whose t has variance nu / (nu - 2)).
    """

    expected: float
    standard_error: float
    scale: float
    degrees_of_freedom: float


@dataclass(frozen=True, slots=True)
class Path:
    """`steps[i]` is the forecast of the sum of the next i + 1 returns; `flags` what to know of it."""

    steps: tuple[Forecast, ...]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mean:
    """The fit of a constant mean: its estimate, the residual variance (n - 1), and n."""

    mean: float
    variance: float
    n: int


Fit = Mean | Garch


class NormalReturns(Protocol):
    """A model of normal returns: one file in this folder, one line in `table.py`."""

    name: str
    monthly: bool
    """Fitted at the first session of each month, by session date; else before every session."""

    def fit(self, past: Returns) -> Fit | Refused:
        """The parameters from `past`, whose newest return is that of the session before the forecast."""

    def path(self, past: Returns, fit: Fit, sessions: int) -> Path | Refused:
        """The forecasts of the sums of the next 1 to `sessions` returns after `past`."""
