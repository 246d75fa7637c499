"""The fits of a series that is bundled, one row a month, so that a replay of it fits nothing.

A row is taken only where the prices are the very ones it was made from: it carries the checksum of the closes
in its estimation window. What a row gives, the fold would have found itself, only slower.
"""

import zlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from brentwatch.core.domain import Bar
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.forecast import POOL, Memory
from brentwatch.core.forecasts.volatility import Garch

Month = tuple[int, int]
_WINDOW = 1_501


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledFit:
    """The parameters of a month, and each adaptive model's ln k right before its first session.

    `since` is the session at which the memory of the adaptive models starts; `middling` is what the ADDIS
    stream has counted by then, `checksum` see `checksum`.
    """

    fit: Garch
    checksum: int
    since: date
    log_k: Mapping[str, float]
    middling: int


def month_of(session: date) -> Month:
    """(year, month)."""
    return session.year, session.month


def compute_checksum(bars: Sequence[Bar], month: Month) -> int:
    """Of the newest 1,501 closes before the month, oldest first: the prices that its fit is made from."""
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


def collect_pool(past: Returns, fits: Mapping[Month, BundledFit], since: date) -> tuple[float, ...]:
    """The distances |r - mu| / sigma of the newest sessions of `past`, by the fit of each one's month."""
    kept = past.take_last(POOL + 31)
    return tuple(_measure_distances(kept, fits, since))[-POOL:]


def _measure_distances(past: Returns, fits: Mapping[Month, BundledFit], since: date) -> Iterator[float]:
    """From the first session of a whole month on, since a filter starts where its fit ends."""
    fit: Garch | None = None
    variance, month = 0.0, month_of(past.sessions[0]) if len(past) else (0, 0)
    for session, value in zip(past.sessions, past.values.tolist(), strict=True):
        if month_of(session) != month:
            month, row = month_of(session), fits.get(month_of(session))
            fit, variance = (None, 0.0) if row is None else (row.fit, row.fit.variance)
        if fit is None or session <= fit.fitted_through:
            continue
        if session >= since:
            yield abs(value - fit.mu) / variance**0.5
        variance = fit.omega + fit.alpha * (value - fit.mu) ** 2 + fit.beta * variance


def restore_memory(row: BundledFit, model: str, distances: tuple[float, ...]) -> Memory | None:
    """The memory of an adaptive model right before the month of `row`; None where it has none."""
    return Memory(row.since, row.log_k[model], distances) if model in row.log_k else None
