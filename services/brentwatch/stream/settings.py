"""Settings of the connection to Kafka, `[kafka]`, and the command lines that messages print with them."""

import re
import shlex
import socket
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from brentwatch.core.errors import SettingsError
from brentwatch.stream.security import SecuritySettings

_BROKER = re.compile(r"(\[(?P<ipv6>[^\s,\[\]]+)\]|[^\s,:\[\]@/]+):(?P<port>[0-9]{1,5})")
_UNFIT = re.compile(r"[^A-Za-z0-9._-]")
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 4.0
"""The waits of a service that has lost Kafka, before it tries again."""

_TIMELINE, _VOIDED = "impact.timeline", "impact.timeline.voided"
_HIGHEST_PORT = 65535


def _check_brokers(value: str) -> str:
    if not all(_is_broker(broker) for broker in value.split(",")):
        raise ValueError(
            "one or more brokers as host:port, separated by commas, an IPv6 address in brackets,"
        )
    return value


def _is_broker(text: str) -> bool:
    match = _BROKER.fullmatch(text)
    if match is None or not text.isprintable() or not 1 <= int(match["port"]) <= _HIGHEST_PORT:
        return False
    return match["ipv6"] is None or _is_ipv6(match["ipv6"])


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


Bootstrap = Annotated[str, AfterValidator(_check_brokers)]
Prefix = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$", max_length=100)]
Replica = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$", max_length=60)]
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


_BROKER_SCAN_SECONDS = 10.0
"""So often a broker looks for transactions whose time is over."""


class KafkaSettings(BaseModel):
    """The Kafka broker, how long to wait for it, and the prefixes of topics and groups.

    If a process is killed, its partitions move to another replica after `session_timeout_seconds`, unless it
    restarts sooner. If it is stopped, they move at once. An open transaction of a killed process delays
    readers for up to `transaction_timeout_seconds` plus ten seconds. With a `timeline_prefix` an
    installation is the shadow of another one: its monitor reads the timeline of that installation and
    publishes under `topic_prefix`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bootstrap: Bootstrap = "127.0.0.1:9092"
    """One or more brokers as host:port, separated by commas."""
    topic_prefix: Prefix = ""
    """Topic name prefix, such as demo. for a trial."""
    timeline_prefix: Prefix | None = None
    """Topic name prefix of the installation whose timeline this one reads; topic_prefix if unset."""
    group_prefix: Prefix = "brentwatch."
    """Consumer group prefix."""
    request_timeout_seconds: Seconds = 10.0
    """Timeout of a request to the broker."""
    delivery_timeout_seconds: Seconds = 30.0
    """Timeout for writing a record, retries included."""
    session_timeout_seconds: Seconds = 15.0
    """Time after which the partitions of a killed process move to another replica."""
    transaction_timeout_seconds: Seconds = 8.0
    """Time after which the broker ends an open transaction."""
    replica: Replica = ""
    """Unique name of this process within its service; the host name if empty."""
    security: SecuritySettings = SecuritySettings()

    @property
    def longest_transaction_seconds(self) -> float:
        """The longest time that an open transaction of a killed process delays readers."""
        return self.transaction_timeout_seconds + _BROKER_SCAN_SECONDS

    def require_own_timeline(self) -> str:
        """The timeline, for those who write to it.

        Raises:
            SettingsError: in a shadow, whose timeline is another installation's.
        """
        if self.timeline_prefix not in (None, self.topic_prefix):
            raise SettingsError(
                f"kafka.timeline_prefix is {self.timeline_prefix!r}: this installation reads the timeline "
                "of another one and must not write to it; run only its monitor: brentwatch run monitor"
            )
        return self.topic(_TIMELINE)

    def topic(self, name: str) -> str:
        """The topic `name` of `schemas/topics.toml` as it is called on the broker."""
        if name in (_TIMELINE, _VOIDED) and self.timeline_prefix is not None:
            return f"{self.timeline_prefix}{name}"
        return f"{self.topic_prefix}{name}"

    def format_create_topics(self) -> str:
        """The command that creates the topics of this installation."""
        return self.format_command("topics", "create")

    def format_command(self, *words: str) -> str:
        """A command with the broker and the prefix of this installation, as a shell reads it."""
        given = {"kafka.bootstrap": self.bootstrap, "kafka.topic_prefix": self.topic_prefix}
        options = [word for key, value in given.items() if value for word in ("--set", f"{key}={value}")]
        return shlex.join(["brentwatch", *words, *options])

    def name_member(self, group: str) -> str:
        """The name of this process in a group, and of its producer, the same after a restart."""
        return f"{group}-{self.own_name}"

    @property
    def own_name(self) -> str:
        """What distinguishes this process from others of its service: `replica`, or the host name."""
        return self.replica or _UNFIT.sub("-", socket.gethostname())

    @property
    def beat_seconds(self) -> float:
        """The interval between heartbeats of a group member: a fifth of the session timeout."""
        return self.session_timeout_seconds / 5

    def group(self, service: str) -> str:
        """The consumer group of `service`, topic prefix included: two installations never share one."""
        return f"{self.group_prefix}{self.topic_prefix}{service}"


@dataclass(frozen=True, slots=True)
class CommandLine:
    """`brentwatch WORDS OPTIONS`: how this process was started, without secrets."""

    words: tuple[str, ...]
    options: tuple[str, ...] = ()

    def format_with_flags(self, *flags: str) -> str:
        """The same command with more flags, as a shell reads it."""
        return shlex.join(["brentwatch", *self.words, *flags, *self.options])

    def format_with_setting(self, key: str, value: str) -> str:
        """The same command with one setting changed; the last `--set` of a key counts."""
        return shlex.join(["brentwatch", *self.words, *self.options, "--set", f"{key}={value}"])

    def format_other(self, *words: str) -> str:
        """Another command with the same settings."""
        return shlex.join(["brentwatch", *words, *self.options])


PLAIN = CommandLine(())
"""Where the options of the process are not known."""
