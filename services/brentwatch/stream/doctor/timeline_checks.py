"""Checks the times of other writers, and lists the records of the timeline that are voided."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from brentwatch.core.domain import Canary
from brentwatch.core.errors import STOPPING
from brentwatch.stream.dead_letters.voids import read_voids
from brentwatch.stream.doctor.patient import Finding, Level, Patient
from brentwatch.stream.reader import read_newest
from brentwatch.stream.records import Partition, Record, find_write_time
from brentwatch.stream.topics import CANARIES, EVENTS, TIMELINE, VOIDED, load_topics
from brentwatch.wire.canaries import CanaryAnswer, decode_canary_answer
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.event_document import check_event
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.timeline import check_signal, decode_signal

_LOOK_BACK = 2_000
_LOOK_BACK_EVENTS = 200
_CLOCKS_DIFFER = timedelta(minutes=1)
_MISSED_CANARIES = 3
"""The number of unanswered canaries before a warning."""


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
            f"known_at of {count:,} of the newest records of {place} is in the future; they are refused",
            "synchronise the clock of their sender; if an older version read one into its state: "
            f"{patient.command.format_other('run', 'monitor', '--rebuild')}",
        )
    if not ahead:
        yield Finding(Level.OK, "no known_at is in the future")


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
        yield Finding(Level.OK, "no voided records")


def check_canaries(patient: Patient) -> Iterator[Finding]:
    """The share of canaries of each timeline, which is kept for ever."""
    for instrument in patient.instruments:
        place = Partition(patient.kafka.topic(TIMELINE), instrument.partition)
        records = read_newest(patient.kafka, place, _LOOK_BACK)
        count = sum(map(_holds_canary, records))
        said = f"{instrument.name}: {count:,} of the newest {len(records):,} records of {place} are canaries"
        yield Finding(Level.OK, said)


def check_canary_answers(patient: Patient) -> Iterator[Finding]:
    """When the newest canary was sent that came through the whole path, and whether that is long ago."""
    answers = _read_newest_answers(patient)
    remedy = "check which service is not ready; start the canary if it does not run: brentwatch run canary"
    for instrument in patient.instruments:
        answer = answers.get(instrument.name)
        if answer is None:
            yield Finding(Level.WARN, f"{instrument.name}: no canary answered within a day", remedy)
            continue
        age = patient.now - answer.sent_at
        sent = f"was sent {age.total_seconds():.0f} s ago"
        said = f"{instrument.name}: the newest answered canary {sent}"
        is_old = age > _MISSED_CANARIES * patient.canary_interval
        yield Finding(Level.WARN if is_old else Level.OK, said, remedy if is_old else "")


def _read_newest_answers(patient: Patient) -> dict[str, CanaryAnswer]:
    """The answer to the newest canary, by instrument; what cannot be read is passed over."""
    newest: dict[str, CanaryAnswer] = {}
    for record in read_newest(patient.kafka, Partition(patient.kafka.topic(CANARIES), 0), _LOOK_BACK):
        try:
            answer = decode_canary_answer(record.value or b"")
        except InvalidMessage:
            continue
        known = newest.get(answer.instrument, answer)
        if known.sent_at <= answer.sent_at <= patient.now + _CLOCKS_DIFFER:
            newest[answer.instrument] = answer
    return newest


def _holds_canary(record: Record) -> bool:
    try:
        return isinstance(decode_signal(record.value or b""), Canary)
    except STOPPING:
        raise
    except Exception:  # noqa: BLE001 - it is a dead letter, whatever is wrong with it
        return False
