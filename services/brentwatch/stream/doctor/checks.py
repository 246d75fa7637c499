"""Looks an installation over, from the broker to the age of its prices, and changes nothing.

Each check is a function in the table: given what it may ask, it says what it found, one finding a thing. One
that cannot ask says so; the others go on.
"""

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from brentwatch.core.domain import EPOCH, ON_SIMULATED_BARS, Instrument, PriceUpdate, Verdict
from brentwatch.core.errors import STOPPING, BrentwatchError, SettingsError, describe_internal
from brentwatch.core.intraday.minutes import ENOUGH_SESSIONS, FEWEST_SESSIONS, estimate_yearly_false_alarms
from brentwatch.stream import grants
from brentwatch.stream.dead_letters.reading import read_dead_topic
from brentwatch.stream.dead_letters.topic import DeadTopic
from brentwatch.stream.dead_letters.watch import measure_excess
from brentwatch.stream.doctor.patient import Finding, Level, Patient, count_saved_sessions
from brentwatch.stream.doctor.timeline_checks import check_known_times, check_voided
from brentwatch.stream.reader import read_bounds, read_newest
from brentwatch.stream.records import Partition, Record
from brentwatch.stream.resuming import describe_missing_before
from brentwatch.stream.settings import KafkaSettings
from brentwatch.stream.topics import TIMELINE, Configure, Create, Grow, Step, format_count, load_topics, plan
from brentwatch.wire.timeline import decode_signal

_LOCAL = ("127.", "localhost", "[::1]")
_STALE = timedelta(days=4)
_STALE_LATE = timedelta(days=12)
"""Of a series that is published up to nine days late."""

_SKEW = timedelta(seconds=5)
_MUCH = 10_000
_LOOK_BACK = 2_000
"""Records at the end of a timeline among which newest prices are looked for: days of bars of five minutes."""


def _check_versions(patient: Patient) -> Iterator[Finding]:
    ours = ", ".join(f"{name} {version(name)}" for name in ("brentwatch", "kafka-python"))
    yield Finding(Level.OK, f"{ours}, Python {platform.python_version()}")
    broker = ".".join(map(str, patient.admin.read_broker_version()))
    said = f"Kafka at {patient.kafka.bootstrap} answers, and speaks {broker} or newer"
    if patient.admin.read_broker_version() < (2, 5):
        yield Finding(Level.FAIL, said, "exactly once needs Kafka 2.5 or newer: upgrade the broker")
    else:
        yield Finding(Level.OK, said)


def _check_security(patient: Patient) -> Iterator[Finding]:
    protocol = patient.kafka.security.protocol
    far = [host for host in patient.kafka.bootstrap.split(",") if not host.startswith(_LOCAL)]
    if protocol == "PLAINTEXT" and far:
        yield Finding(
            Level.WARN,
            f"{far[0]} is reached in plain text",
            "set kafka.security.protocol to SASL_SSL or SSL",
        )
    else:
        yield Finding(Level.OK, f"the broker is reached by {protocol}")
    for service in patient.authorized:
        try:
            grants.authorize(service, patient.kafka, patient.admin, patient.command)
        except SettingsError as error:
            remedy = "of no matter unless the service runs under these very settings"
            yield from (Finding(Level.WARN, fault, remedy) for fault in error.faults)


def _check_topics(patient: Patient) -> Iterator[Finding]:
    wanted = list(load_topics(patient.kafka, [each.partition for each in patient.instruments]).values())
    found = plan(wanted, patient.admin, patient.command)
    yield from (Finding(Level.FAIL, fault) for fault in found.faults)
    for step in found.steps:
        yield Finding(
            Level.FAIL, _describe_difference(step), f"run {patient.command.format_other('topics', 'create')}"
        )
    if not found.steps and not found.faults:
        yield Finding(Level.OK, f"all {len(wanted)} topics are as they should be")


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
            yield Finding(Level.OK, f"{instrument.name}: {place} is whole, {end:,} offsets from the first on")
            continue
        said = f"{instrument.name}: {place} lacks its beginning: {describe_missing_before(first, 0)}"
        if committed.get(place, -1) >= first:
            remedy = "the monitor goes on from its saved state; --rebuild and replay need --partial"
            yield Finding(Level.WARN, said, remedy)
        else:
            remedy = "restore the topic; or go on without, with every result flagged partial_history: run "
            remedy += patient.command.format_other("run", "monitor", "--partial")
            yield Finding(Level.FAIL, said, remedy)


def _check_transactions(patient: Patient) -> Iterator[Finding]:
    limit = timedelta(seconds=patient.kafka.longest_transaction_seconds)
    names = [topic.name for topic in load_topics(patient.kafka, [0]).values()]
    counts = patient.admin.count_partitions(names)
    places = [Partition(name, number) for name in counts for number in range(counts[name])]
    found = patient.admin.find_open_transactions(places, patient.now)
    for place, (offset, age) in found.items():
        seconds = age.total_seconds()
        said = (
            f"{place} holds an open transaction from offset {offset:,} on, last written {seconds:.0f} s ago"
        )
        if age > limit:
            yield Finding(Level.FAIL, said, _suggest_abort(patient.kafka, place, offset))
        else:
            yield Finding(Level.OK, said)
    if not found:
        yield Finding(Level.OK, "no transaction is open")


def _suggest_abort(kafka: KafkaSettings, place: Partition, offset: int) -> str:
    """How to end a transaction that never ends by itself."""
    abort = f"abort --topic {place.topic} --partition {place.number} --start-offset {offset}"
    return (
        f"nothing after it can be read: kafka-transactions.sh --bootstrap-server {kafka.bootstrap} {abort}; "
        "if the monitor then stops, run the command that it prints"
    )


def _check_groups(patient: Patient) -> Iterator[Finding]:
    for service, topic in patient.services.items():
        group = patient.kafka.group(service)
        members, behind = (
            patient.admin.count_members(group),
            patient.admin.count_behind(group, patient.kafka.topic(topic)),
        )
        said = f"{service}: {members} replicas, {behind:,} records behind"
        if not members:
            yield Finding(Level.WARN, said, f"start it: brentwatch run {service}")
        elif behind > _MUCH:
            yield Finding(Level.WARN, said, "start more replicas, or see what holds it up in its log")
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
        said = f"{unread:,} records among the dead letters are no letters, and count for nothing"
        remedy = "see who has Write on the topic"
        if topic.copied is None:
            remedy = f"copy the notes of an older version: {patient.command.format_other('topics', 'create')}"
        yield Finding(Level.WARN, said, remedy)
    if waiting := len(topic.list_waiting()):
        yield Finding(
            Level.WARN,
            f"{waiting:,} dead letters that nobody accepted",
            "look with `brentwatch dead list`",
        )
    else:
        yield Finding(Level.OK, "no dead letter waits to be looked at")


def _report_waiting(topic: DeadTopic) -> Iterator[Finding]:
    """Who stopped at the limit."""
    for reached in topic.reached.values():
        remedy = "look with `brentwatch dead list`, go on with `brentwatch dead accept`"
        yield Finding(Level.FAIL, f"{reached.group} waits at its dead-letter limit: {reached.why}", remedy)


def _report_exceeded(topic: DeadTopic, patient: Patient) -> Iterator[Finding]:
    """Whether the screen is over the limit and continues, as far as the letters tell."""
    group = patient.kafka.group("screen")
    places = patient.admin.fetch_committed(group)
    excess = measure_excess(topic.list_waiting(), places, patient.dead_limit, patient.now.timestamp())
    if excess.why:
        said = f"{group} is over its dead-letter limit, and continues: {excess.why}"
        remedy = "see with `brentwatch dead list` who sends bad messages, and have them corrected"
        yield Finding(Level.WARN, said, remedy)


def _check_prices(patient: Patient) -> Iterator[Finding]:
    for instrument in patient.instruments:
        records = _end_of_timeline(patient, instrument)
        updates = [signal for record in records for signal in _decode_price_updates(record)]
        for series in (each.name for each in (instrument.series, instrument.intraday) if each is not None):
            through = [each.complete_through for each in updates if each.series == series]
            if not through:
                newest_of = f"among the newest {len(records):,} records of {instrument.name}'s timeline"
                said = f"no price of {series} {newest_of}"
                yield Finding(Level.WARN, said, "feed prices: sessions wait until they come")
                continue
            said = f"{instrument.name}: {series} is complete through {max(through):%Y-%m-%d %H:%M} UTC"
            limit = _STALE_LATE if series in patient.late_series else _STALE
            old = patient.now - max(through) > limit
            remedy = f"more than {limit.days} days old: check the price service and its source" if old else ""
            yield Finding(Level.WARN if old else Level.OK, said, remedy)
    yield from (Finding(Level.OK, sentence) for sentence in patient.late_series.values())


def _check_budgets(patient: Patient) -> Iterator[Finding]:
    """What the alert levels imply; from when on there are tests within the session, calibrated on what."""
    for instrument in patient.instruments:
        if not instrument.alerts:
            yield Finding(Level.OK, f"{instrument.name}: tested and shown, opens no alerts (alerts = false)")
            continue
        said = (
            f"{instrument.name}: at most {estimate_yearly_false_alarms(instrument):.1f} false alarms a year"
        )
        own = instrument.intraday_calibration
        if instrument.intraday is not None:
            said += f"; tests within the session start at {FEWEST_SESSIONS} sessions of bars, "
            said += f"flagged below {ENOUGH_SESSIONS}, {own or ON_SIMULATED_BARS}"
        if own is not None and own.verdict is Verdict.TOO_OFTEN:
            yield Finding(
                Level.WARN,
                said,
                "take its alerts within the session for hints, or set intraday = false",
            )
        else:
            yield Finding(Level.OK, said)


def _check_bars(patient: Patient) -> Iterator[Finding]:
    """How many sessions of bars of five minutes the monitor keeps, beside how many its tests want."""
    for instrument in patient.instruments:
        if instrument.intraday is None:
            continue
        count = count_saved_sessions(patient.kafka, instrument)
        said = f"{instrument.name}: {count} sessions of bars of five minutes are kept"
        if count < FEWEST_SESSIONS:
            remedy = f"tests within the session start at {FEWEST_SESSIONS}: let the price service run on"
            yield Finding(Level.WARN, said, remedy)
        else:
            flagged = f"; tests within the session are flagged as of a short history below {ENOUGH_SESSIONS}"
            yield Finding(Level.OK, said + (flagged if count < ENOUGH_SESSIONS else ""))


def _check_clocks(patient: Patient) -> Iterator[Finding]:
    records = [each for instrument in patient.instruments for each in _end_of_timeline(patient, instrument)]
    stamps = [_convert_timestamp(each) for each in records if each.timestamp > 0]
    if stamps and (ahead := max(stamps) - patient.now) > _SKEW:
        yield Finding(
            Level.WARN,
            f"a record of the timeline was written {ahead.total_seconds():.0f} s from now, by our clock",
            "set the clocks of this machine and of those that write by NTP",
        )
    else:
        yield Finding(Level.OK, "nothing on the timeline comes from the future")


def _convert_timestamp(record: Record) -> datetime:
    """When a record was written; whoever writes it says when, and may name a year that no calendar has."""
    try:
        return EPOCH + timedelta(milliseconds=record.timestamp)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _end_of_timeline(patient: Patient, instrument: Instrument) -> Sequence[Record]:
    place = Partition(patient.kafka.topic(TIMELINE), instrument.partition)
    return read_newest(patient.kafka, place, _LOOK_BACK)


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
    "versions": _check_versions,
    "security": _check_security,
    "topics": _check_topics,
    "history": _check_history,
    "transactions": _check_transactions,
    "groups": _check_groups,
    "dead letters": _check_dead_letters,
    "prices": _check_prices,
    "false alarms": _check_budgets,
    "bars": _check_bars,
    "clocks": _check_clocks,
    "known times": check_known_times,
    "voided": check_voided,
}


def run_checks(patient: Patient) -> Iterator[tuple[str, Finding]]:
    """Every finding of every check, with the check's name."""
    for name, check in CHECKS.items():
        try:
            yield from ((name, finding) for finding in check(patient))
        except BrentwatchError as error:
            yield name, Finding(Level.FAIL, f"cannot be looked at: {error}")
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - one check that fails does not keep the others back
            yield name, Finding(Level.FAIL, f"cannot be looked at: {describe_internal(error)}")
