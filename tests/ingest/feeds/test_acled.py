"""ACLED over its own protocol: the token, pages, revisions, deletions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.ingest.feeds.acled_stub import PASSWORD, UPLOADED, USER, AcledStub, row
from tests.ingest.feeds.contract import NOW, HttpFeedContract, events, keys

from brentwatch.core.domain import EventClass, Precision, Status
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.ingest.feeds import acled_rows
from brentwatch.ingest.feeds.acled import Acled, open_feed
from brentwatch.ingest.feeds.settings import AcledSettings
from brentwatch.web.failures import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator


class TestAcled(HttpFeedContract):
    name = "acled"
    reads_with = acled_rows
    secret = PASSWORD

    @pytest.fixture(autouse=True)
    def serve(self) -> Iterator[None]:
        with AcledStub() as self.stub:
            self.server = self.stub
            self.server.rows = [row(number, timestamp=str(UPLOADED + number // 2)) for number in range(1, 6)]
            yield

    def make(self, **changes: object) -> Acled:
        given: dict[str, object] = {
            "url": self.stub.url,
            "username": USER,
            "password": PASSWORD,
            "timeout_seconds": self.seconds,
            "page_rows": 2,
            "since": "2024-05-01",
        }
        return open_feed(AcledSettings.model_validate(given | changes))

    def more(self) -> None:
        self.server.rows.append(row(9, timestamp=str(UPLOADED + 100)))

    def test_a_row_becomes_an_event(self) -> None:
        event = events(self.make())[0]
        assert (event.event_id, event.revision, event.status) == ("acled:NIG1", UPLOADED, Status.NEW)
        assert event.known_at.timestamp() == UPLOADED
        assert (event.country, event.event_class) == ("NGA", EventClass.PROTEST)
        assert event.occurred.precision is Precision.DAY
        assert event.location is not None
        assert (event.location.place, event.location.admin1, event.location.lat) == ("Warri", "Delta", 5.5167)
        assert event.fatalities is not None
        assert event.fatalities.best == 0
        assert event.violent is False
        assert "Made up" not in event.summary

    @pytest.mark.parametrize(
        ("event_type", "violent"),
        [("Protests", False), ("Strategic developments", False), ("Riots", True), ("Battles", True)],
    )
    def test_protests_and_strategic_developments_are_not_violent(
        self, event_type: str, violent: bool
    ) -> None:
        assert acled_rows.parse_row(row(1, event_type=event_type)).violent is violent

    def test_a_row_that_was_revised_is_an_update_of_the_same_event(self) -> None:
        feed = self.make()
        events(feed)
        self.server.rows[0] = row(1, fatalities="3", timestamp=str(UPLOADED + 50))
        (event,) = events(feed)
        assert (event.event_id, event.revision) == ("acled:NIG1", UPLOADED + 50)
        assert event.fatalities is not None
        assert event.fatalities.best == 3

    def test_a_deleted_row_retracts_the_event_that_the_topic_holds_and_no_other(self) -> None:
        held = events(self.make())
        feed = self.make()
        for document in held:
            feed.recall(document)
        self.server.deleted = [("NIG5", UPLOADED + 200), ("NIG777", UPLOADED + 200)]
        (delivery,) = [each for each in feed.poll(NOW) if each.documents]
        (event,) = delivery.documents
        assert (event.event_id, event.revision, event.status) == (
            "acled:NIG5",
            UPLOADED + 200,
            Status.RETRACT,
        )
        assert event.country == "NGA"
        assert delivery.left_out == {"unknown": 1}
        assert events(feed) == []

    def test_a_row_that_is_shown_days_after_its_upload_is_not_missed(self) -> None:
        feed = self.make()
        events(feed)
        self.server.rows.append(row(9, timestamp=str(UPLOADED - 3 * 24 * 3600)))
        assert keys(events(feed)) == [("acled:NIG9", UPLOADED - 3 * 24 * 3600)]

    def test_rows_that_cannot_be_read_are_counted_and_stop_nothing(self) -> None:
        self.server.rows = [row(1, iso="0999"), row(2, latitude="n/a"), row(3, timestamp="soon"), row(4)]
        deliveries = list(self.make(page_rows=10).poll(NOW))
        assert [keys(each.documents) for each in deliveries] == [[("acled:NIG4", UPLOADED)]]
        assert deliveries[0].left_out == {"unreadable": 3}

    @pytest.mark.parametrize(
        "changes",
        [
            {"latitude": "NaN"}, {"latitude": 1e400}, {"longitude": "-inf"}, {"fatalities": "1e400"},
            {"fatalities": "-3"}, {"fatalities": "2.5"}, {"fatalities": [1]}, {"timestamp": 10**30},
            {"timestamp": "1e400"}, {"timestamp": -1}, {"timestamp": None}, {"event_date": "0001-01-01"},
            {"event_date": "9999-12-31"}, {"event_date": 20240503}, {"iso": "1" * 5000}, {"iso": True},
            {"time_precision": "9"}, {"geo_precision": {}}, {"event_id_cnty": ""}, {"event_id_cnty": ["x"]},
            {"event_type": ""}, {"latitude": "95"}, {"location": {"a": {"b": []}}},
        ],
    )  # fmt: skip
    def test_a_row_with_an_odd_field_is_refused_in_a_sentence(self, changes: dict[str, object]) -> None:
        with pytest.raises(InvalidInput):
            acled_rows.parse_row(row(1, **changes))

    def test_a_row_uploaded_in_the_future_hides_no_later_ones(self) -> None:
        feed = self.make()
        self.server.rows.append(row(8, timestamp=str(UPLOADED + 40 * 365 * 24 * 3600)))
        left_out = [delivery.left_out for delivery in feed.poll(NOW)]
        assert {"future": 1} in left_out
        self.more()
        assert keys(events(feed)) == [("acled:NIG9", UPLOADED + 100)]

    @pytest.mark.parametrize("at", [None, "soon", "1e400", 10**30, -5, float("nan")])
    def test_a_deletion_at_an_odd_time_is_one_all_the_same(self, at: object) -> None:
        feed = self.make()
        events(feed)
        self.server.deleted = [("NIG1", at), ("NIG2", UPLOADED + 200)]
        found = events(feed)
        assert [(each.event_id, each.status) for each in found] == [
            ("acled:NIG1", Status.RETRACT),
            ("acled:NIG2", Status.RETRACT),
        ]

    def test_old_events_are_left_out_and_counted_and_revisions_of_those_held_are_not(self) -> None:
        feed = self.make(oldest_days=3)
        assert {"old": 2} in [each.left_out for each in feed.poll(NOW)]
        feed = self.make(oldest_days=4)
        assert len(events(feed)) == 5
        self.server.rows[0] = row(1, timestamp=str(UPLOADED + 1 * 24 * 3600))
        self.server.rows[1] = row(7, timestamp=str(UPLOADED + 1 * 24 * 3600))
        assert keys(events(feed, NOW + timedelta(days=1))) == [("acled:NIG1", UPLOADED + 1 * 24 * 3600)]

    @pytest.mark.attack
    def test_a_revision_of_a_time_to_come_is_none_of_ours_and_blinds_nothing(self) -> None:
        feed = self.make()
        (first, *_) = events(feed)
        again = self.make()
        again.recall(replace(first, revision=10**15))
        assert len(events(again)) == 5

    @pytest.mark.attack
    def test_a_row_of_a_time_to_come_is_left_out(self) -> None:
        self.server.rows = [row(1, timestamp=str(int(NOW.timestamp()) + 11 * 60))]
        (delivery,) = self.make().poll(NOW)
        assert (delivery.documents, delivery.left_out) == ((), {"future": 1})

    def test_a_token_that_has_run_out_is_fetched_anew(self) -> None:
        feed = self.make()
        self.server.uses = 1001
        events(feed)
        assert self.server.tokens == 1
        self.server.uses = 0
        self.more()
        assert len(events(feed)) == 1
        assert self.server.tokens == 2

    def test_a_wrong_password_is_refused_without_telling_it(self) -> None:
        feed = self.make(password="hunter2")
        with pytest.raises(NoAnswer) as caught:
            events(feed)
        assert caught.value.reason is Reason.REFUSED
        assert "hunter2" not in str(caught.value)

    def test_only_the_countries_that_are_wanted_are_asked_for(self) -> None:
        events(self.make(countries=["kz", "Nigeria"]))
        assert {asked.query.get("iso") for asked in self.stub.asked if asked.path == "/api/acled/read"} == {
            "398:OR:iso=566"
        }


def test_without_an_account_there_is_no_feed() -> None:
    with pytest.raises(SettingsError, match=r"ingest\.acled\.username is not set"):
        open_feed(AcledSettings())
    with pytest.raises(SettingsError, match=r"neither ingest\.acled\.password nor ingest"):
        open_feed(AcledSettings(username=USER))
