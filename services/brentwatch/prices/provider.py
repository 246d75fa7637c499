"""What every price provider promises, and what it gives: quotes of one series, finished or not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from brentwatch.core.bars import DAILY
from brentwatch.core.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One row of a provider.

    `session` is the session's date, `closes_at` (UTC) the settlement instant of a daily row and the end of an
    intraday one, `close` is in USD/bbl. `opens_at` (UTC) is told for intraday rows, `volume` where there is
    one: 0 says that the provider counted none, None that it does not count.

    Raises:
        InvalidInput: if `close` is not a finite number.
    """

    session: date
    closes_at: datetime
    close: float
    interval: str = DAILY
    opens_at: datetime | None = None
    volume: float | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.close):
            raise InvalidInput(
                f"the close of session {self.session} is {self.close}; a finite price was wanted"
            )


class NotNow(Unavailable):
    """A provider gives nothing now; `seconds` is how long it asked to be left alone, if it said so."""

    def __init__(self, told: str, seconds: float | None = None) -> None:
        super().__init__(told)
        self.seconds = seconds


class Provider(Protocol):
    """One source of one series."""

    @property
    def series(self) -> str:
        """Which series it has."""

    def fetch(self, since: date, now: datetime) -> tuple[Quote, ...]:
        """The quotes of the sessions from `since` (inclusive) to `now` (UTC), at least one, oldest first.

        A session may come twice, in the order of the provider.

        Raises:
            NotNow: if it cannot be reached, does not answer in time, asks for patience, or has nothing.
            InvalidInput: if it refuses us, or answers with what cannot be read.
        """


def found(quotes: list[Quote], since: date, source: str) -> tuple[Quote, ...]:
    """The quotes from `since` on, oldest first.

    Raises:
        NotNow: if there are none: an empty answer is no answer.
    """
    kept = sorted((each for each in quotes if each.session >= since), key=lambda each: each.closes_at)
    if not kept:
        raise NotNow(
            f"{source} gave no price from {since} on; at least one was wanted: it may be late, look at it "
            "yourself if it stays so"
        )
    return tuple(kept)
