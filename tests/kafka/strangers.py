"""Records that only other clients write: header names that are no text, codecs that are not installed."""

from __future__ import annotations

from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from kafka import KafkaProducer, codec

if TYPE_CHECKING:
    from brentwatch.stream.settings import KafkaSettings

NESTED = b'{"x":' + b"[" * 600 + b"]" * 600 + b"}"
"""600 levels deep, and a field that nobody knows: 1.2 kB that stopped every service."""


class RawName(str):
    """A header name whose bytes are not UTF-8."""

    __slots__ = ()

    def encode(self, *_: object, **__: object) -> bytes:
        return b"\xff\xfetrace"


def write_batch(settings: KafkaSettings, topic: str, *values: bytes, bad: int = -1, **how: Any) -> None:
    """Write values in one lz4 batch to partition 0; that at the index `bad` has a header name that is no text.

    A broker writes a batch anew that is not compressed, and repairs the name.
    """
    how = {"compression_type": "lz4", "linger_ms": 1_000, "batch_size": 1_000_000, "acks": "all"} | how
    with closing(KafkaProducer(bootstrap_servers=settings.bootstrap, **how)) as producer:
        for number, value in enumerate(values):
            headers: list[Any] = [(RawName("trace"), b"1")] if number == bad else []
            producer.send(topic, value=value, key=b"KAZ", partition=0, headers=headers)
        producer.flush()


def write_snappy(settings: KafkaSettings, topic: str, *values: bytes) -> None:
    """Write values in one batch that is compressed with snappy, for which no package is installed here."""
    with patch.object(codec, "snappy", SimpleNamespace(compress=_literal)):
        write_batch(settings, topic, *values, compression_type="snappy")


def _literal(data: bytes) -> bytes:
    """The format of snappy at its simplest: the length, then the bytes as they are."""
    length, size = b"", len(data)
    while size >= 0x80:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    length += bytes([size])
    pieces = (data[start : start + 256] for start in range(0, len(data), 256))
    return length + b"".join(bytes([60 << 2, len(piece) - 1]) + piece for piece in pieces)
