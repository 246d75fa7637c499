"""Parquet files of a few kilobytes that unpack to gigabytes are refused before they are unpacked."""

from __future__ import annotations

import io
import struct
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables import read_table
from brentwatch.history.tables.parquet_pages import sum_page_sizes


def written(columns: dict[str, Any], **options: Any) -> bytes:
    out = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), out, compression="zstd", **options)
    return out.getvalue()


def varint(number: int) -> bytes:
    """A number as Thrift's compact protocol writes it."""
    number <<= 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def claiming_little(data: bytes) -> bytes:
    """The same file, whose sums at its end say that it unpacks to nothing."""
    length = struct.unpack("<I", data[-8:-4])[0]
    footer = data[-8 - length : -8]
    size = varint(parquet.read_metadata(io.BytesIO(data)).row_group(0).total_byte_size)
    nothing = b"\x80" * (len(size) - 1) + b"\x00"
    assert size in footer
    changed = data[: -8 - length] + footer.replace(size, nothing) + data[-8:]
    assert parquet.read_metadata(io.BytesIO(changed)).row_group(0).total_byte_size == 0
    return changed


MANY_ROWS = written({"date": ["2022-01-04"] * 1_000_000, "price": [1.0] * 1_000_000})
LONG_TEXT = written({"date": ["x" * 40_000_000]}, use_dictionary=False)
LONG_LIST = written({"date": pyarrow.array([[None] * 10_000_000], type=pyarrow.list_(pyarrow.int8()))})
SHARED = written(
    {"date": [f"{'x' * 100_000}{number}" for number in range(64)]},
    use_dictionary=False,
    column_encoding="DELTA_BYTE_ARRAY",
)


@pytest.mark.attack
@pytest.mark.parametrize(
    ("data", "told"),
    [
        (MANY_ROWS, "1,000,000 rows"),
        (LONG_TEXT, "bytes unpacked; expected at most"),
        (claiming_little(LONG_TEXT), "bytes unpacked; expected at most"),
        (LONG_LIST, "lists or records in the columns 'date'; expected one value a cell"),
        (SHARED, "DELTA_BYTE_ARRAY"),
    ],
    ids=["many rows", "a long text", "a lie", "a long list", "shared beginnings"],
)
def test_a_small_file_that_unpacks_to_a_large_one_is_refused(data: bytes, told: str) -> None:
    assert len(data) < 200_000
    with pytest.raises(InvalidInput) as caught:
        read_table("t.parquet", data)
    assert told in str(caught.value)


@pytest.mark.attack
@pytest.mark.slow
def test_a_text_that_many_rows_share_is_unpacked_once() -> None:
    """3,000 rows of a megabyte: 3 GB, if each had its own."""
    table = read_table("t.parquet", written({"date": ["x" * 1_000_000] * 3_000}))
    assert len({id(row.cells[0]) for row in table.rows}) <= 2
    assert table.rows[-1].cells == ("x" * 1_000_000,)


def test_texts_that_are_missing_are_empty_and_bytes_are_text() -> None:
    columns = {"date": ["a", None, " b "], "other": [b"x", None, b"\xff"]}
    rows = read_table("t.parquet", written(columns)).rows
    assert [row.cells for row in rows] == [("a", "x"), ("", ""), ("b", "\ufffd")]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_the_size_of_the_pages_is_what_the_file_says_where_it_says_the_truth(
    version: str, dictionary: bool
) -> None:
    columns = {"date": [f"day {at}" for at in range(50_000)], "price": [at / 7 for at in range(50_000)]}
    data = written(columns, data_page_version=version, use_dictionary=dictionary, row_group_size=20_000)
    metadata = parquet.read_metadata(io.BytesIO(data))
    told = sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
    size = sum_page_sizes(data, metadata)
    assert 0 < size <= told  # theirs counts the headers too
    assert size > told * 0.98
    assert len(read_table("t.parquet", data).rows) == 50_000


@pytest.mark.attack
@pytest.mark.parametrize("place", range(4, 60))
def test_a_header_with_any_byte_changed_is_read_or_refused(place: int) -> None:
    data = bytearray(written({"date": ["2022-01-04", "2022-01-05"], "price": [1.0, 2.0]}))
    for byte in (0, 1, 0x0F, 0x7F, 0x80, 0xFF):
        data[place] = byte
        try:
            read_table("t.parquet", bytes(data))
        except InvalidInput:
            continue
