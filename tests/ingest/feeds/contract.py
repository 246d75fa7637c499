"""What every feed promises; those over HTTP promise more. A subclass says how to make it, and what is new."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.ingest.desk import EVERY_SECONDS, FIRST_WAIT_SECONDS, Desk
from tests.web.stub import Stub
from tests.web.troubles import RETRY_AFTER_SECONDS, TROUBLES, status

from brentwatch.telemetry import table
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.wire.unrest_event import decode_event, encode_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from brentwatch.ingest.feeds.deliveries import Feed
    from brentwatch.wire.event_document import UnrestEventDocument

NOW = datetime(2024, 5, 7, 12, 20, tzinfo=UTC)
TIMEOUT_SECONDS = 20.0
"""Long enough for a stub that answers, also on a busy machine."""
SHORT_SECONDS = 1.0
"""For a stub that hangs or drips."""


def choose_timeout(reason: Reason) -> float:
    """A short timeout if the trouble is that it passes."""
    return SHORT_SECONDS if reason is Reason.TIMEOUT else TIMEOUT_SECONDS


def events(feed: Feed, now: datetime = NOW) -> list[UnrestEventDocument]:
    """All that a feed gives at one asking, as it arrives."""
    return [
        decode_event(encode_event(document)) for delivery in feed.poll(now) for document in delivery.documents
    ]


def keys(documents: Iterable[UnrestEventDocument]) -> list[tuple[str, int]]:
    return [(document.event_id, document.revision) for document in documents]


class FailsOnce:
    """Reads events; the second one fails as nobody thought it would."""

    def __init__(self, decode: Callable[[bytes], UnrestEventDocument]) -> None:
        self._decode = decode
        self._calls = 0

    def __call__(self, data: bytes) -> UnrestEventDocument:
        self._calls += 1
        if self._calls == 2:
            raise ZeroDivisionError("nobody thought of it")
        return self._decode(data)


class FeedContract:
    """Inherit, and answer the questions; the tests come with it."""

    name: str
    reads_with: ModuleType
    """The module whose `decode_event` checks what the feed makes of a row."""
    later = NOW
    """When what is new is out."""
    repeats_at_most = 0
    """How many events it may give once more after it has recalled all."""

    def make(self) -> Feed:
        """A feed that has not been asked, of a source with three events or more."""
        raise NotImplementedError

    def more(self) -> None:
        """Let the source have something new."""
        raise NotImplementedError

    def test_each_event_has_its_own_key_and_names_its_feed(self) -> None:
        found = events(self.make())
        assert len(found) >= 3
        assert len(set(keys(found))) == len(found)
        assert all(document.provenance and document.provenance.feed == self.name for document in found)
        assert all(document.known_at <= NOW for document in found)

    def test_what_was_given_is_not_given_again(self) -> None:
        feed = self.make()
        events(feed)
        assert events(feed) == []

    def test_what_is_new_is_given(self) -> None:
        feed = self.make()
        before = keys(events(feed))
        self.more()
        after = keys(events(feed, self.later))
        assert after != []
        assert set(after).isdisjoint(before)

    def test_a_row_that_fails_for_no_known_reason_is_counted_logged_once_and_costs_nothing_else(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = keys(events(self.make()))
        reader = FailsOnce(self.reads_with.decode_event)
        monkeypatch.setattr(self.reads_with, "decode_event", reader)
        desk = Desk(now=NOW, **{self.name: self.make()})
        assert desk.turns.turn() == EVERY_SECONDS
        written = desk.written()
        assert len(written) == len(whole) - 1
        assert set(written) < set(whole)
        assert desk.counted(table.REPORTS_LEFT_OUT, reason="internal") == 1
        assert desk.log_lines.count("ZeroDivisionError: nobody thought of it") == 1
        assert desk.counted(table.FEED_LAST_SUCCESS) == NOW.timestamp()

    def test_two_feeds_make_the_same_events(self) -> None:
        assert events(self.make()) == events(self.make())

    def test_a_feed_that_recalls_all_goes_on_where_the_topic_stands(self) -> None:
        held = events(self.make())
        feed = self.make()
        for document in held:
            feed.recall(document)
        again = keys(events(feed))
        assert len(again) <= self.repeats_at_most
        assert set(again) <= set(keys(held))
        self.more()
        assert set(keys(events(feed, self.later))).isdisjoint(keys(held))

    @pytest.mark.parametrize("written", [1, 2])
    def test_a_feed_that_recalls_a_part_gives_the_rest_with_the_same_ids(self, written: int) -> None:
        whole = events(self.make())
        feed = self.make()
        for document in whole[:written]:
            feed.recall(document)
        again = events(feed)
        assert set(keys(whole)) <= set(keys(whole[:written])) | set(keys(again))
        assert set(keys(again)) <= set(keys(whole))

    def test_events_of_others_on_the_topic_change_nothing(self) -> None:
        feed = self.make()
        feed.recall(decode_event(STRANGER))
        assert events(feed) == events(self.make())


STRANGER = b"""{"event_id": "other:1", "revision": 4000000000, "status": "new", "country": "KAZ",
    "occurred": {"start": "2024-05-07T10:00:00Z", "precision": "minute"}, "known_at": "2024-05-07T11:00:00Z",
    "event_class": "riot", "provenance": {"feed": "other"}}"""


class HttpFeedContract(FeedContract):
    """Of a feed over HTTP: every trouble ends in its own error and counter, and passes."""

    stub: Stub
    secret = ""
    seconds = TIMEOUT_SECONDS
    """The timeout of the feeds that `make` makes."""

    @pytest.mark.slow
    @pytest.mark.parametrize("well_for", [0, 1], ids=["the first request", "the second"])
    @pytest.mark.parametrize("trouble", TROUBLES)
    def test_trouble_is_counted_by_its_reason_and_nothing_is_lost_by_it(
        self, trouble: str, well_for: int
    ) -> None:
        make, reason = TROUBLES[trouble]
        self.seconds = choose_timeout(reason)
        desk = Desk(now=NOW, **{self.name: self.make()})
        self.stub.trouble, self.stub.well_for = make(self.stub), well_for
        wait = desk.turns.turn()
        assert wait == (RETRY_AFTER_SECONDS if trouble == "429" else FIRST_WAIT_SECONDS)
        assert desk.counted(table.FEED_FAILURES, reason=reason) == 1
        assert desk.counted(table.FEED_LAST_SUCCESS) is None
        self.stub.trouble = None
        assert desk.after(wait) == EVERY_SECONDS
        assert set(desk.written()) == set(keys(events(self.make())))
        assert desk.counted(table.FEED_FAILURES, reason=reason) == 1
        assert desk.counted(table.FEED_LAST_SUCCESS) == desk.now.timestamp()

    def test_trouble_between_two_askings_loses_nothing(self) -> None:
        feed = self.make()
        before = keys(events(feed))
        self.more()
        self.stub.trouble = status(500)
        with pytest.raises(NoAnswer):
            events(feed, self.later)
        self.stub.trouble = None
        after = keys(events(feed, self.later))
        assert after != []
        assert set(after).isdisjoint(before)

    def test_nobody_elsewhere_is_asked_and_no_error_tells_a_secret(self) -> None:
        feed = self.make()
        with Stub() as other:
            self.stub.trouble = status(302, Location=f"{other.url}/elsewhere")
            with pytest.raises(NoAnswer) as caught:
                events(feed)
        assert other.asked == []
        assert not self.secret or self.secret not in str(caught.value)

    def test_nobody_answers(self) -> None:
        feed = self.make()
        self.stub.leave()
        with pytest.raises(NoAnswer) as caught:
            events(feed)
        assert caught.value.reason is Reason.UNREACHABLE
