"""The price service on a timeline in memory: backfill, polls, revisions, restarts, two at once, outages."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace as replace_struct
from prometheus_client import CollectorRegistry
from tests.prices.desk import Desk, Memory, Source, weekdays
from tests.prices.markets import FRONT, FRONT_BARS, SPOT

from brentwatch.core.domain import BRENT_SPOT, Bar
from brentwatch.core.errors import InvalidInput, Unavailable
from brentwatch.core.monitor.machine import step
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state import State
from brentwatch.prices.plan import Ledger
from brentwatch.prices.provider import NotNow, ignore_rejections
from brentwatch.prices.service import Service, run
from brentwatch.stream import Partition, Record
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.timeline import build_signal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from brentwatch.prices.provider import Reject

QUICK = replace(SPOT, delay=timedelta(minutes=15))
"""Spot as it would be from a desk's own file, a quarter of an hour after settlement."""

TEN = weekdays(10)
SECOND_MONDAY, SECOND_TUESDAY = date(2024, 1, 15), date(2024, 1, 16)
MONDAY_NIGHT = datetime(2024, 1, 15, 20, tzinfo=UTC)


def seen(session: date) -> datetime:
    """When the price of a session can be seen."""
    return QUICK.closes_at(session) + QUICK.delay


def desk(**settings: float) -> tuple[Desk, Source]:
    source = Source(QUICK, {day: price for day, price in TEN.items() if day <= SECOND_MONDAY})
    return Desk(QUICK, ("file", source), **settings), source


def test_an_empty_timeline_is_filled_with_warm_up_and_the_last_record_ends_it() -> None:
    made, _ = desk()
    made.turn(MONDAY_NIGHT)
    assert made.bars() == [(day, TEN[day], True) for day in list(TEN)[1:6]]
    *backfill, end = made.timeline.updates()
    assert [each.warmup for each in backfill] == [True] * 5
    assert (end.warmup, end.bars, end.complete_through) == (False, (), QUICK.closes_at(SECOND_MONDAY))


def test_first_prints_are_known_the_declared_delay_after_their_close_whenever_they_were_fetched() -> None:
    made, _ = desk()
    made.turn(MONDAY_NIGHT)
    for update in made.timeline.updates()[:-1]:
        (bar,) = update.bars
        assert bar.closes_at == SPOT.closes_at(bar.session)
        assert (update.known_at, update.complete_through) == (bar.closes_at + QUICK.delay, bar.closes_at)
        assert (update.fetched_at, update.provider) == (MONDAY_NIGHT, "file")


def test_the_next_look_is_when_the_next_price_can_be_seen_and_nothing_is_asked_before() -> None:
    made, source = desk()
    assert made.turn(MONDAY_NIGHT) == seen(SECOND_TUESDAY)
    series = {"series": "brent-spot"}
    assert made.counted("price_next_look_timestamp_seconds", **series) == seen(SECOND_TUESDAY).timestamp()
    made.turn(MONDAY_NIGHT + timedelta(hours=5))
    assert len(source.asked) == 1


def test_after_a_friday_nothing_is_asked_until_monday() -> None:
    made, source = desk()
    del source.prices[SECOND_MONDAY]
    assert made.turn(datetime(2024, 1, 12, 20, tzinfo=UTC)) == seen(SECOND_MONDAY)


def test_before_a_holiday_nothing_is_asked_until_it_is_over() -> None:
    source = Source(QUICK, weekdays(4, first=date(2024, 3, 25)))  # Thursday 28 March is before Good Friday
    made = Desk(QUICK, ("file", source))
    assert made.turn(datetime(2024, 3, 28, 20, tzinfo=UTC)) == seen(date(2024, 4, 2))


def test_a_new_session_is_written_as_it_becomes_visible_and_is_no_warm_up() -> None:
    made, source = desk()
    made.turn(MONDAY_NIGHT)
    source.prices = TEN
    made.turn(seen(SECOND_TUESDAY))
    assert made.bars()[5:] == [(SECOND_TUESDAY, TEN[SECOND_TUESDAY], False)]
    assert made.timeline.updates()[-1].known_at == seen(SECOND_TUESDAY)


def test_an_unfinished_bar_is_not_written() -> None:
    made, source = desk()
    source.prices = TEN
    made.turn(seen(SECOND_TUESDAY) - timedelta(seconds=1))
    assert SECOND_TUESDAY not in {session for session, _, _ in made.bars()}


def test_an_overdue_price_is_asked_for_ever_later_and_then_with_the_next_session() -> None:
    made, _ = desk(poll_seconds=300, longest_wait_seconds=3600)
    made.turn(MONDAY_NIGHT)
    now, waits = seen(SECOND_TUESDAY), list[float]()
    for _ in range(5):
        later = made.turn(now)
        waits.append((later - now).total_seconds())
        now = later
    assert all(0.75 * 300 * 2**at <= wait <= 300 * 2**at for at, wait in enumerate(waits[:4]))
    assert now == seen(date(2024, 1, 17))


def test_a_session_that_never_came_is_passed_over_once_the_next_is_there() -> None:
    made, source = desk()
    made.turn(MONDAY_NIGHT)
    wednesday = date(2024, 1, 17)
    source.prices = {**source.prices, wednesday: 80.0}
    assert made.turn(seen(wednesday)) == seen(date(2024, 1, 18))
    assert made.timeline.updates()[-1].bars[0].quality == ("gap",)


def test_a_revision_is_a_new_record_known_when_it_was_fetched() -> None:
    made, source = desk()
    made.turn(MONDAY_NIGHT)
    friday = date(2024, 1, 12)
    source.prices = {**TEN, friday: 99.5}
    now = seen(SECOND_TUESDAY) + timedelta(minutes=3)
    made.turn(now)
    revision, first = made.timeline.updates()[-2:]
    assert [(bar.session, bar.close) for bar in revision.bars] == [(friday, 99.5)]
    assert (revision.known_at, revision.complete_through) == (now, QUICK.closes_at(SECOND_MONDAY))
    assert first.bars[0].session == SECOND_TUESDAY
    made.turn(now + timedelta(days=1))
    assert len([each for each in made.bars() if each[0] == friday]) == 2  # the first print still stands


def test_a_new_price_of_the_first_session_after_an_expiry_is_written_and_counted_as_a_roll_correction() -> (
    None
):
    first, second = date(2024, 2, 1), date(2024, 2, 2)  # the April contract expired on 31 January
    known = weekdays(7, date(2024, 1, 29))
    source = Source(FRONT, known)
    made, now = Desk(FRONT, ("made", source), backfill_sessions=7), datetime(2024, 2, 6, 23, tzinfo=UTC)
    made.turn(now)
    source.prices = weekdays(8, date(2024, 1, 29)) | {first: 88.0, second: 89.0}
    made.turn(now + timedelta(days=1))

    series = {"series": "brent-front"}
    assert made.counted("price_bars_fetched_total", kind="roll_correction", **series) == 1
    assert made.counted("price_bars_fetched_total", kind="revision", **series) == 1
    revision, correction, _ = made.timeline.updates(made.partitions[0])[-3:]
    assert [(bar.session, bar.close, bar.quality) for bar in revision.bars] == [(second, 89.0, ("roll",))]
    assert [(bar.session, bar.close, bar.quality) for bar in correction.bars] == [(first, 88.0, ("roll",))]
    assert correction.known_at == now + timedelta(days=1)


def test_a_bar_that_comes_after_a_later_one_says_so() -> None:
    made, source = desk()
    thursday = date(2024, 1, 11)
    was = source.prices.pop(thursday)
    made.turn(MONDAY_NIGHT)
    source.prices = {**TEN, thursday: was}
    made.turn(seen(SECOND_TUESDAY))
    late = made.timeline.updates()[-2]
    assert (late.bars[0].session, late.bars[0].quality) == (thursday, ("late",))
    assert late.known_at == seen(SECOND_TUESDAY)
    assert made.counted("price_bars_fetched_total", series="brent-spot", kind="late") == 1


def test_a_restart_goes_on_from_what_the_timeline_holds() -> None:
    made, source = desk()
    made.turn(MONDAY_NIGHT)
    before = made.bars()
    made.life()
    made.turn(MONDAY_NIGHT + timedelta(hours=1))
    assert (made.bars(), len(source.asked)) == (before, 1)
    source.prices = TEN
    made.life()
    made.turn(datetime(2024, 1, 19, 20, tzinfo=UTC))  # down since Monday
    assert made.bars()[5:] == [(day, TEN[day], False) for day in list(TEN)[6:]]


@pytest.mark.parametrize("taken", range(7))
def test_a_backfill_that_was_cut_off_goes_on_as_warm_up(taken: int) -> None:
    made, _ = desk()
    whole = desk()[0]
    whole.turn(MONDAY_NIGHT)
    made.timeline.limit = taken
    with pytest.raises(Unavailable) if taken < 6 else nullcontext():
        made.turn(MONDAY_NIGHT)
    made.timeline.limit = None
    made.life()
    made.turn(MONDAY_NIGHT)
    assert made.bars() == whole.bars()
    assert [each.warmup for each in made.timeline.updates()] == [True] * 5 + [False]


def test_two_services_at_once_do_no_harm() -> None:
    one, source = desk()
    other = Desk(QUICK, ("file", source))
    lonely = desk()[0]
    lonely.sources[0][1].prices = source.prices
    for made in (one, other):
        made.timeline = one.timeline
        made.feed._read(made.timeline)  # both have looked before either writes
    for now in (MONDAY_NIGHT, seen(SECOND_TUESDAY)):
        for made in (one, other, lonely):
            made.turn(now)
        source.prices = lonely.sources[0][1].prices = TEN
    assert prices(one) == prices(lonely)


def prices(made: Desk) -> list[tuple[date, float]]:
    """What the fold of the monitor makes of a timeline."""
    state = State(rules=Rules(instrument=BRENT_SPOT))
    for update in made.timeline.updates():
        state, _ = step(state, build_signal(update))
    assert not state.waiting
    return [(bar.session, bar.close) for bar in state.prices.bars]


def test_a_provider_that_stands_in_does_not_overwrite_what_the_other_printed() -> None:
    first, second = Source(QUICK, dict(TEN)), Source(QUICK, {day: price + 0.01 for day, price in TEN.items()})
    made = Desk(QUICK, ("eia", first), ("fred", second))
    made.turn(MONDAY_NIGHT)
    first.error = NotNow("gone")
    made.turn(seen(SECOND_TUESDAY))
    assert made.bars()[5:] == [(SECOND_TUESDAY, round(TEN[SECOND_TUESDAY] + 0.01, 2), False)]
    counted = {"series": "brent-spot"}
    assert made.counted("price_fallbacks_total", provider="fred", **counted) == 1
    assert made.counted("price_bars_fetched_total", kind="disagreement", **counted) == 5
    assert made.counted("price_fetches_total", provider="eia", outcome="empty") == 1
    assert "gone" in made.log.getvalue()


@pytest.mark.parametrize("error", [NotNow("gone", 600.0), InvalidInput("the key is wrong")])
def test_an_outage_is_waited_out_and_nothing_is_lost(error: Exception) -> None:
    made, source = desk()
    made.turn(MONDAY_NIGHT)
    source.error = error
    later = made.turn(seen(SECOND_TUESDAY))
    assert seen(SECOND_TUESDAY) < later <= seen(SECOND_TUESDAY) + timedelta(seconds=600)
    source.error, source.prices = None, TEN
    made.turn(later)
    assert made.bars()[5:] == [(SECOND_TUESDAY, TEN[SECOND_TUESDAY], False)]


def test_once_asks_whether_something_is_due_or_not_and_says_who_did_not_answer() -> None:
    made, source = desk()
    made.service.run_once(made.timeline, MONDAY_NIGHT)
    made.service.run_once(made.timeline, MONDAY_NIGHT + timedelta(minutes=1))
    assert (len(source.asked), len(made.timeline.records)) == (2, 6)
    source.error = NotNow("gone")
    with pytest.raises(Unavailable, match="brent-spot: file: gone"):
        made.service.run_once(made.timeline, MONDAY_NIGHT + timedelta(minutes=2))


class Fails(Memory):
    """A timeline that cannot be read the first time, nor written the second; then the test is over."""

    def __init__(self, stop: Event) -> None:
        super().__init__()
        self._stop = stop
        self._reads = 0

    def read_on(self, number: int, reader: str) -> Iterator[Record]:
        self._reads += 1
        if self._reads == 1:
            raise Unavailable("the broker is gone")
        return super().read_on(number, reader)

    def append(self, number: int, key: bytes, values: Sequence[bytes]) -> None:
        if self._reads == 2:
            self._reads += 1
            raise Unavailable("the broker is gone again")
        super().append(number, key, values)
        if len(self.records) == 6:
            self._stop.set()

    def close(self) -> None: ...


@pytest.mark.slow
def test_failures_of_kafka_are_waited_out_and_nothing_is_lost() -> None:
    made, stop, registry = desk()[0], Event(), CollectorRegistry()
    timeline, metrics, health = Fails(stop), Metrics(registry, "prices"), Health(40.0)
    log = make_logger(TelemetrySettings(log_format="json"), service="prices", stream=made.log)
    moments = (MONDAY_NIGHT + timedelta(minutes=each) for each in count())
    run(made.service, timeline, Telemetry(metrics, health, log), stop, now=lambda: next(moments))
    assert len(timeline.records) == 6
    assert registry.get_sample_value("brentwatch_broker_failures_total") == 2
    assert health.check_readiness().well


def test_what_is_unusual_is_on_the_bar_and_counted() -> None:
    made, source = desk()
    source.doubled = True
    made.turn(MONDAY_NIGHT)
    assert made.timeline.updates()[4].bars[0].quality == ("duplicate",)
    assert made.counted("price_bars_flagged_total", series="brent-spot", flag="duplicate") == 1


def test_records_of_others_on_the_timeline_change_nothing() -> None:
    made, _ = desk()
    made.timeline.append(0, b"brent-spot", [b"no JSON"])
    made.timeline.append(0, b"event-1", [b'{"kind": "canary"}'])
    made.turn(MONDAY_NIGHT)
    assert len(made.timeline.records) == 2 + 6


def test_each_partition_is_given_what_it_lacks() -> None:
    made = Desk(QUICK, ("file", Source(QUICK, weekdays(6))))
    made.partitions = (0, 3)
    made.life()
    made.turn(MONDAY_NIGHT)
    made.timeline.records = [each for each in made.timeline.records if each.partition.number == 0]
    made.life()
    made.turn(MONDAY_NIGHT)
    assert len(made.timeline.updates(0)) == len(made.timeline.updates(3)) == 6


class Odd(float):
    """A number that no arithmetic expects."""

    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError("nobody expected this")

    __hash__ = None  # type: ignore[assignment]  # as Python has it beside an __eq__


@dataclass
class OddVolumes(Source):
    """Its volumes cannot be compared."""

    def fetch(self, since: date, now: datetime, reject: Reject = ignore_rejections) -> tuple[Bar, ...]:
        return tuple(replace(each, volume=Odd()) for each in super().fetch(since, now, reject))


def test_an_answer_that_quality_chokes_on_is_rejected_and_the_next_provider_goes_on() -> None:
    made = Desk(QUICK, ("eia", OddVolumes(QUICK, TEN)), ("fred", Source(QUICK, TEN)))
    made.turn(MONDAY_NIGHT)
    assert [each.provider for each in made.timeline.updates()] == ["fred"] * 6
    assert made.counted("price_fetches_total", provider="eia", outcome="internal") == 1
    assert made.counted("price_fetches_total", provider="eia", outcome="answered") == 0
    assert made.log.getvalue().count("Traceback") == 1


def test_a_record_that_raises_an_error_nobody_expected_is_passed_over_and_counted() -> None:
    made, _ = desk()
    odd: Any = 5  # bytes are what a client gives
    made.timeline.records.append(
        Record(partition=Partition("timeline", 0), offset=7, key=b"brent-spot", value=odd)
    )
    made.turn(MONDAY_NIGHT)
    assert len(made.timeline.records) == 1 + 6
    assert made.counted("price_rejections_total", series="brent-spot", reason="internal") == 1
    assert "partition 0 offset 7 of timeline" in made.log.getvalue()
    assert made.log.getvalue().count("Traceback") == 1


def test_a_ledger_takes_a_record_whole_or_not_at_all() -> None:
    made, _ = desk()
    made.turn(MONDAY_NIGHT)
    first, second, *_ = made.timeline.updates()
    odd: Any = first.bars[0]
    ledger = Ledger(SPOT)
    ledger.take(first)
    with pytest.raises(AttributeError):
        ledger.take(replace_struct(second, bars=(odd, object())))
    assert (ledger.newest, ledger.complete_through) == (first.bars[0].session, first.complete_through)


class Breaks(Memory):
    """A timeline that raises an error nobody expects for one series."""

    def append(self, number: int, key: bytes, values: Sequence[bytes]) -> None:
        if key == b"dubai":
            raise ZeroDivisionError("nobody expected this")
        super().append(number, key, values)


def test_a_series_that_fails_in_an_unexpected_way_leaves_the_others_alone() -> None:
    series = replace(QUICK, name="dubai")
    made, broken = desk()[0], Desk(series, ("file", Source(series, TEN)))
    made.timeline = Breaks()
    service = Service([broken.feed, made.feed], made.metrics, made.logger)
    later = service.turn(made.timeline, MONDAY_NIGHT)
    assert [bar[0] for bar in made.bars()] == list(TEN)[1:6]
    assert made.counted("price_rejections_total", series="dubai", reason="internal") == 1
    assert made.log.getvalue().count("Traceback") == 1
    assert later > MONDAY_NIGHT
    with pytest.raises(Unavailable, match="dubai: unexpected ZeroDivisionError"):
        service.run_once(made.timeline, MONDAY_NIGHT)


def test_rejections_are_counted_from_zero() -> None:
    made, _ = desk()
    for reason in table.PRICE_REJECTIONS.labels[1].values:
        labels = {"series": "brent-spot", "reason": reason}
        assert made.registry.get_sample_value("brentwatch_price_rejections_total", labels) == 0


LAST_OF_FRIDAY = datetime(2024, 1, 12, 22, tzinfo=UTC)
FRIDAY_NOON, SATURDAY = datetime(2024, 1, 12, 17, tzinfo=UTC), datetime(2024, 1, 13, 12, tzinfo=UTC)
SUNDAY_EVENING = datetime(2024, 1, 14, 23, 15, tzinfo=UTC)


@dataclass
class Bars(Source):
    """Gives the last bar of Friday once it can be seen."""

    def fetch(self, since: date, now: datetime, reject: Reject = ignore_rejections) -> tuple[Bar, ...]:
        del reject
        self.asked.append((since, now))
        opens_at = LAST_OF_FRIDAY - timedelta(minutes=5)
        friday = Bar(
            session=LAST_OF_FRIDAY.date(),
            closes_at=LAST_OF_FRIDAY,
            opens_at=opens_at,
            close=78.4,
            interval="5m",
        )
        return (friday,) if now >= LAST_OF_FRIDAY + FRONT_BARS.delay else ()


def bars_desk(**settings: float) -> tuple[Desk, Bars]:
    source = Bars(FRONT_BARS)
    made = Desk(FRONT_BARS, ("yahoo", source), **settings)
    made.timeline.append(0, b"brent-front-5m", [end_of_backfill()])
    return made, source


def test_bars_of_five_minutes_are_asked_for_every_minute_while_trade_runs() -> None:
    made, source = bars_desk()
    at = [FRIDAY_NOON]
    while len(at) < 4:
        at.append(made.turn(at[-1]))
    assert at == [FRIDAY_NOON + timedelta(minutes=number) for number in range(4)]
    assert [now for _, now in source.asked] == at[:3]


def test_once_all_of_a_session_was_seen_nothing_is_asked_until_the_next_trades() -> None:
    made, source = bars_desk(intraday_poll_seconds=3_600)
    made.turn(FRIDAY_NOON)
    assert made.turn(LAST_OF_FRIDAY + FRONT_BARS.delay) == SUNDAY_EVENING
    assert made.turn(SATURDAY) == SUNDAY_EVENING
    made.turn(SUNDAY_EVENING)
    assert [now for _, now in source.asked] == [
        FRIDAY_NOON,
        LAST_OF_FRIDAY + FRONT_BARS.delay,
        SUNDAY_EVENING,
    ]


def test_a_service_that_was_away_over_the_close_asks_for_the_last_bars_when_it_is_back() -> None:
    made, source = bars_desk()
    assert made.turn(SATURDAY) == SUNDAY_EVENING
    assert [now for _, now in source.asked] == [SATURDAY]
    assert [(bar.closes_at, bar.close) for bar in made.timeline.updates()[-1].bars] == [
        (LAST_OF_FRIDAY, 78.4)
    ]
    made.life()
    made.turn(SATURDAY)
    assert len(made.timeline.updates()) == 2


def end_of_backfill() -> bytes:
    return (
        b'{"kind": "price_update", "series": "brent-front-5m", "warmup": false, "bars": [{"session":'
        b'"2024-01-12", "close": 78.2, "closes_at": "2024-01-12T21:55:00Z", "interval": "5m"}],'
        b'"complete_through": "2024-01-12T21:55:00Z", "known_at": "2024-01-12T22:10:00Z"}'
    )
