"""Asks channels that report it who has read a message: once a minute, for a day after the message."""

from collections.abc import Callable
from dataclasses import dataclass, field

from brentwatch.core.errors import Unavailable
from brentwatch.notify.messages import TellsReaders
from brentwatch.notify.values import Pending

_EVERY_SECONDS = 60.0
_LONGEST_SECONDS = 24 * 3600.0
_MOST_WATCHED = 100


@dataclass(slots=True)
class _Watched:
    name: str
    pending: Pending
    message_id: str
    ends_at: float
    readers: set[str] = field(default_factory=set)


class ReaderWatch:
    """`tell` gets each new reader of a delivery: its name, the delivery, and who has read it."""

    def __init__(
        self, channel: TellsReaders, tell: Callable[[str, Pending, str], None], now: Callable[[], float]
    ) -> None:
        self._channel, self._tell, self._now = channel, tell, now
        self._watched: list[_Watched] = []
        self._asked_at = now()

    def add(self, name: str, pending: Pending, message_id: str) -> None:
        """Watch a message that was accepted; of many the newest."""
        if message_id:
            self._watched.append(_Watched(name, pending, message_id, self._now() + _LONGEST_SECONDS))
            del self._watched[:-_MOST_WATCHED]

    def ask(self) -> None:
        """Ask for the readers of each message, if it is time; what fails is asked again with the next."""
        now = self._now()
        if now - self._asked_at < _EVERY_SECONDS:
            return
        self._asked_at = now
        self._watched = [each for each in self._watched if each.ends_at > now]
        for each in self._watched:
            try:
                readers = [receipt.name for receipt in self._channel.find_readers(each.message_id)]
            except Unavailable:
                return
            for reader in dict.fromkeys(readers):
                if reader not in each.readers:
                    each.readers.add(reader)
                    self._tell(each.name, each.pending, reader)
