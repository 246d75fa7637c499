"""What other rooms need of Kafka: settings, names of topics, records and their readers, jobs for the loop."""

from brentwatch.stream.job import Job, JobGroup, Poller, Stateful, Stateless, Unclaimed, Worker
from brentwatch.stream.reader import read_bounds, read_partition, read_since
from brentwatch.stream.records import FEED, HISTORY, Headers, Outgoing, Partition, Record, find_write_time
from brentwatch.stream.settings import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, CommandLine, KafkaSettings
from brentwatch.stream.topics import (
    ALERTS,
    DEAD,
    DEAD_NOTES,
    DELIVERIES,
    DELIVERIES_STATE,
    EVENTS,
    STATE,
    STUDIES,
    TIMELINE,
    VOIDED,
    is_compacted,
    load_topics,
    verify_topics,
)

__all__ = [
    "ALERTS",
    "DEAD",
    "DEAD_NOTES",
    "DELIVERIES",
    "DELIVERIES_STATE",
    "EVENTS",
    "FEED",
    "FIRST_WAIT_SECONDS",
    "HISTORY",
    "LONGEST_WAIT_SECONDS",
    "STATE",
    "STUDIES",
    "TIMELINE",
    "VOIDED",
    "CommandLine",
    "Headers",
    "Job",
    "JobGroup",
    "KafkaSettings",
    "Outgoing",
    "Partition",
    "Poller",
    "Record",
    "Stateful",
    "Stateless",
    "Unclaimed",
    "Worker",
    "find_write_time",
    "is_compacted",
    "load_topics",
    "read_bounds",
    "read_partition",
    "read_since",
    "verify_topics",
]
