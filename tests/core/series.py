"""Made-up bars and returns for the tests of the core: sessions from Monday to Friday, closes at 16:30 UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.domain import Bar, Diagnostics
from brentwatch.core.domain.returns import PriceHistory, Returns, count_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

FIRST = date(2010, 1, 4)
UNDIAGNOSED = Diagnostics(n=1_500, arch_lm_p=None, ljung_box_p=None, jarque_bera_p=None)


def sessions(count: int, first: date = FIRST) -> tuple[date, ...]:
    days = np.busday_offset(np.datetime64(first), np.arange(count), roll="forward")
    return tuple(date.fromisoformat(str(day)) for day in days)


def bar(session: date, close: float) -> Bar:
    return Bar(session=session, closes_at=datetime.combine(session, time(16, 30), tzinfo=UTC), close=close)


def bars(closes: Sequence[float], first: date = FIRST) -> list[Bar]:
    days = sessions(len(closes), first)
    return [bar(session, close) for session, close in zip(days, closes, strict=True)]


def bars_of_returns(values: Iterable[float], first: date = FIRST) -> list[Bar]:
    """One bar more than `values`, from 100 USD/bbl."""
    return bars((100.0 * np.exp(np.cumsum([0.0, *values]))).tolist(), first)


def history(*closes: float) -> PriceHistory:
    return PriceHistory.build(bars(closes))


def returns(values: Sequence[float] | NDArray[np.float64], first: date = FIRST) -> Returns:
    """Those of so many sessions, each a calendar day after the last but after weekends."""
    days = sessions(len(values), first)
    gaps = np.concatenate([np.ones(1, dtype=np.intp), count_days(days)])[: len(values)]
    return Returns(days, np.asarray(values, dtype=np.float64), gaps)


def garch_returns(seed: int, count: int, nu: float = 7.0) -> NDArray[np.float64]:
    """GARCH(1,1) with Student t innovations as on Brent: persistence .98, 2 % a session in the long run."""
    innovations = np.random.default_rng(seed).standard_t(nu, count) * np.sqrt((nu - 2.0) / nu)
    variance, values = 4e-4, np.empty(count)
    for at, innovation in enumerate(innovations):
        values[at] = np.sqrt(variance) * innovation
        variance = 8e-6 + 0.06 * values[at] ** 2 + 0.92 * variance
    return values
