"""Seeded panels in which nothing happens unless asked, and how often a test finds something in them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance.result import TestResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from brentwatch.core.domain import Refused
    from brentwatch.core.domain.arrays import Floats


VOLATILITY = 0.02
TIMES = 2_000


def panel(
    seed: int, events: int = 20, estimation: int = 120, rows: int = 5, move: float = 0.0, spread: float = 1.0
) -> Panel:
    """Events with returns of 2 %; `move` is added to the first row of each, `spread` scales all its rows."""
    returns = VOLATILITY * np.random.default_rng(seed).standard_normal((events, estimation + rows))
    returns[:, estimation:] *= spread
    returns[:, estimation] += move
    return of_returns(returns, estimation)


def of_returns(returns: Floats, estimation: int) -> Panel:
    """The panel of a constant mean: AR = r - mean, Var AR = s^2 (1 + 1/n), Var CAR = s^2 (L + L^2 / n)."""
    window = returns[:, :estimation]
    mean = window.mean(axis=1, keepdims=True)
    length = np.arange(1, returns.shape[1] - estimation + 1)
    shape = (len(returns), len(length))
    return Panel(
        residuals=window - mean,
        ar=returns[:, estimation:] - mean,
        sigma=window.std(axis=1, ddof=1),
        df=np.full(len(returns), estimation - 1.0),
        parameters=1,
        ar_factor=np.full(shape, 1.0 + 1.0 / estimation),
        car_factor=np.broadcast_to(length + length**2 / estimation, shape).copy(),
    )


def market_panel(seed: int, events: int, estimation: int, rows: int) -> Panel:
    """The same of a market model, each event with a market of its own, fitted by least squares."""
    random = np.random.default_rng(seed)
    market, noise = VOLATILITY * random.standard_normal((2, events, estimation + rows))
    x = market - market[:, :estimation].mean(axis=1, keepdims=True)
    y = noise - noise[:, :estimation].mean(axis=1, keepdims=True)
    square = (x[:, :estimation] ** 2).sum(axis=1, keepdims=True)
    left = y - x * (x * y)[:, :estimation].sum(axis=1, keepdims=True) / square
    ahead, length = x[:, estimation:], np.arange(1, rows + 1)
    return Panel(
        residuals=left[:, :estimation],
        ar=left[:, estimation:],
        sigma=np.sqrt((left[:, :estimation] ** 2).sum(axis=1) / (estimation - 2)),
        df=np.full(events, estimation - 2.0),
        parameters=2,
        ar_factor=1.0 + 1.0 / estimation + ahead**2 / square,
        car_factor=length + length**2 / estimation + ahead.cumsum(axis=1) ** 2 / square,
    )


@cache
def quiet() -> tuple[Panel, ...]:
    """Panels in which nothing happens."""
    return tuple(panel(seed, rows=3) for seed in range(TIMES))


def found(answer: TestResult | Refused) -> TestResult:
    """The result, which must not be a refusal."""
    assert isinstance(answer, TestResult), answer
    return answer


def rate(
    test: Callable[[Panel], TestResult | Refused], panels: Iterable[Panel], level: float = 0.05
) -> tuple[float, float]:
    """How often p is at or below the level, over panels and rows; and three standard errors of it."""
    shares = np.array([np.mean(found(test(each)).p <= level) for each in panels])
    return float(shares.mean()), float(3.0 * shares.std(ddof=1) / np.sqrt(len(shares)))
