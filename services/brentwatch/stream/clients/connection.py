"""What all Kafka clients share: the common settings, and errors that say what to do.

Nothing outside this folder imports kafka, and its untypedness ends here. Never give these clients a
deserializer: after an exception from one the next poll spins for ever.
"""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kafka import TopicPartition
from kafka.errors import AuthorizationError, KafkaError, RetriableError

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.stream.clients.credentials import build_security_options
from brentwatch.stream.clients.failures import explain_failure
from brentwatch.stream.clients.introduction import try_handshake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from brentwatch.stream.records import Partition
    from brentwatch.stream.settings import KafkaSettings

_PAUSE_SECONDS = 0.1
_LONGEST_WAIT_MS = 1000


class Fenced(Unavailable):
    """The broker has shut this client out for another one of the same name, or because it came too late."""


def convert_to_kafka(partition: Partition) -> Any:
    """The partition as kafka names it."""
    return TopicPartition(partition.topic, partition.number)


@contextmanager
def translate_errors(
    settings: KafkaSettings, doing: str, besides: tuple[type[KafkaError], ...] = ()
) -> Iterator[None]:
    """Turn what kafka raises, `besides` some kinds, into a sentence.

    Raises:
        SettingsError: if it is forbidden: to try again is no use.
        Unavailable: otherwise.
    """
    try:
        yield
    except besides:
        raise
    except (KafkaError, OSError) as error:
        if _is_forbidden(error):
            raise SettingsError(
                f"Kafka at {settings.bootstrap} refused {doing}: {error}; an ACL that allows it was wanted: "
                "let an administrator apply what `brentwatch topics create --print` prints for this service"
            ) from error
        raise Unavailable(
            f"Kafka at {settings.bootstrap} failed while {doing}: {error}; {explain_failure(error)}"
        ) from error


def _is_forbidden(error: Exception) -> bool:
    """Awkward: where a producer may write to no topic at all, kafka-python gives the reason as text alone."""
    return isinstance(error, AuthorizationError) or "AuthorizationFailedError" in str(error)


def check_connection(settings: KafkaSettings) -> None:
    """Make sure that something listens, and that it lets us in.

    A client that finds nobody leaves its thread behind for ever; one that is turned away tries for ever, and
    does not say why.

    Raises:
        Unavailable: if none of the brokers accepts a connection.
        SettingsError: if we are turned away, or the broker is not whom we trust.
    """
    _find_listener(settings)
    if settings.security.protocol != "PLAINTEXT":
        with translate_errors(settings, "introducing us"):
            try_handshake(settings, build_options(settings))


def _find_listener(settings: KafkaSettings) -> None:
    with translate_errors(settings, "connecting"):
        refused: list[OSError] = []
        for broker in settings.bootstrap.split(","):
            host, _, port = broker.rpartition(":")
            try:
                socket.create_connection(
                    (host.strip("[]"), int(port)), settings.request_timeout_seconds
                ).close()
            except OSError as error:
                refused.append(error)
            else:
                return
        raise refused[0]


def ask_until_ready(settings: KafkaSettings, doing: str, ask: Callable[[], Any]) -> Any:
    """The answer to `ask`, asked again while the broker says "not yet", as a fresh one does about groups.

    Raises:
        Unavailable: if there is no answer within the request timeout.
    """
    deadline = time.monotonic() + settings.request_timeout_seconds
    with translate_errors(settings, doing):
        while True:
            try:
                return ask()
            except RetriableError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE_SECONDS)


def build_options(settings: KafkaSettings) -> dict[str, Any]:
    """The settings of every client.

    Raises:
        SettingsError: if a certificate, a key or a secret cannot be used.
    """
    timeout = settings.request_timeout_seconds
    return {
        "bootstrap_servers": settings.bootstrap.split(","),
        "bootstrap_timeout_ms": milliseconds(timeout),
        "request_timeout_ms": milliseconds(timeout),
        **build_security_options(settings.security, timeout),
        # The client would wait ever longer, up to half a minute, and so long after the broker is back.
        "reconnect_backoff_max_ms": _LONGEST_WAIT_MS,
    }


def milliseconds(seconds: float) -> int:
    """As kafka wants its times; never zero, which means "for ever" in places."""
    return max(1, round(seconds * 1000))
