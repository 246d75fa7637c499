"""Feeds are asked on their intervals, left alone after failures, and what they give is written once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, SupportsIndex

import pytest
from msgspec.structs import replace
from tests.ingest.desk import START, Desk
from tests.screen.messages import message

from brentwatch.core.errors import InvalidInput, SettingsError, Unavailable
from brentwatch.ingest.feeds.deliveries import FeedDelivery
from brentwatch.telemetry import table
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.unrest_event import decode_event

if TYPE_CHECKING:
    from brentwatch.wire.event_document import UnrestEventDocument


def event(number: int) -> UnrestEventDocument:
    return decode_event(message(event_id=f"desk:{number}"))


def test_a_feed_is_asked_when_its_interval_is_over_and_not_before() -> None:
    desk = Desk()
    assert desk.turns.turn() == 60
    assert desk.after(59) == 1
    assert desk.after(1) == 60
    assert desk.feed.asked_at == [START, START + timedelta(seconds=60)]


def test_what_it_gives_is_written_with_its_country_as_key_in_an_envelope_and_counted() -> None:
    desk = Desk()
    desk.feed.next = [FeedDelivery((event(1), event(2)), {"old": 3})]
    desk.turns.turn()
    ((first, _),) = desk.sent
    assert (first.topic, first.key, first.partition) == ("demo.unrest.events", b"KAZ", None)
    assert first.value is not None
    document = decode_message(first.value, first.headers)
    assert (document.event_id, document.ingested_at) == ("desk:1", START)
    assert document.cloudevent is not None
    assert (document.cloudevent.id, document.cloudevent.source) == ("desk:1/0", "/brentwatch/ingest/gdelt")
    assert desk.counted(table.EVENTS_INGESTED, status="new") == 2
    assert desk.counted(table.REPORTS_LEFT_OUT, reason="old") == 3
    assert desk.counted(table.FEED_LAST_SUCCESS) == START.timestamp()


def test_a_feed_is_due_its_interval_after_the_start_its_last_answer_or_what_it_gave() -> None:
    desk = Desk()
    assert desk.counted(table.FEED_DUE) == START.timestamp() + 60
    desk.feed.next = [NoAnswer(Reason.FAILED, "500")]
    desk.after(5)
    assert desk.counted(table.FEED_DUE) == START.timestamp() + 60, "it has not answered"
    desk.after(10)
    assert desk.counted(table.FEED_DUE) == START.timestamp() + 15 + 60
    desk.feed.next = [FeedDelivery((event(1),)), NoAnswer(Reason.FAILED, "500")]
    desk.after(60)
    assert desk.counted(table.FEED_DUE) == START.timestamp() + 75 + 60, "it gives, and is not at its end"


def test_a_delivery_that_is_large_is_written_in_parts_in_its_order() -> None:
    desk = Desk()
    desk.feed.next = [FeedDelivery(tuple(event(number) for number in range(1001)))]
    desk.turns.turn()
    assert [len(part) for part in desk.sent] == [500, 500, 1]


def test_the_feed_goes_on_only_when_its_delivery_was_written() -> None:
    desk = Desk()
    desk.feed.next = [FeedDelivery((event(1),)), FeedDelivery((event(2),))]
    desk.refuse_with = Unavailable("no broker")
    with pytest.raises(Unavailable, match="no broker"):
        desk.turns.turn()
    assert desk.feed.gone_on == 0


def test_a_feed_that_fails_is_left_alone_ever_longer_and_less_by_chance() -> None:
    desk = Desk()
    desk.feed.next = [NoAnswer(Reason.FAILED, "500") for _ in range(4)]
    assert [desk.turns.turn(), desk.after(9), desk.after(18), desk.after(36)] == pytest.approx(
        [9, 18, 36, 45]
    )
    assert desk.counted(table.FEED_FAILURES, reason="failed") == 4
    assert desk.after(45) == 60
    desk.feed.next = [NoAnswer(Reason.FAILED, "500")]
    assert desk.after(60) == pytest.approx(9)


def test_a_feed_that_fails_for_days_is_left_alone_no_longer_than_before() -> None:
    desk = Desk()
    desk.feed.next = [NoAnswer(Reason.FAILED, "500") for _ in range(1_100)]
    assert [desk.after(60) for _ in range(1_100)][-1] == pytest.approx(45)


def test_a_feed_is_left_alone_for_as_long_as_it_wishes() -> None:
    desk = Desk()
    desk.feed.next = [NoAnswer(Reason.THROTTLED, "429", retry_after=600)]
    assert desk.turns.turn() == 600
    assert desk.counted(table.FEED_FAILURES, reason="throttled") == 1


def test_what_came_before_a_failure_is_written() -> None:
    desk = Desk()
    desk.feed.next = [FeedDelivery((event(1),)), InvalidInput("never")]
    desk.turns.turn()
    assert len(desk.sent) == 1
    assert desk.counted(table.FEED_FAILURES, reason="invalid") == 1


def test_a_feed_that_fails_does_not_hold_up_the_others() -> None:
    desk = Desk("gdelt", "file")
    desk.feeds["gdelt"].next = [NoAnswer(Reason.TIMEOUT, "slow")]
    desk.feeds["file"].next = [FeedDelivery((event(1),))]
    assert desk.turns.turn() == pytest.approx(9)
    assert len(desk.sent) == 1


def test_an_error_that_nobody_thought_of_is_a_failure_of_its_feed_and_of_no_other() -> None:
    desk = Desk("gdelt", "file")
    desk.feeds["gdelt"].next = [FeedDelivery((event(1),)), ZeroDivisionError("nobody thought of it")]
    desk.feeds["file"].next = [FeedDelivery((event(2),))]
    assert desk.turns.turn() == pytest.approx(9)
    assert [key for key, _ in desk.written()] == ["desk:1", "desk:2"]
    assert desk.counted(table.FEED_FAILURES, reason="internal") == 1
    assert desk.counted(table.FEED_FAILURES, feed="file", reason="internal") == 0
    assert desk.log_lines.count("Traceback") == 1
    assert "ZeroDivisionError: nobody thought of it" in desk.log_lines
    desk.feeds["gdelt"].next = [FeedDelivery((event(3),))]
    desk.after(9)
    assert desk.written()[-1] == ("desk:3", 0)


def test_an_error_of_one_row_is_counted_and_logged_once_with_its_traceback() -> None:
    desk = Desk()
    desk.feed.next = [FeedDelivery((event(1),), {"internal": 2}, errors=(raised(KeyError("odd")),))]
    desk.turns.turn()
    assert desk.counted(table.REPORTS_LEFT_OUT, reason="internal") == 2
    assert desk.log_lines.count("Traceback") == 1
    assert desk.counted(table.FEED_LAST_SUCCESS) == START.timestamp()


def test_an_event_that_cannot_be_written_out_stops_no_other() -> None:
    desk = Desk()
    broken = replace(event(1), known_at="soon")
    desk.feed.next = [FeedDelivery((broken, event(2)))]
    desk.turns.turn()
    assert desk.written() == [("desk:2", 0)]
    assert desk.counted(table.REPORTS_LEFT_OUT, reason="internal") == 1
    assert desk.counted(table.EVENTS_INGESTED, status="new") == 1


@pytest.mark.parametrize("error", [MemoryError(), Unavailable("no broker"), SettingsError("wrong")])
def test_what_says_that_the_process_must_stop_is_not_caught(error: Exception) -> None:
    desk = Desk()
    desk.feed.next = [error]
    with pytest.raises(type(error)):
        desk.turns.turn()


def test_a_sender_that_fails_for_no_known_reason_lets_the_service_begin_anew() -> None:
    desk = Desk()
    desk.feed.next = [FeedDelivery((event(1),)), FeedDelivery((event(2),))]
    desk.refuse_with = AssertionError("of the client")
    with pytest.raises(Unavailable, match="of the client"):
        desk.turns.turn()
    assert desk.counted(table.FEED_FAILURES, reason="internal") == 0
    assert desk.feed.gone_on == 0


def raised(error: Exception) -> Exception:
    """The error as it is caught: with a traceback."""
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_wish_to_stop_ends_a_long_catching_up_between_two_deliveries() -> None:
    desk = Desk()
    desk.stopped = True
    desk.feed.next = [FeedDelivery((event(1),)), FeedDelivery((event(2),))]
    desk.turns.turn()
    assert len(desk.sent) == 1


def test_every_reason_has_its_place_in_the_table_of_metrics() -> None:
    (_, reasons) = table.FEED_FAILURES.labels
    assert reasons.values == (*Reason, "invalid", "internal")


@pytest.mark.attack
def test_a_source_without_end_holds_up_no_other_feed() -> None:
    desk = Desk("acled", "file")
    desk.feeds["acled"].next = Endless()
    desk.feeds["file"].next = [FeedDelivery((event(0),))]
    assert desk.turns.turn() == 0
    assert ("desk:0", 0) in desk.written()
    before = len(desk.written())
    assert before < 50
    desk.turns.turn()
    assert before < len(desk.written()) < 100
    assert len(desk.feeds["acled"].asked_at) == 1
    assert desk.counted(table.FEED_LAST_SUCCESS) is None


class Endless(list[FeedDelivery]):
    """As many deliveries as anyone asks for."""

    def __init__(self) -> None:
        super().__init__([FeedDelivery()])

    def pop(self, _: SupportsIndex = 0) -> FeedDelivery:
        return FeedDelivery((event(1),))


def test_a_feed_with_much_to_give_gives_all_of_it_in_its_turns() -> None:
    desk = Desk()
    desk.feed.next = [FeedDelivery((event(number),)) for number in range(50)]
    while desk.turns.turn() == 0:
        pass
    assert desk.written() == [(f"desk:{number}", 0) for number in range(50)]
    assert len(desk.feed.asked_at) == 1
    assert desk.counted(table.FEED_LAST_SUCCESS) == START.timestamp()
