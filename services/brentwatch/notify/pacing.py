"""How often a channel may be asked: a token bucket, and waits that grow while it fails; and the clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from brentwatch.web.failures import Backoff

_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 120.0
_OPEN_AFTER = 5
_BURST = 5.0


class ChannelPace:
    """`now` gives seconds of a clock that never goes back; one thread uses it.

    After a failure nothing is sent before the wait is over, or what the receiver asked for; after five in a
    row the breaker counts as open. Whatever is accepted ends that.
    """

    def __init__(self, per_minute: float, now: Callable[[], float], backoff: Backoff | None = None) -> None:
        self._rate = per_minute / 60.0
        self._now = now
        self._backoff = backoff or Backoff(_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS)
        self._tokens, self._filled_at = _BURST, now()
        self._not_before = now()
        self.failures = 0

    @property
    def is_open(self) -> bool:
        """True while the breaker is open: the channel failed so often in a row that it counts as down."""
        return self.failures >= _OPEN_AFTER

    def measure_wait(self) -> float:
        """Seconds until the next attempt may begin."""
        self._fill()
        for_token = 0.0 if self._tokens >= 1.0 else (1.0 - self._tokens) / self._rate
        return max(for_token, self._not_before - self._now(), 0.0)

    def take(self) -> None:
        """An attempt begins."""
        self._fill()
        self._tokens = max(0.0, self._tokens - 1.0)

    def note_answer(self) -> None:
        """The receiver answered, whatever it said to this one message."""
        self.failures = 0

    def note_failure(self, retry_after: float | None) -> float:
        """The channel failed; gives the seconds that it is left alone."""
        self.failures += 1
        wait = max(self._backoff.draw_wait(self.failures), retry_after or 0.0)
        self._not_before = self._now() + wait
        return wait

    def _fill(self) -> None:
        now = self._now()
        self._tokens = min(_BURST, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now


class BrokerClock:
    """What time it is for the broker, as far as this process can know.

    It begins as the clock of this machine and goes on evenly: later jumps of that clock do not move it. The
    times at which the broker appended records put it right.
    """

    def __init__(
        self, now: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self._now = now
        self._ahead = wall() - now()

    def note(self, appended_at: datetime) -> None:
        """A record that has been read was appended at that time by the broker."""
        self._ahead = max(self._ahead, appended_at.timestamp() - self._now())

    def compare(self, appended_at: datetime, ours: datetime) -> None:
        """A record that was made at a time of ours was appended after that: if not, this clock is fast."""
        self._ahead -= max(0.0, (ours - appended_at).total_seconds())

    def now(self) -> datetime:
        """The time."""
        return datetime.fromtimestamp(self._now() + self._ahead, UTC)
