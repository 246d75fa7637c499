"""Shared by all Kafka clients: common settings, the first connection, and errors that say what to do."""

import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from kafka import TopicPartition
from kafka.errors import (
    AuthorizationError,
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    RetriableError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)
from kafka.net.inet import create_connection
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector
from kafka.net.transport import KafkaSSLTransport, KafkaTCPTransport

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.stream.clients.credentials import build_security_options
from brentwatch.stream.clients.failures import explain_failure
from brentwatch.stream.records import Partition
from brentwatch.stream.settings import KafkaSettings

_SELECTOR, _SLOW_TASK = "kafka.net.selector", "blocking the event loop"
_PAUSE_SECONDS = 0.1
_LONGEST_WAIT_MS = 1000


class Fenced(Unavailable):
    """The broker refuses this client: another one uses its name, or its transaction timed out."""


def convert_to_kafka(partition: Partition) -> Any:
    """The partition as a type of kafka-python."""
    return TopicPartition(partition.topic, partition.number)


@contextmanager
def translate_errors(
    settings: KafkaSettings, doing: str, besides: tuple[type[KafkaError], ...] = ()
) -> Iterator[None]:
    """Convert errors of kafka-python, except those in `besides`, to our errors.

    Raises:
        SettingsError: if it is forbidden; a retry would not help.
        Unavailable: otherwise.
    """
    try:
        yield
    except besides:
        raise
    except (KafkaError, OSError) as error:
        if _is_forbidden(error):
            raise SettingsError(
                f"Kafka at {settings.bootstrap} refused {doing}: {error}; expected an ACL that allows it: "
                "ask an administrator to apply the ACLs that `brentwatch topics create --print` prints for "
                "this service"
            ) from error
        raise Unavailable(
            f"Kafka at {settings.bootstrap} failed while {doing}: {error}; {explain_failure(error)}"
        ) from error


def _is_forbidden(error: Exception) -> bool:
    """Awkward: if a producer may write to no topic at all, kafka-python gives the reason only as text."""
    return isinstance(error, AuthorizationError) or "AuthorizationFailedError" in str(error)


def check_connection(settings: KafkaSettings) -> None:
    """Make sure that a broker listens and accepts the login.

    A client that finds no broker never ends its thread, and one that is refused retries for ever without a
    reason.

    Raises:
        Unavailable: if none of the brokers accepts a connection.
        SettingsError: if the broker refuses the login, or its certificate cannot be verified.
    """
    _find_listener(settings)
    if settings.security.protocol != "PLAINTEXT":
        with translate_errors(settings, "connecting"):
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
    """The answer to `ask`, which is repeated while the broker is not ready, as a new one is not for groups.

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
    logging.getLogger(_SELECTOR).addFilter(is_worth_a_line)  # once: the logger knows which filters it has
    return {
        "bootstrap_servers": settings.bootstrap.split(","),
        "bootstrap_timeout_ms": milliseconds(timeout),
        "request_timeout_ms": milliseconds(timeout),
        **build_security_options(settings.security, timeout),
        # The client's own back-off grows to half a minute, which would delay the return of the broker.
        "reconnect_backoff_max_ms": _LONGEST_WAIT_MS,
    }


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """False for the warning of kafka-python 3.0.12 that its network thread waited 0.1 s for the processor.

    It appears on a busy machine and while a batch is folded, and nobody can act on it: lag, liveness and the
    watchdog show what is too slow.
    """
    return _SLOW_TASK not in str(record.msg)


def milliseconds(seconds: float) -> int:
    """Seconds as the milliseconds that kafka-python expects; never zero, which sometimes means "for ever"."""
    return max(1, round(seconds * 1000))


_TURNED_AWAY = (IllegalSaslStateError, SaslAuthenticationFailedError, UnsupportedSaslMechanismError)
_BROKEN_OFF = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
_CREDENTIALS = {
    "OAUTHBEARER": "the token from kafka.security.token_url or token_file, and its scope",
}
_NAME_AND_PASSWORD = "kafka.security.username and password"  # noqa: S105 - names of settings


def try_handshake(settings: KafkaSettings, common: dict[str, Any]) -> None:
    """Connect to the first broker that answers, with TLS and SASL, and disconnect.

    Raises:
        SettingsError: if the broker refuses the client, or the client does not trust the broker.
        KafkaError: if no broker answers.
    """
    with closing(NetworkSelector()) as net, closing(_Manager(net, **common)) as manager:
        errors = []
        for broker in manager.cluster.bootstrap_brokers():
            try:
                net.run(_connected, manager, broker.node_id, common["request_timeout_ms"])
            except ValueError as error:  # of SCRAM: the broker could not prove that it knows the password
                raise SettingsError(_describe_refusal(settings, str(error))) from error
            except KafkaError as error:
                if fault := _find_fault(settings, error):
                    raise SettingsError(fault) from error
                errors.append(error)
            else:
                return
        raise errors[0]


class _Manager(KafkaConnectionManager):  # type: ignore[misc]  # kafka is untyped
    """Makes connections that read the last bytes before a close, and that leave no socket open.

    kafka-python drops bytes that arrive together with the close, and leaks a socket if the handshake fails.
    """

    async def _build_transport(self, node: Any, timeout_at: float | None = None) -> Any:
        sock = await create_connection(
            self._net, node.host, node.port, self.config["socket_options"], timeout_at=timeout_at
        )
        transport = self._wrap_socket(sock, node.host)
        with ExitStack() as left_behind:
            left_behind.callback(transport.close)
            try:
                await transport.handshake()
            except OSError as error:
                raise KafkaConnectionError(error) from error
            left_behind.pop_all()
        received = transport._sock_recv
        transport._sock_recv = lambda: _put_words_first(*received())
        return transport

    def _wrap_socket(self, sock: Any, host: str) -> Any:
        if self.ssl_enabled:
            return KafkaSSLTransport(self._net, sock, host=host, ssl_context=self.config["ssl_context"])
        return KafkaTCPTransport(self._net, sock, host=host)


def _put_words_first(received: bytes, error: KafkaError | None) -> tuple[bytes, KafkaError | None]:
    """The bytes that were read before the close, if any; the next read reports the close."""
    return received, None if received else error


async def _connected(manager: Any, node_id: str, timeout_ms: int) -> None:
    """Has its own timeout: a handshake has none in kafka-python."""
    made = manager.get_connection(node_id, timeout_ms=timeout_ms, refresh_metadata_on_err=False)
    await manager.wait_for(made.init_future, timeout_ms)


def _find_fault(settings: KafkaSettings, error: KafkaError) -> str:
    """What is wrong with the settings of client or broker; empty if the broker may only be down."""
    if isinstance(error, _TURNED_AWAY):
        return _describe_refusal(settings, str(error))
    match _find_tls_error(error):
        case None:
            return ""
        case ssl.SSLCertVerificationError() as refused:
            return (
                f"the certificate of Kafka at {settings.bootstrap} cannot be verified: "
                f"{refused.verify_message or refused}; expected a valid certificate for the host "
                "in kafka.bootstrap, signed by a certificate in kafka.security.ca_file: check these two "
                "settings and the broker's certificate"
            )
        case other:
            return (
                f"the TLS handshake with Kafka at {settings.bootstrap} failed: {other}; expected a TLS "
                "listener that accepts this client: check kafka.security.protocol and kafka.bootstrap, and "
                "kafka.security.certificate_file and key_file if the broker requires a client certificate"
            )


def _describe_refusal(settings: KafkaSettings, why: str) -> str:
    security = settings.security
    credentials = _CREDENTIALS.get(security.mechanism or "", _NAME_AND_PASSWORD)
    return (
        f"Kafka at {settings.bootstrap} refused the {security.mechanism} login: {why}; expected a "
        f"{security.protocol} listener that accepts these credentials: check {credentials}, and "
        "kafka.security.mechanism and protocol"
    )


def _find_tls_error(error: KafkaError) -> ssl.SSLError | None:
    """The error of TLS that `error` wraps, unless the connection was merely broken off."""
    found = [each for each in error.args if isinstance(each, ssl.SSLError)]
    return next((each for each in found if not isinstance(each, _BROKEN_OFF)), None)
