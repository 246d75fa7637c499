"""Producers: one waits until the broker has acknowledged each record, one writes in transactions."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from kafka import KafkaProducer, OffsetAndMetadata
from kafka.errors import FencedInstanceIdError, KafkaTimeoutError, ProducerFencedError

from brentwatch.core.errors import Unavailable
from brentwatch.stream.clients import connection
from brentwatch.stream.clients.admin import diagnose
from brentwatch.stream.records import LETTER_LIMIT, Outgoing, Partition
from brentwatch.stream.settings import KafkaSettings

_END_SECONDS = 1.0
_FENCED = (ProducerFencedError, FencedInstanceIdError)
_BATCH_BYTES = 256 * 1024
_LINGER_MILLISECONDS = 100
"""Never reached: the sender flushes. It keeps the client's thread from sending half-filled batches."""
_BACKOFF_MILLISECONDS = 10
"""A transaction right after the last one gets the answer "not yet", and the client sleeps this long."""


class Producer:
    """A producer that waits until the broker has acknowledged each record."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        connection.check_connection(settings)
        with connection.translate_errors(settings, "opening a producer"):
            self._client = KafkaProducer(**_build_producer_options(settings))

    def send(self, records: Sequence[Outgoing]) -> list[tuple[Partition, int]]:
        """Write the records in order, and return the place of each once all are acknowledged.

        Raises:
            Unavailable: if one of them was not acknowledged in time.
        """
        deadline = time.monotonic() + self._settings.delivery_timeout_seconds
        try:
            with connection.translate_errors(self._settings, "writing"):
                futures = [_send(self._client, each) for each in records]
                self._client.flush(timeout=self._settings.delivery_timeout_seconds)
                written = [future.get(timeout=max(0.001, deadline - time.monotonic())) for future in futures]
        except Unavailable as error:
            raise diagnose(self._settings, {each.topic for each in records}, error) from error
        return [(Partition(each.topic, each.partition), each.offset) for each in written]

    def close(self) -> None:
        """Close at once, without waiting for acknowledgements."""
        with connection.translate_errors(self._settings, "closing a producer"):
            _close(self._client)


class TransactionalProducer:
    """A transactional producer; `name` is its transactional id.

    A new one aborts what the last one left open. Its calls have no timeout once they have begun, and after a
    restart of the broker a commit may wait for ever (kafka-python 3.0.12), so the process needs a watchdog.
    """

    def __init__(self, settings: KafkaSettings, name: str) -> None:
        self._settings = settings
        self._name = name
        connection.check_connection(settings)
        with connection.translate_errors(settings, f"opening the transactional producer {name}"):
            self._client = KafkaProducer(
                **_build_producer_options(settings),
                transactional_id=name,
                transaction_timeout_ms=connection.milliseconds(settings.transaction_timeout_seconds),
            )
            self._client.init_transactions()

    def transact(
        self, records: Sequence[Outgoing], positions: Mapping[Partition, int], membership: Any
    ) -> None:
        """Write the records and commit the offsets to be read next, or neither.

        Args:
            records: in their order.
            positions: offsets to be read next.
            membership: of the consumer that has read: one that its group has given up is refused.

        Raises:
            Fenced: if another producer of the same name was opened, or the broker gave the transaction up.
            Unavailable: if Kafka fails. The producer is of no use then: close it; who opens the next one of
                this name ends the transaction.
        """
        offsets = {
            connection.convert_to_kafka(each): OffsetAndMetadata(offset) for each, offset in positions.items()
        }
        try:
            with connection.translate_errors(self._settings, "writing a transaction", besides=_FENCED):
                self._client.begin_transaction()
                self._write(records)
                if offsets:
                    self._client.send_offsets_to_transaction(offsets, membership)
                self._client.commit_transaction()
        except Unavailable as error:
            raise diagnose(self._settings, {each.topic for each in records}, error) from error
        except _FENCED as error:
            raise connection.Fenced(
                f"the broker refuses further transactions of {self._name}: another process uses this name, "
                "or a transaction timed out; this producer is closed and a new one is needed"
            ) from error

    def _write(self, records: Sequence[Outgoing]) -> None:
        """Write the records and wait until they are acknowledged: only here does a failure give its reason.

        The flush is needed too. Without it, kafka-python 3.0.12 begins one in the commit that never ends, and
        then stops batching records.
        """
        written = [_send(self._client, each) for each in records]
        self._client.flush(timeout=self._settings.delivery_timeout_seconds)
        for each in written:
            if each.failed():
                raise each.exception

    def close(self) -> None:
        """Close at once; an open transaction is left to the next producer of this name."""
        with connection.translate_errors(self._settings, "closing a transactional producer"):
            _close(self._client)


def _close(client: Any) -> None:
    """Awkward with kafka-python 3.0.12: after a missing acknowledgement, `close` raises before it closes.

    The thread of the client would go on and, once the broker is back, write records that were given up.
    """
    try:
        client.close(timeout=0)
    except KafkaTimeoutError:
        client._sender.force_close()
        client._sender.join(_END_SECONDS)
        client.close(timeout=0)


def _build_producer_options(settings: KafkaSettings) -> dict[str, Any]:
    return {
        **connection.build_options(settings),
        "delivery_timeout_ms": connection.milliseconds(settings.delivery_timeout_seconds),
        "max_block_ms": connection.milliseconds(settings.request_timeout_seconds),
        "max_request_size": LETTER_LIMIT,
        "compression_type": "lz4",
        "batch_size": _BATCH_BYTES,
        "linger_ms": _LINGER_MILLISECONDS,
        "retry_backoff_ms": _BACKOFF_MILLISECONDS,
        "allow_auto_create_topics": False,
    }


def _send(client: Any, record: Outgoing) -> Any:
    return client.send(
        record.topic,
        value=record.value,
        key=record.key,
        headers=list(record.headers),
        partition=record.partition,
        timestamp_ms=record.timestamp,
    )
