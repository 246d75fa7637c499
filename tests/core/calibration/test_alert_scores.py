"""What came after alerts is judged by the sessions after them, never by their own test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from brentwatch.core.calibration.alert_scores import (
    DatedMove,
    RecordedAlert,
    find_median,
    judge_held,
    score_chance,
    score_heads_ups,
    score_level,
)
from brentwatch.core.domain.shares import ExactShare

FIRST = date(2024, 1, 1)
NEWS = datetime(2024, 1, 1, 6, tzinfo=UTC)


def moves(*abnormal: float, p: float = 0.5) -> list[DatedMove]:
    return [DatedMove(FIRST + timedelta(days=at), value, p) for at, value in enumerate(abnormal)]


def alert(at: int, severity: str = "high", **fields: object) -> RecordedAlert:
    made = RecordedAlert(
        alert_id=f"a{at}",
        session=FIRST + timedelta(days=at),
        severity=severity,
        settles_at=NEWS + timedelta(hours=10),
        news_at=NEWS,
        abnormal_at=NEWS + timedelta(hours=12),
        heads_up_at=NEWS + timedelta(hours=1),
        useful=0,
        false_alarms=0,
    )
    return replace(made, **fields)  # type: ignore[arg-type] # fields of an alert


@pytest.mark.parametrize(
    ("after", "held"),
    [
        ((0.0, 0.0, 0.0, 0.0, 0.0), True),
        ((-0.01, -0.01, 0.0, 0.0, 0.0), True),
        ((-0.01, -0.01, -0.005, 0.0, 0.0), False),
        ((-0.02, 0.0, 0.0, 0.0, -0.02), False),
        ((0.03, 0.0, 0.0, 0.0, 0.0), True),
    ],
)
def test_a_move_has_held_if_less_than_half_of_it_was_taken_back(after: tuple[float, ...], held: bool) -> None:
    rise, fall = moves(0.05, *after, 9.0), moves(-0.05, *(-each for each in after), 9.0)

    assert judge_held(rise)[FIRST] is held
    assert judge_held(fall)[FIRST] is held


def test_moves_with_fewer_sessions_after_them_are_not_judged() -> None:
    assert judge_held(moves(0.05, 0.0, 0.0, 0.0, 0.0)) == {}
    assert list(judge_held(moves(0.05, 0.0, 0.0, 0.0, 0.0, 0.0))) == [FIRST]


def test_p_of_an_alert_does_not_decide_whether_it_was_right() -> None:
    for p in (1e-9, 0.9):
        held = judge_held(moves(0.05, -0.04, 0.0, 0.0, 0.0, 0.0, p=p))
        assert score_level("high", [alert(0)], held).held == ExactShare(0, 1)


def test_levels_count_their_own_alerts_answers_and_delays() -> None:
    alerts = [
        alert(0, useful=2, false_alarms=1),
        alert(1, abnormal_at=NEWS + timedelta(hours=20)),
        alert(2, "info", news_at=None),
        alert(99),
    ]
    held = judge_held(moves(0.05, 0.02, 0.01, *[0.0] * 8))
    high, info = score_level("high", alerts, held), score_level("info", alerts, held)

    assert (high.alerts, high.held, high.answered) == (3, ExactShare(2, 2), ExactShare(2, 3))
    assert high.delay is not None
    assert (high.delay.n, high.delay.median) == (3, 12.0)
    assert (info.alerts, info.delay) == (1, None)


def test_chance_counts_every_session_of_that_p() -> None:
    mixed = [*moves(0.05, *[0.0] * 6, p=0.01), DatedMove(date(2025, 1, 1), 0.0, 0.5)]

    assert score_chance(mixed, judge_held(mixed), 0.01).total == 3
    assert score_chance(mixed, judge_held(mixed), 0.001).total == 0


def test_heads_ups_end_in_tested_sessions() -> None:
    alerts = [alert(0), alert(1, useful=1), alert(2, heads_up_at=None), alert(3)]
    tested = {FIRST: True, FIRST + timedelta(days=1): False, FIRST + timedelta(days=2): True}
    score = score_heads_ups(alerts, tested)

    assert (score.abnormal, score.answered) == (ExactShare(1, 2), ExactShare(1, 1))
    assert score.lead is not None
    assert (score.lead.n, score.lead.median) == (3, 9.0)


@pytest.mark.parametrize("count", [6, 15, 40, 300])
def test_the_interval_of_a_median_holds_it_in_95_of_100_samples(count: int) -> None:
    """Its coverage is 1 - 2 P(Binomial(n, 1/2) <= r - 1), and one order statistic less would not do."""
    found = find_median(float(each) for each in range(count))
    assert found is not None
    rank = int(found.low) + 1
    outside = 2.0 * stats.binom.cdf(rank - 1, count, 0.5)

    assert outside <= 0.05
    assert found.high == count - rank
    if rank > 1 or count > 6:
        assert 2.0 * stats.binom.cdf(rank, count, 0.5) > 0.05
    assert found.median == pytest.approx(np.median(range(count)))


def test_nothing_has_no_median() -> None:
    assert find_median([]) is None
    assert find_median([3.0]) is not None
