"""How large gaps usually are: the distribution against SciPy, the state against a calculation by hand."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from brentwatch.core.domain import BreakKind
from brentwatch.core.reopen import GapTail, RunningMean, UsualGaps, choose_tail

NIGHT, WEEK_END, LONG = BreakKind.NIGHT, BreakKind.WEEKEND, BreakKind.LONG
KINDS = some.sampled_from(list(BreakKind))
RATIOS = some.lists(some.tuples(KINDS, some.floats(0.0, 50.0)), max_size=30)


def learn_all(found: list[tuple[BreakKind, float]]) -> UsualGaps:
    usual = UsualGaps()
    for kind, ratio in found:
        usual = usual.learn(kind, ratio)
    return usual


@pytest.mark.parametrize(
    ("kind", "nu", "mean"), [(NIGHT, 3.5, 1.0410), (WEEK_END, 3, 1.1027), (LONG, 3, 1.1027)]
)
def test_p_is_the_t_tail_of_the_gap_beside_its_mean(kind: BreakKind, nu: float, mean: float) -> None:
    tail, m = choose_tail(kind), float(stats.t(nu).expect(abs))

    assert tail.mean == pytest.approx(m, rel=1e-6)
    assert tail.mean == pytest.approx(mean, abs=5e-5)
    assert tail.deviation == pytest.approx(stats.t(nu).std() / m, rel=1e-6)
    for z in (0.0, 0.3, 1.0, 4.0, 9.8, 30.0):
        assert tail.find_p(z) == pytest.approx(2.0 * stats.t.sf(m * z, nu), rel=1e-6)


@pytest.mark.parametrize(("kind", "critical", "detectable"), [(NIGHT, 9.8, 10.7), (WEEK_END, 11.7, 12.6)])
def test_the_alert_level_lies_at_so_many_usual_gaps(
    kind: BreakKind, critical: float, detectable: float
) -> None:
    assert choose_tail(kind).find_distance(0.001) == pytest.approx(critical, abs=0.05)
    assert choose_tail(kind).find_p(choose_tail(kind).find_distance(0.001)) == pytest.approx(0.001)
    assert choose_tail(kind).find_detectable(0.001) == pytest.approx(detectable, abs=0.05)


def test_it_starts_with_the_usual_sizes_and_a_normal_level() -> None:
    start = UsualGaps()

    assert [start.estimate_gap(kind, 0.02) for kind in BreakKind] == pytest.approx([0.004, 0.0056, 0.008])
    assert start.estimate_hour_gap(NIGHT, 0.02) == pytest.approx(math.sqrt(0.004**2 + 0.002**2))
    assert start.estimate_detectable(WEEK_END, 0.021) == pytest.approx(0.0741, abs=1e-4)


def test_two_gaps_and_what_is_usual_after_each_by_hand() -> None:
    learned = UsualGaps().learn(NIGHT, 0.5, 0.3)
    to_level, kept = 1 - 2 ** (-1 / 10), 2 ** (-1 / 80)
    level = 1 + to_level * (0.5 / 0.2 - 1)

    assert learned.level == pytest.approx(level)
    assert learned.night.total == pytest.approx(kept * 4 + 0.5)
    assert learned.night.weight == pytest.approx(kept * 20 + 1)
    assert learned.hour.value == pytest.approx((kept * 2 + 0.3) / (kept * 20 + 1))
    assert (learned.weekend, learned.long) == (UsualGaps().weekend, UsualGaps().long)

    shaken = learned.learn(WEEK_END, 9.0)
    level += to_level * (6 - level)
    assert shaken.level == pytest.approx(level)
    assert shaken.weekend.total == pytest.approx(kept * 20 * 0.28 + 6 * 0.28 * (0.5 + level / 2))
    assert shaken.estimate_gap(WEEK_END, 0.02) == pytest.approx(
        shaken.weekend.total / shaken.weekend.weight * (0.5 + level / 2) * 0.02
    )
    assert shaken.hour == learned.hour


def test_a_value_counts_half_after_eighty_more_and_the_level_after_ten() -> None:
    mean = RunningMean(0.0, 20.0).learn(1.0)
    for _ in range(80):
        mean = mean.learn(0.0)
    assert mean.total == pytest.approx(0.5)

    usual = learn_all([(NIGHT, 1e9)])
    above = usual.level - 1.0
    for _ in range(10):
        usual = usual.learn(WEEK_END, usual.weekend.value)
    assert usual.level - 1.0 == pytest.approx(above / 2.0)


@given(RATIOS, some.floats(0.0, 1e6))
def test_one_gap_moves_what_is_usual_by_a_bounded_factor(
    before: list[tuple[BreakKind, float]], gap: float
) -> None:
    usual = learn_all(before)
    moved = usual.learn(NIGHT, gap)

    assert 0.0 < moved.estimate_gap(NIGHT, 1.0) < 2.5 * usual.estimate_gap(NIGHT, 1.0)
    assert 0.0 <= moved.level <= 6.0


@given(RATIOS)
def test_the_state_passes_through_msgspec_unchanged(found: list[tuple[BreakKind, float]]) -> None:
    usual = learn_all(found)

    assert msgspec.json.decode(msgspec.json.encode(usual), type=UsualGaps) == usual


def test_history_is_short_below_twenty_of_the_kind() -> None:
    nights = learn_all([(NIGHT, 0.2)] * 20)

    assert learn_all([(NIGHT, 0.2)] * 19).has_short_history(NIGHT)
    assert not nights.has_short_history(NIGHT)
    assert nights.has_short_history(WEEK_END)
    assert nights.is_warming_up
    assert not learn_all([(NIGHT, 0.2)] * 20 + [(WEEK_END, 0.3)] * 8).is_warming_up
    assert learn_all([(NIGHT, 0.2)] * 20 + [(WEEK_END, 0.3)] * 7).is_warming_up


@given(some.floats(0.0, 100.0), some.floats(1e-4, 1.0))
def test_p_falls_with_the_gap_and_the_distance_is_its_inverse(z: float, p: float) -> None:
    tail = GapTail(3.5)

    assert tail.find_p(z) >= tail.find_p(z + 0.1)
    assert tail.find_p(-z) == tail.find_p(z)
    assert tail.find_p(tail.find_distance(p)) == pytest.approx(p, rel=1e-6)
