"""The service opens the feeds that are chosen, and hands each what the topic holds."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry
from tests.ingest.desk import Fake
from tests.screen.messages import message

from brentwatch.core.errors import SettingsError
from brentwatch.ingest.feeds.file import WatchedFiles
from brentwatch.ingest.feeds.gdelt import Gdelt
from brentwatch.ingest.feeds.table import FEEDS
from brentwatch.ingest.service import build_paces, open_feeds, restore_feeds
from brentwatch.ingest.settings import IngestSettings
from brentwatch.stream import FEED, Partition, Record
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.cloudevents import encode_message
from brentwatch.wire.unrest_event import decode_event

if TYPE_CHECKING:
    from pathlib import Path

    from structlog.typing import FilteringBoundLogger

    from brentwatch.stream import Headers
    from brentwatch.wire.event_document import UnrestEventDocument


def test_the_feeds_that_are_chosen_are_opened(tmp_path: Path) -> None:
    settings = IngestSettings.model_validate({"feeds": ["gdelt", "file"], "file": {"path": tmp_path}})
    feeds = open_feeds(settings, lambda: None)
    assert [type(feed) for feed in feeds.values()] == [Gdelt, WatchedFiles]
    assert build_paces(settings)["file"].every == 5


def test_without_a_feed_there_is_no_service() -> None:
    with pytest.raises(SettingsError, match=r"ingest\.feeds is empty"):
        open_feeds(IngestSettings(), lambda: None)


def test_every_feed_has_its_section() -> None:
    assert set(FEEDS) <= set(IngestSettings.model_fields)


def quiet() -> FilteringBoundLogger:
    return make_logger(TelemetrySettings(log_level="error"), service="ingest")


KNOWN_AT = decode_event(message()).known_at


def written_by(feed: str, offset: int, value: bytes | None, headers: Headers = ()) -> Record:
    """A record as a feed writes it, with nothing said of when."""
    marked = (*headers, (FEED, feed.encode()))
    return Record(partition=Partition("t", 0), offset=offset, value=value, headers=marked)


class Forgetful(Fake):
    """A feed that cannot take the event of this id."""

    def recall(self, document: UnrestEventDocument) -> None:
        if document.event_id == "desk:2":
            raise ZeroDivisionError("nobody thought of it")
        super().recall(document)


def test_what_a_feed_cannot_recall_is_counted_and_logged_and_costs_nothing_else() -> None:
    registry, out = CollectorRegistry(), StringIO()
    feeds = {"gdelt": Forgetful(), "file": Fake()}
    records = [written_by("gdelt", at, message(event_id=f"desk:{at}")) for at in range(4)]
    records += [written_by("file", at, message(event_id=f"desk:{at}")) for at in range(4, 8)]
    log = make_logger(TelemetrySettings(log_format="text"), service="ingest", stream=out)
    assert restore_feeds(feeds, records, Metrics(registry, "ingest"), log) == 8
    assert [each.event_id for each in feeds["gdelt"].recalled] == ["desk:0", "desk:1", "desk:3"]
    assert len(feeds["file"].recalled) == 4
    assert (
        registry.get_sample_value("brentwatch_feed_newest_known_at_timestamp_seconds", {"feed": "file"})
        == KNOWN_AT.timestamp()
    )
    labels = {"feed": "gdelt", "reason": "internal"}
    assert registry.get_sample_value("brentwatch_reports_left_out_total", labels) == 1
    assert out.getvalue().count("ZeroDivisionError: nobody thought of it") == 1


@pytest.mark.attack
def test_a_feed_goes_on_from_what_it_wrote_itself_and_from_nothing_of_a_time_to_come() -> None:
    feeds = {"gdelt": Fake()}
    far = message(event_id="gdelt:9", known_at="2098-01-01T00:00:00Z")
    records = [
        written_by("gdelt", 0, message()),
        written_by("file", 1, message(event_id="desk:2")),
        Record(partition=Partition("t", 0), offset=2, value=message(event_id="desk:3")),
        written_by("gdelt", 3, far),
        replace(written_by("gdelt", 4, far), timestamp=4_040_000_000_000),
    ]
    assert restore_feeds(feeds, records, Metrics(CollectorRegistry(), "ingest"), quiet()) == 1
    assert [each.event_id for each in feeds["gdelt"].recalled] == ["desk:1"]


def test_the_feeds_recall_every_event_in_whichever_envelope_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(message() + b"\n" + message(revision=1))
    feed = open_feeds(
        IngestSettings.model_validate({"feeds": ["file"], "file": {"path": tmp_path}}), lambda: None
    )["file"]
    wrapped, headers = encode_message(decode_event(message()), "/desk", "structured")
    records = [
        written_by("file", 0, wrapped, headers),
        written_by("file", 1, b"{"),
        written_by("file", 2, None),
    ]
    assert restore_feeds({"file": feed}, records, Metrics(CollectorRegistry(), "ingest"), quiet()) == 1
    (delivery,) = feed.poll(decode_event(message()).known_at)
    assert [document.revision for document in delivery.documents] == [1]
    assert delivery.left_out == {"known": 1}
