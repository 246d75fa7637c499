"""When a record was written, by a clock that whoever wrote it cannot set."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brentwatch.stream.records import Record


def find_write_time(record: Record) -> float:
    """Milliseconds since 1970: the append time of the broker, on topics with `LogAppendTime`.

    On others the record's own time counts, and our clock where that is later or missing.
    """
    if record.is_append_time:
        return float(record.timestamp)
    now = 1000.0 * time.time()
    return min(float(record.timestamp), now) if record.timestamp >= 0 else now
