"""What a model of the classical study is given, and what it gives back, for many events at once.

Means and sums of squares of many estimation windows are fast, and exact where fast is not exact enough.

`Sliding` makes the sums of all windows of n rows at once, from runs of 1, 2, 4, 8, … rows added in pairs.
Unlike a difference of prefix sums this subtracts nothing, so a window depends on its own rows alone, to the
last bit, and a wild year elsewhere costs no digit. A sum of squares about a mean still is a difference:
where little is left of it, `Windows` reads those windows row by row, in two passes.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from brentwatch.core.domain.arrays import Bools, Floats, Integers

_LITTLE = 0.01
_MANY = 100


class Moments(Protocol):
    """The moments of N windows of the same length."""

    @property
    def first(self) -> Integers:
        """(N,): where each begins."""

    @property
    def n(self) -> int:
        """The rows of each."""

    def mean(self, values: Floats) -> Floats:
        """(N,): the mean of `values` (U,) over each window."""

    def sum_products(self, one: Floats, other: Floats, mean: Floats, other_mean: Floats) -> Floats:
        """(N,): the sum over each window of the products of two series, each less its mean there."""


@dataclass(frozen=True, slots=True)
class Sliding:
    """By sums of all windows at once."""

    first: Integers
    n: int

    def mean(self, values: Floats) -> Floats:
        """(N,): the mean of each window."""
        low, stop = self._reach()
        return sum_sliding_windows(values[low:stop], self.n)[self.first - low] / self.n

    def sum_products(self, one: Floats, other: Floats, mean: Floats, other_mean: Floats) -> Floats:
        """(N,): the sum of products, less what the means make of it."""
        low, stop = self._reach()
        sums = sum_sliding_windows(one[low:stop] * other[low:stop], self.n)[self.first - low]
        return sums - self.n * (mean * other_mean)

    def _reach(self) -> tuple[int, int]:
        """From the first row of any window to the end of the last."""
        return int(self.first.min()), int(self.first.max()) + self.n


@dataclass(frozen=True, slots=True)
class Windows:
    """Row by row, in two passes."""

    first: Integers
    n: int

    def mean(self, values: Floats) -> Floats:
        """(N,): the mean of each window."""
        means: Floats = copy_windows(values, self.first, self.n).mean(axis=1)
        return means

    def sum_products(self, one: Floats, other: Floats, mean: Floats, other_mean: Floats) -> Floats:
        """(N,): the sum of the products of what is left when the means are taken off."""
        left = copy_windows(one, self.first, self.n) - mean[:, None]
        right = copy_windows(other, self.first, self.n) - other_mean[:, None]
        sums: Floats = np.einsum("ij,ij->i", left, right)
        return sums


def copy_windows(values: Floats, first: Integers, length: int) -> Floats:
    """(N, length): the rows of `values` from each `first` on, copied."""
    if not len(first):
        return np.empty((0, length))
    rows: Floats = sliding_window_view(values, length)[first]
    return rows


def copy_factor_windows(values: Floats, first: Integers, length: int) -> Floats:
    """(N, length, K): the rows of `values` (any, K) from each `first` on, copied."""
    if not len(first):
        return np.empty((0, length, values.shape[1]))
    return np.moveaxis(sliding_window_view(values, length, axis=0)[first], 1, 2).copy()


def copy_event_windows(values: Floats, first: Integers, length: int) -> Floats:
    """As `copy_windows`, by column in memory: quicker for many events and few rows."""
    return np.take(values, np.arange(length)[:, None] + first, mode="clip").T


def cumulate(values: Floats) -> Floats:
    """(N, L): each row summed from its first column on; of many rows by column, twice as fast."""
    if len(values) < _MANY:
        return np.cumsum(values, axis=1)
    sums = values.copy(order="F")
    for column in range(1, sums.shape[1]):
        sums[:, column] += sums[:, column - 1]
    return sums


def sum_sliding_windows(values: Floats, n: int) -> Floats:
    """(U - n + 1,): the sums of n neighbours, each made in the same order whatever stands around them."""
    count = len(values) - n + 1
    sums, done, runs, width = np.zeros(count), 0, values, 1
    while done < n:
        if n & width:
            sums += runs[done : done + count]
            done += width
        runs, width = runs[:-width] + runs[width:], 2 * width
    return sums


def detect_cancellation(left: Floats, squares: Floats, mean: Floats, n: int) -> Bools:
    """Where `left` is so little of the sum of squares it was subtracted from that digits are lost."""
    lost: Bools = left < _LITTLE * (squares + n * mean**2)
    return lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`own` and `benchmark` (U,) are the returns that can be estimated on, windows of which `moments` reads.

    `ahead` (N, L) are the returns of the benchmark in the event window; without one it is None, as
    `benchmark` is. A model that takes factors has K of them: (U, K) and (N, L, K). L is `length`. `spanned`
    (N, L) is how many sessions each return of the event window spans, None if each is of one.
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
            raise TypeError("expected a benchmark: study() refuses such a model without one")
        return self.benchmark, self.ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The normal returns alpha + beta x benchmark of N events, and how far off they may be.

    `alpha` and `beta` (N,) are None where the model has none. `squares` (N,) is the sum of squares about its
    mean of what the normal return leaves, `cancelled` (N,) where it has lost digits. Var AR = sigma^2
    `ar_factor` and Var CAR = sigma^2 `car_factor`, both (N, L). `spread` (N,) is the sum of squares of the
    benchmark about its mean, None where no slope is estimated. `betas` (N, K) are those of the factors, None
    for a model without factors; `spread` is then what is left of the factor that the others explain best.
    """

    alpha: Floats | None
    beta: Floats | None
    squares: Floats
    cancelled: Bools
    ar_factor: Floats
    car_factor: Floats
    spread: Floats | None = None
    betas: Floats | None = None


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

    @property
    def takes_factors(self) -> bool:
        """True if it takes all columns of the benchmark as factors, False if it takes one at most."""

    def fit(self, sample: Sample) -> Fitted:
        """The normal returns of every event of the sample, estimated on its own estimation window."""
