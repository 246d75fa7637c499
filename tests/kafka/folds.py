"""What the topics must hold: the fold of the same signals, without Kafka."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.domain import BRENT_SPOT, PublishAlert, PublishStudy
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.history.rules import build_rules
from brentwatch.message.alert_text import write_alert_text
from brentwatch.wire.published import encode_alert, encode_study

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brentwatch.core.domain import Instrument, Signal


@dataclass(frozen=True, slots=True)
class Published:
    """The studies and alerts of a fold as they go over the wire, in their order."""

    studies: list[bytes | None]
    alerts: list[bytes | None]


def fold(signals: Iterable[Signal], instrument: Instrument = BRENT_SPOT) -> Published:
    """Fold signals as a replay does."""
    state, published = create_state(build_rules(instrument)), Published([], [])
    for signal in signals:
        state, effects = step(state, signal)
        for effect in effects:
            match effect:
                case PublishStudy(study=study):
                    published.studies.append(encode_study(study))
                case PublishAlert(alert=alert):
                    published.alerts.append(encode_alert(alert, write_alert_text(alert)))
    return published
