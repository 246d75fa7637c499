"""One measured figure and what it is held against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AtMost:
    """The figure must not exceed `limit`, in its own unit."""

    limit: float


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The figure must reach `limit`, in its own unit."""

    limit: float


@dataclass(frozen=True, slots=True)
class Beside:
    """The figure stands beside that of `peer`, which does the same work on the same machine."""

    peer: str
    value: float


Bound = AtMost | AtLeast | Beside


@dataclass(frozen=True, slots=True)
class Measurement:
    """`value` in `unit`: a median of several runs, or a peak."""

    name: str
    value: float
    unit: str
    bound: Bound

    @property
    def kept(self) -> bool:
        """False when a limit is broken."""
        match self.bound:
            case AtMost(limit):
                return self.value <= limit
            case AtLeast(limit):
                return self.value >= limit
            case Beside():
                return True

    def row(self) -> tuple[str, str, str, str]:
        """Name, value, what it is held against, verdict."""
        return self.name, f"{self.value:,.4g} {self.unit}", self._held(), "ok" if self.kept else "BROKEN"

    def _held(self) -> str:
        match self.bound:
            case AtMost(limit):
                return f"at most {limit:,g} {self.unit}"
            case AtLeast(limit):
                return f"at least {limit:,g} {self.unit}"
            case Beside(peer, value):
                return f"{self.value / value:,.3g} x {peer}"
