"""Reads a table from the bytes of a CSV, XLSX or Parquet file."""

from collections.abc import Iterable

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables.delimited import SEPARATORS, split_records
from brentwatch.history.tables.header import build_layout
from brentwatch.history.tables.table import Table, TableRow, normalise_name
from brentwatch.history.tables.text_files import decode_text
from brentwatch.wire.input_faults import show_value

MOST_BYTES = 256 << 20
_PARQUET = b"PAR1"
_ZIP = b"PK\x03\x04"
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls), or has a password",
    b"\x1f\x8b": "compressed with gzip",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"(\xb5/\xfd": "compressed with zstd",
    b"%PDF": "a PDF",
}


def read_table(name: str, data: bytes, known: Iterable[str] = ()) -> Table:
    """The table in the file called `name`; `known` are names of columns, one of which marks the header.

    Raises:
        InvalidInput: if it is not a table.
    """
    for mark, told in _OTHERS.items():
        if data.startswith(mark):
            raise InvalidInput(
                f"{name} is {told}; expected CSV, XLSX or Parquet; save it as one of these, uncompressed"
            )
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{name} has {len(data):,} bytes; expected at most {MOST_BYTES:,}; split it")
    names = frozenset(map(normalise_name, known))
    if data.startswith(_PARQUET):
        return _read_parquet(name, data)
    return _read_workbook(name, data, names) if data.startswith(_ZIP) else _read_text(name, data, names)


def _read_text(name: str, data: bytes, known: frozenset[str]) -> Table:
    text, encoding = decode_text(name, data)
    split = split_records(name, text, known)
    plain = '"' not in text and "\x00" not in text
    layout = build_layout(split.records, known, split.separator, plain=plain)
    separator = SEPARATORS.get(split.separator, repr(split.separator))
    return Table(
        name=name,
        columns=layout.columns,
        rows=tuple(layout.rows),
        rejected=tuple(sorted((*split.rejected, *layout.rejected))),
        dropped=tuple(layout.dropped),
        header_rows=layout.header_rows,
        total=len(split.records) + len(split.rejected),
        kind=f"{separator}-separated text in {encoding}, header in row {layout.header_line}",
        separator=split.separator,
        cut_short=bool(text) and text[-1] not in "\r\n",
    )


def _read_workbook(name: str, data: bytes, known: frozenset[str]) -> Table:
    from brentwatch.history.tables.workbook import read_workbook

    sheet = read_workbook(name, data, known)
    layout = build_layout(sheet.records, known, "")
    of = f" of {sheet.of}" if sheet.of > 1 else ""
    return Table(
        name=name,
        columns=layout.columns,
        rows=tuple(layout.rows),
        rejected=tuple(layout.rejected),
        dropped=tuple(layout.dropped),
        header_rows=layout.header_rows,
        total=len(sheet.records),
        kind=f"XLSX, sheet {show_value(sheet.name)}{of}, header in row {layout.header_line}",
    )


def _read_parquet(name: str, data: bytes) -> Table:
    from brentwatch.history.tables.parquet import read_parquet

    found = read_parquet(name, data)
    rows = tuple(TableRow(line, tuple(cells)) for line, cells in found.records)
    return Table(name=name, columns=found.columns, rows=rows, total=len(rows) + 1, kind="Parquet")
