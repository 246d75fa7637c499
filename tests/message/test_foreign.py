"""Foreign text is shown so that it can be read, and can do nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from brentwatch.message.foreign import escaped


def test_what_cannot_be_printed_is_shown_as_an_escape() -> None:
    assert escaped("Ä 1\x1b[2J\u202e\n\x00") == "Ä 1\\x1b[2J\\u202e\\n\\x00"


@given(st.text())
def test_whatever_is_shown_is_one_printable_line(text: str) -> None:
    assert escaped(text).isprintable()
