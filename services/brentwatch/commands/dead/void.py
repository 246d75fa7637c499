"""`brentwatch dead void`: a record of the timeline is ignored from now on."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command
from brentwatch.core.errors import InvalidInput
from brentwatch.settings.origins import Sources
from brentwatch.stream import Partition, Record

if TYPE_CHECKING:
    from brentwatch.stream import CommandLine, KafkaSettings

_SHOWN = 200


@click.command("void", cls=Command)
@click.argument("partition", type=click.IntRange(min=0))
@click.argument("offset", type=click.IntRange(min=0))
@click.option("--reason", metavar="TEXT", help="Why; recorded with the note.")
@click.option("--undo", is_flag=True, help="Undo: the record counts again.")
@click.pass_obj
def void(sources: Sources, partition: int, offset: int, reason: str | None, undo: bool) -> None:
    """Void the record at OFFSET of a PARTITION of the timeline: monitor and replay skip it.

    The record stays on the topic, and published studies and alerts stay as they are. A monitor that has
    already read the record needs `run monitor --rebuild`, which lists the sessions whose results change.
    """
    from brentwatch.settings.load import load
    from brentwatch.stream import TIMELINE, CommandLine, Partition

    if undo == (reason is not None):
        raise click.UsageError("expected exactly one of --reason TEXT and --undo: give a reason, or undo")
    settings = load(sources).settings
    place = Partition(settings.kafka.topic(TIMELINE), partition)
    command = CommandLine(("run", "monitor"), sources.redact_arguments())
    _verify(settings.kafka, [instrument.partition for instrument in settings.list_instruments()], command)
    record = _read_record(settings.kafka, place, offset)
    _write(settings.kafka, place, offset, reason)
    click.echo(
        f"{'counts again' if undo else 'voided'}: offset {offset} of {place}: {_format_record(record)}"
    )
    click.echo(_suggest_next_step(settings.kafka, place, offset, command))


def _verify(kafka: KafkaSettings, partitions: list[int], command: CommandLine) -> None:
    from brentwatch.stream import TIMELINE, VOIDED, load_topics, verify_topics
    from brentwatch.stream.clients.admin import Admin

    every = load_topics(kafka, partitions)
    with closing(Admin(kafka)) as admin:
        verify_topics([every[TIMELINE], every[VOIDED]], admin, command)


def _read_record(kafka: KafkaSettings, place: Partition, offset: int) -> Record:
    """The record at that offset.

    Raises:
        InvalidInput: if none stands there.
        Unavailable: if Kafka fails.
    """
    from brentwatch.stream import read_bounds, read_partition

    first, end = read_bounds(kafka, place)
    if first <= offset < end:
        with closing(read_partition(kafka, place, offset)) as records:
            record = next(records, None)
        if record is not None and record.offset == offset:
            return record
    raise InvalidInput(
        f"there is no record at offset {offset} of {place}, which has offsets {first} to {end - 1}; expected "
        "the offset that the monitor reports when it stops"
    )


def _write(kafka: KafkaSettings, place: Partition, offset: int, reason: str | None) -> None:
    from brentwatch.stream.clients.producer import Producer
    from brentwatch.stream.dead_letters.voids import Void, build_void_note

    made = None if reason is None else Void(reason, datetime.now(UTC))
    with closing(Producer(kafka)) as producer:
        producer.send([build_void_note(kafka, place, offset, made)])


def _suggest_next_step(kafka: KafkaSettings, place: Partition, offset: int, command: CommandLine) -> str:
    from brentwatch.stream.clients.admin import Admin

    with closing(Admin(kafka)) as admin:
        come_to = admin.fetch_committed(kafka.group("monitor")).get(place, 0)
    if come_to > offset:
        return (
            f"the monitor has already read it (its state is at offset {come_to}). Stop the monitor, and run: "
            f"{command.format_with_flags('--rebuild')}"
        )
    return f"the monitor applies this at its next start: {command.format_with_flags()}"


def _format_record(record: Record) -> str:
    from brentwatch.message.foreign import clean

    return clean((record.value or b"").decode("utf-8", "replace"))[:_SHOWN]
