"""Event windows in event time: tau 0 is the first session that settles after the news was public."""

from dataclasses import dataclass

from brentwatch.core.errors import InvalidInput


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The sessions from tau `start` to tau `end`, both inclusive."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidInput(f"window [{self.start}, {self.end}] ends before it starts: give start <= end")

    def __str__(self) -> str:
        return f"[{self.start}, {self.end}]"

    @property
    def sessions(self) -> int:
        """How many sessions the window holds when it is complete."""
        return self.end - self.start + 1

    @property
    def after(self) -> "Window":
        """The same window without tau 0: what came after the first reaction."""
        return Window(1, self.end)


HEADLINE = Window(0, 0)
WINDOWS = (HEADLINE, Window(0, 1), Window(0, 5))
"""The daily windows. Only the headline may open an alert."""

LAST_TAU = max(window.end for window in WINDOWS)
