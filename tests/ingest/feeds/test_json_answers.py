"""JSON of a feed: limited in values and in rows before it takes memory."""

from __future__ import annotations

import tracemalloc

import pytest

from brentwatch.ingest.feeds.answers import LARGEST_BYTES, MOST_ROWS, decode_object, read_rows
from brentwatch.web.failures import NoAnswer, Reason


@pytest.mark.attack
@pytest.mark.parametrize("value", [b"1,", b"{},", b'"",', b"[[]],"])
def test_small_values_without_end_are_refused_before_they_take_memory(value: bytes) -> None:
    data = b'{"data": [' + value * ((LARGEST_BYTES - 20) // len(value)) + b"1]}"
    tracemalloc.start()
    with pytest.raises(NoAnswer) as caught:
        decode_object(data, "ACLED")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.reason is Reason.TOO_LARGE
    assert most < 1 << 20


@pytest.mark.attack
def test_more_rows_than_a_page_can_have_are_refused() -> None:
    assert len(read_rows({"data": [{}] * MOST_ROWS}, "data", "ACLED")) == MOST_ROWS
    with pytest.raises(NoAnswer, match="more than 20,000 rows") as caught:
        read_rows({"data": [{}] * (MOST_ROWS + 1)}, "data", "ACLED")
    assert caught.value.reason is Reason.TOO_LARGE
