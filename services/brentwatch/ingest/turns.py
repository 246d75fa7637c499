"""Asks each feed in turn, writes its events, and retries a failed feed with back-off.

A feed is asked when its interval is over. The next delivery is requested only after the previous one is
written and acknowledged. A failed feed is retried after `first_wait_seconds`, then after twice the time, up
to `longest_wait_seconds`, or after the time that it asks for. Our own waits are shortened by up to a quarter
at random, so that many installations do not retry at the same moment.

An unexpected error is a failure of that feed, counted as internal and logged with its traceback; the others
continue. Errors that stop or restart the process are not caught (`MUST_STOP`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from brentwatch.core.errors import InvalidInput, Unavailable
from brentwatch.ingest.feeds.deliveries import MUST_STOP, Feed, FeedDelivery
from brentwatch.stream import FEED, Outgoing
from brentwatch.stream.delivery import Sender
from brentwatch.telemetry import table
from brentwatch.web.failures import INTERNAL, UNUSABLE, Backoff, NoAnswer
from brentwatch.wire.cloudevents import Envelope, decode_message, encode_message
from brentwatch.wire.event_document import UnrestEventDocument, check_event
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from brentwatch.telemetry.metrics import Metrics

_AT_ONCE = 500
_MOST_A_TURN = 20
"""Deliveries of one feed before the others are asked."""
_UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many seconds after an answer a feed is asked again, and the back-off after failures."""

    every: float
    backoff: Backoff


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything that a turn uses: `now` is the time of day.

    `beat` is called on progress; once `stopped` is true, no feed is asked.
    """

    topic: str
    envelope: Envelope
    sender: Sender
    now: Callable[[], datetime]
    beat: Callable[[], object]
    stopped: Callable[[], bool]
    metrics: Metrics
    log: FilteringBoundLogger


class Turns:
    """Asks the feeds in turn. After `Unavailable` from the sender it is unusable: make a new one.

    A feed with many deliveries continues in its next turn, so that an endless source does not block others.
    """

    def __init__(self, feeds: Mapping[str, Feed], paces: Mapping[str, Pace], around: Surroundings) -> None:
        self._feeds = feeds
        self._paces = paces
        self._around = around
        self._due = dict.fromkeys(feeds, around.now())
        self._failures = dict.fromkeys(feeds, 0)
        self._unfinished: dict[str, Iterator[FeedDelivery]] = {}
        declare_counters(around.metrics, feeds)
        for name in feeds:
            self._note_answer(name)

    def turn(self) -> float:
        """Ask every feed that is due; returns the seconds until the next one is.

        Raises:
            Unavailable: if something could not be written.
            SettingsError: if the settings of a feed have become unusable.
        """
        for name, due in list(self._due.items()):
            if due <= self._around.now():
                wait = self._ask(name)
                self._due[name] = self._around.now() + timedelta(seconds=wait)
        return max(0.0, (min(self._due.values()) - self._around.now()).total_seconds())

    def _ask(self, name: str) -> float:
        """The seconds until this feed is asked again."""
        deliveries = self._unfinished.pop(name, None)
        for _ in range(_MOST_A_TURN):
            try:
                deliveries = deliveries or self._feeds[name].poll(self._around.now())
                delivery = next(deliveries, None)
            except NoAnswer as error:
                return self._record_failure(name, error.reason, error, error.retry_after)
            except InvalidInput as error:
                return self._record_failure(name, UNUSABLE, error, None)
            except MUST_STOP:
                raise
            except Exception as error:  # any error of a feed is a failure of that feed
                self._around.log.error("internal error", feed=name, exc_info=error)
                return self._record_failure(name, INTERNAL, error, None)
            if delivery is None:
                self._failures[name] = 0
                self._around.metrics.set(table.FEED_LAST_SUCCESS, self._around.now().timestamp(), feed=name)
                self._note_answer(name)
                return self._paces[name].every
            self._deliver(name, delivery)
            if self._around.stopped():
                return 0.0
        if deliveries is not None:
            self._unfinished[name] = deliveries
        return 0.0

    def _deliver(self, name: str, delivery: FeedDelivery) -> None:
        around, ingested_at = self._around, self._around.now()
        written: list[UnrestEventDocument] = []
        for start in range(0, len(delivery.documents), _AT_ONCE):
            part = delivery.documents[start : start + _AT_ONCE]
            made = [(each, out) for each in part if (out := self._record(name, each, ingested_at))]
            self._write([out for _, out in made])
            around.beat()
            written += [document for document, _ in made]
        self._report(name, delivery, written)
        self._note_answer(name)

    def _note_answer(self, name: str) -> None:
        """The feed has to answer again within its interval."""
        due = self._around.now().timestamp() + self._paces[name].every
        self._around.metrics.set(table.FEED_DUE, due, feed=name)

    def _report(self, name: str, delivery: FeedDelivery, written: Sequence[UnrestEventDocument]) -> None:
        """Count and log what was written and what was left out."""
        around = self._around
        for document in written:
            around.metrics.count(table.EVENTS_INGESTED, feed=name, status=document.status)
        for reason, count in delivery.left_out.items():
            around.metrics.count(table.REPORTS_LEFT_OUT, count, feed=name, reason=reason)
        for remark in delivery.remarks:
            around.log.info("read", feed=name, detail=remark)
        for note in delivery.notes:
            around.log.warning("left out", feed=name, detail=note)
        for fallback in delivery.fallbacks:
            around.metrics.count(table.FEED_FALLBACKS, feed=name)
            around.log.warning("using another address", feed=name, detail=fallback)
        if delivery.kept_share is not None:
            around.metrics.set(table.FEED_KEPT_SHARE, delivery.kept_share, feed=name)
        for error in delivery.errors:
            around.log.error("internal error", feed=name, exc_info=error)
        if written:
            newest = max(document.known_at for document in written)
            around.metrics.set(table.FEED_NEWEST, newest.timestamp(), feed=name)
            around.log.info("ingested", feed=name, events=len(written), known_at=newest.isoformat())

    def _write(self, records: Sequence[Outgoing]) -> None:
        """Write them; an unexpected error restarts the service, like a lost broker."""
        try:
            self._around.sender.send(records)
        except MUST_STOP:
            raise
        except Exception as error:
            self._around.log.error("internal error", exc_info=error)
            raise Unavailable(f"events could not be written: {type(error).__name__}: {error}") from error

    def _record(self, name: str, document: UnrestEventDocument, ingested_at: datetime) -> Outgoing | None:
        """The record of an event; None if it cannot be made or read, which is counted and logged."""
        around = self._around
        try:
            stamped = replace(document, ingested_at=ingested_at)
            check_event(stamped, 1000.0 * ingested_at.timestamp())
            value, headers = encode_message(stamped, f"/brentwatch/ingest/{name}", around.envelope)
            decode_message(value, headers)  # as every reader of the topic will
            key = document.country.encode()
        except MUST_STOP:
            raise
        except InvalidMessage as error:
            around.log.warning("left out", feed=name, event_id=document.event_id, detail=str(error))
            around.metrics.count(table.REPORTS_LEFT_OUT, feed=name, reason=_find_reason(error))
            return None
        except Exception as error:  # an event that cannot be written must not stop others
            around.log.error("internal error", feed=name, event_id=document.event_id, exc_info=error)
            around.metrics.count(table.REPORTS_LEFT_OUT, feed=name, reason=INTERNAL)
            return None
        return Outgoing(topic=around.topic, key=key, value=value, headers=(*headers, (FEED, name.encode())))

    def _record_failure(self, name: str, reason: str, error: Exception, wished: float | None) -> float:
        self._failures[name] += 1
        wait = max(wished or 0.0, self._paces[name].backoff.draw_wait(self._failures[name]))
        self._around.metrics.count(table.FEED_FAILURES, feed=name, reason=reason)
        self._around.log.warning(
            "feed failed", feed=name, reason=reason, detail=str(error), again_in_seconds=round(wait, 1)
        )
        return wait


def _find_reason(error: InvalidMessage) -> str:
    """Why an event is left out that readers of the topic would refuse."""
    return error.reason if error.reason is DeadLetterReason.FUTURE else _UNREADABLE


def declare_counters(metrics: Metrics, feeds: Iterable[str]) -> None:
    """Create the counters of the feeds at 0, so that a rule sees the first count as an increase."""
    for name in feeds:
        for metric in (
            table.EVENTS_INGESTED, table.REPORTS_LEFT_OUT, table.FEED_FAILURES, table.FEED_FALLBACKS,
        ):  # fmt: skip
            metrics.declare(metric, feed=name)
