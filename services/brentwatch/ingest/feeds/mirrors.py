"""The addresses of one source in their order: where one does not answer, the next stands in for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from brentwatch.web.faults import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

T = TypeVar("T")

_FOR = timedelta(minutes=15)


class Mirrors:
    """Hand `addresses`, one or more; call `begin` before each round of questions."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._at = 0
        self._now = self._until = datetime.min.replace(tzinfo=UTC)
        self._fallbacks: list[str] = []

    def begin(self, now: datetime) -> None:
        """Go back to the first address where the time of its stand-in is over."""
        self._now = now
        if now >= self._until:
            self._at = 0

    def ask(self, read: Callable[[str], T], final: Collection[Reason] = (Reason.THROTTLED,)) -> T:
        """What `read` makes of the address at hand, or else of the next one.

        Raises:
            NoAnswer: if the last one gives nothing, or one gives nothing for a `final` reason.
        """
        while True:
            address = self._addresses[self._at]
            try:
                return read(address)
            except NoAnswer as error:
                if error.reason in final or self._at + 1 == len(self._addresses):
                    raise
                self._fall_back(error)

    def _fall_back(self, error: NoAnswer) -> None:
        self._at += 1
        self._until = self._now + _FOR
        self._fallbacks.append(
            f"{error}; {self._addresses[self._at]} stands in for {_FOR.total_seconds() / 60:.0f} minutes"
        )

    def take_fallbacks(self) -> tuple[str, ...]:
        """A sentence for each time that an address stood in since this was asked last."""
        taken = tuple(self._fallbacks)
        self._fallbacks.clear()
        return taken
