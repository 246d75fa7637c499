"""The meaning of an HTTP status, and how long the server asks to wait."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from brentwatch.web.failures import NoAnswer, Reason

_LONGEST_RETRY_SECONDS = 24 * 3600.0
_REASONS = {
    401: Reason.REFUSED,
    403: Reason.REFUSED,
    404: Reason.MISSING,
    410: Reason.MISSING,
    429: Reason.THROTTLED,
}


def describe_status(
    shown: str, status: int, retry: str | None, remedies: Mapping[Reason, str] | None = None
) -> NoAnswer:
    """The meaning of a status other than success, without the text of the answer, which may repeat what was
    sent. `retry` is the header Retry-After, `remedies` replace the common ones.
    """
    reason = _REASONS.get(status, Reason.REDIRECTED if 300 <= status < 400 else Reason.FAILED)
    wait = parse_retry_after(retry, datetime.now(UTC))
    again = "" if wait is None else f" and asks to wait {wait:.0f} seconds"
    remedy = (_REMEDIES | dict(remedies or {})).get(reason, _LATER)
    said = f"{shown} answers {status}{again}; {remedy}"
    return NoAnswer(reason, said, retry_after=wait, status=status)


_LATER = "the request is repeated later"
_REMEDIES = {
    Reason.REFUSED: "the request is repeated later: check the credentials in the settings and their rights",
    Reason.MISSING: "the request is repeated later: check the address in the settings",
    Reason.REDIRECTED: "redirects are not followed: check the address in the settings, and whether the "
    "network wants a login first",
}
OF_RECEIVERS = {
    Reason.REFUSED: "check the credentials in the settings, and what they allow",
    Reason.MISSING: "check the address in the settings",
    Reason.FAILED: "it did not accept the message",
    Reason.THROTTLED: "too many messages were sent",
}
"""The remedies for receivers of messages; whether a message is sent again is decided elsewhere."""


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait, from seconds or a date (RFC 9110, 10.2.3); None if it cannot be read."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]+", value.strip()):
        return min(float(value), _LONGEST_RETRY_SECONDS)
    try:
        moment = parsedate_to_datetime(value)
        seconds = (moment - now).total_seconds()
    except Exception:  # noqa: BLE001 - a foreign text: the library raises what it likes for a wrong date
        return None
    return min(max(0.0, seconds), _LONGEST_RETRY_SECONDS)
