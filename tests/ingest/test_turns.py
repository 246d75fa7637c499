"""Feeds are asked on their intervals, left alone after failures, and what they give is written once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry
from tests.ingest.feeds.contract import TIMEOUT_SECONDS, TROUBLES
from tests.ingest.feeds.gdelt_stub import FIRST, GdeltStub, row
from tests.screen.messages import message

from brentwatch.core.errors import InvalidInput, Unavailable
from brentwatch.ingest.faults import FeedUnavailable, Reason
from brentwatch.ingest.feeds.feed import LEFT_OUT, Delivery
from brentwatch.ingest.feeds.settings import GdeltSettings
from brentwatch.ingest.feeds.table import open_feed
from brentwatch.ingest.turns import Pace, Surroundings, Turns
from brentwatch.telemetry import table
from brentwatch.telemetry.logs import logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.unrest_event import decode_event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from brentwatch.stream.records import Outgoing
    from brentwatch.wire.event_document import UnrestEventDocument

START = datetime(2024, 5, 7, 12, 0, tzinfo=UTC)


def event(number: int) -> UnrestEventDocument:
    return decode_event(message(event_id=f"desk:{number}"))


class Fake:
    """A feed that gives, or raises, what is in `next`, and remembers what was asked for."""

    memory = timedelta(days=1)

    def __init__(self) -> None:
        self.next: list[Delivery | Exception] = []
        self.asked_at: list[datetime] = []
        self.gone_on = 0

    def recall(self, document: UnrestEventDocument) -> None:
        raise NotImplementedError

    def poll(self, now: datetime) -> Iterator[Delivery]:
        self.asked_at.append(now)
        while self.next:
            match self.next.pop(0):
                case Delivery() as delivery:
                    yield delivery
                    self.gone_on += 1
                case error:
                    raise error


class Desk:
    """Turns of one feed or several, with a clock that the test moves."""

    def __init__(self, *names: str) -> None:
        self.feeds: dict[str, Any] = {name: Fake() for name in names or ("gdelt",)}
        self.feed: Fake = next(iter(self.feeds.values()))
        self.now = START
        self.sent: list[list[Outgoing]] = []
        self.refuse = False
        self.stopped = False
        self.registry = CollectorRegistry()
        pace = Pace(every=60, first_wait=10, longest_wait=50)
        self.turns = Turns(
            self.feeds,
            dict.fromkeys(self.feeds, pace),
            Surroundings(
                topic="demo.unrest.events",
                envelope="binary",
                sender=self,
                now=lambda: self.now,
                chance=lambda: 0.4,
                beat=lambda: None,
                stopped=lambda: self.stopped,
                metrics=Metrics(self.registry, "ingest"),
                log=logger(TelemetrySettings(log_level="error"), service="ingest"),
            ),
        )

    def send(self, records: Sequence[Outgoing]) -> None:
        if self.refuse:
            raise Unavailable("no broker")
        self.sent.append(list(records))

    def after(self, seconds: float) -> float:
        self.now += timedelta(seconds=seconds)
        return self.turns.turn()

    def counted(self, metric: table.Metric, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"brentwatch_{metric.name}", {"feed": "gdelt", **labels})


def test_a_feed_is_asked_when_its_interval_is_over_and_not_before() -> None:
    desk = Desk()
    assert desk.turns.turn() == 60
    assert desk.after(59) == 1
    assert desk.after(1) == 60
    assert desk.feed.asked_at == [START, START + timedelta(seconds=60)]


def test_what_it_gives_is_written_with_its_country_as_key_in_an_envelope_and_counted() -> None:
    desk = Desk()
    desk.feed.next = [Delivery((event(1), event(2)), {"old": 3})]
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


def test_a_delivery_that_is_large_is_written_in_parts_in_its_order() -> None:
    desk = Desk()
    desk.feed.next = [Delivery(tuple(event(number) for number in range(1001)))]
    desk.turns.turn()
    assert [len(part) for part in desk.sent] == [500, 500, 1]


def test_the_feed_goes_on_only_when_its_delivery_was_written() -> None:
    desk = Desk()
    desk.feed.next = [Delivery((event(1),)), Delivery((event(2),))]
    desk.refuse = True
    with pytest.raises(Unavailable, match="no broker"):
        desk.turns.turn()
    assert desk.feed.gone_on == 0


def test_a_feed_that_fails_is_left_alone_ever_longer_and_less_by_chance() -> None:
    desk = Desk()
    desk.feed.next = [FeedUnavailable(Reason.FAILED, "500") for _ in range(4)]
    assert [desk.turns.turn(), desk.after(9), desk.after(18), desk.after(36)] == pytest.approx(
        [9, 18, 36, 45]
    )
    assert desk.counted(table.FEED_FAILURES, reason="failed") == 4
    assert desk.after(45) == 60
    desk.feed.next = [FeedUnavailable(Reason.FAILED, "500")]
    assert desk.after(60) == pytest.approx(9)


def test_a_feed_is_left_alone_for_as_long_as_it_wishes() -> None:
    desk = Desk()
    desk.feed.next = [FeedUnavailable(Reason.THROTTLED, "429", retry_after=600)]
    assert desk.turns.turn() == 600
    assert desk.counted(table.FEED_FAILURES, reason="throttled") == 1


def test_what_came_before_a_failure_is_written() -> None:
    desk = Desk()
    desk.feed.next = [Delivery((event(1),)), InvalidInput("never")]
    desk.turns.turn()
    assert len(desk.sent) == 1
    assert desk.counted(table.FEED_FAILURES, reason="invalid") == 1


def test_a_feed_that_fails_does_not_hold_up_the_others() -> None:
    desk = Desk("gdelt", "file")
    desk.feeds["gdelt"].next = [FeedUnavailable(Reason.TIMEOUT, "slow")]
    desk.feeds["file"].next = [Delivery((event(1),))]
    assert desk.turns.turn() == pytest.approx(9)
    assert len(desk.sent) == 1


def test_a_wish_to_stop_ends_a_long_catching_up_between_two_deliveries() -> None:
    desk = Desk()
    desk.stopped = True
    desk.feed.next = [Delivery((event(1),)), Delivery((event(2),))]
    desk.turns.turn()
    assert len(desk.sent) == 1


def test_every_reason_has_its_place_in_the_table_of_metrics() -> None:
    (_, reasons) = table.FEED_FAILURES.labels
    assert reasons.values == (*Reason, "invalid")
    (_, left_out) = table.REPORTS_LEFT_OUT.labels
    assert left_out.values == LEFT_OUT


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_feed_in_trouble_is_counted_by_its_reason_and_goes_on_when_it_is_well(trouble: str) -> None:
    make, reason = TROUBLES[trouble]
    with GdeltStub() as stub:
        stub.add(FIRST, [row(1)])
        settings = GdeltSettings(url=f"{stub.url}/gdeltv2", timeout_seconds=TIMEOUT_SECONDS)
        desk = Desk()
        desk.feeds["gdelt"] = open_feed("gdelt", settings)
        stub.trouble = make(stub)
        wait = desk.turns.turn()
        assert desk.counted(table.FEED_FAILURES, reason=reason) == 1
        assert desk.sent == []
        stub.trouble = None
        assert desk.after(wait) == 60
        assert [len(part) for part in desk.sent] == [1]
