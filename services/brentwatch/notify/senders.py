"""One thread a channel, which sends what is recorded for it, and never touches Kafka.

The deliveries of an alert thread go out in their order, and a newer revision takes the place of an older one
that was not sent. A temporary failure is retried with back-off until the deadline; meanwhile other alert
threads have their turn. Nothing is sent without a lease: who has none may have been replaced. Nor is anything
sent before the last acceptance of the channel is written: a process that dies costs one copy a channel.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
from structlog.typing import FilteringBoundLogger

from brentwatch.core.errors import SettingsError, Unavailable, format_traceback
from brentwatch.notify.composing import compose_message
from brentwatch.notify.messages import Channel, Rejected, Revisions, TellsReaders
from brentwatch.notify.pacing import ChannelPace
from brentwatch.notify.readers import ReaderWatch
from brentwatch.notify.stages import Route
from brentwatch.notify.values import Pending
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.wire.deliveries import AttemptOutcome

MOST_QUEUED = 1000
_LONGEST_WAIT_SECONDS = 0.5
_IDLE_SECONDS = 0.2
_AGAIN = (408, 429)
_BAD_REQUEST, _SERVER_ERROR = 400, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one attempt ended; see `AttemptRecord`."""

    delivery: str
    pending: Pending
    outcome: AttemptOutcome
    seconds: float = 0.0
    reason: str = ""
    status: int | None = None
    message_id: str = ""
    detail: str = ""


@dataclass(slots=True)
class _Queued:
    name: str
    pending: Pending
    number: int
    deadline: float
    life: int
    tries: int = 0
    is_plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """What an error means: `again` is in how many seconds at the earliest, None for never."""

    reason: str
    said: str
    status: int | None = None
    again: float | None = None
    is_formatting: bool = False


class Lease:
    """Until when this process may send; all senders share it. `now` is a clock that never goes back."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until = now()

    def renew(self, seconds: float) -> None:
        """The partition is ours for this number of seconds from now."""
        self._until = self._now() + seconds

    @property
    def is_valid(self) -> bool:
        """True while it is ours."""
        return self._now() < self._until


class ChannelSender:
    """Sends through one channel, while `may_send` says so.

    `tell` gets each outcome, on the thread that runs `run`, or that submits.
    """

    def __init__(
        self,
        route: Route,
        channel: Channel,
        may_send: Callable[[], bool],
        tell: Callable[[Outcome], None],
        log: FilteringBoundLogger,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._route, self._channel, self._may_send = route, channel, may_send
        self._tell, self._now = tell, now
        self._log = log.bind(channel=route.name)
        self._changed = threading.Condition()
        self._queue: list[_Queued] = []
        self._names: set[str] = set()
        self._roots: dict[str, str] = {}
        self._submitted = 0
        self._life = 0
        self._at_hand: _Queued | None = None
        self._is_over = False
        self._readers = (
            ReaderWatch(channel, self._tell_reader, now) if isinstance(channel, TellsReaders) else None
        )
        self.pace = ChannelPace(route.settings.per_minute, now)

    def submit(self, name: str, pending: Pending, age_seconds: float = 0.0) -> bool:
        """Have a delivery sent that was recorded so long ago; False where the queue is full: ask again."""
        deadline = self._now() + 60.0 * self._route.settings.deadline_minutes - age_seconds
        with self._changed:
            if name in self._names:
                if self._at_hand is not None and self._at_hand.name == name:
                    self._at_hand.life = self._life
                return True
            if len(self._queue) >= MOST_QUEUED:
                return False
            self._submitted += 1
            queued = _Queued(name, pending, self._submitted, deadline, self._life)
            replaced = self._take_replaced(queued)
            self._names.add(name)
            self._queue.append(queued)
            self._changed.notify()
        for each in replaced:
            self._finish(each, AttemptOutcome.SUPERSEDED)
        return True

    def _take_replaced(self, newer: _Queued) -> list[_Queued]:
        """Take older revisions of the thread out of the queue; if one of them was to ping, the newer does."""
        replaced = [each for each in self._queue if self._is_replaced(each, newer)]
        self._queue = [each for each in self._queue if each not in replaced]
        if any(each.pending.pings for each in replaced):
            newer.pending = msgspec.structs.replace(newer.pending, pings=True)
        return replaced

    def _is_replaced(self, older: _Queued, newer: _Queued) -> bool:
        return (
            self._route.revisions is not Revisions.EVERY
            and older.pending.is_alert
            and newer.pending.is_alert
            and older.pending.thread == newer.pending.thread
            and older.number < newer.number
        )

    def drop(self) -> None:
        """Forget what waits: the next process with the lease gets everything again.

        What is being sent meanwhile is not sent again, unless it is submitted again.
        """
        with self._changed:
            self._life += 1
            self._names -= {each.name for each in self._queue}
            self._queue.clear()
            self._roots.clear()

    def close(self) -> None:
        """End `run` after the attempt at hand."""
        with self._changed:
            self._is_over = True
            self._changed.notify()

    def wake(self) -> None:
        """It may be that something can be sent now."""
        with self._changed:
            self._changed.notify()

    def run(self) -> None:
        """Send what comes, until it is closed."""
        while not self._is_over:
            if not self.turn():
                if self._readers is not None:
                    self._readers.ask()
                with self._changed:
                    if not self._is_ready():
                        wait = min(self.pace.measure_wait(), _LONGEST_WAIT_SECONDS)
                        self._changed.wait(wait or _IDLE_SECONDS)

    def _is_ready(self) -> bool:
        """True where something waits and may be sent: it may have come since the last turn."""
        return bool(self._queue) and self._may_send() and self.pace.measure_wait() <= 0.0

    def turn(self) -> bool:
        """Make the next attempt, if one may be made now; False where there is none."""
        if self.pace.measure_wait() > 0.0 or not self._may_send():
            return False
        queued = self._take_next()
        if queued is not None:
            self._attempt(queued)
        return queued is not None

    def _take_next(self) -> _Queued | None:
        """Of the first delivery of each thread the one that was tried least, and came first."""
        with self._changed:
            firsts: dict[str, _Queued] = {}
            for each in sorted(self._queue, key=lambda each: each.number):
                firsts.setdefault(each.pending.thread, each)
            if not firsts:
                return None
            chosen = min(firsts.values(), key=lambda each: (each.tries, each.number))
            self._queue.remove(chosen)
            self._at_hand = chosen
            return chosen

    def _attempt(self, queued: _Queued) -> None:
        began = self._now()
        if queued.deadline <= began:
            failure = _Failure(reason="deadline", said="it was not accepted before its deadline")
            self._fail(queued, failure, 0.0)
            return
        self.pace.take()
        queued.tries += 1
        thread = queued.pending.thread
        root = queued.pending.root or self._roots.get(thread)
        try:
            message, left_out = compose_message(
                queued.name,
                queued.pending,
                self._route.settings,
                self._channel,
                root,
                self._route.yearly_false_alarms,
            )
            receipt = self._channel.send(replace(message, is_plain=queued.is_plain))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong with one message is its outcome
            self._note_error(queued, error, self._now() - began)
            return
        self.pace.note_answer()
        if receipt.message_id and self._route.revisions is Revisions.EDIT:
            self._roots[thread] = receipt.message_id  # another one where the first could not be edited
        else:
            self._roots.setdefault(thread, receipt.message_id or queued.name)
        if self._readers is not None:
            self._readers.add(queued.name, queued.pending, receipt.message_id)
        seconds = self._now() - began
        self._log.info(
            "delivery accepted", delivery=queued.name, seconds=round(seconds, 3), status=receipt.status
        )
        self._finish(
            queued,
            AttemptOutcome.ACCEPTED,
            seconds=seconds,
            status=receipt.status,
            message_id=receipt.message_id,
            detail="; ".join(filter(None, [left_out, receipt.detail])),
        )

    def _tell_reader(self, name: str, pending: Pending, reader: str) -> None:
        seen = AttemptOutcome.SEEN
        self._tell(Outcome(delivery=name, pending=pending, outcome=seen, detail=reader))

    def _note_error(self, queued: _Queued, error: Exception, seconds: float) -> None:
        failure = explain_failure(error)
        if failure.reason == "internal":
            self._log.error("internal error", delivery=queued.name, traceback=format_traceback(error))
        if failure.is_formatting and not queued.is_plain:
            queued.is_plain = True
            self._repeat(queued, failure, seconds)
        elif failure.again is None:
            self.pace.note_answer()
            self._fail(queued, failure, seconds)
        else:
            self.pace.note_failure(failure.again)
            self._repeat(queued, failure, seconds)

    def _repeat(self, queued: _Queued, failure: _Failure, seconds: float) -> None:
        """Send it again later, unless a newer revision waits to take its place, or the lease has gone."""
        with self._changed:
            is_dropped = queued.life != self._life
            newer = [each for each in self._queue if self._is_replaced(queued, each)]
            for each in newer:
                pings = each.pending.pings or queued.pending.pings
                each.pending = msgspec.structs.replace(each.pending, pings=pings)
            if is_dropped:
                self._names.discard(queued.name)
            elif not newer:
                self._queue.append(queued)
        outcome = AttemptOutcome.SUPERSEDED if newer else AttemptOutcome.RETRY
        self._log.warning(
            "delivery not accepted, sent again later",
            delivery=queued.name,
            reason=failure.reason,
            detail=failure.said,
        )
        self._tell_failure(queued, outcome, failure, seconds)

    def _fail(self, queued: _Queued, failure: _Failure, seconds: float) -> None:
        self._log.error("delivery failed", delivery=queued.name, reason=failure.reason, detail=failure.said)
        self._tell_failure(queued, AttemptOutcome.FAILED, failure, seconds)

    def _tell_failure(
        self, queued: _Queued, outcome: AttemptOutcome, failure: _Failure, seconds: float
    ) -> None:
        self._finish(
            queued,
            outcome,
            seconds=seconds,
            reason=failure.reason,
            status=failure.status,
            detail=failure.said[:1000],
        )

    def _finish(self, queued: _Queued, outcome: AttemptOutcome, **known: object) -> None:
        """Tell the outcome first: a name that is forgotten before that could be submitted again."""
        self._tell(Outcome(delivery=queued.name, pending=queued.pending, outcome=outcome, **known))  # type: ignore[arg-type] # the fields of Outcome
        if outcome is not AttemptOutcome.RETRY:
            with self._changed:
                self._names.discard(queued.name)


def explain_failure(error: Exception) -> _Failure:
    """What an error of a channel means for the message."""
    match error:
        case Rejected():
            said, formatting = str(error), error.is_formatting
            return _Failure(reason="rejected", said=said, status=error.status, is_formatting=formatting)
        case NoAnswer(status=status, reason=reason):
            is_final = reason in (Reason.REDIRECTED, Reason.CERTIFICATE) or _is_refusal(status)
            again = None if is_final else error.retry_after or 0.0
            formatting = status == _BAD_REQUEST
            said = f"{error} {error.explained}".strip()
            return _Failure(
                reason=reason.value, said=said, status=status, again=again, is_formatting=formatting
            )
        case Unavailable() | SettingsError() | MemoryError():
            return _Failure(reason="unavailable", said=str(error), again=0.0)
    return _Failure(reason="internal", said=f"{type(error).__name__}: see the log")


def _is_refusal(status: int | None) -> bool:
    return status is not None and status not in _AGAIN and _BAD_REQUEST <= status < _SERVER_ERROR
