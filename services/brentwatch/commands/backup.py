"""`brentwatch topics save` and `restore`: a folder with one file for each topic of the record.

A file is named after its topic without the prefix, so that it can be restored under another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command
from brentwatch.core.errors import InvalidInput
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.settings.composed import Settings
    from brentwatch.stream.topics import Topic
    from brentwatch.wire.record_copy import RecordCopy


@click.command("save", cls=Command, short_help="Save the topics that cannot be recreated to files.")
@click.argument("folder")
@click.pass_obj
def save(sources: Sources, folder: str) -> None:
    """Save the timeline, its voided records and the deliveries to a new FOLDER.

    All other topics can be recreated from these. Services may run meanwhile: the files contain the records
    written before the command started.
    """
    from brentwatch.settings.load import load
    from brentwatch.stream import CommandLine, verify_topics
    from brentwatch.stream.clients.admin import Admin
    from brentwatch.stream.grants import authorize
    from brentwatch.stream.topic_copies import read_topic

    settings = load(sources).settings
    command, topics = CommandLine(("topics", "save"), sources.redact_arguments()), _choose_topics(settings)
    with closing(Admin(settings.kafka)) as admin:
        authorize("backup", settings.kafka, admin, command)
        verify_topics(list(topics.values()), admin, command)
        partitions = admin.count_partitions(topic.name for topic in topics.values())
    _make_folder(Path(folder))
    for name, topic in topics.items():
        path = _find_file(folder, name)
        count = _write_file(path, read_topic(settings.kafka, name, partitions[topic.name]))
        click.echo(f"saved {count:,} records of {topic.name} to {path}")


@click.command("restore", cls=Command, short_help="Restore saved topics, which must not exist.")
@click.argument("folder")
@click.pass_obj
def restore(sources: Sources, folder: str) -> None:
    """Create the topics that `brentwatch topics save` saved to FOLDER, with all their records.

    The topics must not exist: use another kafka.topic_prefix or another broker. Each record keeps its
    partition and its time. This needs the permission to create topics and to write to them.
    """
    from brentwatch.settings.load import load
    from brentwatch.stream import TIMELINE
    from brentwatch.stream.clients.admin import Admin
    from brentwatch.stream.topic_copies import refuse_existing, restore_topic

    settings = load(sources).settings
    highest = {name: _check_file(_find_file(folder, name)) for name in _choose_topics(settings)}
    topics = _choose_topics(settings, highest[TIMELINE])
    with closing(Admin(settings.kafka)) as admin:
        refuse_existing(topics.values(), admin)
        for name, topic in topics.items():
            records = _read_file(_find_file(folder, name))
            count = restore_topic(settings.kafka, topic, name, records, admin)
            click.echo(f"restored {count:,} records of {topic.name}")


def _choose_topics(settings: Settings, highest: int = 0) -> dict[str, Topic]:
    """The topics that are saved, by name without prefix; the timeline has a partition `highest` too."""
    from brentwatch.stream import load_topics
    from brentwatch.stream.topic_copies import SAVED

    partitions = [instrument.partition for instrument in settings.list_instruments()]
    every = load_topics(settings.kafka, [*partitions, highest])
    return {name: every[name] for name in SAVED}


def _find_file(folder: str, name: str) -> Path:
    return Path(folder) / f"{name}.jsonl"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise InvalidInput(
            f"the folder {folder} cannot be created: {error.strerror}; expected a new folder, so that no "
            "copy is overwritten: choose another name"
        ) from error


def _write_file(path: Path, records: Iterable[RecordCopy]) -> int:
    """Write all records, and give how many they are."""
    from brentwatch.history.regular_files import write_parts
    from brentwatch.wire.record_copy import CopyEnd, encode_copy

    count = 0

    def encode_lines() -> Iterator[bytes]:
        nonlocal count
        for record in records:
            count += 1
            yield encode_copy(record)
        yield encode_copy(CopyEnd(count))

    write_parts(path, encode_lines())
    return count


def _check_file(path: Path) -> int:
    """The highest partition in a file that is whole."""
    return max((record.partition for record in _read_file(path)), default=0)


def _read_file(path: Path) -> Iterator[RecordCopy]:
    from brentwatch.history.regular_files import open_regular
    from brentwatch.wire.record_copy import decode_copies

    try:
        with open(open_regular(path), "rb") as file:
            yield from decode_copies(str(path), file)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror}; expected a file written by `brentwatch topics save`: "
            "correct the name of the folder or its permissions"
        ) from error
