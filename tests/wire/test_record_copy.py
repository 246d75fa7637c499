"""Copies of records as lines of a file: read as they were written, and refused where a file is damaged."""

from __future__ import annotations

import pytest

from brentwatch.core.errors import InvalidInput
from brentwatch.wire.record_copy import CopyEnd, RecordCopy, decode_copies, encode_copy

RECORDS = [
    RecordCopy(partition=1, offset=0, time=1_700_000_000_000, key=b"\xff\x00", value=b'{"a": 1}'),
    RecordCopy(partition=0, offset=7, time=0, key=None, value=None, headers=(("h", b"\n"), ("h", b""))),
]
LINES = [*map(encode_copy, RECORDS), encode_copy(CopyEnd(2))]


def test_records_are_read_as_they_were_written() -> None:
    assert list(decode_copies("file", LINES)) == RECORDS


def test_a_line_is_json_that_other_programs_can_read() -> None:
    assert LINES[1] == (
        b'{"kind":"record","partition":0,"offset":7,"time":0,"key":null,"value":null,'
        b'"headers":[["h","Cg=="],["h",""]]}\n'
    )
    assert LINES[2] == b'{"kind":"end","records":2}\n'


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "it is cut off after 0 records: the end marker is missing"),
        (LINES[:2], "it is cut off after 2 records: the end marker is missing"),
        ([LINES[0], LINES[2]], "it has 1 records, but its end marker says 2"),
        ([*LINES, LINES[0]], "line 4 comes after the end marker"),
        ([LINES[0][:-9], *LINES[1:]], "line 1 cannot be read: "),
        ([b'{"kind":"record","partition":10000}\n'], "line 1 cannot be read: "),
    ],
)
def test_a_file_that_is_not_whole_is_refused_with_its_name(lines: list[bytes], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        list(decode_copies("impact.timeline.jsonl", lines))

    assert str(caught.value).startswith(f"impact.timeline.jsonl: {said}")
    assert str(caught.value).endswith("expected a file written by `brentwatch topics save`: use another copy")
