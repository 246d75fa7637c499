"""Makes the fits that are bundled: every month of a series, as testing each session would have found it."""

from collections.abc import Iterator, Sequence
from datetime import date

from brentwatch.core.domain import Addis, Bar
from brentwatch.core.domain.returns import PriceHistory, Returns
from brentwatch.core.forecasts.fits import BundledFit, Month, compute_checksum, month_of
from brentwatch.core.forecasts.forecast import Memory, NormalReturns, Path
from brentwatch.core.forecasts.volatility import Garch

BURN_IN = 500
"""Returns before the first session that is tested: what the most demanding model wants."""

LOOK_BACK = 1_560
"""Returns that any model reads: 1,500 to fit on, and the month that has passed since."""


def bundle_fits(bars: Sequence[Bar], models: Sequence[NormalReturns]) -> dict[Month, BundledFit]:
    """The fit of each month, and the memories of the adaptive `models`, which share it, right before.

    The first month begins after `BURN_IN` returns. A month that cannot be fitted is left out.
    """
    returns = PriceHistory.build(bars).compute_returns()
    rows: dict[Month, BundledFit] = {}
    memories: dict[str, Memory] = {}
    addis = Addis(returns.sessions[0])
    for at, past in walk_sessions(returns):
        session, month = returns.sessions[at], month_of(returns.sessions[at])
        if month not in rows and isinstance(fit := models[0].fit(past), Garch):
            since = min((memory.since for memory in memories.values()), default=session)
            log_k = {model.name: memories[model.name].log_k if memories else 0.0 for model in models}
            rows[month] = BundledFit(
                fit=fit,
                checksum=compute_checksum(bars, month),
                since=since,
                log_k=log_k,
                middling=addis.middling,
            )
        if month in rows:
            p = _learn(models, memories, past, rows[month].fit, session, float(returns.values[at]))
            addis = addis.add_test(p)
    return rows


def walk_sessions(returns: Returns) -> Iterator[tuple[int, Returns]]:
    """Each session after the burn-in, by its index, with the newest returns before it."""
    for at in range(BURN_IN, len(returns)):
        yield at, returns.select_between(max(0, at - LOOK_BACK), at)


def _learn(
    models: Sequence[NormalReturns],
    memories: dict[str, Memory],
    past: Returns,
    fit: Garch,
    session: date,
    value: float,
) -> float:
    """p(s), which is that of the first model."""
    p = 1.0
    for model in models:
        path = model.forecast(past, fit, 1, memories.get(model.name))
        if isinstance(path, Path) and (memory := model.learn(memories.get(model.name), path, value, session)):
            memories[model.name] = memory
            away = abs(value - path.steps[0].expected)
            p = path.steps[0].tail(away) if model is models[0] else p
    return p
