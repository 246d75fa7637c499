"""Reads `impact.deliveries`, the audit record: the records of one thread, and the archive of all.

The archive is one JSON object a line, each chained to the one before by its hash. A line is canonical JSON:
keys sorted, no white space, printable ASCII. Its `hash` is the SHA-256, in hex, of the hash of the line
before (`previous`; 64 zeros before the first) followed by the line without `previous` and `hash`. A line that
is changed, removed, added or moved breaks the chain there; a cut end shows in the last hash.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

from brentwatch.core.errors import InvalidInput
from brentwatch.stream import Record, find_write_time
from brentwatch.wire import deliveries
from brentwatch.wire.decoding import decode_json
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.published import decode_alert

FIRST = "0" * 64
"""The hash before the first line."""

_LONGEST_LINE = 8 * 1024 * 1024


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


@dataclass(slots=True)
class HashChain:
    """How many lines were chained so far, and the hash of the last one."""

    lines: int = 0
    last: str = FIRST

    def add(self, entry: dict[str, Any]) -> str:
        """The line of an entry."""
        previous, self.last = self.last, compute_hash(self.last, entry)
        self.lines += 1
        return write_canonical(entry | {"previous": previous, "hash": self.last})


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


def write_canonical(value: object) -> str:
    """JSON that is the same for the same value; ValueError for a number that JSON cannot hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def compute_hash(previous: str, entry: dict[str, Any]) -> str:
    """The hash of a line behind the one whose hash is `previous`."""
    return hashlib.sha256((previous + write_canonical(entry)).encode()).hexdigest()


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file, none longer than any that is exported."""
    return iter(lambda: file.readline(_LONGEST_LINE), b"")


def verify_lines(lines: Iterable[bytes]) -> HashChain:
    """Check a whole file, a line at a time.

    Raises:
        InvalidInput: with the line where the chain breaks, and how.
    """
    chain = HashChain()
    for line in lines:
        number = chain.lines + 1
        entry = _read_line(line, number)
        previous, stated = entry.pop("previous", None), entry.pop("hash", None)
        if previous != chain.last:
            raise InvalidInput(
                f"the chain breaks at line {number}: its previous is not the hash of the line before; "
                "expected the lines as they were exported: one was removed, added, changed or moved"
            )
        chain.add(entry)
        if stated != chain.last:
            raise InvalidInput(
                f"the chain breaks at line {number}: its hash does not fit what it says; expected the line "
                "as it was exported: it was changed"
            )
    return chain


def _read_line(line: bytes, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
        if isinstance(entry, dict) and write_canonical(entry).encode() + b"\n" == line:
            return entry
    except (ValueError, RecursionError):
        pass
    raise InvalidInput(
        f"the chain breaks at line {number}: it is not as an export writes lines; expected one JSON object "
        "with sorted keys, and a line break: it was changed or cut off"
    )
