"""Why a request has no answer, and how long to wait before the next one."""

import random
from collections.abc import Callable
from enum import StrEnum

from brentwatch.core.errors import Unavailable


class Reason(StrEnum):
    """The reason of a failed request, from a closed list that metrics use as a label."""

    UNREACHABLE = "unreachable"  # no connection, or it broke off
    CERTIFICATE = "certificate"  # the certificate of the server does not verify
    TIMEOUT = "timeout"  # it hung, or was too slow for the whole answer
    REFUSED = "refused"  # 401 or 403
    MISSING = "missing"  # 404 or 410, or a file that is not there
    DELISTED = "delisted"  # the requested series is no longer traded
    THROTTLED = "throttled"  # 429
    FAILED = "failed"  # any other status
    REDIRECTED = "redirected"  # 3xx, which is never followed
    TOO_LARGE = "too_large"  # more bytes than the limit, packed or unpacked
    GARBLED = "garbled"  # another format than expected: HTML for JSON, a broken zip, another checksum
    EMPTY = "empty"  # an empty answer where data was expected


UNUSABLE = "invalid"
"""The response cannot be used: it breaks a rule of brentwatch."""

INTERNAL = "internal"
"""An unexpected error in brentwatch: it is logged with its traceback."""


class NoAnswer(Unavailable):
    """There is no answer now; `retry_after` is the number of seconds that the server asks to wait, if any.

    `status` is the HTTP status, None if there was none; `explained` is what its reader found in the text.
    """

    def __init__(
        self, reason: Reason, said: str, *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(said)
        self.reason = reason
        self.retry_after = retry_after
        self.status = status
        self.explained = ""


_MOST_DOUBLINGS = 30
_JITTER = 0.25


class Backoff:
    """Waits of `first` seconds after one failure, twice as long after each further one, up to `longest`.

    A random part of each wait, at most a quarter, is left out, so that many processes do not return at the
    same moment. `chance` gives a number from 0 to 1.
    """

    def __init__(
        self,
        first: float,
        longest: float,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._first, self._longest = first, longest
        self._chance = chance

    def draw_wait(self, failures: int) -> float:
        """The seconds to wait after a number of failures in a row."""
        return self.compute_full_wait(failures) * (1.0 - _JITTER * self._chance())

    def compute_full_wait(self, failures: int) -> float:
        """The same without jitter."""
        return min(self._longest, self._first * 2.0 ** min(max(failures - 1, 0), _MOST_DOUBLINGS))
