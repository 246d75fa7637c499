"""Foreign text is shown so that it can be read, and can do nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brentwatch.message.foreign import escape_formula, escape_json, escape_text


def test_what_cannot_be_printed_is_shown_as_an_escape() -> None:
    assert escape_text("Ä 1\x1b[2J\u202e\n\x00") == "Ä 1\\x1b[2J\\u202e\\n\\x00"


@given(st.text())
def test_whatever_is_shown_is_one_printable_line(text: str) -> None:
    assert escape_text(text).isprintable()


@pytest.mark.attack
@pytest.mark.parametrize(
    "cell", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-", "=1", "1e5-=2"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert escape_formula(cell)[0] not in "=+-@\t\r\n"
    assert escape_formula(cell).endswith(cell)


@pytest.mark.parametrize("cell", ["", "-5", "+0.25", "-1.5e-07", "-.5", "Aktau", "2024-05-06", "a=b"])
def test_a_number_or_a_word_stays_as_it_is(cell: str) -> None:
    assert escape_formula(cell) == cell


@pytest.mark.attack
@given(
    st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_json_is_printable_and_says_the_same(value: object) -> None:
    for text in (json.dumps(value, ensure_ascii=False), json.dumps(value)):
        assert escape_json(text).isprintable()
        assert json.loads(escape_json(text)) == value


def test_json_keeps_what_can_be_printed() -> None:
    assert escape_json('"Ä 石油"') == '"Ä 石油"'
    assert escape_json('"\x7f\u202e\u0085\U000e0041"') == r'"\u007f\u202e\u0085\udb40\udc41"'
