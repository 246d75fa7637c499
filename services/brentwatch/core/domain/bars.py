"""Prices as the fold sees them: finished bars of one series."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import date, datetime

DAILY, FIVE_MINUTES = "1d", "5m"
"""The intervals of bars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One finished bar.

    `session` is the session's date, `closes_at` (UTC) the settlement instant of a daily bar, `close` is in
    USD/bbl. A price of zero or below is kept as it is: it has no log return, and the study says so. `quality`
    names what is unusual about the bar. An intraday bar begins at `opens_at` (UTC); `open` (USD/bbl) and
    `volume` are None where the source does not tell them.

    Raises:
        InvalidInput: if `close` is not a finite number.
    """

    session: date
    closes_at: datetime
    close: float
    interval: str = DAILY
    opens_at: datetime | None = None
    open: float | None = None
    volume: float | None = None
    quality: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not math.isfinite(self.close):
            raise InvalidInput(
                f"the close of session {self.session} is {self.close}; a finite price in USD/bbl was wanted: "
                "leave out the bar if there is no price"
            )
