"""Seeded panels: events of a constant mean, with the exact variances of the textbook."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from brentwatch.core.event_study.panel import Panel

Floats = NDArray[np.float64]


def panel(
    seed: int, events: int = 20, estimation: int = 120, rows: int = 5, move: float = 0.0, spread: float = 1.0
) -> Panel:
    """Events with returns of 2 %; `move` is added to the first row of each, `spread` scales all its rows."""
    random = np.random.default_rng(seed)
    returns = 0.02 * random.standard_normal((events, estimation + rows))
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
