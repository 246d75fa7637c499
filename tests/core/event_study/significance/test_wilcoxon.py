from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.core.event_study.significance.panels import found, panel

from brentwatch.core.event_study.significance import wilcoxon


@pytest.mark.parametrize("events", [1, 5, 20, 50, 51, 200])
def test_it_is_scipys(events: int) -> None:
    given = panel(2, events=events)
    day = [stats.wilcoxon(column) for column in given.ar.T]
    cumulative = [stats.wilcoxon(column) for column in given.car.T]

    assert found(wilcoxon.aar(given)).p == pytest.approx([each.pvalue for each in day], rel=1e-12)
    assert found(wilcoxon.aar(given)).statistic == pytest.approx([each.statistic for each in day])
    assert found(wilcoxon.caar(given)).p == pytest.approx([each.pvalue for each in cumulative], rel=1e-12)


def test_by_hand() -> None:
    """Falls of rank 1 and 2 among five: W = 3, and 5 of 32 sign patterns are as far out on one side."""
    given = panel(2, events=5, rows=1)
    answer = found(wilcoxon.aar(replace(given, ar=np.array([[-0.01], [-0.02], [0.03], [0.04], [0.05]]))))

    assert (answer.statistic[0], answer.p[0]) == (3.0, pytest.approx(2 * 5 / 32))


def test_a_zero_in_one_row_does_not_change_p_in_another() -> None:
    given = panel(3, rows=2)
    ar = given.ar.copy()
    ar[0, 1] = 0.0

    assert found(wilcoxon.aar(replace(given, ar=ar))).p[0] == found(wilcoxon.aar(given)).p[0]


def test_a_row_in_which_nothing_moved_has_no_answer() -> None:
    given = panel(3, rows=2)
    ar = given.ar.copy()
    ar[:, 1] = 0.0
    answer = found(wilcoxon.aar(replace(given, ar=ar)))

    assert (answer.statistic[1], answer.p[1]) == (0.0, 1.0)
    assert list(answer.refused) == [1]
