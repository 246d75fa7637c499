"""Checks the broker: which cluster and version it is, what it allows, and whether a transaction blocks it."""

import platform
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version

from brentwatch.core.errors import SettingsError
from brentwatch.stream import grants
from brentwatch.stream.doctor.patient import Finding, Level, Patient
from brentwatch.stream.records import Partition
from brentwatch.stream.settings import KafkaSettings
from brentwatch.stream.topics import load_topics

_LOCAL = ("127.", "localhost", "[::1]")


def check_cluster(patient: Patient) -> Iterator[Finding]:
    """The name of the cluster, so that nobody looks at the wrong one."""
    yield Finding(Level.OK, f"Kafka at {patient.kafka.bootstrap}: {patient.admin.describe_cluster()}")


def check_versions(patient: Patient) -> Iterator[Finding]:
    """Our version and that of the broker: exactly-once needs Kafka 2.5."""
    ours = ", ".join(f"{name} {version(name)}" for name in ("brentwatch", "kafka-python"))
    yield Finding(Level.OK, f"{ours}, Python {platform.python_version()}")
    broker = ".".join(map(str, patient.admin.read_broker_version()))
    said = f"Kafka at {patient.kafka.bootstrap} answers, version {broker} or newer"
    if patient.admin.read_broker_version() < (2, 5):
        yield Finding(Level.FAIL, said, "exactly-once needs Kafka 2.5 or newer: upgrade the broker")
    else:
        yield Finding(Level.OK, said)


def check_security(patient: Patient) -> Iterator[Finding]:
    """How the broker is reached, and which ACLs are missing for these settings."""
    protocol = patient.kafka.security.protocol
    far = [host for host in patient.kafka.bootstrap.split(",") if not host.startswith(_LOCAL)]
    if protocol == "PLAINTEXT" and far:
        yield Finding(
            Level.WARN,
            f"the connection to {far[0]} is not encrypted",
            "set kafka.security.protocol to SASL_SSL or SSL",
        )
    else:
        yield Finding(Level.OK, f"connected by {protocol}")
    for service in patient.authorized:
        try:
            grants.authorize(service, patient.kafka, patient.admin, patient.command)
        except SettingsError as error:
            remedy = "matters only if the service runs with these settings"
            yield from (Finding(Level.WARN, fault, remedy) for fault in error.faults)


def check_transactions(patient: Patient) -> Iterator[Finding]:
    """Whether a transaction is open that never ends by itself: no reader gets past it."""
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
        f"nothing after it can be read; end it: kafka-transactions.sh --bootstrap-server {kafka.bootstrap} "
        f"{abort}; if the monitor then stops, run the command that it prints"
    )
