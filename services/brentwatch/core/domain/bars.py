"""A bar: its fields, its quality marks, why a row is not a bar, and the outcome of a fetched bar."""

import math
from dataclasses import dataclass
from datetime import date, datetime

from brentwatch.core.domain.series import DAILY
from brentwatch.core.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One finished bar.

    `session` is the session's date, `closes_at` (UTC) the settlement instant of a daily bar, `close` is in
    USD/bbl. A price of zero or below stays as it is: it has no log return, and the study says so. `quality`
    names what is unusual about the bar. An intraday bar begins at `opens_at` (UTC); `open` (USD/bbl) and
    `volume` are None if the source does not give them. `contract` names the contract that was traded, such
    as BZH2026; it is empty if the source does not name it.

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
    contract: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.close):
            raise InvalidInput(
                f"the close of session {self.session} is {self.close}; expected a finite price in USD/bbl: "
                "leave out the bar if there is no price"
            )


GAP = "gap"
"""Expected sessions are missing before the bar; in a history, more than four days."""
DUPLICATE = "duplicate"
"""The provider gave the bar more than once; the last one counts."""
JUMP = "jump"
"""The log return is more than ten robust standard deviations of the year before, measured from zero."""
STUCK = "stuck"
"""The bar is the third or a later one in a row with exactly the same price."""
NO_VOLUME = "no_volume"
"""The provider gives volumes, and the volume of the bar is zero."""
UNIT = "unit"
"""The price is about a hundred times the one before, or a hundredth of it: most likely cents for dollars."""
OFF_CALENDAR = "off_calendar"
"""The calendar expects no session on that day."""
ROLL = "roll"
"""The first or second bar after an expiry: one of the two returns holds the step to the next contract."""
LATE = "late"
"""The bar came after a bar of a later session."""
NO_RETURN = "no_return"
"""The bar has no log return: its price, or the price before it, is zero or below."""

FLAGS = (GAP, DUPLICATE, JUMP, STUCK, NO_VOLUME, UNIT, OFF_CALENDAR, ROLL, LATE, NO_RETURN)

NO_SESSION = "no_session"
"""A row is not a bar: the calendar expects no session on its day."""

LONGEST_PAUSE_DAYS = 4
"""A long weekend: after more calendar days without a price, prices are missing."""

WARMUP, FIRST, REVISION, LATE_BAR, DISAGREEMENT = "warmup", "first", "revision", "late", "disagreement"
ROLL_CORRECTION = "roll_correction"
KINDS = (WARMUP, FIRST, REVISION, ROLL_CORRECTION, LATE_BAR, DISAGREEMENT)
"""The outcomes of a bar that a provider gave; a disagreement is not written."""
