"""Checks an installation, from the broker to the age of its prices, and changes nothing.

Each check is a function in the table that returns its findings. A check that gets no answer says so, and the
others go on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from brentwatch.core.domain import EPOCH, ON_SIMULATED_BARS, Instrument, PriceUpdate, Verdict
from brentwatch.core.errors import STOPPING, BrentwatchError, describe_internal
from brentwatch.core.intraday.minutes import (
    ENOUGH_SESSIONS,
    FEWEST_SESSIONS,
    estimate_yearly_false_alarms,
    sum_yearly_false_alarms,
)
from brentwatch.stream.dead_letters.reading import read_dead_topic
from brentwatch.stream.dead_letters.topic import DeadTopic
from brentwatch.stream.dead_letters.watch import measure_excess
from brentwatch.stream.doctor.cluster_checks import (
    check_cluster,
    check_security,
    check_transactions,
    check_versions,
)
from brentwatch.stream.doctor.patient import Finding, Level, Patient, count_saved_sessions
from brentwatch.stream.doctor.timeline_checks import (
    check_canaries,
    check_canary_answers,
    check_known_times,
    check_voided,
)
from brentwatch.stream.reader import read_bounds, read_newest
from brentwatch.stream.records import Partition, Record
from brentwatch.stream.resuming import describe_missing_before
from brentwatch.stream.topics import TIMELINE, Configure, Create, Grow, Step, format_count, load_topics, plan
from brentwatch.wire.timeline import decode_signal

_STALE = timedelta(days=4)
_STALE_LATE = timedelta(days=12)
"""For a series that is published up to nine days late."""

_SKEW = timedelta(seconds=5)
_MUCH = 10_000
_LOOK_BACK = 2_000
"""Records at the end of a timeline: days of 5-minute bars."""

_LOOK_BACKS = (_LOOK_BACK, 10_000, 50_000)
"""Number of records searched for prices, more if none is found: there are 288 canaries a day."""


def _check_topics(patient: Patient) -> Iterator[Finding]:
    wanted = list(load_topics(patient.kafka, [each.partition for each in patient.instruments]).values())
    found = plan(wanted, patient.admin, patient.command)
    yield from (Finding(Level.FAIL, fault) for fault in found.faults)
    for step in found.steps:
        yield Finding(
            Level.FAIL, _describe_difference(step), f"run {patient.command.format_other('topics', 'create')}"
        )
    if not found.steps and not found.faults:
        yield Finding(Level.OK, f"all {len(wanted)} topics are correct")


def _describe_difference(step: Step) -> str:
    """How a topic differs from schemas/topics.toml."""
    match step:
        case Create(topic):
            return f"topic {topic.name} does not exist"
        case Grow(topic, actual):
            return f"topic {topic.name} has {format_count(actual)}, expected {topic.partitions}"
        case Configure(topic, changes):
            told = [f"{key} is {actual}, expected {value}" for key, (actual, value) in changes.items()]
            return f"topic {topic.name}: {'; '.join(told)}"


def _check_history(patient: Patient) -> Iterator[Finding]:
    """Whether each timeline has its beginning, without which results differ."""
    committed = patient.admin.fetch_committed(patient.kafka.group("monitor"))
    for instrument in patient.instruments:
        place = Partition(patient.kafka.topic(TIMELINE), instrument.partition)
        first, end = read_bounds(patient.kafka, place)
        if first == 0:
            yield Finding(Level.OK, f"{instrument.name}: {place} is complete, {end:,} offsets from the first")
            continue
        said = f"{instrument.name}: the beginning of {place} is missing: {describe_missing_before(first, 0)}"
        if committed.get(place, -1) >= first:
            remedy = "the monitor continues from its saved state; --rebuild and replay need --partial"
            yield Finding(Level.WARN, said, remedy)
        else:
            remedy = "restore the topic, or continue without (results are flagged partial_history): run "
            remedy += patient.command.format_other("run", "monitor", "--partial")
            yield Finding(Level.FAIL, said, remedy)


def _check_groups(patient: Patient) -> Iterator[Finding]:
    for service, topic in patient.services.items():
        group = patient.kafka.group(service)
        members, behind = (
            patient.admin.count_members(group),
            patient.admin.count_behind(group, patient.kafka.topic(topic)),
        )
        said = f"{service}: {members} replicas, {behind:,} records behind"
        if not members:
            # deliveries is the second group of the notifier
            remedy = f"start it: brentwatch run {'notify' if service == 'deliveries' else service}"
            yield Finding(Level.WARN, said, remedy)
        elif behind > _MUCH:
            yield Finding(Level.WARN, said, "start more replicas, or see in its log what blocks it")
        else:
            yield Finding(Level.OK, said)


def _check_dead_letters(patient: Patient) -> Iterator[Finding]:
    topic = read_dead_topic(patient.kafka)
    match patient.dead_limit.action:
        case "stop":
            yield from _report_waiting(topic)
        case "continue":
            yield from _report_exceeded(topic, patient)
    if unread := topic.count_strangers():
        said = f"{unread:,} records on the dead-letter topic are not dead letters and are ignored"
        remedy = "check who has Write on the topic"
        if topic.copied is None:
            remedy = f"copy the notes of an older version: {patient.command.format_other('topics', 'create')}"
        yield Finding(Level.WARN, said, remedy)
    if waiting := len(topic.list_waiting()):
        yield Finding(
            Level.WARN,
            f"{waiting:,} dead letters are not accepted",
            "see `brentwatch dead list`",
        )
    else:
        yield Finding(Level.OK, "no dead letters to review")


def _report_waiting(topic: DeadTopic) -> Iterator[Finding]:
    """Consumer groups that stopped at the limit."""
    for reached in topic.reached.values():
        remedy = "see `brentwatch dead list`, then run `brentwatch dead accept` to continue"
        yield Finding(Level.FAIL, f"{reached.group} stopped at its dead-letter limit: {reached.why}", remedy)


def _report_exceeded(topic: DeadTopic, patient: Patient) -> Iterator[Finding]:
    """Whether the screen is over the limit and continues, as far as the letters tell."""
    group = patient.kafka.group("screen")
    places = patient.admin.fetch_committed(group)
    excess = measure_excess(topic.list_waiting(), places, patient.dead_limit, patient.now.timestamp())
    if excess.why:
        said = f"{group} exceeds its dead-letter limit and continues: {excess.why}"
        remedy = "find the sender of the bad messages with `brentwatch dead list`, and correct it"
        yield Finding(Level.WARN, said, remedy)


def _check_prices(patient: Patient) -> Iterator[Finding]:
    for instrument in patient.instruments:
        series_names = [each.name for each in (instrument.series, instrument.intraday) if each is not None]
        records, updates = _read_newest_prices(patient, instrument, series_names)
        for series in series_names:
            through = [each.complete_through for each in updates if each.series == series]
            if not through:
                newest_of = f"among the newest {len(records):,} records of {instrument.name}'s timeline"
                said = f"no price of {series} {newest_of}"
                yield Finding(Level.WARN, said, "start the price service: sessions wait for their prices")
                continue
            said = f"{instrument.name}: {series} is complete through {max(through):%Y-%m-%d %H:%M} UTC"
            limit = _STALE_LATE if series in patient.late_series else _STALE
            old = patient.now - max(through) > limit
            remedy = (
                f"more than {limit.days} days old: check the price service and its provider" if old else ""
            )
            yield Finding(Level.WARN if old else Level.OK, said, remedy)
    yield from (Finding(Level.OK, sentence) for sentence in patient.late_series.values())


def _read_newest_prices(
    patient: Patient, instrument: Instrument, series: Sequence[str]
) -> tuple[Sequence[Record], Sequence[PriceUpdate]]:
    """The end of a timeline, as far back as each of the series has a price, and the prices in it."""
    for most in _LOOK_BACKS:
        records = _end_of_timeline(patient, instrument, most)
        updates = [signal for record in records for signal in _decode_price_updates(record)]
        if len(records) < most or {each.series for each in updates} >= set(series):
            break
    return records, updates


def _check_budgets(patient: Patient) -> Iterator[Finding]:
    """What the alert levels imply, when intraday tests begin, and what they are calibrated on."""
    for instrument in patient.instruments:
        if not instrument.alerts:
            yield Finding(Level.OK, f"{instrument.name}: tested and shown, opens no alerts (alerts = false)")
            continue
        said = (
            f"{instrument.name}: at most {estimate_yearly_false_alarms(instrument):.1f} false alarms a year"
        )
        own = instrument.intraday_calibration
        if instrument.intraday is not None:
            said += f"; intraday tests start at {FEWEST_SESSIONS} sessions of 5-minute bars, "
            said += f"flagged below {ENOUGH_SESSIONS}, {own or ON_SIMULATED_BARS}"
        if own is not None and own.verdict is Verdict.TOO_OFTEN:
            yield Finding(
                Level.WARN,
                said,
                "treat its intraday alerts as hints, or set intraday = false",
            )
        else:
            yield Finding(Level.OK, said)
    yield _check_sum(patient.instruments)


def _check_sum(instruments: Sequence[Instrument]) -> Finding:
    """The expected false alarms of all instruments together; nothing if no instrument may alert."""
    alerting = [each for each in instruments if each.alerts]
    if not alerting:
        remedy = "set alerts = true for an instrument if you expect alerts"
        return Finding(Level.WARN, "no instrument opens alerts", remedy)
    count = "1 instrument" if len(alerting) == 1 else f"{len(alerting)} instruments"
    total = sum_yearly_false_alarms(alerting)
    return Finding(Level.OK, f"at most {total:.1f} false alarms a year in total, from {count} with alerts")


def _check_bars(patient: Patient) -> Iterator[Finding]:
    """How many sessions of 5-minute bars the monitor has, compared with what its tests need."""
    for instrument in patient.instruments:
        if instrument.intraday is None:
            continue
        count = count_saved_sessions(patient.kafka, instrument)
        said = f"{instrument.name}: {count} sessions of 5-minute bars in the state"
        if count < FEWEST_SESSIONS:
            remedy = f"intraday tests start at {FEWEST_SESSIONS} sessions: keep the price service running"
            yield Finding(Level.WARN, said, remedy)
        else:
            flagged = f"; intraday tests are flagged short_history below {ENOUGH_SESSIONS}"
            yield Finding(Level.OK, said + (flagged if count < ENOUGH_SESSIONS else ""))


def _check_clocks(patient: Patient) -> Iterator[Finding]:
    records = [each for instrument in patient.instruments for each in _end_of_timeline(patient, instrument)]
    stamps = [_convert_timestamp(each) for each in records if each.timestamp > 0]
    if stamps and (ahead := max(stamps) - patient.now) > _SKEW:
        yield Finding(
            Level.WARN,
            f"a record of the timeline is dated {ahead.total_seconds():.0f} s ahead of this machine's clock",
            "synchronise the clocks of this machine and of the producers by NTP",
        )
    else:
        yield Finding(Level.OK, "no record of the timeline is dated in the future")


def _convert_timestamp(record: Record) -> datetime:
    """When a record was written; its writer sets the time, which may be a year that no calendar has."""
    try:
        return EPOCH + timedelta(milliseconds=record.timestamp)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _end_of_timeline(patient: Patient, instrument: Instrument, most: int = _LOOK_BACK) -> Sequence[Record]:
    place = Partition(patient.kafka.topic(TIMELINE), instrument.partition)
    return read_newest(patient.kafka, place, most)


def _decode_price_updates(record: Record) -> Iterator[PriceUpdate]:
    try:
        signal = decode_signal(record.value or b"")
    except STOPPING:
        raise
    except Exception:  # noqa: BLE001 - it is a dead letter of the monitor, whatever is wrong with it
        return
    if isinstance(signal, PriceUpdate):
        yield signal


CHECKS: Mapping[str, Callable[[Patient], Iterator[Finding]]] = {
    "cluster": check_cluster,
    "versions": check_versions,
    "security": check_security,
    "topics": _check_topics,
    "history": _check_history,
    "transactions": check_transactions,
    "groups": _check_groups,
    "dead letters": _check_dead_letters,
    "prices": _check_prices,
    "false alarms": _check_budgets,
    "bars": _check_bars,
    "clocks": _check_clocks,
    "known times": check_known_times,
    "voided": check_voided,
    "canaries": check_canaries,
    "canary answers": check_canary_answers,
}


def run_checks(patient: Patient) -> Iterator[tuple[str, Finding]]:
    """Every finding of every check, with the check's name."""
    for name, check in CHECKS.items():
        try:
            yield from ((name, finding) for finding in check(patient))
        except BrentwatchError as error:
            yield name, Finding(Level.FAIL, f"check failed: {error}")
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - one check that fails does not keep the others back
            yield name, Finding(Level.FAIL, f"check failed: {describe_internal(error)}")
