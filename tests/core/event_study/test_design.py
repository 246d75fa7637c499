from __future__ import annotations

import pytest

from brentwatch.core.domain import Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.design import Design


def test_the_usual_design_is_120_sessions_a_gap_of_5_and_sixteen_rows() -> None:
    design = Design()

    assert (design.estimation, design.gap, list(design.taus)) == (120, 5, list(range(-5, 11)))


def test_every_length_that_cannot_work_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as error:
        Design(estimation=4, gap=-1, window=Window(0, 10_001))

    assert [fault.split(";")[0] for fault in error.value.faults] == [
        "the estimation window has 4 sessions",
        "the gap has -1 sessions",
        "the event window is [0, 10001]",
    ]
