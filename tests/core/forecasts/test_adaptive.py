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
from brentwatch.core.forecasts.forecast import POOL, Ahead, Memory, Path, StudentT
from brentwatch.core.forecasts.garch_t import GarchT
from brentwatch.core.forecasts.two_tails import WIDEST, TailScale, TwoTails
from brentwatch.core.forecasts.volatility import Garch

VALUES = garch_returns(seed=11, count=1_600)
PAST = returns(VALUES)
SINCE = date(2002, 12, 13)
PLAIN = GarchT()
FIT = PLAIN.fit(PAST.select_before(PAST.sessions[1_580]))
DISTANCES = tuple(np.abs(np.random.default_rng(3).standard_t(6, POOL)).tolist())
NORMAL = StudentT(expected=0.001, standard_error=0.02, scale=0.017, degrees_of_freedom=7.0)


def path(model: AdaptiveGarchT | AdaptiveRank | GarchT, memory: Memory | None, sessions: int = 3) -> Path:
    assert isinstance(FIT, Garch)
    found = model.forecast(PAST, FIT, Ahead((1,) * sessions), memory)
    assert isinstance(found, Path)
    return found


@pytest.mark.parametrize("log_k", [-0.2, 0.0, 0.3])
def test_every_forecast_standard_deviation_is_multiplied_by_k(log_k: float) -> None:
    plain, scaled = path(AdaptiveRank(), None, 1), path(AdaptiveRank(), Memory(SINCE, log_k), 1)

    assert scaled.steps[0].standard_error == pytest.approx(math.exp(log_k) * plain.steps[0].standard_error)
    assert scaled.steps[0].expected == plain.steps[0].expected
    assert scaled.scale == Scale(math.exp(log_k), SINCE)


def test_without_a_memory_the_headline_has_the_calendar_alone() -> None:
    plain, made = path(PLAIN, None), path(AdaptiveGarchT(), None)

    assert isinstance(FIT, Garch)
    for count, (one, other) in enumerate(zip(plain.steps, made.steps, strict=True), start=1):
        factor = FIT.calendar[0] if count == 1 else 1.0
        assert isinstance(other, TwoTails)
        assert other.expected == one.expected
        assert other.standard_error == pytest.approx(math.sqrt(factor) * one.standard_error, rel=0.1)
    assert made.steps[0].standard_error == pytest.approx(
        math.sqrt(FIT.calendar[0]) * plain.steps[0].standard_error
    )


@pytest.mark.parametrize(("days", "place"), [(1, 0), (2, 0), (3, 1), (4, 2), (6, 2)])
def test_the_variance_of_a_session_is_multiplied_by_the_factor_of_its_days(days: int, place: int) -> None:
    assert isinstance(FIT, Garch)
    model = AdaptiveGarchT()
    made, after_one = (model.forecast(PAST, FIT, Ahead((each,))) for each in (days, 1))
    assert isinstance(made, Path)
    assert isinstance(after_one, Path)

    ratio = (made.steps[0].standard_error / after_one.steps[0].standard_error) ** 2
    assert ratio == pytest.approx(FIT.calendar[place] / FIT.calendar[0])


def test_a_return_over_sessions_without_a_price_has_the_variance_of_each_with_its_days() -> None:
    assert isinstance(FIT, Garch)
    model = AdaptiveGarchT()
    whole, joined = (model.forecast(PAST, FIT, Ahead((1, 3, 1), spans)) for spans in (1, 2))
    assert isinstance(whole, Path)
    assert isinstance(joined, Path)

    assert (joined.steps, joined.spans) == (whole.steps[1:], 2)


def test_the_scales_of_the_headline_are_those_of_its_memory_and_are_told() -> None:
    memory = Memory(SINCE, up=TailScale(-0.1, 0.2), down=TailScale(0.3, -0.1))
    made = path(AdaptiveGarchT(), memory, 1)
    (step,) = made.steps

    assert isinstance(step, TwoTails)
    assert (step.up, step.down) == (memory.up, memory.down)
    k = math.sqrt((memory.up.k**2 + memory.down.k**2) / 2.0)
    assert isinstance(FIT, Garch)
    assert made.scale == Scale(k, SINCE, k_up=memory.up.k, k_down=memory.down.k, calendar=FIT.calendar[0])


def test_the_forecast_of_the_first_edition_is_made_beside_it_and_learns_as_before() -> None:
    memory = Memory(SINCE, 0.2, up=TailScale(0.1), down=TailScale(-0.3))
    made, before = path(AdaptiveGarchT(), memory, 1), path(AdaptiveRank(), Memory(SINCE, 0.2), 1)
    learnt = AdaptiveGarchT().learn(memory, made, 0.05, date(2022, 1, 5))
    assert made.single is not None

    assert made.single == before.steps[0]
    assert learnt.log_k == pytest.approx(
        0.2 + 0.03 * ((before.steps[0].tail(0.05 - made.single.expected) <= 0.05) - 0.05)
    )


def test_the_headline_learns_in_each_tail() -> None:
    memory = Memory(SINCE)
    made = path(AdaptiveGarchT(), memory, 1)
    rise = AdaptiveGarchT().learn(memory, made, 0.2, date(2022, 1, 5))
    fall = AdaptiveGarchT().learn(memory, made, -0.2, date(2022, 1, 5))

    assert rise.up.log_k > 0.0 > rise.down.log_k
    assert fall.down.log_k > 0.0 > fall.up.log_k


def test_k_widens_after_a_small_p_and_narrows_otherwise() -> None:
    memory = Memory(SINCE)

    assert memory.widen(0.05).log_k == pytest.approx(0.03 * 0.95)
    assert memory.widen(0.0501).log_k == pytest.approx(-0.03 * 0.05)
    assert math.exp(0.03 * 0.95) == pytest.approx(1.029, abs=1e-3)


def test_k_is_clipped() -> None:
    assert Memory(SINCE, WIDEST).widen(0.0).log_k == WIDEST
    assert Memory(SINCE, -WIDEST).widen(1.0).log_k == -WIDEST


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
    memory = Memory(SINCE, pool=tuple(float(number) for number in range(POOL))).add_distance(1e3)

    assert len(memory.pool) == POOL
    assert (memory.pool[0], memory.pool[-1]) == (1.0, 1e3)


def test_for_the_first_250_sessions_the_t_tail_stands_in_for_the_ranks() -> None:
    assert isinstance(path(AdaptiveRank(), Memory(SINCE, pool=DISTANCES[: FEWEST - 1])).steps[0], StudentT)
    assert isinstance(path(AdaptiveRank(), Memory(SINCE, pool=DISTANCES[:FEWEST])).steps[0], RankForecast)


def test_only_a_single_session_is_ranked() -> None:
    steps = path(AdaptiveRank(), Memory(SINCE, pool=DISTANCES)).steps

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
        forecast = model.forecast(PAST.select_before(PAST.sessions[0]), wrong, Ahead((1,)), memory)
        assert isinstance(forecast, Path)
        small.append(forecast.steps[0].tail(abs(value)) <= 0.05)
        memory = model.learn(memory, forecast, value, PAST.sessions[number % 1_600])

    assert np.mean(small[500:]) == pytest.approx(0.05, abs=0.01)
