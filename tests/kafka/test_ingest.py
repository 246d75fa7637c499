"""GDELT on one side, a real broker on the other: what is read is screened, and a restart doubles nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.ingest.feeds.gdelt_stub import GdeltStub, row
from tests.kafka.patience import await_true
from tests.kafka.programs import create_topics, member, service
from tests.kafka.tools import committed, values

from brentwatch.stream.topics import EVENTS, TIMELINE
from brentwatch.wire.timeline import decode_record
from brentwatch.wire.timeline_record import EventAdmittedRecord
from brentwatch.wire.unrest_event import decode_event

if TYPE_CHECKING:
    from brentwatch.stream.settings import KafkaSettings

pytestmark = pytest.mark.kafka

QUARTER = timedelta(minutes=15)


def options(stub: GdeltStub) -> tuple[str, ...]:
    chosen = {
        "ingest.feeds": "gdelt",
        "ingest.gdelt.url": f"{stub.url}/gdeltv2",
        "ingest.gdelt.every_seconds": "0.2",
        "ingest.first_wait_seconds": "0.2",
    }
    return tuple(word for key, value in chosen.items() for word in ("--set", f"{key}={value}"))


def written(settings: KafkaSettings) -> list[tuple[str, int]]:
    """The key of every event on the topic, duplicates among them."""
    found = [
        decode_event(value or b"")
        for partition in range(12)
        for value in values(settings, settings.topic(EVENTS), partition)
    ]
    return sorted((document.event_id, document.revision) for document in found)


def admitted(settings: KafkaSettings) -> set[tuple[str, int]]:
    """The key of every event on the timeline."""
    records = [decode_record(value or b"") for value in values(settings, settings.topic(TIMELINE))]
    return {
        (record.event.event_id, record.event.revision)
        for record in records
        if isinstance(record, EventAdmittedRecord)
    }


def test_gdelt_is_read_screened_and_gone_on_with_after_a_restart(settings: KafkaSettings) -> None:
    create_topics(settings)
    now = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=2)
    later = now + QUARTER
    with GdeltStub() as stub, member(settings, "screen"):
        stub.add(
            now,
            [
                row(1, added=now, code="195", country="IZ", place="Basra, Iraq", lat=30.5, lon=47.8),
                row(2, added=now, code="141", country="TI", place="Dushanbe, Tajikistan", lat=38.5, lon=68.8),
            ],
        )
        with service(settings, "ingest", *options(stub)):
            await_true(lambda: len(written(settings)) == 2, "both events are on the topic")
        stub.add(later, [row(3, added=later, code="195", country="IZ", lat=30.5, lon=47.8, mentions=9)])
        with service(settings, "ingest", *options(stub)):
            await_true(lambda: ("gdelt:1", 1) in written(settings), "the revision is on the topic")
        await_true(
            lambda: sum(committed(settings, settings.group("screen")).values()) == len(written(settings)),
            "the screen has answered all",
        )
    assert set(written(settings)) == {("gdelt:1", 0), ("gdelt:1", 1), ("gdelt:2", 0)}
    assert admitted(settings) == {("gdelt:1", 0), ("gdelt:1", 1)}
