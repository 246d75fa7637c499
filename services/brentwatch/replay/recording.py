"""What a replay is made of: a history from a folder, or the timeline on the broker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brentwatch.core.domain import Canary, EventAdmitted, Instrument, Signal
from brentwatch.core.errors import STOPPING, InvalidInput, SettingsError

if TYPE_CHECKING:
    from brentwatch.history.event_files import DeadLetter
    from brentwatch.history.manifest import Context
    from brentwatch.stream import KafkaSettings, Partition, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Signals in the order that counts, and what to say of them.

    `source` says where a history comes from, under which `licence`, and `sha256` has the checksums of its
    files, none for the timeline; `unreadable` are its lines that hold no event; `notes` what is
    unusual about the data. `partial` is true if the oldest signals are missing. At offset `closed_at`, after
    `closed_after` signals, the rules of the monitor changed, and it closed what was decided; None if they
    never did.
    """

    title: str
    source: str = ""
    licence: str = ""
    sha256: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...]
    context: tuple[Context, ...]
    unreadable: tuple[DeadLetter, ...]
    signals: Sequence[Signal]
    partial: bool = False
    closed_at: int | None = None
    closed_after: int = 0


def read_history(name_or_path: str, instrument: Instrument) -> Recording:
    """A bundled history or a folder.

    Raises:
        InvalidInput: if there is none, or it cannot be read; with every fault.
    """
    from brentwatch.history.folder import find_history

    found = find_history(name_or_path, instrument)
    return Recording(
        title=found.title,
        source=found.source,
        licence=found.licence,
        sha256=found.sha256,
        notes=found.notes,
        context=found.context,
        unreadable=found.dead_letters,
        signals=found.signals,
    )


def read_timeline(kafka: KafkaSettings, instrument: Instrument, *, partial: str = "") -> Recording:
    """The instrument's partition of the timeline, from its first record to its present end.

    A timeline whose beginning was deleted is refused, with the command `partial` that replays the rest; if
    that command is empty, the rest is returned.

    Raises:
        InvalidInput: if it holds nothing.
        SettingsError: if its beginning was deleted.
        Unavailable: if the broker does not answer.
    """
    from brentwatch.stream import TIMELINE, VOIDED, Partition, read_bounds, read_partition
    from brentwatch.stream.dead_letters.voids import read_voids

    place = Partition(kafka.topic(TIMELINE), instrument.partition)
    first, end = read_bounds(kafka, place)
    lost = _note_deleted(place, first, partial)
    records = list(read_partition(kafka, place))
    holes = end - first - len(records)
    lost += _note_compacted(kafka, place, holes, partial) if holes > 0 else ()
    voided = read_voids(kafka, kafka.topic(VOIDED), place)
    left = [record for record in records if record.offset not in voided]
    every = list(_read_signals(left))
    read = [(offset, signal) for offset, signal in every if not isinstance(signal, Canary)]
    signals = [signal for _, signal in read]
    if not signals:
        raise InvalidInput(
            f"{place} holds no signal; expected the timeline of {instrument.name}: "
            "check kafka.topic_prefix, or feed the topic first"
        )
    closed_at = _find_closed_at(kafka, instrument)
    dead, voided_count = len(left) - len(every), len(records) - len(left)
    notes = _note_left_out(dead=dead, voided=voided_count, canaries=len(every) - len(signals))
    return Recording(
        title=f"{instrument.title}: {place} on {kafka.bootstrap}",
        notes=(f"{len(signals):,} signals", *notes, *lost),
        context=(),
        unreadable=(),
        signals=signals,
        partial=bool(lost),
        closed_at=closed_at,
        closed_after=sum(offset < (closed_at or 0) for offset, _ in read),
    )


def read_admitted(kafka: KafkaSettings, instrument: Instrument) -> list[EventAdmitted]:
    """The events on the instrument's partition of the timeline, in its order, without what was voided.

    Raises:
        Unavailable: if the broker does not answer.
    """
    from brentwatch.stream import TIMELINE, VOIDED, Partition, read_partition
    from brentwatch.stream.dead_letters.voids import read_voids

    place = Partition(kafka.topic(TIMELINE), instrument.partition)
    voided = read_voids(kafka, kafka.topic(VOIDED), place)
    left = (record for record in read_partition(kafka, place) if record.offset not in voided)
    return [signal for _, signal in _read_signals(left) if isinstance(signal, EventAdmitted)]


def _find_closed_at(kafka: KafkaSettings, instrument: Instrument) -> int | None:
    """The offset at which the monitor was rebuilt under other rules; None if it never was."""
    from brentwatch.stream import STATE, Partition, read_partition
    from brentwatch.wire.state import CURSOR, decode_cursor

    state = read_partition(kafka, Partition(kafka.topic(STATE), instrument.partition))
    cursors = [record.value for record in state if record.key == CURSOR and record.value is not None]
    return decode_cursor(cursors[-1]).closed_at if cursors else None


def _note_left_out(*, dead: int, voided: int, canaries: int) -> list[str]:
    notes = {"became dead letters": dead, "are voided": voided, "are canaries (test messages)": canaries}
    return [f"{count:,} records {what}" for what, count in notes.items() if count]


def _note_deleted(place: Partition, oldest: int, command: str) -> tuple[str, ...]:
    """What to say of the records before `oldest`, the offset of the oldest one that is left."""
    from brentwatch.stream.resuming import describe_missing_before

    return _note_missing(place, describe_missing_before(oldest, 0), command) if oldest > 0 else ()


def _note_compacted(kafka: KafkaSettings, place: Partition, holes: int, command: str) -> tuple[str, ...]:
    """What to say of offsets without a record: compaction leaves them, and so does a transaction."""
    from brentwatch.stream import is_compacted

    if is_compacted(kafka, place.topic):
        why = f"cleanup.policy of {place.topic} contains compact, which removed {holes:,} of its records"
        return _note_missing(place, why, command)
    return ()


def _note_missing(place: Partition, what: str, command: str) -> tuple[str, ...]:
    """The note on what is missing.

    Raises:
        SettingsError: if there is a command to be named that replays the rest.
    """
    if command:
        raise SettingsError(
            f"{place} cannot be replayed whole: {what}. Without them the results differ from those of the "
            f"monitor. To replay the rest, with every result flagged, run: {command}"
        )
    return (f"partial history: {what}; results may differ from those of the monitor",)


def _read_signals(records: Iterable[Record]) -> Iterable[tuple[int, Signal]]:
    from brentwatch.stream import find_write_time
    from brentwatch.wire.timeline import check_signal, decode_signal

    for record in records:
        try:
            signal = decode_signal(record.value or b"")
            check_signal(signal, find_write_time(record))
            yield record.offset, signal
        except STOPPING:
            raise
        except Exception:  # noqa: BLE001, S112 - it became a dead letter in its time
            continue
