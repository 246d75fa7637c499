"""What the checks of an installation may ask, saved 5-minute bars among it, and what a finding is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from brentwatch.core.domain import Instrument
from brentwatch.core.monitor.state_values import BARS_OF_SESSIONS
from brentwatch.stream.dead_limit import Limits
from brentwatch.stream.reader import read_partition
from brentwatch.stream.records import Partition
from brentwatch.stream.settings import PLAIN, CommandLine, KafkaSettings
from brentwatch.stream.topics import STATE

if TYPE_CHECKING:
    from brentwatch.stream.clients.admin import Admin


class Level(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, in a sentence, and what to do where it is not well."""

    level: Level
    said: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What the checks may ask.

    `services` is each service that reads in a group and its topic, by name; `authorized` are all whose ACLs
    are looked at; `dead_limit` is that of the screen; `command` is the one that asks, with its options.
    `late_series` are the series that cannot be live, each with the sentence that says so. A canary is sent
    each `canary_interval`.
    """

    kafka: KafkaSettings
    admin: Admin
    instruments: Sequence[Instrument]
    services: Mapping[str, str]
    authorized: Sequence[str]
    now: datetime
    dead_limit: Limits
    command: CommandLine = PLAIN
    late_series: Mapping[str, str] = field(default_factory=dict)
    canary_interval: timedelta = timedelta(minutes=5)


def count_saved_sessions(kafka: KafkaSettings, instrument: Instrument) -> int:
    """The sessions with bars in the state of an instrument, the one that is open still among them.

    Raises:
        Unavailable: if Kafka fails.
    """
    kept, beginning = set[bytes](), f"{BARS_OF_SESSIONS}:".encode()
    for record in read_partition(kafka, Partition(kafka.topic(STATE), instrument.partition)):
        key = record.key or b""
        if record.value is None:
            kept.discard(key)
        elif key.startswith(beginning):
            kept.add(key)
    return len(kept)
