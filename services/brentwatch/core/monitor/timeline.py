"""The one order that counts: on Kafka the timeline's offset, in a folder (known_at, kind, id)."""

from collections.abc import Iterable
from datetime import datetime

from brentwatch.core.domain import Canary, EventAdmitted, PriceUpdate, Signal


def rank_signal(signal: Signal) -> tuple[datetime, int, str, int]:
    """The place of a signal in a history: at equal times price before event, then id, then revision."""
    match signal:
        case PriceUpdate(series=series, known_at=known_at):
            return known_at, 0, series, 0
        case EventAdmitted(event=event):
            return event.known_at, 1, event.event_id, event.revision
        case Canary(canary_id=canary_id, known_at=known_at):
            return known_at, 2, canary_id, 0


def sort_signals(signals: Iterable[Signal]) -> list[Signal]:
    """The signals of a recorded history in the order in which they would have reached the timeline."""
    return sorted(signals, key=rank_signal)
