"""GDELT over its own protocol: lists, zip files with their MD5, 61 columns; and where it goes on."""

from __future__ import annotations

import dataclasses
import itertools
import tracemalloc
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.ingest.desk import EVERY_SECONDS, Desk
from tests.ingest.feeds.contract import NOW, TIMEOUT_SECONDS, HttpFeedContract, choose_timeout, events, keys
from tests.ingest.feeds.gdelt_stub import FIRST, GdeltStub, address, mention, row, zipped
from tests.web.stub import Answer, send
from tests.web.troubles import TROUBLES, status

from brentwatch.core.domain import EventClass, Precision, Status, Verification
from brentwatch.ingest.feeds import gdelt, gdelt_lists
from brentwatch.ingest.feeds import settings as feed_settings
from brentwatch.ingest.feeds.gdelt import Gdelt, open_feed
from brentwatch.ingest.feeds.settings import GdeltSettings
from brentwatch.telemetry import table
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from brentwatch.ingest.feeds.deliveries import FeedDelivery

NEXT = FIRST + timedelta(minutes=15)
ZIP = "20240507120000.export.CSV.zip"
LINE = f"1234 {'a' * 32} http://data.gdeltproject.org/gdeltv2/20240120020000.export.CSV.zip\n".encode()

SOON = f"{NOW + timedelta(minutes=11):%Y%m%d%H%M%S}"


def three(added: datetime, start: int) -> list[str]:
    """Reports of three happenings."""
    return [
        row(start, added=added),
        row(
            start + 1, added=added, code="145", country="NI", place="Warri, Delta, Nigeria", lat=5.5, lon=5.8
        ),
        row(start + 2, added=added, code="195", country="IZ", place="Kirkuk, Iraq", lat=35.5, lon=44.4),
    ]


class TestGdelt(HttpFeedContract):
    name = "gdelt"
    reads_with = gdelt
    repeats_at_most = 3

    @pytest.fixture(autouse=True)
    def serve(self) -> Iterator[None]:
        with GdeltStub() as self.stub:
            self.server = self.stub
            self.server.add(FIRST, three(FIRST, 100))
            yield

    def make(self, **changes: object) -> Gdelt:
        changes = {"timeout_seconds": self.seconds, "master_timeout_seconds": 5} | changes
        return open_feed(GdeltSettings.model_validate({"url": f"{self.stub.url}/gdeltv2", **changes}))

    def more(self) -> None:
        self.server.add(NEXT, [row(200, added=NEXT, code="143", country="LY", lat=32.9, lon=13.2)])

    def deliveries(self, feed: Gdelt, now: datetime = NOW) -> list[FeedDelivery]:
        return list(feed.poll(now))

    def test_a_row_becomes_an_event(self) -> None:
        event = events(self.make())[1]
        assert (event.event_id, event.revision, event.status) == ("gdelt:101", 0, Status.NEW)
        assert (event.country, event.event_class) == ("NGA", EventClass.RIOT)
        assert (event.occurred.start.isoformat(), event.occurred.precision) == (
            "2024-05-07T00:00:00+00:00",
            Precision.DAY,
        )
        assert event.known_at == FIRST
        assert event.location is not None
        assert (event.location.place, event.location.lat) == ("Warri, Delta, Nigeria", 5.5)
        assert event.attention is not None
        assert (event.attention.mentions, event.attention.growth) == (4, None)
        assert event.reliability is not None
        assert event.reliability.verification is Verification.MACHINE
        assert (event.story_id, event.reports, event.novelty) == ("gdelt:101", 1, 1.0)
        assert [taxon.code for taxon in event.taxonomy] == ["145"]
        assert [source.url for source in event.sources] == [address(101)]
        assert event.summary == "Riot, as 1 report has it (Kazakhstan And Government)"

    def test_what_is_no_unrest_or_not_of_today_is_left_out_and_counted(self) -> None:
        self.server.add(
            FIRST,
            [
                row(1, code="173"),
                row(2, day="20230507"),
                row(3, day="20240508"),
                row(4, country="OS"),
                row(5)[:-40].replace("\t", " ", 30),
                row(6, lat="north"),
                row(7),
            ],
        )
        (delivery,) = self.deliveries(self.make())
        assert dict(delivery.left_out) == {"class": 1, "old": 1, "future": 1, "nowhere": 1, "unreadable": 2}
        assert [document.event_id for document in delivery.documents] == ["gdelt:7"]

    def test_each_reason_of_the_words_is_counted_logged_and_there_from_the_start(self) -> None:
        headlines = {
            "mute": "7",
            "kind": "bakery-wins-a-prize",
            "crime": "gunmen-in-court-over-raid",
            "past": "riots-of-1992-in-pictures",
            "talk": "why-the-protests-grow",
            "place": "us-soldiers-strike-houthis",
            "home": "thousands-protest-in-texas",
        }
        lines = [
            row(number, code="190", url=f"https://example.org/{headline}")
            for number, headline in enumerate(headlines.values())
        ]
        lines.append(row(8, code="190", url="https://example.org/us-soldiers-strike-as-ever", country="US"))
        self.server.add(
            FIRST, [*lines[:5], *lines[6:], row(9, url="https://example.org/riots-go-on-tonight")]
        )
        desk = Desk(now=NOW, gdelt=self.make())
        for reason in headlines:
            assert desk.counted(table.REPORTS_LEFT_OUT, reason=reason) == 0
        desk.turns.turn()
        for reason in headlines:
            assert desk.counted(table.REPORTS_LEFT_OUT, reason=reason) == 1, reason
        assert desk.written() == [("gdelt:9", 0)]
        told = "20240507120000.export.CSV.zip: 8 reports, 1 kept; left out: crime 1, home 1, kind 1, mute 1, "
        assert told + "past 1, place 1, talk 1" in desk.log_lines
        assert desk.counted(table.FEED_KEPT_SHARE) == 1 / 8

    def test_the_switch_gives_the_unfiltered_feed_back(self) -> None:
        self.server.add(FIRST, [row(1, url="https://example.org/7"), row(2, code="010")])
        (delivery,) = self.deliveries(self.make(filter="none"))
        assert [document.event_id for document in delivery.documents] == ["gdelt:1"]
        assert delivery.left_out == {"class": 1}
        assert delivery.kept_share is None
        assert delivery.documents[0].attention is not None
        assert delivery.documents[0].attention.headlines is None

    def test_what_is_kept_of_a_file_does_not_depend_on_the_order_of_its_rows(self) -> None:
        lines = [
            row(
                number,
                country=country,
                lat=10.0 * number,
                lon=51.17,
                url=f"https://example.org/{number}/{headline}",
            )
            for number, (country, headline) in enumerate(
                [
                    ("KZ", "riots-go-on-tonight"),
                    ("LY", "shelling-near-the-port"),
                    ("US", "bakery-wins-a-prize"),
                    ("IZ", "militants-killed-in-raid"),
                    ("NI", "why-the-protests-grow"),
                ]
            )
        ]
        lines.append(row(9, lat=0.0, url="https://example.org/mute"))
        found = []
        for order in (lines, lines[::-1]):
            self.server.add(FIRST, order)
            (delivery,) = self.deliveries(self.make())
            found.append((sorted(keys(delivery.documents)), delivery.left_out))
        assert found[0] == found[1]

    @pytest.mark.parametrize(
        ("at", "cell"),
        [
            (0, "1" * 5000), (0, "-1"), (0, "\u00b2"), (0, ""),
            (1, "00010101"), (1, "99991231"), (1, "2024130\u00b2"),
            (31, "-4"), (31, "1e400"), (32, "nan"), (33, "1_0"), (34, "NaN"), (34, "inf"), (34, "1e400"),
            (56, "nan"), (57, "-inf"), (59, "00010101000000"), (59, "99991231235959"),
            (59, "2024050712000\u00b2"),
        ],
    )  # fmt: skip
    def test_a_row_with_an_odd_cell_costs_that_row_and_no_other(self, at: int, cell: str) -> None:
        cells = row(7).split("\t")
        cells[at] = cell
        self.server.add(FIRST, ["\t".join(cells), row(8, code="143", country="LY")])
        (delivery,) = self.deliveries(self.make())
        assert "gdelt:8" in [document.event_id for document in delivery.documents]
        assert sum(delivery.left_out.values()) + len(delivery.documents) == 2
        assert "internal" not in delivery.left_out

    @pytest.mark.parametrize("number", ["\u00b2", "9" * 5000, "-1", "x"])
    def test_a_mention_of_no_number_is_passed_over(self, number: str) -> None:
        odd = mention(100, FIRST, NEXT).replace("100", number, 1)
        self.server.add(FIRST, three(FIRST, 100), [odd])
        assert len(events(self.make())) == 3

    @pytest.mark.parametrize("time", ["00010101000000", "99991231234500"])
    def test_a_list_with_a_time_at_the_ends_of_the_calendar_is_read_without_it(self, time: str) -> None:
        self.server.files[f"{time}.export.CSV.zip"] = self.server.files[ZIP]
        if time > ZIP:
            with pytest.raises(NoAnswer):
                events(self.make())
        else:
            assert len(events(self.make(since="2024-05-07"))) == 3

    @pytest.mark.attack
    @pytest.mark.parametrize("time", ["20980101000000", SOON])
    def test_a_listed_file_of_a_time_to_come_is_not_read_and_holds_nothing_up(self, time: str) -> None:
        forged = f"{time}.export.CSV.zip"
        feed = self.make()
        events(feed)
        self.server.files[forged] = self.server.files[ZIP]
        self.more()
        (left_out, read) = self.deliveries(feed)
        assert left_out.left_out == {"future": 1}
        assert forged in left_out.notes[0]
        assert [document.country for document in read.documents] == ["LBY"]
        del self.server.files[forged]
        assert events(feed) == []

    def test_mentions_that_came_later_are_attention_and_revise(self) -> None:
        feed = self.make()
        events(feed)
        self.server.add(
            NEXT,
            [],
            [mention(100, FIRST, NEXT)] * 3 + [mention(100, FIRST, FIRST)] * 9 + [mention(999, FIRST, NEXT)],
        )
        assert events(feed) == []
        later = NEXT + timedelta(minutes=15)
        self.server.add(later, [], [mention(100, FIRST, later)])
        (event,) = events(feed)
        assert (event.event_id, event.revision, event.status) == ("gdelt:100", 1, Status.UPDATE)
        assert event.attention is not None
        assert (event.attention.mentions, event.attention.growth) == (8, 2.0)

    def test_files_that_were_missed_are_fetched_by_the_master_list_in_order(self) -> None:
        feed = self.make()
        events(feed)
        for step in (3, 1, 2):
            at = FIRST + step * timedelta(minutes=15)
            self.server.add(at, [row(300 + step, added=at, country="LY", code=f"14{step}")])
        known = [
            delivery.documents[0].known_at for delivery in self.deliveries(feed, FIRST + timedelta(hours=1))
        ]
        assert known == [FIRST + step * timedelta(minutes=15) for step in (1, 2, 3)]

    def test_a_history_is_read_by_its_days(self) -> None:
        for days in (1, 2, 3):
            at = FIRST + timedelta(days=days)
            self.server.add(at, [row(400 + days, added=at, code=f"14{days + 2}")])
        feed = self.make(since="2024-05-08", until="2024-05-09")
        assert keys(events(feed, FIRST + timedelta(days=4))) == [("gdelt:401", 0), ("gdelt:402", 0)]
        assert events(feed, FIRST + timedelta(days=4)) == []

    def test_the_state_is_that_before_the_last_file_so_that_nothing_counts_twice(self) -> None:
        self.server.add(NEXT, [row(200, added=NEXT, mentions=40), row(201, added=NEXT, country="LY")])
        unbroken = self.make(since="2024-05-07")
        held = events(unbroken)
        restarted = self.make()
        for document in held:
            restarted.recall(document)
        again = events(restarted)
        assert [document for document in held if document.known_at == NEXT] == again
        assert keys(again) == [("gdelt:100", 1), ("gdelt:201", 0)]
        assert again[0].attention is not None
        assert again[0].attention.mentions == 44

    @pytest.mark.parametrize(
        ("packed", "reason"),
        [
            (zipped("x", ["y" * 1000])[:60], Reason.GARBLED),
            (b"", Reason.GARBLED),
            (b"<html></html>", Reason.GARBLED),
            (zipped("x", ["\0" * 3_000_000]), Reason.TOO_LARGE),
        ],
        ids=["truncated", "empty", "HTML", "a bomb"],
    )
    def test_a_file_that_is_no_good_stops_the_feed_and_passes(self, packed: bytes, reason: Reason) -> None:
        good, self.server.files[ZIP] = self.server.files[ZIP], packed
        settings = GdeltSettings(url=f"{self.stub.url}/gdeltv2")
        desk = Desk(now=NOW, gdelt=Gdelt(settings, Fetcher(TIMEOUT_SECONDS, largest_bytes=1_000_000)))
        wait = desk.turns.turn()
        assert desk.counted(table.FEED_FAILURES, reason=reason) == 1
        self.server.files[ZIP] = good
        desk.after(wait)
        assert desk.written() == keys(events(self.make()))

    def test_a_file_with_another_sum_is_not_taken(self) -> None:
        self.server.listed_md5[ZIP] = "0" * 32
        desk = Desk(now=NOW, gdelt=self.make())
        wait = desk.turns.turn()
        assert desk.counted(table.FEED_FAILURES, reason=Reason.GARBLED) == 1
        assert desk.written() == []
        self.server.listed_md5.clear()
        desk.after(wait)
        assert len(desk.written()) == 3

    @pytest.mark.attack
    def test_a_file_that_is_refused_is_passed_over_when_it_is_old(self) -> None:
        self.stub.trouble, self.stub.well_for = status(403), 1
        feed = self.make()
        with pytest.raises(NoAnswer):
            events(feed, NOW)
        self.stub.well_for = 1
        (first,) = self.deliveries(feed, FIRST + timedelta(hours=1, minutes=1))
        assert first.left_out == {"file": 1}

    @pytest.mark.attack
    def test_a_file_of_more_reports_than_there_can_be_is_passed_over_when_it_is_old(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gdelt, "_MOST_REPORTS", 2)
        feed = self.make()
        with pytest.raises(NoAnswer, match="has 3 reports; expected at most 2"):
            events(feed, NOW)
        (first,) = self.deliveries(feed, FIRST + timedelta(hours=1, minutes=1))
        assert first.left_out == {"file": 1}

    @pytest.mark.attack
    @pytest.mark.parametrize("body", [b"1" * 65_537, LINE * 800], ids=["digits", "files"])
    def test_a_list_of_the_newest_files_has_no_more_than_64_kb(self, body: bytes) -> None:
        self.stub.trouble = lambda handler, _: send(handler, Answer(body))
        with pytest.raises(NoAnswer) as caught:
            events(self.make())
        assert caught.value.reason is Reason.TOO_LARGE

    @pytest.mark.attack
    def test_a_master_list_from_a_server_that_sends_all_of_it_is_read_as_it_comes(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gdelt, "_TAIL_BYTES", 500)
        feed = self.make()
        events(feed)
        for step in range(1, 9):
            at = FIRST + step * timedelta(minutes=15)
            self.server.add(at, [row(300 + step, added=at, code=f"14{step}", country="LY")])
        routes = self.stub.routes
        monkeypatch.setattr(self.stub, "routes", lambda asked: routes(dataclasses.replace(asked, headers={})))
        assert len(self.deliveries(feed, FIRST + timedelta(hours=3))) == 8

    def test_a_file_that_is_still_missing_after_an_hour_is_passed_over(self) -> None:
        self.more()
        del self.server.files[ZIP]
        self.server.files[ZIP] = b""
        feed = self.make(since="2024-05-07")
        with pytest.raises(NoAnswer):
            events(feed, NOW)
        first, second = self.deliveries(feed, FIRST + timedelta(hours=1, minutes=1))
        assert first.left_out == {"file": 1}
        assert len(second.documents) == 1

    def test_a_file_larger_than_we_take_is_not_read_to_its_end(self) -> None:
        feed = Gdelt(
            GdeltSettings(url=f"{self.stub.url}/gdeltv2"), Fetcher(TIMEOUT_SECONDS, largest_bytes=100)
        )
        with pytest.raises(NoAnswer) as caught:
            events(feed)
        assert caught.value.reason is Reason.TOO_LARGE
        assert [asked.path for asked in self.stub.asked] == ["/gdeltv2/lastupdate.txt"]


def test_a_line_of_a_list_that_is_longer_than_theirs_is_passed_over() -> None:
    """A long run of digits, too, which would take the pattern minutes if it looked at it."""
    line = f"1234 {'a' * 32} http://data.gdeltproject.org/gdeltv2/20240120020000.export.CSV.zip"
    data = f"{'1' * 200_000}\n{'x' * 200}{line}\n{line}\n".encode()

    ((listed, mentions),) = gdelt_lists.read_list([data])

    assert (listed.name, mentions) == ("20240120020000.export.CSV.zip", None)


@pytest.mark.attack
@pytest.mark.slow
def test_a_list_is_read_line_by_line_and_never_held_whole() -> None:
    """Digits without end, dots without end, and a file that is too far back, in parts of any size."""
    parts = itertools.chain([b"1" * 65_536] * 64, [b"\n"], [b"1\n" * 32_768] * 64, [LINE])
    tracemalloc.start()
    ((listed, _),) = gdelt_lists.read_list(parts)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert listed.name == "20240120020000.export.CSV.zip"
    assert most < 8 << 20


def test_files_before_the_first_that_is_wanted_are_not_kept() -> None:
    assert gdelt_lists.read_list([LINE], FIRST) == []


@pytest.mark.attack
def test_a_list_that_names_more_files_than_there_can_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gdelt_lists, "_MOST_LISTED", 2)
    lines = [LINE.replace(b"0120020000", b"012002%02d00" % minute) for minute in range(3)]
    assert len(gdelt_lists.read_list(lines[:2])) == 2
    with pytest.raises(NoAnswer, match="names more than 2") as caught:
        gdelt_lists.read_list(lines)
    assert caught.value.reason is Reason.TOO_LARGE


class HttpsBucket:
    """The HTTPS address and the plain one of one bucket, as two servers of this machine."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, secure: GdeltStub, plain: GdeltStub) -> None:
        self.secure, self.plain = secure, plain
        monkeypatch.setattr(feed_settings, "GDELT_HTTPS", f"{secure.url}/gdeltv2")
        monkeypatch.setattr(feed_settings, "GDELT_PLAIN", f"{plain.url}/gdeltv2")
        for server in (secure, plain):
            server.add(FIRST, three(FIRST, 100))

    def desk(self, **changes: object) -> Desk:
        settings = {"url": f"{self.secure.url}/gdeltv2", "timeout_seconds": TIMEOUT_SECONDS, **changes}
        return Desk(now=NOW, gdelt=open_feed(GdeltSettings.model_validate(settings)))


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpsBucket]:
    with GdeltStub() as secure, GdeltStub() as plain:
        yield HttpsBucket(monkeypatch, secure, plain)


def test_the_default_is_https_and_its_fallback_the_plain_address() -> None:
    first, second = GdeltSettings().addresses
    assert first == "https://storage.googleapis.com/data.gdeltproject.org/gdeltv2"
    assert second == "http://data.gdeltproject.org/gdeltv2"
    assert GdeltSettings(plain_fallback=False).addresses == (first,)
    assert GdeltSettings(url="https://example.org").addresses == ("https://example.org",)


def test_while_https_answers_the_plain_address_is_not_asked(bucket: HttpsBucket) -> None:
    desk = bucket.desk()
    assert desk.turns.turn() == EVERY_SECONDS
    assert len(desk.written()) == 3
    assert bucket.plain.asked == []
    assert desk.counted(table.FEED_FALLBACKS) == 0


@pytest.mark.slow
@pytest.mark.attack
@pytest.mark.parametrize("trouble", sorted(TROUBLES.keys() - {"429"}))
@pytest.mark.parametrize("well_for", [0, 1], ids=["the list", "a file"])
def test_where_https_fails_the_plain_address_stands_in_with_a_warning_and_a_count(
    bucket: HttpsBucket, trouble: str, well_for: int
) -> None:
    make, reason = TROUBLES[trouble]
    bucket.secure.trouble, bucket.secure.well_for = make(bucket.secure), well_for
    desk = bucket.desk(timeout_seconds=choose_timeout(reason))
    wait = desk.turns.turn()
    if well_for and reason in (Reason.MISSING, Reason.REFUSED, Reason.GARBLED):  # nobody else has that file
        assert desk.counted(table.FEED_FAILURES, reason=reason) == 1
        assert bucket.plain.asked == []
        return
    assert wait == EVERY_SECONDS
    assert len(desk.written()) == 3
    assert desk.counted(table.FEED_FALLBACKS) == 1
    assert f"using {bucket.plain.url}/gdeltv2 for 15 minutes" in desk.log_lines
    assert "using another address" in desk.log_lines


def test_https_is_tried_again_after_a_quarter_of_an_hour_and_not_before(bucket: HttpsBucket) -> None:
    bucket.secure.trouble = status(503)
    desk = bucket.desk()
    desk.turns.turn()
    bucket.secure.trouble = None
    asked = len(bucket.secure.asked)
    desk.after(EVERY_SECONDS)
    assert len(bucket.secure.asked) == asked
    desk.after(15 * 60)
    assert len(bucket.secure.asked) == asked + 1
    assert desk.counted(table.FEED_FALLBACKS) == 1


def test_a_wish_to_be_left_alone_holds_for_both_addresses(bucket: HttpsBucket) -> None:
    bucket.secure.trouble = status(429, Retry_After="77")
    desk = bucket.desk()
    assert desk.turns.turn() == 77
    assert bucket.plain.asked == []


def test_without_the_fallback_a_failure_of_https_is_one_of_the_feed(bucket: HttpsBucket) -> None:
    bucket.secure.trouble = status(503)
    desk = bucket.desk(plain_fallback=False)
    desk.turns.turn()
    assert desk.counted(table.FEED_FAILURES, reason=Reason.FAILED) == 1
    assert bucket.plain.asked == []
