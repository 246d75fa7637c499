"""What a replay is made of: a history from a folder, or the timeline as it stands on the broker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.errors import STOPPING, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from brentwatch.core.instruments import Instrument
    from brentwatch.core.signals import Signal
    from brentwatch.history.events import DeadLetter
    from brentwatch.history.manifest import Context
    from brentwatch.stream.settings import KafkaSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Signals in the order that counts, and what to say of them.

    `unreadable` are the lines of a history that are no event; `notes` what was unusual about its files.
    """

    title: str
    notes: tuple[str, ...]
    context: tuple[Context, ...]
    unreadable: tuple[DeadLetter, ...]
    signals: Sequence[Signal]


def of_history(name_or_path: str, instrument: Instrument) -> Recording:
    """A bundled history or a folder.

    Raises:
        InvalidInput: if there is none, or it cannot be read; with every fault.
    """
    from brentwatch.history.folder import find

    found = find(name_or_path, instrument)
    return Recording(
        title=found.title,
        notes=(found.source, *found.notes),
        context=found.context,
        unreadable=found.dead_letters,
        signals=found.signals,
    )


def of_timeline(kafka: KafkaSettings, instrument: Instrument) -> Recording:
    """The instrument's partition of the timeline, from its first record to its present end.

    Raises:
        InvalidInput: if it holds nothing.
        Unavailable: if the broker does not answer.
    """
    from brentwatch.stream.reader import read_partition
    from brentwatch.stream.records import Partition
    from brentwatch.stream.topics import TIMELINE

    place = Partition(kafka.topic(TIMELINE), instrument.partition)
    values = [record.value or b"" for record in read_partition(kafka, place)]
    signals = list(_readable(values))
    if not signals:
        raise InvalidInput(
            f"{place} holds no signal; the timeline of {instrument.name} was wanted: "
            "check kafka.topic_prefix, or feed the topic first"
        )
    lost = len(values) - len(signals)
    return Recording(
        title=f"{instrument.title}: {place} on {kafka.bootstrap}",
        notes=(f"{len(signals):,} signals", *([f"{lost:,} records became dead letters"] if lost else [])),
        context=(),
        unreadable=(),
        signals=signals,
    )


def _readable(values: Iterable[bytes]) -> Iterable[Signal]:
    from brentwatch.wire.timeline import decode_signal

    for value in values:
        try:
            yield decode_signal(value)
        except STOPPING:
            raise
        except Exception:  # noqa: BLE001, S112 - it became a dead letter in its time
            continue
