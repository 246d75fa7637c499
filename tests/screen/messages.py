"""Messages for the screen, good and bad."""

from __future__ import annotations

import json
from typing import Any

GOOD: dict[str, Any] = {
    "event_id": "desk:1",
    "revision": 0,
    "status": "new",
    "occurred": {"start": "2022-01-05T10:00:00Z", "precision": "minute"},
    "known_at": "2022-01-05T10:10:00Z",
    "country": "KAZ",
    "event_class": "riot",
    "provenance": {"feed": "desk"},
}


def message(**changes: Any) -> bytes:
    """A good event with some fields changed."""
    return json.dumps(GOOD | changes).encode()


def without(field: str) -> bytes:
    """A good event that lacks a field."""
    return json.dumps({name: value for name, value in GOOD.items() if name != field}).encode()


BAD: dict[str, tuple[bytes, str]] = {
    "malformed JSON": (b'{"event_id": ', "not_json"),
    "bytes that are no text": (b"\xff\xfe\x00", "not_json"),
    "nothing at all": (b"", "not_json"),
    "wrong type": (message(revision="three"), "schema"),
    "missing field": (without("country"), "schema"),
    "unknown enum value": (message(event_class="quarrel"), "schema"),
    "negative revision": (message(revision=-1), "schema"),
    "time without an offset": (message(known_at="2022-01-05T10:10:00"), "schema"),
    "over 64 KiB": (message(summary="x", padding="y" * 70_000), "too_large"),
    "known before it occurred": (message(known_at="2022-01-05T09:59:59Z"), "known_before_occurred"),
}
"""What is wrong -> the message, and the reason that its dead letter must name."""
