"""`adaptive-garch-t` and `adaptive-rank`: a scale that corrects itself, and ranks with a fitted tail."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from scipy.stats import genpareto
from tests.core.series import UNDIAGNOSED, garch_returns, returns

from brentwatch.core.domain import Scale
from brentwatch.core.forecasts.adaptive_garch_t import AdaptiveGarchT
from brentwatch.core.forecasts.adaptive_rank import FEWEST, AdaptiveRank, RankForecast, rank_in_pool
from brentwatch.core.forecasts.forecast import POOL, WIDEST, Memory, Path, StudentT
from brentwatch.core.forecasts.garch_t import GarchT
from brentwatch.core.forecasts.volatility import Garch

VALUES = garch_returns(seed=11, count=1_600)
PAST = returns(VALUES)
SINCE = date(2002, 12, 13)
PLAIN = GarchT()
FIT = PLAIN.fit(PAST.select_before(PAST.sessions[1_580]))
DISTANCES = tuple(np.abs(np.random.default_rng(3).standard_t(6, POOL)).tolist())
NORMAL = StudentT(expected=0.001, standard_error=0.02, scale=0.017, degrees_of_freedom=7.0)


def path(model: AdaptiveGarchT | AdaptiveRank, memory: Memory | None, sessions: int = 3) -> Path:
    assert isinstance(FIT, Garch)
    found = model.forecast(PAST, FIT, sessions, memory)
    assert isinstance(found, Path)
    return found


def test_without_a_memory_the_scale_is_one() -> None:
    assert isinstance(FIT, Garch)
    assert path(AdaptiveGarchT(), None) == PLAIN.forecast(PAST, FIT, 3)


@pytest.mark.parametrize("log_k", [-0.2, 0.0, 0.3])
def test_every_forecast_standard_deviation_is_multiplied_by_k(log_k: float) -> None:
    plain, scaled = path(AdaptiveGarchT(), None, 1), path(AdaptiveGarchT(), Memory(SINCE, log_k), 1)

    assert scaled.steps[0].standard_error == pytest.approx(math.exp(log_k) * plain.steps[0].standard_error)
    assert scaled.steps[0].expected == plain.steps[0].expected
    assert scaled.scale == Scale(math.exp(log_k), SINCE)


def test_k_widens_after_a_small_p_and_narrows_otherwise() -> None:
    memory = Memory(SINCE)

    assert memory.add_session(0.05, 2.0).log_k == pytest.approx(0.03 * 0.95)
    assert memory.add_session(0.0501, 2.0).log_k == pytest.approx(-0.03 * 0.05)
    assert math.exp(0.03 * 0.95) == pytest.approx(1.029, abs=1e-3)


def test_k_is_clipped() -> None:
    assert Memory(SINCE, WIDEST).add_session(0.0, 9.0).log_k == WIDEST
    assert Memory(SINCE, -WIDEST).add_session(1.0, 0.0).log_k == -WIDEST


def test_what_is_learnt_is_the_p_as_forecast_and_the_distance_before_any_scale() -> None:
    model, memory = AdaptiveRank(), Memory(SINCE, 0.2)
    scaled, plain = path(model, memory, 1), path(model, None, 1)
    learnt = model.learn(memory, scaled, 0.05, date(2022, 1, 5))
    expected = plain.steps[0]

    assert learnt.pool == pytest.approx((abs(0.05 - expected.expected) / expected.standard_error,))
    assert learnt.log_k == pytest.approx(0.2 + 0.03 * ((scaled.steps[0].tail(0.05) <= 0.05) - 0.05), abs=2e-3)
    assert learnt.since == SINCE


def test_the_memory_starts_with_the_first_session_that_is_learnt() -> None:
    first = date(2022, 1, 5)

    assert AdaptiveGarchT().learn(None, path(AdaptiveGarchT(), None, 1), 0.0, first).since == first


def test_the_pool_holds_the_newest_750() -> None:
    memory = Memory(SINCE, 0.0, tuple(float(number) for number in range(POOL))).add_session(0.5, 1e3)

    assert len(memory.pool) == POOL
    assert (memory.pool[0], memory.pool[-1]) == (1.0, 1e3)


def test_for_the_first_250_sessions_the_t_tail_stands_in_for_the_ranks() -> None:
    assert isinstance(path(AdaptiveRank(), Memory(SINCE, 0.0, DISTANCES[: FEWEST - 1])).steps[0], StudentT)
    assert isinstance(path(AdaptiveRank(), Memory(SINCE, 0.0, DISTANCES[:FEWEST])).steps[0], RankForecast)


def test_only_a_single_session_is_ranked() -> None:
    steps = path(AdaptiveRank(), Memory(SINCE, 0.0, DISTANCES)).steps

    assert [isinstance(step, RankForecast) for step in steps] == [True, False, False]


def test_within_the_pool_p_is_the_rank() -> None:
    forecast = rank_in_pool(NORMAL, DISTANCES)
    for place in (10, 300, 600):
        y = sorted(DISTANCES)[place]
        assert forecast.tail(y * 0.02) == pytest.approx((POOL - place + 0.5) / (POOL + 1))


def test_p_has_no_jump_where_the_tail_begins() -> None:
    forecast = rank_in_pool(NORMAL, DISTANCES)
    assert isinstance(forecast, RankForecast)
    edge = forecast.threshold * forecast.standard_error

    assert forecast.tail(edge * (1 + 1e-9)) == pytest.approx(forecast.tail(edge), abs=1.5 / (POOL + 1))
    ps = [forecast.tail(edge * (0.9 + 0.002 * number)) for number in range(100)]
    assert ps == sorted(ps, reverse=True)


def test_the_tail_is_a_generalised_pareto() -> None:
    forecast = rank_in_pool(NORMAL, DISTANCES)
    assert isinstance(forecast, RankForecast)
    beyond = 1.7
    expected = 75.5 / (POOL + 1) * genpareto.sf(beyond, forecast.shape, scale=forecast.spread)

    assert forecast.tail((forecast.threshold + beyond) * 0.02) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("p", [0.6, 0.2, 0.05, 0.01, 0.001])
def test_the_distance_of_a_p_has_that_p(p: float) -> None:
    forecast = rank_in_pool(NORMAL, DISTANCES)

    assert forecast.tail(forecast.distance(p)) == pytest.approx(p, abs=1.0 / (POOL + 1) if p > 0.1 else 1e-9)


def test_where_the_pool_does_not_spread_the_t_forecast_stays() -> None:
    assert rank_in_pool(NORMAL, (1.0,) * POOL) is NORMAL


@pytest.mark.parametrize("model", [AdaptiveGarchT(), AdaptiveRank()])
def test_the_long_run_size_is_five_percent_also_where_the_variance_is_wrong(
    model: AdaptiveGarchT | AdaptiveRank,
) -> None:
    """A constant forecast of 1 / 1.4 of the true volatility: the plain t would be wrong 15 times in 100."""
    wrong = Garch(
        mu=0.0,
        omega=2e-4,
        alpha=0.0,
        beta=0.0,
        nu=7.0,
        variance=2e-4,
        fitted_through=SINCE,
        diagnostics=UNDIAGNOSED,
    )
    shocks = np.random.default_rng(5).standard_t(7, 3_000) * 0.02 * math.sqrt(5 / 7)
    memory: Memory | None = None
    small = []
    for number, value in enumerate(shocks.tolist()):
        forecast = model.forecast(PAST.select_before(PAST.sessions[0]), wrong, 1, memory)
        assert isinstance(forecast, Path)
        small.append(forecast.steps[0].tail(abs(value)) <= 0.05)
        memory = model.learn(memory, forecast, value, PAST.sessions[number % 1_600])

    assert np.mean(small[500:]) == pytest.approx(0.05, abs=0.01)
