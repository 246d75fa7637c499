"""What holds of every test of many events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr
from tests.core.event_study.significance.panels import found, of_returns, panel, quiet, rate

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.significance import table
from brentwatch.core.event_study.significance.result import Statistic

NAMES = (*table.TESTS, *table.BUY_AND_HOLD)
EVENTS, ESTIMATION, ROWS = 20, 120, 3
TOTAL = ESTIMATION + ROWS
LENGTHS = np.arange(1, ROWS + 1)


def normal_size(variance: float) -> float:
    """How often a normal z with that variance passes 1.96."""
    return float(2.0 * ndtr(stats.norm.ppf(0.025) / np.sqrt(variance)))


def brown_warner_size(length: int) -> float:
    """Prediction error is left out: t times sqrt(1 + length / n)."""
    bound = stats.t.ppf(0.025, ESTIMATION - 1) / np.sqrt(1.0 + length / ESTIMATION)
    return float(2.0 * stats.t.cdf(bound, ESTIMATION - 1))


def sign_size() -> float:
    """w is binomial, so the test can only be at some sizes."""
    counts = np.arange(EVENTS + 1)
    rejects = np.abs(counts - EVENTS / 2.0) / np.sqrt(EVENTS / 4.0) > stats.norm.ppf(0.975)
    return float(stats.binom.pmf(counts[rejects], EVENTS, 0.5).sum())


def signed_rank_size() -> float:
    """The largest p at or below .05 that twenty events can have."""
    values = np.arange(1.0, EVENTS + 1.0)
    falls = [np.where(values <= count, -values, values) for count in range(EVENTS)]
    falls += [np.where(values == each, -values, fall) for fall in falls for each in values]
    reached = [float(stats.wilcoxon(fall).pvalue) for fall in falls]
    return max(p for p in reached if p <= 0.05)


SIZES = {
    "bw85_t_aar": brown_warner_size(1),
    "bw85_t_caar": float(np.mean([brown_warner_size(length) for length in LENGTHS.tolist()])),
    "corrado_z_cum": float(
        np.mean([normal_size((TOTAL - length) / (TOTAL - 1)) for length in LENGTHS.tolist()])
    ),
    "gsign_z": sign_size(),
    "gsign_z_cum": sign_size(),
    "wilcoxon_p_aar": signed_rank_size(),
    "wilcoxon_p_caar": signed_rank_size(),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_its_size_where_nothing_happens_is_the_one_that_theory_gives_it(name: str) -> None:
    size, error = rate(table.load_across_events(name), quiet())

    assert size == pytest.approx(SIZES.get(name, 0.05), abs=error)
    assert error < 0.013


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_move_of_one_standard_deviation_in_twenty_events_is_found(name: str) -> None:
    firsts = [found(table.run(name, panel(seed, move=0.02, rows=2))).p[0] for seed in range(200)]

    assert np.mean(np.array(firsts) <= 0.05) > 0.85


@pytest.mark.parametrize("name", NAMES)
def test_its_name_null_and_shape(name: str) -> None:
    answer = found(table.run(name, panel(1)))

    assert answer.name == name
    assert len(answer.null.split()) > 4
    assert answer.on == ("bhar" if name == "bhar_t" else "caar" if name.endswith(("caar", "cum")) else "aar")
    assert answer.statistic.shape == answer.p.shape == (5,)
    assert not answer.refused


@pytest.mark.parametrize("name", [name for name in NAMES if name != "bhar_t"])
def test_the_scale_of_returns_changes_nothing(name: str) -> None:
    returns = 0.02 * np.random.default_rng(3).standard_normal((12, 80))

    assert found(table.run(name, of_returns(7.0 * returns, 75))).statistic == pytest.approx(
        found(table.run(name, of_returns(returns, 75))).statistic, rel=1e-9
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_events_changes_nothing(name: str) -> None:
    returns = 0.02 * np.random.default_rng(3).standard_normal((12, 80))
    order = np.random.default_rng(4).permutation(12)

    assert found(table.run(name, of_returns(returns[order], 75))).statistic == pytest.approx(
        found(table.run(name, of_returns(returns, 75))).statistic, rel=1e-9
    )


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("wilcoxon")])
def test_what_rises_when_returns_rise_falls_when_they_fall(name: str) -> None:
    returns = 1e-4 * np.random.default_rng(3).standard_normal((12, 80))
    up, down = (found(table.run(name, of_returns(sign * returns, 75))).statistic for sign in (1.0, -1.0))

    assert up == pytest.approx(-down, rel=2e-2, abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_no_row_repeats_the_statistic_of_the_first(name: str) -> None:
    statistic = found(table.run(name, panel(5, events=31))).statistic

    assert len(set(np.round(statistic, 9).tolist())) > 2


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("corrado")])
def test_rows_after_a_row_have_no_part_in_it(name: str) -> None:
    given = panel(6)
    ar = given.ar.copy()
    ar[:, -1] += 0.5

    assert found(table.run(name, replace(given, ar=ar))).statistic[:-1] == pytest.approx(
        found(table.run(name, given)).statistic[:-1], rel=1e-12
    )


@pytest.mark.parametrize("name", NAMES)
def test_it_refuses_where_there_is_no_event(name: str) -> None:
    answer = table.run(name, panel(1, events=0))

    assert isinstance(answer, Refused)
    assert "events given: 0" in answer.reason


@pytest.mark.parametrize("name", NAMES)
def test_one_event_is_refused_by_those_that_compare_events_and_judged_by_the_others(name: str) -> None:
    answer = table.run(name, panel(1, events=1))

    compares = name.startswith(("csect", "bmp", "grank", "bhar"))
    assert isinstance(answer, Refused) == compares
    if isinstance(answer, Refused):
        assert "events given: 1; expected 2 or more" in answer.reason


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_found_where_a_price_stands_still(name: str) -> None:
    answer = table.run(name, of_returns(np.zeros((6, 80)), 75))

    assert isinstance(answer, Refused)
    assert "no residual variance" in answer.reason


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_number_is_refused(name: str, value: float) -> None:
    given = panel(1)
    ar = given.ar.copy()
    ar[3, 2] = value

    assert isinstance(table.run(name, replace(given, ar=ar)), Refused)


@pytest.mark.parametrize("events", range(2, 9))
@pytest.mark.parametrize("name", NAMES)
def test_one_event_given_many_times_is_refused_or_says_that_it_recurs(name: str, events: int) -> None:
    one = 0.02 * np.random.default_rng(1).standard_normal(80)
    answer = table.run(name, of_returns(np.tile(one, (events, 1)), 75))

    assert isinstance(answer, Refused) or (answer.recurs and answer.distinct_events == 1)
    assert isinstance(answer, Refused) or not name.startswith(("csect", "bmp", "grank", "bhar"))


@pytest.mark.parametrize("name", ["csect_t_aar", "bmp_t_aar", "wilcoxon_p_aar"])
def test_a_row_without_a_statistic_is_refused_alone_and_finds_nothing(name: str) -> None:
    given = panel(3, rows=3)
    ar = given.ar.copy()
    ar[:, 1] = 0.0
    answer, whole = found(table.run(name, replace(given, ar=ar))), found(table.run(name, given))

    assert set(answer.refused) == {1}
    assert isinstance(answer.answer_at(1), Refused)
    assert (answer.statistic[1], answer.p[1]) == (0.0, 1.0)
    assert answer.answer_at(2) == Statistic(float(whole.statistic[2]), float(whole.p[2]))
