"""Words of a closed list are read as people write them, and an unknown one lists the valid ones."""

from __future__ import annotations

import pytest

from brentwatch.core.domain import EventClass
from brentwatch.core.errors import InvalidInput
from brentwatch.wire.closed_lists import read_event_class


@pytest.mark.parametrize(
    "text", ["armed_clash", "Armed clash", "ARMED-CLASH", " armed  Clash ", "Armed_Clash"]
)
def test_a_class_is_read_in_any_case_with_spaces_or_hyphens(text: str) -> None:
    assert read_event_class(text) is EventClass.ARMED_CLASH


@pytest.mark.parametrize("text", ["", "Attack", "armedclash", "nan"])
def test_an_unknown_class_lists_the_valid_ones(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_event_class(text)
    assert all(each.value in str(caught.value) for each in EventClass)
    assert repr(text) in str(caught.value)
