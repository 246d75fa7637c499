"""The unpacked size of the pages of a Parquet file, from their headers.

A reader allocates memory by the size in the header of a page, and the totals at the end of the file may be
wrong. So the headers are read before any page is unpacked. They are structs of Thrift's compact protocol
(github.com/apache/parquet-format, `PageHeader`), of which a few fields matter.
"""

from collections.abc import Iterator
from typing import Any

MOST_PAGES = 100_000
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _STRUCT = 1, 2, 3, 7, 8, 12
_WHOLE = (4, 5, 6)
_DEEPEST = 8
_UNPACKED, _PACKED = 2, 3
_DATA_HEADERS = {5: 2, 8: 4}
"""The header of a page of data, of version 1 and 2, and its field with the encoding."""
_SHARED_BEGINNINGS = 7
"""DELTA_BYTE_ARRAY: a text is a prefix of the previous one and a suffix."""

Struct = dict[int, Any]


def sum_page_sizes(data: bytes, metadata: Any) -> int:
    """The unpacked bytes of all pages.

    Raises:
        ValueError: if a header cannot be read, there are too many, or a page may unpack to any size.
    """
    size = 0
    for number, header in enumerate(_read_headers(data, metadata)):
        encodings = [header[at].get(field) for at, field in _DATA_HEADERS.items() if at in header]
        if number == MOST_PAGES or _SHARED_BEGINNINGS in encodings:
            raise ValueError("too many pages" if number == MOST_PAGES else "the encoding DELTA_BYTE_ARRAY")
        size += header[_UNPACKED]
    return size


def _read_headers(data: bytes, metadata: Any) -> Iterator[Struct]:
    for group in range(metadata.num_row_groups):
        for at in range(metadata.num_columns):
            column = metadata.row_group(group).column(at)
            offsets = (column.data_page_offset, column.dictionary_page_offset)
            place = min((each for each in offsets if each), default=len(data))  # 0 or None: there is none
            end = place + column.total_compressed_size
            while place < end:
                header, place = _read_struct(data, place)
                if header.get(_PACKED, -1) < 0 or header.get(_UNPACKED, -1) < 0:
                    raise ValueError("a page without a size")
                yield header
                place += header[_PACKED]


def _read_struct(data: bytes, at: int, depth: int = 0) -> tuple[Struct, int]:
    """A struct as a mapping of field numbers, and the position after it."""
    found: Struct = {}
    field = 0
    if depth > _DEEPEST or at < 0:
        raise ValueError("a header that is nested too deeply, or outside the file")
    while (byte := _read_byte(data, at)) != 0:
        at += 1
        if byte >> 4:
            field += byte >> 4
        else:
            field, at = _read_whole(data, at)
        found[field], at = _read_value(data, at, byte & 15, depth)
    return found, at + 1


def _read_value(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    match kind:
        case _ if kind in (_TRUE, _FALSE):
            return kind == _TRUE, at
        case _ if kind in _WHOLE:
            return _read_whole(data, at)
        case _ if kind == _BYTE:
            return _read_byte(data, at), at + 1
        case _ if kind == _DOUBLE:
            return None, at + 8
        case _ if kind == _BINARY:
            length, at = _read_varint(data, at)
            return None, at + length
        case _ if kind == _STRUCT:
            return _read_struct(data, at, depth + 1)
    raise ValueError(f"a header with a field of type {kind}")


def _read_whole(data: bytes, at: int) -> tuple[int, int]:
    number, at = _read_varint(data, at)
    return (number >> 1) ^ -(number & 1), at


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        byte = _read_byte(data, at)
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    raise ValueError("a number of more than ten bytes")


def _read_byte(data: bytes, at: int) -> int:
    if not 0 <= at < len(data):
        raise ValueError("a header outside the file")
    return data[at]
