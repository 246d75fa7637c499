from __future__ import annotations

import pytest

from brentwatch.stream import Partition, Record, find_write_time

NOW, FAR = 1_641_376_800_000, 4_040_000_000_000


@pytest.mark.attack
@pytest.mark.parametrize(
    ("timestamp", "is_append_time", "expected"),
    [
        (NOW - 5, True, NOW - 5),
        (FAR, True, FAR),  # the broker's clock is the one that counts
        (NOW - 5, False, NOW - 5),
        (FAR, False, NOW),  # a producer can name any time
        (-1, False, NOW),
    ],
)
def test_a_producer_cannot_move_the_time_of_writing_ahead(
    monkeypatch: pytest.MonkeyPatch, timestamp: int, is_append_time: bool, expected: int
) -> None:
    monkeypatch.setattr("brentwatch.stream.records.time.time", lambda: NOW / 1000)
    place = Partition("impact.timeline", 0)
    record = Record(partition=place, offset=0, timestamp=timestamp, is_append_time=is_append_time)
    assert find_write_time(record) == expected
