"""Reads `impact.deliveries`, the audit record: the records of one thread, and the archive of all.

The archive is one JSON object a line, chained by hashes (`wire/hash_chain.py`).
"""

import base64
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from brentwatch.stream import Record, find_write_time
from brentwatch.wire import deliveries
from brentwatch.wire.decoding import decode_json
from brentwatch.wire.hash_chain import HashChain, write_canonical
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.published import decode_alert


def read_append_time(record: Record) -> datetime:
    """When the broker appended a record."""
    return datetime.fromtimestamp(find_write_time(record) / 1000.0, UTC)


def read_thread_history(
    records: Iterable[Record], thread: str
) -> Iterator[tuple[datetime, deliveries.DeliveryRecord]]:
    """The append time and the content of each record of the thread; what cannot be read is left out."""
    name = thread.encode()
    for record in records:
        value = record.value or b""
        if name not in value:  # spares decoding most of them
            continue
        try:
            decoded = deliveries.decode_delivery_record(value)
        except InvalidMessage:
            continue
        if _is_of_thread(decoded, thread):
            yield read_append_time(record), decoded


def _is_of_thread(record: deliveries.DeliveryRecord, thread: str) -> bool:
    match record:
        case deliveries.AlertRecord():
            return decode_alert(bytes(record.alert)).thread == thread
        case deliveries.AnswerRecord() | deliveries.AttemptRecord():
            return record.thread == thread
        case deliveries.DueRecord():
            return record.timer.startswith("fallback:") and record.timer.endswith(f":{thread}")


def export_records(records: Iterable[Record], until: datetime | None, chain: HashChain) -> Iterator[bytes]:
    """The line of each record, with its line break, to the first that was appended at `until` or later."""
    for record in records:
        at = read_append_time(record)
        if until is not None and at >= until:
            return
        yield chain.add(_build_entry(record, at)).encode() + b"\n"


def _build_entry(record: Record, at: datetime) -> dict[str, Any]:
    """Offset, append time, key and content of a record; its bytes if it cannot be read."""
    entry = {
        "offset": record.offset,
        "at": at.isoformat(timespec="milliseconds"),
        "key": (record.key or b"").decode("utf-8", "replace"),
    }
    value = record.value or b""
    try:
        deliveries.decode_delivery_record(value)
        content = decode_json(value)
        write_canonical(content)
    except (InvalidMessage, ValueError):
        return entry | {"unreadable": base64.b64encode(value).decode()}
    return entry | {"record": content}
