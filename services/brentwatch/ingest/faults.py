"""Why a feed could not be read: one error, with a reason that is counted and when to come back, if told."""

from __future__ import annotations

from enum import StrEnum

from brentwatch.core.errors import Unavailable


class Reason(StrEnum):
    """What kept a feed from being read, in a closed list: a metric counts by it."""

    UNREACHABLE = "unreachable"  # no connection, or it broke off
    TIMEOUT = "timeout"  # it hung, or was too slow for the whole answer
    REFUSED = "refused"  # 401 or 403
    MISSING = "missing"  # 404 or 410
    THROTTLED = "throttled"  # 429
    FAILED = "failed"  # any other status
    REDIRECTED = "redirected"  # 3xx, which is never followed
    TOO_LARGE = "too_large"  # more bytes than we take, packed or unpacked
    GARBLED = "garbled"  # not what the feed speaks: HTML for JSON, a broken zip, another checksum


class FeedUnavailable(Unavailable):
    """The feed gave nothing now; `retry_after` is how many seconds it wishes to be left alone, if it said."""

    def __init__(self, reason: Reason, said: str, *, retry_after: float | None = None) -> None:
        super().__init__(said)
        self.reason = reason
        self.retry_after = retry_after
