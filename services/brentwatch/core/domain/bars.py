"""A bar: what it holds, what may be unusual about it, why a row is none, what becomes of a fetched one."""

import math
from dataclasses import dataclass
from datetime import date, datetime

from brentwatch.core.domain.series import DAILY
from brentwatch.core.errors import InvalidInput


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


GAP = "gap"
"""Sessions that the calendar expects are missing before the bar; in a history, more than four days are."""
DUPLICATE = "duplicate"
"""The provider gave the bar more than once; the last is taken."""
JUMP = "jump"
"""The log return is more than ten robust standard deviations of the year before, about zero."""
STUCK = "stuck"
"""The third bar or more with the very same price."""
NO_VOLUME = "no_volume"
"""The provider counts volume, and counted none."""
UNIT = "unit"
"""The price is about a hundred times, or a hundredth of, what it was: cents for dollars, most likely."""
OFF_CALENDAR = "off_calendar"
"""The calendar expects no session on that day."""
ROLL = "roll"
"""The first or second bar after an expiry: one of the two returns holds the step to the next contract."""
LATE = "late"
"""The bar came after one of a later session was known."""
NO_RETURN = "no_return"
"""The bar has no log return: its price, or the price before it, is zero or below."""

FLAGS = (GAP, DUPLICATE, JUMP, STUCK, NO_VOLUME, UNIT, OFF_CALENDAR, ROLL, LATE, NO_RETURN)

NO_SESSION = "no_session"
"""A row is no bar: the calendar expects no session on its day."""

LONGEST_PAUSE_DAYS = 4
"""A long weekend: after more calendar days without a price something is missing."""

WARMUP, FIRST, REVISION, LATE_BAR, DISAGREEMENT = "warmup", "first", "revision", "late", "disagreement"
ROLL_CORRECTION = "roll_correction"
KINDS = (WARMUP, FIRST, REVISION, ROLL_CORRECTION, LATE_BAR, DISAGREEMENT)
"""What becomes of a bar that a provider gave; a disagreement is not written."""
