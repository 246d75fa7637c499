"""What the status of an answer means, and how long its sender wishes to be left alone."""

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
    """What another status than success means, told without the text: that may be anything, and repeat what
    it was sent. `retry` is the header Retry-After, `remedies` replace the common ones.
    """
    reason = _REASONS.get(status, Reason.REDIRECTED if 300 <= status < 400 else Reason.FAILED)
    wait = parse_retry_after(retry, datetime.now(UTC))
    again = "" if wait is None else f", and wishes to be left alone for {wait:.0f} seconds"
    remedy = (_REMEDIES | dict(remedies or {})).get(reason, _LATER)
    said = f"{shown} answers {status}{again}; {remedy}"
    return NoAnswer(reason, said, retry_after=wait, status=status)


_LATER = "it is asked again later"
_REMEDIES = {
    Reason.REFUSED: "it is asked again later: check the credentials in the settings, and what they allow",
    Reason.MISSING: "it is asked again later: check the address in the settings",
    Reason.REDIRECTED: "redirections are not followed: check the address in the settings, and whether the "
    "network wants a login first",
}
OF_RECEIVERS = {
    Reason.REFUSED: "check the credentials in the settings, and what they allow",
    Reason.MISSING: "check the address in the settings",
    Reason.FAILED: "it did not take what it was sent",
    Reason.THROTTLED: "it was sent too much",
}
"""The remedies of those who are sent something; whether it is sent again is decided elsewhere."""


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait, from seconds or a date (RFC 9110, 10.2.3); None where nothing can be read from it."""
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
