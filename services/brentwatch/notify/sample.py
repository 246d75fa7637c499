"""The alert by which a channel is tested: the attack on Abqaiq, from the examples of the schema."""

from dataclasses import replace
from datetime import datetime

import msgspec
from msgspec import Raw

from brentwatch.core.domain import Severity
from brentwatch.notify.composing import compose_message
from brentwatch.notify.messages import Channel, Message
from brentwatch.notify.policy import ChannelSettings
from brentwatch.notify.values import Pending
from brentwatch.wire.json_schemas import read_examples
from brentwatch.wire.published import ALERT_SCHEMA

_EXAMPLE = "opened_critical.json"


def compose_sample(
    channel: str, opened: Channel, settings: ChannelSettings, name: str, now: datetime
) -> tuple[Message, str]:
    """The message of the sample alert, marked as a test, and what had to be left out of it.

    It is in a thread of its own, which is called `name`.
    """
    document = read_examples(ALERT_SCHEMA)[_EXAMPLE]
    pending = Pending(
        channel=channel,
        thread=name,
        recorded_at=now,
        severity=Severity.CRITICAL,
        alert=Raw(document),
    )
    message, left_out = compose_message(f"{channel}:{name}", pending, settings, opened, None)
    return replace(message, is_test=True, document=_mark_document(document)), left_out


def _mark_document(document: bytes) -> bytes:
    """The document with `test` first, and TEST at the beginning of its words, for programs that show them."""
    alert = msgspec.json.decode(document)
    text = alert["text"] | {"lock_screen": f"TEST · {alert['text']['lock_screen']}"}
    return msgspec.json.encode({"test": True, **alert, "text": text})
