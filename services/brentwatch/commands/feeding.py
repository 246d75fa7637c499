"""Plays a recorded history into the topics of an installation.

Signals are written one after the other, each when the one before it is on the timeline. Prices are written to
the timeline and acknowledged. An event is written to `unrest.events`; it is processed when the screen's group
has committed the offset after it, because the screen commits only after the timeline, or the dead-letter
topic, has acknowledged the records that the event led to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from brentwatch.core.domain import Canary, EventAdmitted, Instrument, PriceUpdate, Signal, UnrestEvent
from brentwatch.core.errors import InvalidInput, Unavailable
from brentwatch.stream import EVENTS, HISTORY, KafkaSettings, Outgoing, Partition, read_partition
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.timeline import decode_signal, encode_signal
from brentwatch.wire.unrest_event import convert_from_core, convert_to_core, encode_event

if TYPE_CHECKING:
    from brentwatch.history.folder import History
    from brentwatch.stream.clients.admin import Admin
    from brentwatch.stream.clients.producer import Producer


SCREEN = "screen"
_LOOK_SECONDS = 0.02
_AT_ONCE = 500


class Feeder:
    """Plays histories into one installation; `tell` takes sentences about the progress.

    The screen may take `patience` seconds for one message.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        instruments: Sequence[Instrument],
        admin: Admin,
        producer: Producer,
        tell: Callable[[str], None],
        patience: float = 30.0,
    ) -> None:
        self._kafka = kafka
        self._instruments = instruments
        self._admin = admin
        self._producer = producer
        self._tell = tell
        self._patience = patience
        self._timeline = kafka.require_own_timeline()
        self._group = kafka.group(SCREEN)

    def play(self, history: History) -> None:
        """Write every line and signal of `history` in order; lines that cannot be read come first.

        Raises:
            InvalidInput: if the timeline is already later than the first signal.
            Unavailable: if Kafka fails, or no screen answers.
        """
        self._refuse_later_timeline(history)
        self._await_members()
        for letter in history.dead_letters:
            self._send_message(letter.original)
            self._tell(f"line {letter.line} of the events: processed by the screen")
        for direct, signals in groupby(history.signals, _is_direct):
            if direct:
                self._write(list(signals))
            else:
                self._ask_screen(history, signals)

    def _refuse_later_timeline(self, history: History) -> None:
        first = min((signal.known_at for signal in history.signals), default=None)
        places = [Partition(self._timeline, instrument.partition) for instrument in self._instruments]
        newest = {place: known for place in places if (known := _find_newest(self._kafka, place)) is not None}
        if first is not None and (later := [place for place in newest if newest[place] > first]):
            raise InvalidInput(
                *(_describe_too_late(place, newest[place], first, history.name) for place in later)
            )

    def _await_members(self) -> None:
        self._await(lambda: self._admin.count_members(self._group) > 0, "it has no member")

    def _write(self, signals: Sequence[Signal]) -> None:
        """Write prices and canaries to the timeline, many at a time."""
        for start in range(0, len(signals), _AT_ONCE):
            chunk = signals[start : start + _AT_ONCE]
            self._producer.send([out for signal in chunk for out in self._build_records(signal)])
            self._tell(f"prices until {chunk[-1].known_at:%Y-%m-%d %H:%M}Z: written to the timeline")

    def _build_records(self, signal: Signal) -> Iterator[Outgoing]:
        key, value = _choose_key(signal).encode(), encode_signal(signal)
        for instrument in self._instruments:
            if not isinstance(signal, PriceUpdate) or signal.series in [
                each.name for each in (instrument.series, instrument.intraday) if each is not None
            ]:
                yield Outgoing(topic=self._timeline, partition=instrument.partition, key=key, value=value)

    def _ask_screen(self, history: History, signals: Iterator[Signal]) -> None:
        for signal in signals:
            if isinstance(signal, EventAdmitted):
                event = signal.event
                self._send_message(_encode_document(event, history), event.country.encode(), history.name)
                known = f"{event.known_at:%Y-%m-%d %H:%M}Z"
                self._tell(f"{event.event_id}, known {known}: processed by the screen")

    def _send_message(self, value: bytes, key: bytes | None = None, history: str = "") -> None:
        headers = ((HISTORY, history.encode()),) if history else ()
        message = Outgoing(topic=self._kafka.topic(EVENTS), value=value, key=key, headers=headers)
        ((partition, offset),) = self._producer.send([message])
        self._await(
            lambda: self._admin.fetch_committed(self._group).get(partition, 0) > offset,
            f"offset {offset} of {partition} is not processed",
        )

    def _await(self, holds: Callable[[], bool], was: str) -> None:
        deadline = time.monotonic() + self._patience
        while not holds():
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"no screen seems to be running as group {self._group}: {was} after {self._patience:.0f} "
                    f"seconds; start one with `brentwatch run screen --set kafka.topic_prefix="
                    f"{self._kafka.topic_prefix}` and feed a new prefix; `brentwatch dead list` shows if one "
                    "waits at its dead-letter limit"
                )
            time.sleep(_LOOK_SECONDS)


def _is_direct(signal: Signal) -> bool:
    return not isinstance(signal, EventAdmitted)


def _find_newest(kafka: KafkaSettings, place: Partition) -> datetime | None:
    """The latest time at which something on a partition of the timeline was known; canaries are left out."""
    known = (_read_known_at(record.value) for record in read_partition(kafka, place))
    return max((moment for moment in known if moment is not None), default=None)


def _read_known_at(value: bytes | None) -> datetime | None:
    try:
        signal = decode_signal(value or b"")
    except InvalidMessage:  # it became a dead letter, and holds no place in time
        return None
    return None if isinstance(signal, Canary) else signal.known_at


def _describe_too_late(place: Partition, newest: datetime, first: datetime, name: str) -> str:
    return (
        f"{place} already holds a record known at {newest.isoformat()}; expected a timeline that ends "
        f"before {first.isoformat()}, the beginning of {name}. Live prices or an earlier feed wrote to it. "
        "Use a new prefix, without live prices: run `brentwatch topics create --set "
        "kafka.topic_prefix=NEW.` and `brentwatch run screen monitor notify --set kafka.topic_prefix=NEW.`, "
        "then feed with --prefix NEW."
    )


def _encode_document(event: UnrestEvent, history: History) -> bytes:
    """The document of the event; of a repeated event the first document is used."""
    document = history.documents.get((event.event_id, event.revision))
    if document is None or convert_to_core(document) != event:
        document = convert_from_core(event)
    return encode_event(document)


def _choose_key(signal: Signal) -> str:
    match signal:
        case EventAdmitted(event=event):
            return event.event_id
        case PriceUpdate(series=series):
            return series
        case Canary(canary_id=canary_id):
            return canary_id
