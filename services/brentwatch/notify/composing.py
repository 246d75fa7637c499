"""The message of a delivery: the published words, and detail and chart where a channel wants them."""

import msgspec

from brentwatch.message.alert_text import write_alert_text
from brentwatch.notify.messages import Message
from brentwatch.notify.policy import ChannelSettings
from brentwatch.notify.stages import is_closed, is_withdrawn
from brentwatch.notify.values import Pending
from brentwatch.wire.published import AlertText, decode_alert


def compose_message(name: str, delivery: Pending, settings: ChannelSettings, root: str | None) -> Message:
    """The message of a delivery to a channel; `name` is that of the delivery, `root` what it is below.

    `Message.id` is the same for all copies, on every channel.
    """
    identity = name.removeprefix(f"{delivery.channel}:")
    if not delivery.is_alert:
        document = {"id": identity, "lock_screen": delivery.lock_screen, "card": delivery.card}
        return Message(
            id=identity,
            thread=delivery.thread,
            lock_screen=delivery.lock_screen,
            card=delivery.card,
            severity=delivery.severity,
            document=msgspec.json.encode(document),
        )
    published = decode_alert(bytes(delivery.alert))
    alert = published.alert
    text: AlertText = published.text or write_alert_text(alert)
    return Message(
        id=identity,
        thread=delivery.thread,
        lock_screen=text.lock_screen,
        card=text.card,
        detail=(),
        severity=alert.severity,
        alert=alert,
        document=bytes(delivery.alert),
        root=root,
        pings=delivery.pings,
        is_closed=is_closed(alert) or is_withdrawn(alert),
        acknowledged=delivery.note,
    )
