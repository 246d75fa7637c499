"""The words of an alert, as `text` in `schemas/alert.v1.schema.json`; `message/alert_text.py` writes them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

LOCK_SCREEN_CHARACTERS = 120
CARD_LINES = 6
CARD_LINE_CHARACTERS = 300
"""Characters are Unicode code points."""

# `$` also matches before a line feed at the very end; the look-ahead closes that gap, in ECMAScript too.
_ONE_LINE = r"^[^\r\n]+$(?!\n)"
_SIX_LINES = r"^[^\r\n]+(\n[^\r\n]+){0,5}$(?!\n)"
_CARD_CHARACTERS = CARD_LINES * (CARD_LINE_CHARACTERS + 1) - 1

LockScreen = Annotated[str, Meta(max_length=LOCK_SCREEN_CHARACTERS, pattern=_ONE_LINE)]
Card = Annotated[str, Meta(max_length=_CARD_CHARACTERS, pattern=_SIX_LINES)]


class AlertText(Struct, frozen=True, kw_only=True):
    """What a channel sends: `lock_screen` is one line, `card` at most six, separated by line feeds."""

    lock_screen: LockScreen
    card: Card

    @property
    def lines(self) -> list[str]:
        """The lock screen and the lines of the card."""
        return [self.lock_screen, *self.card.split("\n")]
