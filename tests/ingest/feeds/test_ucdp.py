"""UCDP over its own protocol: the token, pages, releases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.ingest.feeds.contract import NOW, TIMEOUT_SECONDS, HttpFeedContract, events, keys
from tests.ingest.feeds.ucdp_stub import TOKEN, UcdpStub, row

from brentwatch.core.errors import SettingsError
from brentwatch.core.events import EventClass, Precision
from brentwatch.ingest.feeds.settings import UcdpSettings
from brentwatch.ingest.feeds.ucdp import Ucdp, open_feed

if TYPE_CHECKING:
    from collections.abc import Iterator

RELEASES = {"24.0.3": "2024-04-20", "24.0.4": "2024-05-06", "24.0.5": "2024-06-20"}
LATER = datetime(2024, 6, 21, tzinfo=UTC)


class TestUcdp(HttpFeedContract):
    name = "ucdp"
    secret = TOKEN
    later = LATER
    repeats_at_most = 3

    @pytest.fixture(autouse=True)
    def serve(self) -> Iterator[None]:
        with UcdpStub() as self.stub:
            self.ucdp = self.stub
            self.ucdp.releases = {"24.0.3": [row(1), row(2)], "24.0.4": [row(3), row(4), row(5)]}
            yield

    def make(self, **changes: object) -> Ucdp:
        given: dict[str, object] = {
            "url": f"{self.stub.url}/api",
            "token": TOKEN,
            "released": RELEASES,
            "timeout_seconds": TIMEOUT_SECONDS,
            "page_rows": 2,
        }
        return open_feed(UcdpSettings.model_validate(given | changes))

    def more(self) -> None:
        self.ucdp.releases["24.0.5"] = [row(4, best=9, high=9), row(6)]

    def test_an_event_that_comes_again_in_a_later_release_is_an_update(self) -> None:
        feed = self.make()
        assert ("ucdp:4", 19849) in keys(events(feed))
        self.more()
        assert keys(events(feed, LATER)) == [("ucdp:4", 19894), ("ucdp:6", 19894)]

    def test_a_row_becomes_an_event(self) -> None:
        event = events(self.make())[0]
        assert (event.event_id, event.revision) == ("ucdp:1", 19833)
        assert event.known_at == datetime(2024, 4, 20, 23, 59, 59, tzinfo=UTC)
        assert (event.country, event.event_class) == ("IRQ", EventClass.ARMED_CLASH)
        assert event.occurred.precision is Precision.DAY
        assert event.fatalities is not None
        assert (event.fatalities.low, event.fatalities.best, event.fatalities.high) == (3, 3, 5)
        assert event.provenance is not None
        assert event.provenance.licence == "CC BY 4.0"

    def test_a_release_that_the_topic_holds_in_part_is_read_anew(self) -> None:
        held = events(self.make())
        feed = self.make()
        for document in held[:-1]:
            feed.recall(document)
        assert keys(events(feed)) == [("ucdp:3", 19849), ("ucdp:4", 19849), ("ucdp:5", 19849)]

    def test_pages_that_count_from_1_give_the_same_events(self) -> None:
        found = events(self.make())
        self.ucdp.first_page = 1
        assert events(self.make()) == found

    def test_rows_without_a_name_are_counted_each_on_whichever_page(self) -> None:
        nameless = {name: value for name, value in row(2).items() if name != "id"}
        self.ucdp.releases["24.0.3"] = [row(1), nameless, nameless]
        assert sum(sum(each.left_out.values()) for each in self.make().poll(NOW)) == 2

    def test_rows_that_cannot_be_read_are_counted_and_stop_nothing(self) -> None:
        self.ucdp.releases["24.0.3"] = [row(1, country_id=9), row(2, best=None), row(7)]
        first, second, *_ = self.make().poll(NOW)
        assert first.left_out == {"nowhere": 1, "unreadable": 1}
        assert keys(second.documents) == [("ucdp:7", 19833)]


def test_without_releases_or_a_token_there_is_no_feed() -> None:
    with pytest.raises(SettingsError, match=r"ingest\.ucdp\.released is empty"):
        open_feed(UcdpSettings())
    with pytest.raises(SettingsError, match=r"ingest\.ucdp\.token is not given"):
        open_feed(UcdpSettings.model_validate({"released": RELEASES}))
