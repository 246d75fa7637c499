"""The alert thread of Abqaiq, sent by the rules of the notifier through the real channels to local receivers.

It is the thread as it stands on Tuesday evening: Saturday's heads-up, Monday's alert, and its revision after
the next settlement. What a channel gets of these, and what it edits, is decided by the notifier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Raw
from tests.notify.channels.receptions import RECEPTIONS
from tests.notify.desk import Desk

from brentwatch.core.domain import BRENT_SPOT, Alert, PublishAlert
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.message.alert_text import write_alert_text
from brentwatch.notify.composing import compose_message
from brentwatch.notify.service import build_policies
from brentwatch.notify.settings import NotifySettings
from brentwatch.replay.turns import replay_signals
from brentwatch.wire.deliveries import AlertRecord, AttemptOutcome
from brentwatch.wire.published import encode_alert

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from brentwatch.notify.messages import Channel

HISTORY, SESSION = "abqaiq-2019", date(2019, 9, 16)
_TUESDAY_EVENING = datetime(2019, 9, 17, 18, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Received:
    """What one receiver got: as it was sent, and the texts that its readers see, the newest last."""

    messages: Sequence[Any]
    texts: Sequence[str]


@cache
def list_alerts() -> tuple[Alert, ...]:
    """The revisions of the alert until Tuesday evening, as a replay publishes them."""
    recording = find_history(HISTORY, BRENT_SPOT)
    turns = replay_signals(build_rules(BRENT_SPOT), recording.signals)
    effects = [effect for turn in turns for effect in turn.effects]
    alerts = [effect.alert for effect in effects if isinstance(effect, PublishAlert)]
    return tuple(alert for alert in alerts if alert.session == SESSION and alert.known_at < _TUESDAY_EVENING)


def send_thread(way: str, alerts: Iterable[Alert], folder: Path) -> Received:
    """Send the revisions by one way of `RECEPTIONS`, and give what came."""
    with RECEPTIONS[way](folder) as reception:
        _send_all(way.partition("_")[0], reception.channel, alerts)
        return Received(list(reception.received()), reception.show())


def _send_all(name: str, channel: Channel, alerts: Iterable[Alert]) -> None:
    settings = NotifySettings(channels=(name,))
    desk = Desk()
    desk.policies = build_policies(settings, {name: channel})
    for alert in alerts:
        document = Raw(encode_alert(alert, write_alert_text(alert)))
        desk.take(AlertRecord(alert=document, published_at=desk.now, offset=0))
        for delivery, pending in list(desk.pending.items()):
            chosen = settings.find_channel(name)
            message, left_out = compose_message(delivery, pending, chosen, channel, pending.root)
            if left_out:
                raise RuntimeError(left_out)
            receipt = channel.send(message)
            desk.attempt(delivery, AttemptOutcome.ACCEPTED, message_id=receipt.message_id)
