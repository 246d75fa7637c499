"""Means and sums of squares of many estimation windows, fast, and exact where fast is not exact enough.

`Sliding` makes the sums of all windows of n rows at once, from runs of 1, 2, 4, 8, … rows added in pairs.
Unlike a difference of prefix sums this subtracts nothing, so a window depends on its own rows alone, to the
last bit, and a wild year elsewhere costs no digit. A sum of squares about a mean still is a difference:
where little is left of it, `Windows` reads those windows row by row, in two passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]
    Truths = NDArray[np.bool_]

_LITTLE = 0.01
_MANY = 100


class Moments(Protocol):
    """Of N windows of as many rows each."""

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


def copy_event_windows(values: Floats, first: Integers, length: int) -> Floats:
    """As `windows`, laid out in memory by column: arithmetic over many events and few rows is quicker so."""
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


def detect_cancellation(left: Floats, squares: Floats, mean: Floats, n: int) -> Truths:
    """Where `left` is so little of the sum of squares it was subtracted from that digits are lost."""
    lost: Truths = left < _LITTLE * (squares + n * mean**2)
    return lost
