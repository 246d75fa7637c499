"""Reads a Parquet file: its columns by name, its values as text."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables.delimited import TextRecord
from brentwatch.history.tables.header import join_levels
from brentwatch.history.tables.parquet_pages import sum_page_sizes
from brentwatch.history.tables.table import format_list
from brentwatch.wire.input_faults import explain_error, show_value

if TYPE_CHECKING:
    import pyarrow

MOST_ROWS, MOST_COLUMNS, MOST_BYTES = 5_000_000, 1_000, 512 << 20
MOST_CELLS = 20_000_000
_ROWS_OF_A_SMALL_FILE, _BYTES_OF_A_SMALL_FILE = 200_000, 16 << 20
_MOST_UNPACKED = 20
"""The limit as a multiple of the packed size: real data stay below it, an attack has a thousand times."""

_BATCH = 4_096
_UNNAMED_INDEX = "__index_level_"


class Columnar(NamedTuple):
    """The names of the columns, and the rows, numbered as if row 1 were a header."""

    columns: tuple[str, ...]
    records: list[TextRecord]


def read_parquet(name: str, data: bytes) -> Columnar:
    """The table in the file called `name`.

    Raises:
        InvalidInput: if it is damaged or too large, or if the extra `parquet` is not installed.
    """
    _require_pyarrow(name)
    import pyarrow.parquet

    try:
        _check_size(name, data, pyarrow.parquet.ParquetFile(BytesIO(data)).metadata)
        file = _open(name, data)
        columns = _read_names(file.schema_arrow.names)
        return Columnar(columns, list(_read_records(name, file)))
    except InvalidInput:
        raise
    except Exception as error:  # a C++ library reads foreign bytes: any error rejects this file only
        raise InvalidInput(
            f"{name} cannot be read ({explain_error(error)}); expected Parquet; save it again, or as CSV"
        ) from error


def _require_pyarrow(name: str) -> None:
    try:
        import pyarrow.parquet  # noqa: F401 - whether it can be imported is the question
    except ImportError as error:
        raise InvalidInput(
            f"{name} is a Parquet file, and pyarrow, which reads it, cannot be imported ({error}); expected "
            'the extra "parquet"; run pip install "brentwatch[parquet]", or save the file as CSV'
        ) from error


def _check_size(name: str, data: bytes, metadata: Any) -> None:
    """Checks the file's own figures before anything is unpacked. A small file must not claim to be large: one
    value can represent any number of rows.
    """
    packed, size = len(data), sum_page_sizes(data, metadata)
    rows, columns = metadata.num_rows, metadata.num_columns
    most_rows = min(MOST_ROWS, _ROWS_OF_A_SMALL_FILE + packed)
    most_bytes = min(MOST_BYTES, _BYTES_OF_A_SMALL_FILE + _MOST_UNPACKED * packed)
    small = 0 <= rows <= most_rows and columns <= MOST_COLUMNS and rows * columns <= MOST_CELLS
    if not small or size > most_bytes:
        raise InvalidInput(
            f"{name} has {rows:,} rows of {columns:,} columns, {size:,} bytes unpacked; expected at most "
            f"{most_rows:,} rows, {MOST_COLUMNS:,} columns, {MOST_CELLS:,} cells and "
            f"{most_bytes >> 20} MB for a file of {packed:,} bytes; split it, or save it as CSV"
        )


def _open(name: str, data: bytes) -> Any:
    """The file, opened so that a text shared by many rows is unpacked once.

    Raises:
        InvalidInput: if a cell may have more than one value, and so any number of them.
    """
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(BytesIO(data))
    if nested := [show_value(field.name) for field in schema if pyarrow.types.is_nested(field.type)]:
        raise InvalidInput(
            f"{name} has lists or records in the columns {format_list(nested)}; expected one value a cell; "
            "leave "
            "these columns out"
        )
    return pyarrow.parquet.ParquetFile(
        BytesIO(data), read_dictionary=[field.name for field in schema if _is_text(field.type)]
    )


def _is_text(kind: pyarrow.DataType) -> bool:
    import pyarrow

    return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_binary(kind))


def _read_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names as in the file; pandas writes levels as ('Close', 'BZ=F'), and gives an index a name."""
    levels = {at: levels for at, name in enumerate(names) if (levels := _split_levels(name))}
    joined = dict(zip(levels, join_levels(list(levels.values())), strict=True))
    return tuple(
        joined.get(at, "" if name.startswith(_UNNAMED_INDEX) else name.strip())
        for at, name in enumerate(names)
    )


def _split_levels(name: str) -> list[str]:
    if not (name.startswith("('") and name.endswith(")") and len(name) < 1_000):
        return []
    try:
        told = ast.literal_eval(name)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [str(level) for level in told] if isinstance(told, tuple) else []


def _read_records(name: str, file: Any) -> Iterator[TextRecord]:
    line, size = 2, 0
    for batch in file.iter_batches(batch_size=_BATCH):
        size += batch.nbytes
        if size > MOST_BYTES:
            raise InvalidInput(f"{name} has more than {MOST_BYTES >> 20} MB when it is unpacked; split it")
        texts = [_read_texts(column) for column in batch.columns]
        for cells in zip(*texts, strict=True):
            yield TextRecord(line, list(cells))
            line += 1


def _read_texts(column: pyarrow.Array[Any]) -> list[str]:
    """The cells of a column; equal texts share memory."""
    import pyarrow

    if not isinstance(column, pyarrow.DictionaryArray):
        return list(map(_format_value, _read_values(column)))
    texts = list(map(_format_value, _read_values(column.dictionary)))
    return ["" if at is None else texts[at] for at in column.indices.to_pylist()]


def _read_values(column: pyarrow.Array[Any]) -> list[Any]:
    import pyarrow

    kind = column.type
    if pyarrow.types.is_timestamp(kind):
        column = column.cast(pyarrow.timestamp("us", kind.tz), safe=False)
    elif pyarrow.types.is_float32(kind) or pyarrow.types.is_float16(kind):
        # The shortest text, which is what was meant: 60.27, not 60.27000045776367.
        return [None if value is None else float(str(value)) for value in _read_singles(column)]
    return list(column.to_pylist())


def _read_singles(column: pyarrow.Array[Any]) -> list[Any]:
    valid = column.is_valid().to_pylist()
    values = column.to_numpy(zero_copy_only=False)
    return [value if there else None for value, there in zip(values, valid, strict=True)]


def _format_value(value: Any) -> str:
    match value:
        case None:
            return ""
        case float():
            return "" if math.isnan(value) else repr(value)
        case datetime():
            midnight = value.tzinfo is None and value.time() == time()
            return str(value.date()) if midnight else value.isoformat(sep=" ")
        case Decimal():
            return format(value, "f")
        case bytes():
            return value.decode("utf-8", "replace").strip()
        case _:
            return str(value).strip()
