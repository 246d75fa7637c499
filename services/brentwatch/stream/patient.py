"""What the checks of an installation may ask, and what they say."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from brentwatch.stream.command_line import PLAIN, CommandLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.stream.clients.admin import Admin
    from brentwatch.stream.dead_limit import Limits
    from brentwatch.stream.settings import KafkaSettings


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
    `late_series` are the series that cannot be live, each with the sentence that says so.
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
