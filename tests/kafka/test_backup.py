"""What is saved to files and restored under another prefix has the same studies, and sends nothing again."""

from __future__ import annotations

import json
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.kafka.folds import fold
from tests.kafka.patience import await_true, quick
from tests.kafka.programs import brentwatch, create_topics, member, service
from tests.kafka.test_notify import outcomes, to_file
from tests.kafka.test_remedies import delete_before
from tests.kafka.tools import committed, read, values, write_values

from brentwatch.history.folder import find_history
from brentwatch.stream import ALERTS, DELIVERIES, STUDIES, TIMELINE, VOIDED, Partition
from brentwatch.stream.clients.admin import Admin
from brentwatch.wire.deliveries import AttemptOutcome
from brentwatch.wire.timeline import decode_signal, encode_signal

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.stream import KafkaSettings, Record

pytestmark = pytest.mark.kafka

SIGNALS = [encode_signal(signal) for signal in find_history("abqaiq-2019").signals[-600:]]
VOID = next(at for at, value in enumerate(SIGNALS) if b"event_admitted" in value) - 5
"""A price update before the attack."""


@pytest.fixture
def elsewhere(bootstrap: str, prefix: str) -> KafkaSettings:
    """Another installation on the same broker."""
    return quick(bootstrap, f"{prefix}anew.")


def await_folded(settings: KafkaSettings) -> None:
    """Wait until the monitor has answered the whole timeline."""
    group = settings.group("monitor")
    await_true(lambda: committed(settings, group) == {0: len(SIGNALS)}, "the timeline is answered")


def await_notified(settings: KafkaSettings) -> None:
    """Wait until the notifier has copied all alerts and folded all deliveries."""
    for group, name in (("notify", ALERTS), ("deliveries", DELIVERIES)):
        await_true(partial(has_read, settings, group, name), f"the group {group} has read everything")


def has_read(settings: KafkaSettings, group: str, name: str) -> bool:
    place = find_place(settings, group, name)
    return place is not None and place > read(settings, settings.topic(name))[-1].offset


def find_place(settings: KafkaSettings, group: str, name: str) -> int | None:
    """Where a group goes on in partition 0 of a topic; the group of the notifier reads two topics."""
    with closing(Admin(settings)) as admin:
        return admin.fetch_committed(settings.group(group)).get(Partition(settings.topic(name), 0))


def list_alerts(settings: KafkaSettings) -> list[dict[str, object]]:
    done = brentwatch(settings, "alerts", "list", "--json")
    return [json.loads(line) for line in done.stdout.splitlines()]


def run_desk(settings: KafkaSettings, path: Path) -> None:
    """An installation that has sent its alerts, one of which somebody has acknowledged."""
    create_topics(settings)
    write_values(settings, settings.topic(TIMELINE), *SIGNALS)
    assert brentwatch(settings, "dead", "void", "0", str(VOID), "--reason", "a test").returncode == 0
    with member(settings, "notify", *to_file(path)):
        await_true(lambda: find_place(settings, "notify", ALERTS) is not None, "the notifier has begun")
        with service(settings, "monitor"):
            await_folded(settings)
        count = len(read(settings, settings.topic(ALERTS)))
        await_true(lambda: outcomes(settings) == [AttemptOutcome.ACCEPTED] * count, "every revision is sent")
        alert = str(list_alerts(settings)[0]["thread"])
        assert brentwatch(settings, "alerts", "ack", alert, "--by", "the desk").returncode == 0
        await_notified(settings)


def strip_place(settings: KafkaSettings, name: str) -> list[Record]:
    """The records of a topic as if it had no prefix; on the timeline with their offsets."""
    return [
        msgspec.structs.replace(
            record,
            partition=Partition(name, record.partition.number),
            offset=record.offset if name == TIMELINE else 0,
            is_append_time=False,
        )
        for record in read(settings, settings.topic(name))
    ]


def test_what_is_restored_is_what_was_saved_and_leads_to_the_same(
    settings: KafkaSettings, elsewhere: KafkaSettings, tmp_path: Path
) -> None:
    sent, again, folder = tmp_path / "sent.jsonl", tmp_path / "again.jsonl", str(tmp_path / "copy")
    run_desk(settings, sent)
    saved = brentwatch(settings, "topics", "save", folder)
    restored = brentwatch(elsewhere, "topics", "restore", folder)

    assert (saved.returncode, restored.returncode) == (0, 0), saved.stderr + restored.stderr
    assert f"saved {len(SIGNALS)} records of {settings.topic(TIMELINE)} to {folder}" in saved.stdout
    for name in (TIMELINE, VOIDED, DELIVERIES):
        assert strip_place(elsewhere, name) == strip_place(settings, name)
        assert f" records of {elsewhere.topic(name)}" in restored.stdout

    create_topics(elsewhere)
    assert_append_times(elsewhere, TIMELINE, VOIDED, DELIVERIES)
    with service(elsewhere, "monitor"):
        await_folded(elsewhere)
    for name in (STUDIES, ALERTS):
        assert values(elsewhere, elsewhere.topic(name)) == values(settings, settings.topic(name))
    assert (
        values(settings, settings.topic(STUDIES))
        == fold([decode_signal(value) for at, value in enumerate(SIGNALS) if at != VOID]).studies
    )
    before = len(read(elsewhere, elsewhere.topic(DELIVERIES)))
    with member(elsewhere, "notify", *to_file(again)):
        await_notified(elsewhere)
    assert len(read(elsewhere, elsewhere.topic(DELIVERIES))) == before + len(
        read(settings, settings.topic(ALERTS))
    )
    assert not again.exists() or again.read_bytes() == b""
    assert list_alerts(elsewhere) == list_alerts(settings)


def assert_append_times(settings: KafkaSettings, *names: str) -> None:
    with closing(Admin(settings)) as admin:
        for name in names:
            topic = settings.topic(name)
            await_true(
                lambda: admin.read_configs([topic])[topic]["message.timestamp.type"] == "LogAppendTime",  # noqa: B023
                "the broker shows what was changed",
            )


def test_nothing_is_restored_where_a_topic_exists_or_a_file_is_cut_off(
    settings: KafkaSettings, elsewhere: KafkaSettings, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    create_topics(settings)
    write_values(settings, settings.topic(TIMELINE), *SIGNALS[:3])
    assert brentwatch(settings, "topics", "save", str(folder)).returncode == 0

    mixed = brentwatch(settings, "topics", "restore", str(folder))
    twice = brentwatch(settings, "topics", "save", str(folder))
    path = folder / f"{TIMELINE}.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    cut = brentwatch(elsewhere, "topics", "restore", str(folder))

    assert (mixed.returncode, twice.returncode, cut.returncode) == (3, 7, 7)
    assert f"topic {settings.topic(DELIVERIES)} exists; expected none of the restored topics" in mixed.stderr
    assert "expected a new folder" in twice.stderr
    assert "it is cut off after 3 records" in cut.stderr
    with closing(Admin(elsewhere)) as admin:
        assert admin.count_partitions([elsewhere.topic(TIMELINE)]) == {}


def test_a_timeline_without_its_beginning_is_not_saved_as_if_it_were_whole(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    write_values(settings, settings.topic(TIMELINE), *SIGNALS[:3])
    delete_before(settings, 1)

    done = brentwatch(settings, "topics", "save", str(tmp_path / "copy"))

    assert done.returncode == 7
    assert f"offset 0 of partition 0 of {settings.topic(TIMELINE)} is missing" in done.stderr
