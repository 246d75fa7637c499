from __future__ import annotations

import numpy as np

from brentwatch.core.intraday.moves import mark_hushed

COUNTED = np.ones(60, dtype=np.bool_)
NONE = np.empty(0, dtype=np.bool_)


def test_twelve_quiet_bars_of_the_36_before_are_a_third_and_thirteen_are_too_many() -> None:
    twelve, thirteen = np.zeros(60, dtype=np.bool_), np.zeros(60, dtype=np.bool_)
    twelve[:12], thirteen[:13] = True, True

    assert not mark_hushed(twelve, COUNTED, NONE).any()
    assert np.flatnonzero(mark_hushed(thirteen, COUNTED, NONE)).tolist() == list(range(13, 37))


def test_the_bar_itself_is_not_one_of_those_before_it() -> None:
    quiet = np.zeros(60, dtype=np.bool_)
    quiet[20:33] = True

    assert not mark_hushed(quiet, COUNTED, NONE)[32]
    assert mark_hushed(quiet, COUNTED, NONE)[33]


def test_the_newest_bars_of_the_session_before_are_among_them() -> None:
    before = np.ones(13, dtype=np.bool_)

    assert mark_hushed(np.zeros(60, dtype=np.bool_), COUNTED, before)[:24].tolist() == [True] * 24
    assert not mark_hushed(np.zeros(60, dtype=np.bool_), COUNTED, before)[24]


def test_slots_that_do_not_count_pass() -> None:
    quiet, counted = np.ones(60, dtype=np.bool_), np.zeros(60, dtype=np.bool_)
    counted[::4] = True

    assert np.flatnonzero(mark_hushed(quiet, counted, NONE)).tolist() == list(range(49, 60))
