"""The service opens the feeds that are chosen, and hands each what the topic holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.screen.messages import message

from brentwatch.core.errors import SettingsError
from brentwatch.ingest.feeds.file import Files
from brentwatch.ingest.feeds.gdelt import Gdelt
from brentwatch.ingest.feeds.table import FEEDS
from brentwatch.ingest.service import opened, paces, recall
from brentwatch.ingest.settings import IngestSettings
from brentwatch.stream.records import Partition, Record
from brentwatch.wire.cloudevents import encode_message
from brentwatch.wire.unrest_event import decode_event

if TYPE_CHECKING:
    from pathlib import Path


def test_the_feeds_that_are_chosen_are_opened(tmp_path: Path) -> None:
    settings = IngestSettings.model_validate({"feeds": ["gdelt", "file"], "file": {"path": tmp_path}})
    feeds = opened(settings, lambda: None)
    assert [type(feed) for feed in feeds.values()] == [Gdelt, Files]
    assert paces(settings)["file"].every == 5


def test_without_a_feed_there_is_no_service() -> None:
    with pytest.raises(SettingsError, match=r"ingest\.feeds is empty"):
        opened(IngestSettings(), lambda: None)


def test_every_feed_has_its_section() -> None:
    assert set(FEEDS) <= set(IngestSettings.model_fields)


def test_the_feeds_recall_every_event_in_whichever_envelope_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(message() + b"\n" + message(revision=1))
    feed = opened(
        IngestSettings.model_validate({"feeds": ["file"], "file": {"path": tmp_path}}), lambda: None
    )["file"]
    wrapped, headers = encode_message(decode_event(message()), "/desk", "structured")
    records = [
        Record(partition=Partition("t", 0), offset=0, value=wrapped, headers=headers),
        Record(partition=Partition("t", 0), offset=1, value=b"{"),
        Record(partition=Partition("t", 0), offset=2),
    ]
    assert recall([feed], records) == 1
    (delivery,) = feed.poll(decode_event(message()).known_at)
    assert [document.revision for document in delivery.documents] == [1]
    assert delivery.left_out == {"known": 1}
