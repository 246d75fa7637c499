"""UCDP over its own protocol: the token, pages, releases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.ingest.feeds.contract import NOW, HttpFeedContract, events, keys
from tests.ingest.feeds.ucdp_stub import TOKEN, UcdpStub, row

from brentwatch.core.domain import EventClass, Precision
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.ingest.feeds import ucdp
from brentwatch.ingest.feeds.settings import UcdpSettings
from brentwatch.ingest.feeds.ucdp import Ucdp, open_feed

if TYPE_CHECKING:
    from collections.abc import Iterator

RELEASES = {"24.0.3": "2024-04-20", "24.0.4": "2024-05-06", "24.0.5": "2024-06-20"}
MAY = {"date_start": "2024-05-10T00:00:00", "date_end": "2024-05-10T00:00:00"}
LATER = datetime(2024, 6, 21, tzinfo=UTC)


class TestUcdp(HttpFeedContract):
    name = "ucdp"
    reads_with = ucdp
    secret = TOKEN
    later = LATER
    repeats_at_most = 3

    @pytest.fixture(autouse=True)
    def serve(self) -> Iterator[None]:
        with UcdpStub() as self.stub:
            self.server = self.stub
            self.server.releases = {"24.0.3": [row(1), row(2)], "24.0.4": [row(3), row(4), row(5)]}
            yield

    def make(self, **changes: object) -> Ucdp:
        given: dict[str, object] = {
            "url": f"{self.stub.url}/api",
            "token": TOKEN,
            "released": RELEASES,
            "timeout_seconds": self.seconds,
            "page_rows": 2,
        }
        return open_feed(UcdpSettings.model_validate(given | changes))

    def more(self) -> None:
        self.server.releases["24.0.5"] = [row(4, best=9, high=9), row(6, **MAY)]

    def test_an_event_that_comes_again_in_a_later_release_is_an_update(self) -> None:
        feed = self.make()
        assert ("ucdp:4", 19849) in keys(events(feed))
        self.more()
        assert keys(events(feed, LATER)) == [("ucdp:4", 19894), ("ucdp:6", 19894)]

    @pytest.mark.attack
    def test_a_revision_of_a_time_to_come_is_none_of_ours_and_blinds_nothing(self) -> None:
        (first, *_) = events(self.make())
        again = self.make()
        again.recall(replace(first, revision=99_999_999))
        assert len(events(again)) == 5

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
        assert keys(events(feed)) == [("ucdp:5", 19849)]

    def test_pages_that_count_from_1_give_the_same_events(self) -> None:
        found = events(self.make())
        self.server.first_page = 1
        assert events(self.make()) == found

    def test_rows_without_a_name_are_counted_each_on_whichever_page(self) -> None:
        nameless = {name: value for name, value in row(2).items() if name != "id"}
        self.server.releases["24.0.3"] = [row(1), nameless, nameless]
        assert sum(sum(each.left_out.values()) for each in self.make().poll(NOW)) == 2

    @pytest.mark.parametrize(
        "changes",
        [
            {"latitude": None}, {"latitude": 1e400}, {"longitude": "NaN"}, {"best": 1e400}, {"best": "inf"},
            {"best": -1}, {"high": 10**400}, {"low": [3]}, {"id": None}, {"id": [1]}, {"id": "1" * 5000},
            {"date_start": "0001-01-01T00:00:00"}, {"date_start": "9999-12-31T23:59:59"}, {"date_start": 5},
            {"date_start": ""}, {"date_prec": 9}, {"where_prec": "x"}, {"type_of_violence": 4},
            {"country_id": {}}, {"number_of_sources": "many"}, {"date_end": "2024-03-01"}, {"side_a": [[]]},
        ],
    )  # fmt: skip
    def test_a_row_with_an_odd_field_is_refused_in_a_sentence(self, changes: dict[str, object]) -> None:
        with pytest.raises(InvalidInput):
            ucdp.parse_row(row(1, **changes), date(2024, 4, 20))

    def test_an_id_that_is_a_list_stops_nothing(self) -> None:
        self.server.releases["24.0.3"] = [row(1, id=[1]), row(2, id={"a": 1}), row(7)]
        assert ("ucdp:7", 19833) in keys(events(self.make()))

    def test_what_happened_long_before_the_release_is_left_out_and_counted(self) -> None:
        old = {"date_start": "1990-05-10T00:00:00", "date_end": "1990-05-10T00:00:00"}
        self.server.releases = {"24.0.3": [row(1, **old), row(2), row(3, **old)]}
        feed = self.make(page_rows=10, released={"24.0.3": "2024-04-20"})
        (delivery,) = feed.poll(NOW)
        assert keys(delivery.documents) == [("ucdp:2", 19833)]
        assert delivery.left_out == {"old": 2}
        history = self.make(oldest_days=20_000, released={"24.0.3": "2024-04-20"})
        assert len(events(history)) == 3

    def test_rows_that_cannot_be_read_are_counted_and_stop_nothing(self) -> None:
        self.server.releases["24.0.3"] = [row(1, country_id=9), row(2, best=None), row(7)]
        first, second, *_ = self.make().poll(NOW)
        assert first.left_out == {"nowhere": 1, "unreadable": 1}
        assert keys(second.documents) == [("ucdp:7", 19833)]


def test_without_releases_or_a_token_there_is_no_feed() -> None:
    with pytest.raises(SettingsError, match=r"ingest\.ucdp\.released is empty"):
        open_feed(UcdpSettings())
    with pytest.raises(SettingsError, match=r"neither ingest\.ucdp\.token nor ingest"):
        open_feed(UcdpSettings.model_validate({"released": RELEASES}))
