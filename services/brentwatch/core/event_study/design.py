"""The design of a classical event study: which sessions are estimated on, which are judged.

        estimation             gap        event window
    |<--- n sessions --->|<-- g -->|<-- tau a ... tau b -->|

tau 0 is the first session that settles after the news was knowable. The gap keeps rumours of the event out
of the estimation; the event window never takes part in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from brentwatch.core.domain.windows import Window
from brentwatch.core.errors import InvalidInput

FEWEST = 5
"""Estimation sessions, at least: the variance of a standardised return needs n - k above two."""

_WINDOW = Window(-5, 10)

MOST = 10_000
"""Forty years of sessions: beyond it a length is a slip of the hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """`estimation` sessions; `gap` sessions between the last of them and the first of the event `window`.

    With `span` a return over missing sessions may stand in the event window, with the mean and the variance
    of the sessions it spans. Nothing is estimated on it either way.

    Raises:
        InvalidInput: if a length cannot work; with every fault.
    """

    estimation: int = 120
    gap: int = 5
    window: Window = _WINDOW
    span: bool = False

    def __post_init__(self) -> None:
        faults = []
        if not FEWEST <= self.estimation <= MOST:
            faults.append(
                f"the estimation window has {self.estimation} sessions; {FEWEST} to {MOST:,} were wanted; "
                "120 is usual"
            )
        if not 0 <= self.gap <= MOST:
            faults.append(f"the gap has {self.gap} sessions; 0 to {MOST:,} were wanted; 5 is usual")
        if max(abs(self.window.start), abs(self.window.end)) > MOST:
            faults.append(
                f"the event window is {self.window}; ends within {MOST:,} sessions of the event were wanted; "
                "[-5, 10] is usual"
            )
        if faults:
            raise InvalidInput(*faults)

    @property
    def taus(self) -> range:
        """The event time of each row of the event window."""
        return range(self.window.start, self.window.end + 1)
