"""The feed of one series: reads the timeline, fetches what is due, and writes what is new."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from brentwatch.core.domain import Series
from brentwatch.core.errors import Unavailable
from brentwatch.prices.chain import Chain
from brentwatch.prices.plan import Fetched, Ledger, WritePlan, plan
from brentwatch.prices.provider import NotNow, RowsRejected, describe_error
from brentwatch.prices.series import A_WEEK, DAYS_A_SESSION, find_due, find_following_due, find_trading_time
from brentwatch.prices.settings import PricesSettings
from brentwatch.stream import Record, find_write_time
from brentwatch.web.failures import INTERNAL, Backoff
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.timeline import build_signal, check_signal, decode_record, encode_record
from brentwatch.wire.timeline_record import PriceUpdateRecord

_INTRADAY_LOOK_BACK_DAYS = 1
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class WarmUp:
    """The first prices of the timeline: `written` of `records` records so far; None before the fetch."""

    written: int
    records: int | None


class Timeline(Protocol):
    """The timeline as a feed sees it."""

    def read_on(self, number: int, reader: str) -> Iterable[Record]:
        """The records of a partition that `reader` has not received yet."""

    def append(self, number: int, key: bytes, values: Sequence[bytes]) -> None:
        """Write records to a partition, and return when they are acknowledged."""


class SeriesFeed:
    """Call `turn` when `next_at` (UTC) has come.

    `tell` is called with each plan once it is written, with the progress of a warm-up, and with records of
    the timeline that cannot be read.
    """

    def __init__(
        self,
        series: Series,
        partitions: Sequence[int],
        chain: Chain,
        settings: PricesSettings,
        waits: Backoff,
        tell: Callable[[WritePlan | RowsRejected | WarmUp], object],
    ) -> None:
        self.series = series
        self.next_at = datetime.min.replace(tzinfo=UTC)
        self._chain = chain
        self._settings = settings
        self._waits = waits
        self._tell = tell
        self._ledgers = {each: Ledger(series) for each in partitions}
        self._tries = 0
        self._asked_at: datetime | None = None

    def turn(self, timeline: Timeline, now: datetime, *, force: bool = False) -> None:
        """Look, and if something is due (or `force`) fetch and write it.

        Raises:
            Unavailable: if the timeline cannot be read or written.
            NotNow: if no provider answers; the next look is set before that.
        """
        self._read(timeline)
        if not force and self._find_due(now) > now:
            self.next_at = self._find_due(now)
            return
        if not self._is_backfilled:
            self._tell(WarmUp(0, None))
        try:
            plans = self._chain.fetch(self._find_start(now), now, self._plan_writes)
        except NotNow as error:
            self.next_at = now + timedelta(seconds=error.retry_after or self._poll_seconds)
            raise
        self._asked_at = now
        for number, planned in plans.items():
            self._write(timeline, number, planned)
        self._come_back(now)

    def postpone(self, now: datetime) -> None:
        """After an unexpected error: try again after the usual time."""
        self.next_at = now + timedelta(seconds=self._poll_seconds)

    def _plan_writes(self, fetched: Fetched) -> dict[int, WritePlan]:
        """What to write of an answer, by partition.

        Raises:
            InvalidMessage: if a reader of the timeline would refuse a record.
        """
        most = self._settings.backfill_sessions
        plans = {number: plan(self.series, ledger, fetched, most) for number, ledger in self._ledgers.items()}
        for planned in plans.values():
            for record in planned.records:
                decode_record(encode_record(record))  # as every reader of the timeline will
        return plans

    @property
    def _is_backfilled(self) -> bool:
        return all(ledger.backfilled for ledger in self._ledgers.values())

    @property
    def _poll_seconds(self) -> float:
        daily = self.series.is_daily
        return self._settings.poll_seconds if daily else self._settings.intraday_poll_seconds

    def _read(self, timeline: Timeline) -> None:
        key = self.series.name.encode()
        for number, ledger in self._ledgers.items():
            for record in timeline.read_on(number, self.series.name):
                if record.key == key:
                    self._take(ledger, record)

    def _take(self, ledger: Ledger, record: Record) -> None:
        """Take in a record; one that raises an unexpected error is skipped and reported."""
        try:
            if update := _decode_update(record):
                ledger.take(update)
        except (MemoryError, Unavailable):
            raise
        except Exception as error:  # noqa: BLE001 - a foreign record: only it is skipped
            place = f"partition {record.partition.number} offset {record.offset} of {record.partition.topic}"
            self._tell(RowsRejected(place, INTERNAL, 1, describe_error(error), error))

    def _find_due(self, now: datetime) -> datetime:
        """When something is due next; `now` or earlier if it is due already."""
        if not self._is_backfilled:
            return now
        if not self.series.is_daily:
            return find_trading_time(self.series, now, self._asked_at)
        return find_due(self.series, self._find_newest(now))

    def _find_newest(self, now: datetime) -> date:
        found = [ledger.newest for ledger in self._ledgers.values()]
        return min(each or now.date() for each in found)

    def _find_start(self, now: datetime) -> date:
        """Early enough for the partition with the least data, and for revisions."""
        if not self._is_backfilled:
            days = DAYS_A_SESSION * self._settings.backfill_sessions
            return (now - timedelta(days=days) - A_WEEK).date()
        days = self._settings.look_back_days if self.series.is_daily else _INTRADAY_LOOK_BACK_DAYS
        return self._find_newest(now) - timedelta(days=days)

    def _write(self, timeline: Timeline, number: int, planned: WritePlan) -> None:
        key = self.series.name.encode()
        for start in range(0, len(planned.records), _AT_ONCE):
            chunk = planned.records[start : start + _AT_ONCE]
            timeline.append(number, key, [encode_record(record) for record in chunk])
            for record in chunk:  # they are read again later, with the same effect
                self._ledgers[number].take(record)
            if len(planned.records) > _AT_ONCE:
                self._tell(WarmUp(start + len(chunk), len(planned.records)))
        self._tell(planned)

    def _come_back(self, now: datetime) -> None:
        """After an answer: set when to look next; sooner while a price is overdue, up to a limit."""
        due, poll = self._find_due(now), self._poll_seconds
        if due > now:
            self._tries, self.next_at = 0, due
            return
        if not self.series.is_daily:
            self.next_at = now + timedelta(seconds=poll)
            return
        self._tries += 1
        next_session, wait = find_following_due(self.series, now), self._waits.draw_wait(self._tries)
        given_up = self._waits.compute_full_wait(self._tries) >= self._settings.longest_wait_seconds
        self.next_at = next_session if given_up else min(next_session, now + timedelta(seconds=wait))
        if self.next_at == next_session:  # most likely a holiday of the source
            self._tries = 0


def _decode_update(record: Record) -> PriceUpdateRecord | None:
    """None for a record that cannot be read: it is a dead letter of the monitor, without a price."""
    try:
        found = decode_record(record.value or b"")
        check_signal(build_signal(found), find_write_time(record))
    except InvalidMessage:
        return None
    return found if isinstance(found, PriceUpdateRecord) else None
