"""The monitor: folds each instrument's timeline, publishes what the fold asks for, and keeps its state."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from logging import DEBUG
from operator import is_not
from threading import Thread
from typing import Protocol, assert_never

from structlog.typing import FilteringBoundLogger

from brentwatch import stream
from brentwatch.core import domain
from brentwatch.core.domain.returns import PriceHistory
from brentwatch.core.errors import STOPPING, CannotFold, NewerState, SettingsError, format_traceback
from brentwatch.core.forecasts import diagnostics
from brentwatch.core.monitor.closing import close_decided, continue_revisions
from brentwatch.core.monitor.intraday.held_bars import count_usable_sessions
from brentwatch.core.monitor.lookahead import look_ahead
from brentwatch.core.monitor.machine import create_state
from brentwatch.core.monitor.state import Intraday
from brentwatch.core.monitor.state_values import Value, assemble_state, list_changes, take_snapshot
from brentwatch.history.rules import build_rules
from brentwatch.message.folding import Folded, fold
from brentwatch.monitor import state_topic
from brentwatch.monitor.active_events import EventBoard
from brentwatch.monitor.gauges import StateGauges
from brentwatch.telemetry import facts, table
from brentwatch.telemetry.health import Telemetry
from brentwatch.telemetry.metrics import Metrics
from brentwatch.wire.canaries import CanaryAnswer, encode_canary_answer
from brentwatch.wire.published import ALERT_SCHEMA, STUDY_SCHEMA
from brentwatch.wire.state import Cursor
from brentwatch.wire.timeline import check_signal, decode_signal

SERVICE = table.MONITOR
TOPICS: tuple[str, ...] = (
    stream.TIMELINE,
    stream.VOIDED,
    stream.STATE,
    stream.STUDIES,
    stream.ALERTS,
    stream.CANARIES,
    stream.DEAD,
)


_STUDY_HEADERS: stream.Headers = (("schema", STUDY_SCHEMA.encode()),)
_ALERT_HEADERS: stream.Headers = (("schema", ALERT_SCHEMA.encode()),)
"""The schema of the value, for readers of several versions; records of version 1 have no such header."""


class Monitor(stream.Stateful):
    """The fold of one instrument, where what it publishes goes, and where its state is kept."""

    def __init__(
        self,
        instrument: domain.Instrument,
        kafka: stream.KafkaSettings,
        metrics: Metrics,
        log: FilteringBoundLogger,
        board: EventBoard,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._name = instrument.name
        self._kafka = kafka
        self._studies = kafka.topic(stream.STUDIES)
        self._alerts = kafka.topic(stream.ALERTS)
        self._canaries = kafka.topic(stream.CANARIES)
        self._keep = state_topic.StateTopic(kafka.topic(stream.STATE), instrument.partition)
        self._metrics = metrics
        self._now = now
        self._gauges = StateGauges(metrics, instrument, board, now)
        self._log = log.bind(instrument=instrument.name)
        self._state = create_state(build_rules(instrument))
        self._kept = self._state
        self._came: set[str] | None = set()
        self._voided: frozenset[int] = frozenset()
        self._closed_at: int | None = None
        self._to_close: int | None = None
        self._is_of_lower_rules = False
        self._ahead_of: tuple[PriceHistory, Intraday] | None = None
        self._refolded = self._refolded_canaries = 0
        facts.measure_false_alarms(metrics, instrument)

    def handle(self, record: stream.Record) -> Sequence[stream.Outgoing]:
        """Step over one record of the timeline, and give the studies and alerts that it leads to.

        Whatever is raised, the state is then as it was.

        Raises:
            InvalidMessage: if the record cannot be read, or what it leads to cannot be published.
            CannotFold: if it is a price update that cannot be folded; the place of the record is named.
        """
        if self._is_voided(record):
            return ()
        signal, folded = self._fold_record(record)
        told = dict[str, domain.Alert]()
        outgoing = [out for each in folded.effects for out in self._answer_effect(*each, told)]
        self._take(signal, folded)
        if isinstance(signal, domain.Canary):
            outgoing.append(self._answer_canary(signal, record.offset))
        return outgoing

    def collect_changes(self, place: int) -> Sequence[stream.Outgoing]:
        """What the records since the last call have changed of the state."""
        saved = list_changes(self._kept, self._state, self._came)
        outgoing = self._keep.encode_changes(saved, self._make_cursor(place))
        self._kept, self._came = self._state, set()
        return outgoing

    def committed(self) -> None:
        """Nothing is done outside of Kafka."""

    def renew_lease(self, seconds: float) -> None:
        """Show the state as gauges, as long as the partition is ours."""
        if seconds > 0.0:
            self._gauges.show(self._state)
        else:
            self._gauges.forget()

    def idle(self) -> None:
        """Look ahead to the next settlement and the next test within the session, after each price."""
        newest = self._state.prices, self._state.intraday
        if self._ahead_of is None or any(map(is_not, self._ahead_of, newest)):
            self._ahead_of = newest
            self._look_ahead()
            self._measure_intraday()

    def _look_ahead(self) -> None:
        """It only saves time: what goes wrong here is found again, and answered, with the next record."""
        try:
            look_ahead(self._state)
        except STOPPING:
            raise
        except Exception as error:  # noqa: BLE001 - no record is answered here, so none can be blamed
            self._log.exception("cannot look ahead", error=str(error))

    def find_saved_place(self, kept: Mapping[bytes, bytes]) -> int | None:
        """The offset of the timeline that the state has come to."""
        found = state_topic.read_cursor(kept)
        return None if found is None else found.offset

    def restore(self, kept: Mapping[bytes, bytes]) -> None:
        """Go on from what was kept.

        Raises:
            SettingsError: see `Keep.restored`.
        """
        rules, found = state_topic.read_rules(kept), state_topic.read_cursor(kept)
        if rules is not None and rules < domain.RULES:
            raise SettingsError(
                f"rules {rules} decided it, and this installation decides by rules {domain.RULES}: first "
                "stop every monitor of the group"
            )
        if found is not None:
            self._expect_same_voids(found)
            self._closed_at = found.closed_at
        self._state = self._kept = assemble_state(self._state.rules, self._keep.restore_values(kept))
        if found is not None and found.partial:
            self.mark_partial()
        self._measure_newest()

    def _expect_same_voids(self, found: Cursor) -> None:
        """The state must rest on no record that was voided since, and lack none that no longer is."""
        if changed := sorted(set(found.voided) ^ set(self._list_voided(found.offset))):
            offsets = ", ".join(map(str, changed))
            raise SettingsError(
                f"the state was made with other voided records: offset {offsets} of the timeline was voided "
                "since, or no longer is"
            )

    def _list_voided(self, place: int) -> tuple[int, ...]:
        return tuple(sorted(offset for offset in self._voided if offset < place))

    def mark_partial(self) -> None:
        """Flag every study and alert from now on."""
        marked = replace(self._state.rules, partial=True)
        self._state = self._kept = replace(self._state, rules=marked)

    def prepare(self, kept: Mapping[bytes, bytes]) -> None:
        """Look where, and by which rules, the state was decided that is about to be folded again.

        Raises:
            NewerState: if it is of higher rules.
        """
        try:
            rules = state_topic.read_rules(kept)
            self._is_of_lower_rules = rules is not None and rules < domain.RULES
            found = state_topic.read_cursor(kept)
        except NewerState:
            raise
        except SettingsError:  # a state that cannot be read is what a rebuild is for
            return
        if found is not None and not self._is_of_lower_rules:
            self._closed_at = self._to_close = found.closed_at

    def refold(self, record: stream.Record) -> None:
        """Step over a record that was answered before; a canary is not answered again."""
        self._close_before(record.offset)
        if not self._is_voided(record):
            signal, folded = self._fold_record(record)
            self._take(signal, folded)
            self._refolded += 1
            self._refolded_canaries += isinstance(signal, domain.Canary)

    def void(self, offsets: Collection[int]) -> None:
        """Pass over the records at these offsets."""
        self._voided = frozenset(offsets)

    def _is_voided(self, record: stream.Record) -> bool:
        """True for a record that the operator has voided, which is counted and logged."""
        if record.offset not in self._voided:
            return False
        self._metrics.count(table.RECORDS_VOIDED, instrument=self._name)
        self._log.warning("skipped a voided record", offset=record.offset)
        return True

    def recreate(self, kept: Mapping[bytes, bytes], place: int) -> Sequence[stream.Outgoing]:
        """The state as it is now, and nothing else; what lower rules decided is closed."""
        if self._is_of_lower_rules:
            self._closed_at = self._to_close = place
        self._close_before(place)
        published = state_topic.read_values(kept)
        if self._closed_at is not None:
            self._state = continue_revisions(self._state, published)
        self._kept, self._came = self._state, set()
        self._measure_newest()
        self._tell_decided_anew(published)
        self._log.info("rebuilt", records=self._refolded, canaries=self._refolded_canaries)
        return self._keep.encode_replacement(kept, take_snapshot(self._state), self._make_cursor(place))

    def _make_cursor(self, place: int) -> Cursor:
        return Cursor(
            place,
            partial=self._state.rules.partial,
            voided=self._list_voided(place),
            closed_at=self._closed_at,
        )

    def _close_before(self, offset: int) -> None:
        """Close what was decided before `closed_at`, once that is reached."""
        if self._to_close is not None and offset >= self._to_close:
            self._state, self._to_close = close_decided(self._state), None

    def _tell_decided_anew(self, published: Mapping[str, Value]) -> None:
        """List the sessions whose studies are other ones now; what was published stays as it is."""
        if sessions := state_topic.find_changed_sessions(published, take_snapshot(self._state)):
            self._log.warning(
                "results of sessions changed, not published again", count=len(sessions), sessions=sessions
            )

    def _fold_record(self, record: stream.Record) -> tuple[domain.Signal, Folded]:
        signal = decode_signal(record.value or b"")
        check_signal(signal, stream.find_write_time(record))
        try:
            return signal, fold(self._state, signal)
        except CannotFold as error:
            self._log.error("cannot fold", traceback=format_traceback(error))
            raise CannotFold(
                f"{error}; the monitor stops at offset {record.offset} of {record.partition}. This is a bug "
                "in brentwatch: report it with that record. To continue without the record, "
                f"run: {self._write_void_command(record)}"
            ) from error

    def _write_void_command(self, record: stream.Record) -> str:
        place = str(record.partition.number), str(record.offset)
        return self._kafka.format_command("dead", "void", *place, "--reason", "cannot be folded")

    def _take(self, signal: domain.Signal, folded: Folded) -> None:
        self._state = folded.state
        match signal:
            case domain.EventAdmitted(event=event) if self._came is not None:
                self._came.add(event.event_id)
            case domain.PriceUpdate():
                self._came = None  # prices move events on: all are looked at

    def _measure_newest(self) -> None:
        closes = [waiting.bar.closes_at for waiting in self._state.waiting.values()]
        closes += [bar.closes_at for bar in self._state.prices.bars[-1:]]
        if closes:
            facts.measure_newest(self._metrics, self._name, max(closes))

    def _measure_intraday(self) -> None:
        if self._state.rules.instrument.intraday is not None:
            facts.measure_intraday(self._metrics, self._name, count_usable_sessions(self._state.intraday))

    def _answer_effect(
        self, effect: domain.Effect, document: bytes | None, told: dict[str, domain.Alert]
    ) -> Sequence[stream.Outgoing]:
        """What is published; `told` are the alerts that the same record published before, by id."""
        before = self._find_revision_before(effect, told)
        facts.measure(self._metrics, self._name, effect, self._now(), before=before)
        match effect:
            case domain.PublishStudy():
                return [self._publish(self._studies, document, _STUDY_HEADERS)]
            case domain.PublishAlert(alert=alert):
                told[alert.alert_id] = alert
                self._log.info(
                    "alert",
                    alert_id=alert.alert_id,
                    revision=alert.revision,
                    stage=alert.stage.value,
                    severity=alert.severity and alert.severity.value,
                )
                return [self._publish(self._alerts, document, _ALERT_HEADERS)]
            case domain.Noted(fact=domain.BarSeen(outcome=domain.BarOutcome.ROLL_CORRECTED) as seen):
                self._log.info(
                    "roll correction: no test is repeated",
                    series=seen.series,
                    session=str(seen.session),
                    close=seen.close,
                )
                return []
            case domain.Noted(fact=fact):
                if self._log.is_enabled_for(DEBUG):  # asdict is slow, and events come in floods
                    self._log.debug(type(fact).__name__, **asdict(fact))
                return []
            case _:
                assert_never(effect)

    def _find_revision_before(
        self, effect: domain.Effect, told: Mapping[str, domain.Alert]
    ) -> domain.Alert | None:
        """What the thread of an alert said last; None where it said nothing."""
        if not isinstance(effect, domain.PublishAlert):
            return None
        name = effect.alert.alert_id
        thread = self._state.threads.get(name)
        return told.get(name) or (None if thread is None else thread.alert)

    def _publish(self, topic: str, document: bytes | None, headers: stream.Headers) -> stream.Outgoing:
        return stream.Outgoing(topic=topic, key=self._key, value=document, headers=headers)

    def _answer_canary(self, canary: domain.Canary, offset: int) -> stream.Outgoing:
        """Market open or not; in the transaction of its offset, so once."""
        answer = CanaryAnswer(
            canary_id=canary.canary_id, instrument=self._name, sent_at=canary.known_at, offset=offset
        )
        return stream.Outgoing(topic=self._canaries, key=self._key, value=encode_canary_answer(answer))

    @property
    def _key(self) -> bytes:
        return self._name.encode()


class MonitorNeeds(Protocol):
    """The settings that the monitor reads."""

    kafka: stream.KafkaSettings

    def list_instruments(self) -> Sequence[domain.Instrument]:
        """The instruments, by partition."""


def prepare(settings: MonitorNeeds, telemetry: Telemetry) -> stream.Job:
    """The monitor as a job for the loop. A partition that no instrument has is left alone."""
    Thread(target=diagnostics.load, name="loading", daemon=True).start()  # while the group is joined
    kafka = settings.kafka
    claimed = {instrument.partition: instrument for instrument in settings.list_instruments()}
    board = EventBoard(telemetry.metrics)
    for instrument in claimed.values():
        facts.declare_counters(telemetry.metrics, instrument)

    def open_worker(partition: stream.Partition) -> stream.Worker | stream.Unclaimed:
        if partition.number not in claimed:
            telemetry.log.warning(
                "no instrument in the settings has this partition", partition=str(partition)
            )
            return stream.Unclaimed()
        return Monitor(claimed[partition.number], kafka, telemetry.metrics, telemetry.log, board)

    return stream.Job(
        group=kafka.group(SERVICE),
        topic=kafka.topic(stream.TIMELINE),
        dead_topic=kafka.topic(stream.DEAD),
        open=open_worker,
        state_topic=kafka.topic(stream.STATE),
        voided_topic=kafka.topic(stream.VOIDED),
    )
