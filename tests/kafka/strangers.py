"""Records that only other clients write: header names that are no text, codecs that are not installed."""

from __future__ import annotations

from contextlib import closing
from itertools import groupby
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from kafka import KafkaProducer, codec
from tests.kafka.patience import await_true

from brentwatch.stream import FEED
from brentwatch.stream.clients.admin import Admin

if TYPE_CHECKING:
    from brentwatch.stream import KafkaSettings

NESTED = b'{"x":' + b"[" * 600 + b"]" * 600 + b"}"
"""600 levels deep, and a field that nobody knows: 1.2 kB that stopped every service."""


class RawName(str):
    """A header name whose bytes are not UTF-8."""

    __slots__ = ()

    def encode(self, *_: object, **__: object) -> bytes:
        return b"\xff\xfetrace"


def write_batch(
    settings: KafkaSettings, topic: str, *values: bytes, bad: int = -1, feed: str = "", **how: Any
) -> None:
    """Write values in one lz4 batch to partition 0; the one at `bad` has a header name that is no text.

    With `feed` the others are marked as that feed's own. A broker writes a batch anew that is not compressed,
    and repairs the name.
    """
    how = {"compression_type": "lz4", "linger_ms": 1_000, "batch_size": 1_000_000, "acks": "all"} | how
    with closing(KafkaProducer(bootstrap_servers=settings.bootstrap, **how)) as producer:
        for number, value in enumerate(values):
            marks = [(FEED, feed.encode())] if feed else []
            headers: list[Any] = [(RawName("trace"), b"1")] if number == bad else marks
            producer.send(topic, value=value, key=b"KAZ", partition=0, headers=headers)
        producer.flush()


_ROOM = b" " * 8_000
"""Else the batch would be smaller without compression, and be sent so."""


def keep_codecs(settings: KafkaSettings, *topics: str) -> None:
    """Have the broker keep what producers compress, as a topic does that others made: ours write it anew."""
    with closing(Admin(settings)) as admin:
        for name in topics:
            admin.configure(settings.topic(name), {"compression.type": "producer"})
        full = [settings.topic(name) for name in topics]
        await_true(
            lambda: {told["compression.type"] for told in admin.read_configs(full).values()} == {"producer"},
            "the topics keep what producers compress",
        )


def write_snappy(settings: KafkaSettings, topic: str, *values: bytes) -> None:
    """Write values in one batch that is compressed with snappy, for which no package is installed here."""
    with patch.object(codec, "snappy", SimpleNamespace(compress=_packed)):
        write_batch(settings, topic, *(value + _ROOM for value in values), compression_type="snappy")


def _packed(data: bytes) -> bytes:
    """The format of snappy at its simplest: the length, then literals and runs of one byte."""
    length, size = b"", len(data)
    while size >= 0x80:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    packed = [length + bytes([size])]
    for _, run in groupby(data):
        bytes_of_run = bytes(run)
        packed.append(bytes([0, bytes_of_run[0]]))  # a literal of one byte
        left = (min(64, len(bytes_of_run) - start) for start in range(1, len(bytes_of_run), 64))
        packed += [bytes([count - 1 << 2 | 2, 1, 0]) for count in left]  # copied from one byte before
    return b"".join(packed)
