from __future__ import annotations

import numpy as np
import pytest

from brentwatch.core.event_study.significance.multiple_testing import benjamini_hochberg, holm

P = np.array([0.04, 0.001, 0.3, 0.02])


def test_the_corrections_of_four_by_hand_in_the_order_of_the_events() -> None:
    """Holm .001 x 4, .02 x 3, .04 x 2, .3; Benjamini-Hochberg .001 x 4, .02 x 4/2, .04 x 4/3, .3."""
    assert holm(P).tolist() == pytest.approx([0.08, 0.004, 0.3, 0.06])
    assert benjamini_hochberg(P).tolist() == pytest.approx([0.16 / 3.0, 0.004, 0.3, 0.04])


def test_a_larger_p_is_never_corrected_to_a_smaller_one_nor_above_one() -> None:
    p = np.array([0.6, 0.021, 0.02])

    assert holm(p).tolist() == pytest.approx([0.6, 0.06, 0.06])
    assert benjamini_hochberg(p).tolist() == pytest.approx([0.6, 0.0315, 0.0315])
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]


def test_no_event_needs_no_correction() -> None:
    assert holm(np.empty(0)).tolist() == benjamini_hochberg(np.empty(0)).tolist() == []


@pytest.mark.slow
def test_a_batch_has_a_finding_by_holm_where_its_smallest_p_has_one_by_bonferroni() -> None:
    """So at most one quiet batch in twenty has one, however its events depend on one another."""
    batches = 10.0 ** np.random.default_rng(5).uniform(-3.0, 0.0, size=(40, 8))

    found = [holm(p).min() <= 0.05 for p in batches]
    assert found == [p.min() <= 0.05 / 8 for p in batches]
    assert 5 < sum(found) < 40
