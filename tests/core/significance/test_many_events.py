"""The tests of many events: by hand, against SciPy, their size where nothing happens, and the traps."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats
from tests.core.significance.panels import of_returns, panel

from brentwatch.core.refused import Refused
from brentwatch.core.significance import grank, kolari_pynnonen, permutation, rank, table
from brentwatch.core.significance.result import TestResult

if TYPE_CHECKING:
    from brentwatch.core.event_study.panel import Panel

NAMES = tuple(table.TESTS)
TIMES = 1_500


def result(name: str, given: Panel) -> TestResult:
    found = table.run(name, given)
    assert isinstance(found, TestResult), found
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_result_has_the_name_it_has_in_the_table_and_a_null_in_words(name: str) -> None:
    found = result(name, panel(1))

    assert found.name == name
    assert len(found.null.split()) > 4
    assert found.statistic.shape == found.p.shape == (5,)


@pytest.mark.parametrize("name", NAMES)
def test_where_nothing_happens_five_in_a_hundred_are_at_five_percent(name: str) -> None:
    """Three standard errors of the Monte Carlo, and what the approximation of a rank test may add."""
    small = [
        result(name, panel(seed, events=20, estimation=60, rows=2)).p[-1] <= 0.05 for seed in range(TIMES)
    ]

    assert np.mean(small) == pytest.approx(0.05, abs=0.021)


@pytest.mark.parametrize("name", NAMES)
def test_a_move_of_one_standard_deviation_in_twenty_events_is_found(name: str) -> None:
    found = [result(name, panel(seed, move=0.02, rows=2)).p[0] <= 0.05 for seed in range(100)]

    assert np.mean(found) > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_the_scale_of_returns_and_the_order_of_events_change_nothing(name: str) -> None:
    random = np.random.default_rng(3)
    returns = 0.02 * random.standard_normal((12, 80))
    plain = result(name, of_returns(returns, 75))
    scaled = result(name, of_returns(7.0 * returns, 75))
    turned = result(name, of_returns(returns[::-1].copy(), 75))

    assert scaled.p == pytest.approx(plain.p, rel=1e-9)
    assert turned.p == pytest.approx(plain.p, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_no_row_repeats_the_statistic_of_the_first(name: str) -> None:
    found = result(name, panel(5)).statistic

    assert len(set(np.round(found, 9).tolist())) > 1


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("csect", "bmp", "grank"))])
def test_a_single_event_has_no_cross_section(name: str) -> None:
    found = table.run(name, panel(1, events=1))

    assert isinstance(found, Refused)
    assert "1 event, 2 or more wanted" in found.reason


def test_events_that_do_not_differ_are_refused() -> None:
    returns = np.tile(0.02 * np.random.default_rng(1).standard_normal(80), (4, 1))
    found = table.run("csect_t_aar", of_returns(returns, 75))

    assert isinstance(found, Refused)
    assert "the events do not differ" in found.reason


def test_the_cross_sectional_t_is_scipys() -> None:
    given = panel(2)
    expected = stats.ttest_1samp(given.ar, 0.0)
    found = result("csect_t_aar", given)

    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)
    assert result("csect_t_caar", given).statistic == pytest.approx(
        stats.ttest_1samp(given.car, 0.0).statistic
    )


def test_bmp_is_the_cross_sectional_t_of_standardised_returns() -> None:
    given = panel(2)

    assert result("bmp_t_aar", given).statistic == pytest.approx(stats.ttest_1samp(given.sar, 0.0).statistic)
    assert result("bmp_t_caar", given).statistic == pytest.approx(
        stats.ttest_1samp(given.scar, 0.0).statistic
    )


def test_patell_by_hand() -> None:
    given = panel(2, events=2, estimation=10, rows=1)
    total = sum(given.ar[event, 0] / (given.sigma[event] * math.sqrt(1 + 1 / 10)) for event in range(2))

    assert result("patell_z_aar", given).statistic[0] == pytest.approx(total / math.sqrt(2 * 9 / 7))


@pytest.mark.parametrize(("estimation", "diagonal", "exact"), [(120, 1.105, 1.021), (30, 1.412, 1.068)])
def test_the_variance_of_a_standardised_car_is_the_published_one(
    estimation: int, diagonal: float, exact: float
) -> None:
    """L = 11, constant mean: what the diagonal shortcut gives, and what the exact variance gives."""
    given = panel(6, events=20_000, estimation=estimation, rows=11)
    shortcut = given.sar.sum(axis=1) / math.sqrt(11)

    assert shortcut.var(ddof=1) == pytest.approx(diagonal, rel=0.03)
    assert given.scar[:, -1].var(ddof=1) == pytest.approx(exact, rel=0.03)


def test_brown_warner_by_hand() -> None:
    given = panel(2, events=3, estimation=10, rows=2)
    usual = given.residuals.mean(axis=0).std(ddof=1)
    mean = given.ar.mean(axis=0)

    assert result("bw85_t_aar", given).statistic == pytest.approx(mean / usual)
    assert result("bw85_t_caar", given).statistic[1] == pytest.approx(mean.sum() / (math.sqrt(2) * usual))


def test_corrado_by_hand() -> None:
    given = of_returns(np.array([[0.01, -0.02, 0.03, 0.00, 0.05]]), 4)
    ranks = np.array([3, 1, 4, 2, 5]) / 6 - 0.5

    assert result("corrado_z", given).statistic[0] == pytest.approx(
        ranks[-1] / math.sqrt(np.mean(np.square(ranks)))
    )


def test_the_generalized_sign_counts_against_the_usual_share() -> None:
    given = panel(2)
    usual = np.mean(given.residuals > 0)
    positive = np.sum(given.ar[:, 0] > 0)
    expected = (positive - 20 * usual) / math.sqrt(20 * usual * (1 - usual))

    assert result("gsign_z", given).statistic[0] == pytest.approx(expected)


def test_wilcoxon_is_scipys() -> None:
    given = panel(2)

    assert result("wilcoxon_p_caar", given).p[1] == pytest.approx(stats.wilcoxon(given.car[:, 1]).pvalue)


def test_a_variance_that_the_event_changed_misleads_patell_and_not_bmp_or_grank() -> None:
    def share(name: str) -> float:
        return float(np.mean([result(name, panel(s, rows=1, spread=2.0)).p[0] <= 0.05 for s in range(300)]))

    assert share("patell_z_caar") > 0.25
    assert share("bmp_t_caar") < 0.09
    assert share("grank_t_caar") < 0.09


def test_grank_has_t_minus_two_degrees_of_freedom() -> None:
    found = grank.caar(panel(2, estimation=60))

    assert isinstance(found, TestResult)
    assert found.degrees_of_freedom == 59


def test_the_rank_of_one_event_by_hand() -> None:
    given = of_returns(np.array([[0.01, -0.01, 0.03, -0.03, 0.02]]), 4)

    assert rank.p_values(given).tolist() == [[(1 + 2) / 5]]


def test_ranks_are_uniform_where_nothing_happens() -> None:
    p = rank.p_values(panel(4, events=2_000, estimation=99, rows=1))

    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.015)


def test_the_permutation_has_its_size_and_the_same_p_in_every_run() -> None:
    given = panel(4, events=800, estimation=60, rows=3)
    p = permutation.p_values(given)

    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.024)
    assert permutation.p_values(given).tolist() == p.tolist()
    assert permutation.p_values(panel(4, events=1, move=0.5))[0] == pytest.approx(1 / 1000, abs=0.06)


def days(start: int, count: int) -> list[date]:
    return [date(2020, 1, 1) + timedelta(days=start + number) for number in range(count)]


def test_events_that_share_their_sessions_are_not_counted_as_if_they_did_not() -> None:
    """One event that recurs five times is one event: BMP is inflated, the correlation takes it back."""
    one = 0.02 * np.random.default_rng(2).standard_normal(125)
    one[120] += 0.04
    jitter = 0.002 * np.random.default_rng(3).standard_normal((5, 125))
    given = of_returns(one + jitter, 120)
    adjusted = kolari_pynnonen.caar(given, [days(0, 120)] * 5)
    plain = result("bmp_t_caar", given)

    assert isinstance(adjusted, TestResult)
    assert np.all(np.abs(adjusted.statistic) < 0.2 * np.abs(plain.statistic))


def test_events_that_share_no_session_have_no_correlation() -> None:
    found = kolari_pynnonen.caar(panel(2, events=2), [days(0, 120), days(500, 120)])

    assert isinstance(found, Refused)
    assert "share 3 estimation sessions" in found.reason


@pytest.mark.parametrize(
    ("events", "powers"), [(1, (0.057, 0.079, 0.117, 0.170)), (10, (0.124, 0.353, 0.660, 0.885))]
)
def test_the_power_of_a_normal_test_in_closed_form(events: int, powers: tuple[float, ...]) -> None:
    """1 - Phi(1.96 - d) + Phi(-1.96 - d), d = AR sqrt(N) / sigma, sigma 2 %; Patell's z keeps to it."""
    for move, expected in zip((0.005, 0.010, 0.015, 0.020), powers, strict=True):
        d = move * math.sqrt(events) / 0.02
        assert 1 - stats.norm.cdf(1.96 - d) + stats.norm.cdf(-1.96 - d) == pytest.approx(expected, abs=6e-4)
    found = [
        result("patell_z_aar", panel(s, events=events, rows=1, move=0.02)).p[0] <= 0.05 for s in range(800)
    ]
    assert np.mean(found) == pytest.approx(powers[-1], abs=0.045)
