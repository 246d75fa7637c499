"""The fits of a bundled series, one row a month, so that its replay needs no fitting.

A row is used only with exactly the prices it was made from: it has the checksum of the closes in its
estimation window. The monitor would compute the same fit, only slower.
"""

import zlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from brentwatch.core.domain import Bar
from brentwatch.core.forecasts.forecast import Memory
from brentwatch.core.forecasts.volatility import Garch

Month = tuple[int, int]
_WINDOW = 1_501


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledFit:
    """The parameters of a month, and the memory of the headline model right before its first session.

    `checksum` see `compute_checksum`.
    """

    fit: Garch
    checksum: int
    memory: Memory


def month_of(session: date) -> Month:
    """(year, month)."""
    return session.year, session.month


def compute_checksum(bars: Sequence[Bar], month: Month) -> int:
    """The checksum of the newest 1,501 closes before the month, oldest first, from which its fit is made."""
    end = bisect_left(bars, date(*month, 1), key=lambda bar: bar.session)
    closes = (bar.close for bar in bars[max(0, end - _WINDOW) : end])
    return zlib.crc32(np.fromiter(closes, dtype="<f8").tobytes())


def select_fits(bars: Sequence[Bar], fits: Mapping[Month, BundledFit]) -> dict[Month, BundledFit]:
    """The rows that were made from these bars, each before its month began."""
    return {
        month: row
        for month, row in fits.items()
        if row.fit.fitted_through < date(*month, 1) and row.checksum == compute_checksum(bars, month)
    }
