"""Makes the bundled fits: one for every month of a series, as if each session had been tested."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from brentwatch.core.domain import Bar
from brentwatch.core.domain.returns import PriceHistory, Returns
from brentwatch.core.forecasts.fits import BundledFit, Month, compute_checksum, month_of, select_fits
from brentwatch.core.forecasts.forecast import Ahead, Memory, NormalReturns, Path
from brentwatch.core.forecasts.volatility import Garch

BURN_IN = 500
"""Returns before the first tested session, as many as the most demanding model needs."""

LOOK_BACK = 1_560
"""The most returns that a model reads: 1,500 to fit on, and those of the current month."""


def bundle_fits(bars: Sequence[Bar], model: NormalReturns) -> dict[Month, BundledFit]:
    """The fit of each month, and the memory of the adaptive `model` just before it.

    The first month begins after `BURN_IN` returns. A month that cannot be fitted is left out.
    """
    returns = PriceHistory.build(bars).compute_returns()
    rows: dict[Month, BundledFit] = {}
    memory: Memory | None = None
    for at, past in walk_sessions(returns):
        session, month = returns.sessions[at], month_of(returns.sessions[at])
        if month not in rows and isinstance(fit := model.fit(past), Garch):
            rows[month] = BundledFit(
                fit=fit, checksum=compute_checksum(bars, month), memory=memory or Memory(session)
            )
        if month in rows:
            ahead = Ahead((int(returns.days[at]),))
            path = model.forecast(past, rows[month].fit, ahead, memory)
            if isinstance(path, Path):
                memory = model.learn(memory, path, float(returns.values[at]), session)
    return rows


def walk_sessions(returns: Returns) -> Iterator[tuple[int, Returns]]:
    """Each session after the burn-in, by its index, with the newest returns before it."""
    for at in range(BURN_IN, len(returns)):
        yield at, returns.select_between(max(0, at - LOOK_BACK), at)


def refit_rows(
    bars: Sequence[Bar], model: NormalReturns, rows: Mapping[Month, BundledFit]
) -> dict[Month, BundledFit]:
    """The rows that were made from these bars, each with a new fit on the same returns.

    A month that cannot be fitted is left out.
    """
    returns = PriceHistory.build(bars).compute_returns()
    made: dict[Month, BundledFit] = {}
    for month, row in select_fits(bars, rows).items():
        fit = model.fit(returns.select_before(row.fit.fitted_through + timedelta(days=1)))
        if isinstance(fit, Garch):
            made[month] = replace(row, fit=fit)
    return made
