"""What a letter would say if it were sent back, shown before it is: who may write letters can forge them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from brentwatch.message.foreign import clean, cut_text
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.dead_letter import InvalidMessage
from brentwatch.wire.json_text import decode_json

if TYPE_CHECKING:
    from brentwatch.stream.dead_topic import Letter
    from brentwatch.stream.records import Outgoing

_ROOM = 60


def preview_letter(letter: Letter, message: Outgoing) -> str:
    """Id, feed, class, country and time of the event in a message, as they stand there; why it was dead.

    What cannot be found is "unknown": most letters are dead because something is missing.
    """
    value = message.value or b""
    try:  # as the screen will read it
        event = _ensure_dict(to_builtins(decode_message(value, message.headers)))
    except InvalidMessage:
        event = _find_event(value)
    words = {
        "event": event.get("event_id"),
        "feed": _ensure_dict(event.get("provenance")).get("feed"),
        "class": event.get("event_class"),
        "country": event.get("country"),
        "known at": event.get("known_at"),
        "reason": letter.reason,
    }
    return ", ".join(f"{name} {_format_word(value)}" for name, value in words.items())


def _find_event(value: bytes) -> dict[str, Any]:
    """The JSON object of what cannot be read as an event, taken out of a structured CloudEvent."""
    try:
        found = _ensure_dict(decode_json(value))
    except InvalidMessage:
        return {}
    return _ensure_dict(found["data"]) if "specversion" in found and "data" in found else found


def _ensure_dict(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _format_word(value: object) -> str:
    return cut_text(clean(value), _ROOM) or "unknown" if isinstance(value, str) else "unknown"
