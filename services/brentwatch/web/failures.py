"""Why a request has no answer, and how long to wait before the next one."""

import random
from collections.abc import Callable
from enum import StrEnum

from brentwatch.core.errors import Unavailable


class Reason(StrEnum):
    """What kept us from an answer, in a closed list: metrics count by it."""

    UNREACHABLE = "unreachable"  # no connection, or it broke off
    CERTIFICATE = "certificate"  # the certificate of the server does not verify
    TIMEOUT = "timeout"  # it hung, or was too slow for the whole answer
    REFUSED = "refused"  # 401 or 403
    MISSING = "missing"  # 404 or 410, or a file that is not there
    DELISTED = "delisted"  # what was asked for is no longer traded
    THROTTLED = "throttled"  # 429
    FAILED = "failed"  # any other status
    REDIRECTED = "redirected"  # 3xx, which is never followed
    TOO_LARGE = "too_large"  # more bytes than we take, packed or unpacked
    GARBLED = "garbled"  # not what was to be spoken: HTML for JSON, a broken zip, another checksum
    EMPTY = "empty"  # an answer with nothing in it, where something was wanted


UNUSABLE = "invalid"
"""What came cannot be used: it breaks a rule of ours."""

INTERNAL = "internal"
"""An unexpected error of ours: it is logged with its traceback."""


class NoAnswer(Unavailable):
    """Nothing was given now; `retry_after` is how many seconds they wish to be left alone, if they said.

    `status` is that of the answer, None where there was none; `explained` what its reader found in its text.
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
        """The seconds to wait after so many failures in a row."""
        return self.compute_full_wait(failures) * (1.0 - _JITTER * self._chance())

    def compute_full_wait(self, failures: int) -> float:
        """The same without jitter."""
        return min(self._longest, self._first * 2.0 ** min(max(failures - 1, 0), _MOST_DOUBLINGS))
