"""Alerts on their topic: alert to bytes and back, exact to the last bit of a number."""

from __future__ import annotations

from brentwatch.core.alerts import Alert
from brentwatch.wire import published

_REMEDY = "correct whoever publishes alerts, as schemas/alert.v1.schema.json says"


def encode_alert(alert: Alert) -> bytes:
    """The JSON of an alert; the same alert gives the same bytes.

    Raises:
        InvalidMessage: if it holds what the schema refuses.
    """
    return published.encode(alert, _REMEDY)


def decode_alert(data: bytes) -> Alert:
    """The alert in the value of a message; times in UTC.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    return published.decode(data, Alert, _REMEDY)
