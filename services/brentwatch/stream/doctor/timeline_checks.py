"""Looks whether foreign times are sane, and which records of the timeline count for nothing."""

from collections.abc import Iterator, Sequence

from brentwatch.core.errors import STOPPING
from brentwatch.stream.dead_letters.voids import read_voids
from brentwatch.stream.doctor.patient import Finding, Level, Patient
from brentwatch.stream.reader import read_newest
from brentwatch.stream.records import Partition, Record, find_write_time
from brentwatch.stream.topics import EVENTS, TIMELINE, VOIDED, load_topics
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.event_document import check_event
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.timeline import check_signal, decode_signal

_LOOK_BACK = 2_000
_LOOK_BACK_EVENTS = 200


def check_known_times(patient: Patient) -> Iterator[Finding]:
    """Whether something is known long after now, which every reader refuses."""
    ahead = {
        place: count
        for place, records in _read_newest_records(patient)
        if (count := sum(_is_known_ahead(record) for record in records))
    }
    for place, count in ahead.items():
        yield Finding(
            Level.WARN,
            f"{count:,} of the newest records of {place} are known after now, and refused",
            "correct the clock of whoever wrote them; a state that took one in before this version: "
            f"{patient.command.format_other('run', 'monitor', '--rebuild')}",
        )
    if not ahead:
        yield Finding(Level.OK, "nothing is known after now")


def _read_newest_records(patient: Patient) -> Iterator[tuple[Partition, Sequence[Record]]]:
    for instrument in patient.instruments:
        place = Partition(patient.kafka.topic(TIMELINE), instrument.partition)
        yield place, read_newest(patient.kafka, place, _LOOK_BACK)
    events = load_topics(patient.kafka, [])[EVENTS]
    for number in range(events.partitions):
        place = Partition(events.name, number)
        yield place, read_newest(patient.kafka, place, _LOOK_BACK_EVENTS)


def _is_known_ahead(record: Record) -> bool:
    try:
        if record.partition.topic.endswith(EVENTS):
            check_event(decode_message(record.value, record.headers), find_write_time(record))
        else:
            check_signal(decode_signal(record.value or b""), find_write_time(record))
    except InvalidMessage as error:
        return error.reason is DeadLetterReason.FUTURE
    except STOPPING:
        raise
    except Exception:  # noqa: BLE001 - it is a dead letter, whatever is wrong with it
        return False
    return False


def check_voided(patient: Patient) -> Iterator[Finding]:
    """The records of each timeline that the operator has voided."""
    count = 0
    for instrument in patient.instruments:
        place = Partition(patient.kafka.topic(TIMELINE), instrument.partition)
        for offset, void in read_voids(patient.kafka, patient.kafka.topic(VOIDED), place).items():
            said = f"{instrument.name}: offset {offset} of {place} is voided since {void.voided_at:%Y-%m-%d}"
            yield Finding(Level.OK, f"{said}: {void.reason}")
            count += 1
    if not count:
        yield Finding(Level.OK, "no record of a timeline is voided")
