"""What a model of the classical study is given, and what it gives back, for many events at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from brentwatch.core.event_study.moments import Moments

    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`own` and `benchmark` (U,) are the returns that can be estimated on, windows of which `moments` reads.

    `ahead` (N, L) are the returns of the benchmark in the event window; without one it is None, as
    `benchmark` is. L is `length`. `spanned` (N, L) is how many sessions each return of the event window
    spans, None where each is of one.
    """

    moments: Moments
    own: Floats
    benchmark: Floats | None
    ahead: Floats | None
    length: int
    spanned: Floats | None = None

    def count_sessions(self) -> Floats:
        """(N, L) or (L,): how many sessions the returns of the event window span."""
        return np.ones(self.length) if self.spanned is None else self.spanned

    def count_sessions_so_far(self) -> Floats:
        """(N, L) or (L,): the same, cumulated from the first row of the event window."""
        summed: Floats = np.cumsum(self.count_sessions(), axis=-1)
        return summed

    def require_benchmark(self) -> tuple[Floats, Floats]:
        """The benchmark and its returns ahead, for a model that says it needs one."""
        if self.benchmark is None or self.ahead is None:
            raise TypeError("a benchmark was wanted: study() refuses such a model without one")
        return self.benchmark, self.ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The normal returns alpha + beta x benchmark of N events, and how far off they may be.

    `alpha` and `beta` (N,) are None where the model has none. `squares` (N,) is the sum of squares about its
    mean of what the normal return leaves, `cancelled` (N,) where it has lost digits. Var AR = sigma^2
    `ar_factor` and Var CAR = sigma^2 `car_factor`, both (N, L). `spread` (N,) is the sum of squares of the
    benchmark about its mean, None where no slope is estimated.
    """

    alpha: Floats | None
    beta: Floats | None
    squares: Floats
    cancelled: Truths
    ar_factor: Floats
    car_factor: Floats
    spread: Floats | None = None


class Model(Protocol):
    """A model of normal returns in closed form: one file in this folder, one line in `table.py`."""

    @property
    def name(self) -> str:
        """As in `table.py`."""

    @property
    def parameters(self) -> int:
        """k of the degrees of freedom n - k; 1 too where only a variance about its mean is estimated."""

    @property
    def needs_benchmark(self) -> bool:
        """True where the normal return is made from that of a benchmark."""

    def fit(self, sample: Sample) -> Fitted:
        """The normal returns of every event of the sample, estimated on its own estimation window."""
