from __future__ import annotations

import numpy as np
import pytest
from tests.core.intraday.sessions import grids

from brentwatch.core.intraday.clock import RELEASE, SETTLEMENT, SLOTS, has_release
from brentwatch.core.intraday.profile import build_profiles, scale_by_session

COUNTED = np.ones((12, SLOTS), dtype=np.bool_)
NO_WEDNESDAY = np.zeros(12, dtype=np.bool_)
WEDNESDAYS = np.arange(12) < 6
FLAT = np.full((12, SLOTS), 0.001)


def stacked(sessions: int = 20) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chosen = grids(60)[:sessions]
    returns = np.stack([each.returns for each in chosen])
    wednesdays = np.array([has_release(each.session) for each in chosen])
    return returns, np.stack([each.counted for each in chosen]), wednesdays


def with_slot(slot: int, value: float, sessions: slice = slice(None)) -> np.ndarray:
    returns = FLAT.copy()
    returns[sessions, slot] = value
    return returns


def test_w_is_the_absolute_return_beside_the_mean_of_its_session() -> None:
    returns, counted, _ = stacked()

    assert scale_by_session(returns, counted).mean(axis=1).tolist() == pytest.approx([1.0] * 20)
    assert scale_by_session(-3.0 * returns, counted).ravel().tolist() == pytest.approx(
        scale_by_session(returns, counted).ravel().tolist()
    )


def test_slots_that_are_not_there_count_for_nothing() -> None:
    counted = COUNTED.copy()
    counted[0, 200:] = False
    returns = FLAT.copy()
    returns[0, 200:] = 9.9

    assert scale_by_session(returns, counted)[0, :200].tolist() == pytest.approx([1.0] * 200)


def test_the_mean_square_is_one() -> None:
    made = build_profiles(*stacked())

    assert np.mean(np.square(made.usual)) == pytest.approx(1.0)
    usual = [row for row, wednesday in zip(made.left_out, stacked()[2], strict=True) if not wednesday]
    assert np.mean(np.square(usual), axis=1).tolist() == pytest.approx([1.0] * len(usual))


def test_a_slot_that_one_session_alone_has_is_lent_to_the_profiles_of_the_others() -> None:
    counted = COUNTED.copy()
    counted[1:, 100] = False
    made = build_profiles(FLAT, counted, NO_WEDNESDAY)

    assert made.left_out.ravel().tolist() == pytest.approx([1.0] * made.left_out.size)


def test_a_session_does_not_move_its_own_profile() -> None:
    returns, counted, wednesdays = stacked()
    shocked = returns.copy()
    shocked[7, 100] = 9.9
    before, now = build_profiles(returns, counted, wednesdays), build_profiles(shocked, counted, wednesdays)

    assert now.left_out[7].tolist() == pytest.approx(before.left_out[7].tolist(), rel=1e-12)
    assert now.left_out[8, 100] > 2.0 * before.left_out[8, 100]
    assert now.usual[100] > 2.0 * before.usual[100]


def test_five_slots_are_averaged() -> None:
    made = build_profiles(with_slot(100, 0.006), COUNTED, NO_WEDNESDAY).usual
    beside = made[50]

    assert (made[98:103] / beside).tolist() == pytest.approx([2.0] * 5)
    assert (made[[97, 103]] / beside).tolist() == pytest.approx([1.0] * 2)


def test_at_the_ends_of_a_session_the_slots_that_are_there_are_averaged() -> None:
    made = build_profiles(with_slot(0, 0.004), COUNTED, NO_WEDNESDAY).usual

    assert (made[:4] / made[50]).tolist() == pytest.approx([2.0, 1.75, 1.6, 1.0])


def test_the_slot_that_settles_is_not_smoothed_and_lends_nothing() -> None:
    made = build_profiles(with_slot(SETTLEMENT, 0.006), COUNTED, NO_WEDNESDAY).usual

    assert made[SETTLEMENT] / made[50] == pytest.approx(6.0)
    assert (made[SETTLEMENT - 2 : SETTLEMENT] / made[50]).tolist() == pytest.approx([1.0] * 2)
    assert (made[SETTLEMENT + 1 : SETTLEMENT + 3] / made[50]).tolist() == pytest.approx([1.0] * 2)


def test_wednesdays_have_a_report_of_their_own_and_other_days_know_nothing_of_it() -> None:
    made = build_profiles(with_slot(RELEASE.start, 0.008, slice(0, 6)), COUNTED, WEDNESDAYS)

    assert (made.usual / made.usual[50]).tolist() == pytest.approx([1.0] * SLOTS, rel=0.02)
    assert made.wednesday[RELEASE.start] / made.wednesday[50] == pytest.approx(8.0, rel=0.02)
    assert (made.wednesday[RELEASE.start + 1 :] / made.wednesday[50]).max() == pytest.approx(1.0, rel=0.02)
    assert made.left_out[0, RELEASE.start] / made.left_out[0, 50] == pytest.approx(8.0, rel=0.02)
    assert made.left_out[6, RELEASE.start] / made.left_out[6, 50] == pytest.approx(1.0, rel=0.02)


def test_a_wednesday_is_measured_without_itself() -> None:
    returns = with_slot(RELEASE.start, 0.008, slice(0, 6))
    shocked = returns.copy()
    shocked[0, RELEASE.start] = 0.5
    before, now = (build_profiles(each, COUNTED, WEDNESDAYS) for each in (returns, shocked))

    assert now.left_out[0].tolist() == pytest.approx(before.left_out[0].tolist(), rel=1e-12)
    assert now.left_out[1, RELEASE.start] > before.left_out[1, RELEASE.start]


def test_with_too_few_wednesdays_their_report_is_taken_to_be_like_any_day() -> None:
    few = np.arange(12) < 3
    made = build_profiles(with_slot(RELEASE.start, 0.008, slice(0, 3)), COUNTED, few)

    assert made.wednesday.tolist() == made.usual.tolist()


def test_a_slot_in_which_nothing_ever_happened_still_has_a_size() -> None:
    returns = FLAT.copy()
    returns[:, 20:30] = 0.0

    assert build_profiles(returns, COUNTED, NO_WEDNESDAY).usual[25] == pytest.approx(0.05)


def test_a_slot_that_no_other_session_has_is_as_large_as_the_average() -> None:
    counted = COUNTED.copy()
    counted[1:, 270:] = False
    made = build_profiles(FLAT, counted, NO_WEDNESDAY)

    assert made.left_out[0, 273:].tolist() == pytest.approx([1.0] * 3)
