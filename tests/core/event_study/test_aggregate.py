from __future__ import annotations

import math

import numpy as np
import pytest
from tests.core.event_study.series import ONE_BENCHMARK, brent, row_of, with_market

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.batch import aggregate
from brentwatch.core.event_study.classical import study
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.significance.result import TestResult
from brentwatch.core.event_study.significance.table import TESTS
from brentwatch.core.event_study.table import load


@pytest.mark.parametrize("model", ONE_BENCHMARK)
def test_averages_stand_beside_every_test_of_the_table(model: str) -> None:
    studies = study(with_market(), Design(), load(model), [150, 200, 250, 300])
    found = aggregate(studies)

    assert found.n == 4
    assert list(found.tests) == list(TESTS)
    np.testing.assert_allclose(found.caar, np.cumsum(found.aar), rtol=1e-12)
    panel = studies.build_panel()
    t = math.sqrt(4.0) * panel.ar.mean(axis=0) / panel.ar.std(axis=0, ddof=1)
    result = found.tests["csect_t_aar"]
    assert isinstance(result, TestResult)
    np.testing.assert_allclose(result.statistic, t, rtol=1e-12)


def test_refused_events_are_no_part_of_the_average() -> None:
    at = [row_of("2011-02-22"), 3, row_of("2019-09-16"), 99_999]
    both = aggregate(study(brent(), Design(), load("constant-mean"), at))
    alone = aggregate(study(brent(), Design(), load("constant-mean"), [at[0], at[2]]))

    assert both.n == alone.n == 2
    assert both.aar.tolist() == alone.aar.tolist()


def test_one_event_has_no_cross_section() -> None:
    found = aggregate(study(brent(), Design(), load("constant-mean"), [row_of("2019-09-16")]))

    assert isinstance(found.tests["csect_t_aar"], Refused)
    assert isinstance(found.tests["patell_z_aar"], TestResult)
