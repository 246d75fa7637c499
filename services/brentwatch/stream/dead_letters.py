"""Dead letters: what could not be read, with its original bytes and the reason; the stream goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.stream.records import Outgoing, Record, Unreadable

if TYPE_CHECKING:
    from brentwatch.stream.records import Headers

DEAD_TOPIC = "unrest.events.dead"

INPUT_LIMIT = 1024 * 1024
"""Bytes of one record on the topics that are read: `max.message.bytes` in `schemas/topics.toml`."""

HEADROOM = 64 * 1024
"""What a dead letter may need beyond its record: headers, and the framing of a batch."""

LETTER_LIMIT = INPUT_LIMIT + HEADROOM
"""Bytes of one dead letter, at most: the limit of the dead topic and of the producer."""

CORRUPT = "corrupt"
"""The reason of a record whose bytes the client refuses."""

_DETAIL_LIMIT = 8 * 1024


def build_dead_letter(topic: str, record: Record | Unreadable, reason: str, detail: str) -> Outgoing:
    """The dead letter of `record` for `topic`.

    The value is the original value; the headers are the original ones, followed by `reason` (a word),
    `detail` (sentences), `topic`, `partition` and `offset`. What cannot be kept is left out, and `truncated`
    after them says what the record had: a key over 8 KiB; the headers, before the value, where the whole
    exceeds the limit, as only what arrived compressed can.
    """
    origin = record.partition
    about: Headers = (
        ("reason", reason.encode()),
        ("detail", detail.encode()[:_DETAIL_LIMIT]),
        ("topic", origin.topic.encode()),
        ("partition", str(origin.number).encode()),
        ("offset", str(record.offset).encode()),
    )
    match record:
        case Unreadable():
            return Outgoing(topic=topic, value=b"", headers=about)
        case Record():
            return _fit_letter(topic, record, about)


def _fit_letter(topic: str, record: Record, about: Headers) -> Outgoing:
    has_key = len(record.key or b"") <= _DETAIL_LIMIT
    original = record.value or b""
    room = LETTER_LIMIT - HEADROOM // 2 - len(original)
    has_headers = sum(len(name.encode()) + len(value) + 10 for name, value in record.headers) <= room
    headers = (*record.headers, *about) if has_headers else about
    if not (has_key and has_headers):
        headers = (*headers, ("truncated", _describe_sizes(record).encode()))
    return Outgoing(
        topic=topic,
        key=record.key if has_key else None,
        value=original if has_headers else original[:INPUT_LIMIT],
        headers=headers,
    )


def _describe_sizes(record: Record) -> str:
    value, headers = len(record.value or b""), len(record.headers)
    return f"{len(record.key or b'')} bytes of key, {value} bytes of value, {headers} headers"
