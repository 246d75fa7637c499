"""The message of a delivery: the published words, and detail and chart where a channel wants them."""

import msgspec

from brentwatch.core.domain import Alert
from brentwatch.history.bundled import load_level_records
from brentwatch.message.alert_state import has_chart, is_closed
from brentwatch.message.alert_text import write_alert_text
from brentwatch.message.words import Feedback, write_detail
from brentwatch.notify.messages import Channel, Message
from brentwatch.notify.policy import ChannelSettings, Detail
from brentwatch.notify.values import Pending
from brentwatch.wire.published import decode_alert


def compose_message(
    name: str,
    delivery: Pending,
    settings: ChannelSettings,
    channel: Channel,
    root: str | None,
    yearly_false_alarms: float | None = None,
) -> tuple[Message, str]:
    """The message of a delivery to a channel, and what had to be left out of it.

    `name` is that of the delivery, `root` what the message is below; `yearly_false_alarms` are those of all
    instruments. `Message.id` is the same for all copies, on every channel.
    """
    identity = name.removeprefix(f"{delivery.channel}:")
    if not delivery.is_alert:
        return _compose_notice(identity, delivery), ""
    published = decode_alert(bytes(delivery.alert))
    alert = published.alert
    text = published.text or write_alert_text(alert)  # older versions published none
    png, svg, left_out = _draw(alert) if channel.shows_chart and has_chart(alert) else (None, None, "")
    message = Message(
        id=identity,
        thread=delivery.thread,
        lock_screen=text.lock_screen,
        card=text.card,
        detail=_write_detail(alert, delivery, yearly_false_alarms) if settings.detail is Detail.FULL else (),
        severity=alert.severity,
        alert=alert,
        document=bytes(delivery.alert),
        png=png,
        svg=svg,
        root=root,
        pings=delivery.pings,
        is_closed=is_closed(alert),
        acknowledged=delivery.note,
    )
    return message, left_out


def _compose_notice(identity: str, delivery: Pending) -> Message:
    document = {"id": identity, "lock_screen": delivery.lock_screen, "card": delivery.card}
    return Message(
        id=identity,
        thread=delivery.thread,
        lock_screen=delivery.lock_screen,
        card=delivery.card,
        severity=delivery.severity,
        document=msgspec.json.encode(document),
    )


def _write_detail(alert: Alert, delivery: Pending, yearly: float | None) -> tuple[str, ...]:
    total, useful = delivery.feedback
    feedback = Feedback(useful=useful, total=total) if total else None
    return write_detail(alert, load_level_records().get(alert.series), feedback, yearly)


def _draw(alert: Alert) -> tuple[bytes | None, bytes | None, str]:
    """The chart, or the reason why there is none: an alert is sent even without its chart."""
    from brentwatch.message.alert_chart import draw_alert  # matplotlib, for channels that show charts

    try:
        picture = draw_alert(alert)
    except Exception as error:  # noqa: BLE001 - it is recorded with the outcome
        return None, None, f"sent without its chart: {type(error).__name__}: {error}"
    return picture.png, picture.svg, ""
