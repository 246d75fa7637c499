from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats
from tests.core.event_study.significance.panels import TIMES, VOLATILITY, found, market_panel, panel, rate

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.significance import patell

if TYPE_CHECKING:
    from brentwatch.core.event_study.panel import Panel


def test_by_hand() -> None:
    """Two events, ten rows of a constant mean: Q = 9/7, SAR over s sqrt(1.1), SCAR of two rows sqrt(2.4)."""
    given = panel(2, events=2, estimation=10, rows=2)
    day = sum(given.ar[:, 1] / given.sigma) / np.sqrt(1.1 * 2 * 9 / 7)
    cumulative = sum(given.ar.sum(axis=1) / given.sigma) / np.sqrt(2.4 * 2 * 9 / 7)

    assert found(patell.aar(given)).statistic[1] == pytest.approx(day, rel=1e-12)
    assert found(patell.caar(given)).statistic[1] == pytest.approx(cumulative, rel=1e-12)


def test_p_is_normal() -> None:
    answer = found(patell.aar(panel(2)))

    assert answer.degrees_of_freedom is None
    assert answer.p == pytest.approx(2.0 * stats.norm.sf(np.abs(answer.statistic)), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "estimation", "diagonal", "exact"),
    [("mean", 120, 1.105, 1.021), ("market", 120, 1.115, 1.023), ("mean", 30, 1.412, 1.068)],
)
def test_the_variance_of_a_standardised_car_is_the_published_one(
    model: str, estimation: int, diagonal: float, exact: float
) -> None:
    """L = 11: what the diagonal shortcut gives, and what the exact variance gives."""
    make = panel if model == "mean" else market_panel
    given = make(6, events=40_000, estimation=estimation, rows=11)
    shortcut = given.car[:, -1] / (given.sigma * np.sqrt(given.ar_factor.sum(axis=1)))

    assert shortcut.var(ddof=1) == pytest.approx(diagonal, abs=0.025)
    assert given.scar[:, -1].var(ddof=1) == pytest.approx(exact, abs=0.025)


@pytest.mark.slow
@pytest.mark.parametrize("estimation", [12, 30, 120])
def test_the_variance_of_z_is_one_at_every_length(estimation: int) -> None:
    z = np.array([found(patell.caar(market_panel(s, 8, estimation, 6))).statistic for s in range(TIMES)])

    assert z.var(axis=0, ddof=1) == pytest.approx(np.ones(6), abs=0.14)


def test_its_size_holds_for_a_market_model() -> None:
    size, error = rate(patell.caar, (market_panel(seed, 10, 60, 5) for seed in range(TIMES)))

    assert size == pytest.approx(0.05, abs=error)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("events", "published"), [(1, (0.057, 0.079, 0.117, 0.170)), (10, (0.124, 0.353, 0.660, 0.885))]
)
def test_its_power_is_the_closed_form_of_the_published_table(
    events: int, published: tuple[float, ...]
) -> None:
    """1 - Phi(1.96 - d) + Phi(-1.96 - d), d = AR sqrt(N) / sigma, at .5, 1, 1.5 and 2 %, sigma 2 %."""
    moves = np.array([0.005, 0.010, 0.015, 0.020])
    d = moves * np.sqrt(events) / VOLATILITY
    assert stats.norm.sf(1.96 - d) + stats.norm.cdf(-1.96 - d) == pytest.approx(published, abs=6e-4)

    # One move a column: rows of one panel do for as many experiments.
    quiet = panel(9, events=4_000 * events, estimation=400, rows=4)
    given = replace(quiet, ar=quiet.ar + moves)
    trials = [slice(at, at + events) for at in range(0, len(given.ar), events)]
    parts = [_of(given, trial) for trial in trials]
    powers = np.mean([found(patell.aar(part)).p <= 0.05 for part in parts], axis=0)
    assert powers == pytest.approx(published, abs=0.024)


def _of(given: Panel, events: slice) -> Panel:
    return replace(
        given,
        **{
            name: getattr(given, name)[events]
            for name in ("residuals", "ar", "sigma", "df", "ar_factor", "car_factor")
        },
    )


def test_two_degrees_of_freedom_have_no_variance() -> None:
    answer = patell.aar(panel(1, estimation=3))

    assert isinstance(answer, Refused)
    assert "2 degrees of freedom; expected more than 2" in answer.reason


def test_events_may_differ_in_degrees_of_freedom() -> None:
    given = panel(1, events=2)
    answer = found(patell.aar(replace(given, df=np.array([4.0, 10.0]))))

    assert answer.statistic == pytest.approx(given.sar.sum(axis=0) / np.sqrt(4 / 2 + 10 / 8), rel=1e-12)
