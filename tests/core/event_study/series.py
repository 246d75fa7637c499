"""Prices for the tests of the classical study: made up, and the real ones."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tests.core.series import sessions

from brentwatch.core.event_study.rows import Rows, build_rows
from brentwatch.core.event_study.table import MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brentwatch.core.domain.arrays import Floats


ONE_BENCHMARK = [name for name in MODELS if name != "factors"]
"""The models that read one benchmark at most; the others have tests of their own."""

ROOT = Path(__file__).parents[3]
BRENT = ROOT / "services" / "brentwatch" / "history" / "data" / "catalogue" / "prices.csv"
WTI = ROOT / "tests" / "data" / "wti_spot_daily.csv"


@cache
def prices(path: Path) -> Mapping[date, float]:
    with path.open(encoding="utf-8") as file:
        return {date.fromisoformat(row["date"]): float(row["usd_per_bbl"]) for row in csv.DictReader(file)}


def brent(benchmark: Mapping[date, float] | None = None) -> Rows:
    return build_rows(tuple(prices(BRENT)), list(prices(BRENT).values()), benchmark)


def row_of(session: str) -> int:
    return list(prices(BRENT)).index(date.fromisoformat(session))


def closes(seed: int, count: int, sigma: float = 0.02) -> Floats:
    """A random walk from 80 USD/bbl."""
    moves = np.random.default_rng(seed).normal(0.0, sigma, count - 1)
    walk: Floats = 80.0 * np.exp(np.concatenate([[0.0], np.cumsum(moves)]))
    return walk


def made_up(count: int = 400, seed: int = 7) -> tuple[tuple[date, ...], Floats, Floats]:
    """Sessions, prices, and those of a benchmark that explains about a third of them."""
    market = closes(seed, count, 0.015)
    own = 80.0 * (market / market[0]) ** 0.8 * closes(seed + 1, count) / 80.0
    return sessions(count), own, market


def with_market(count: int = 400, seed: int = 7) -> Rows:
    days, own, market = made_up(count, seed)
    return build_rows(days, own, dict(zip(days, market.tolist(), strict=True)))
