from __future__ import annotations

import pytest

from brentwatch.core.domain import HEADLINE, LAST_TAU, WINDOWS, Window
from brentwatch.core.errors import InvalidInput


@pytest.mark.parametrize(("start", "end", "sessions"), [(0, 0, 1), (0, 5, 6), (1, 5, 5), (-5, 10, 16)])
def test_a_window_holds_both_its_ends(start: int, end: int, sessions: int) -> None:
    assert Window(start, end).sessions == sessions


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"\[1, 0\] ends before it starts"):
        Window(1, 0)


def test_what_comes_after_starts_the_session_after_the_first_reaction() -> None:
    assert Window(0, 5).after == Window(1, 5)


def test_the_headline_has_nothing_after_it() -> None:
    with pytest.raises(InvalidInput):
        _ = HEADLINE.after


def test_a_window_is_written_as_in_the_literature() -> None:
    assert str(Window(0, 5)) == "[0, 5]"


def test_the_daily_windows_are_three_and_the_first_opens_alerts() -> None:
    assert [str(window) for window in WINDOWS] == ["[0, 0]", "[0, 1]", "[0, 5]"]
    assert WINDOWS[0] is HEADLINE
    assert LAST_TAU == 5
