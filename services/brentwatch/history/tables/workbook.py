"""Reads the sheet of an XLSX workbook that has the table; its cells become text.

The archive is first unpacked within limits, and passed on without compression. So no file can grow beyond
the limits later: neither one with a thousandfold compression, nor one whose last cell is far from the table.
"""

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any, NamedTuple

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables.delimited import TextRecord
from brentwatch.history.tables.table import normalise_name
from brentwatch.wire.input_faults import explain_error, show_value

MOST_BYTES = 200 << 20
MOST_CELLS = 5_000_000
_BYTES_OF_A_SMALL_FILE, _MOST_UNPACKED = 32 << 20, 50
"""Limits for a small file, and as a multiple of the packed size; an attack has a thousand times."""

_MOST_PARTS = 2_000
_CELL = re.compile(rb"[\s:]r\s*=\s*[\"']([A-Za-z]{0,9})(\d{1,9})[\"']")
_ROW = re.compile(rb"<(?:\w{1,20}:)?row[\s>/]")
_ANY_CELL = re.compile(rb"<(?:\w{1,20}:)?c[\s>/]")
_SHARED = re.compile(rb"t\s*=\s*[\"']s[\"'][^>]{0,200}>\s{0,20}<(?:\w{1,20}:)?v>\s{0,20}(\d{1,9})\s*<")
_STRING = re.compile(rb"<(?:\w{1,20}:)?si[\s>/]")
_HALF_A_MILLISECOND = timedelta(microseconds=500)
_SAVE = "save it again as XLSX, or as CSV"


class WorkbookSheet(NamedTuple):
    """A sheet with its name, the number of sheets, and its rows as records."""

    name: str
    of: int
    records: list[TextRecord]


def read_workbook(name: str, data: bytes, known: Collection[str]) -> WorkbookSheet:
    """The sheet with the most `known` names in one row; without known names, the first that is not empty.

    Raises:
        InvalidInput: if it is not a workbook, is too large, or two sheets are possible.
    """
    sheets = list(_read_sheets(name, _unpack_archive(name, data)))
    filled = [sheet for sheet in sheets if sheet.records]
    if not filled:
        raise InvalidInput(f"{name} has no sheet with a cell; expected a table; add it")
    scores = [_count_matches(sheet, known) for sheet in filled]
    best = [sheet for sheet, score in zip(filled, scores, strict=True) if score == max(scores)]
    if len(best) > 1 and max(scores):
        raise InvalidInput(
            f"{name} has such a table in each of the sheets "
            f"{', '.join(show_value(each.name) for each in best)}; "
            "expected one; save the right sheet as a file of its own"
        )
    return best[0]


def _count_matches(sheet: WorkbookSheet, known: Collection[str]) -> int:
    rows = (each.cells for each in sheet.records[:60])
    return max((len({normalise_name(cell) for cell in cells} & set(known)) for cells in rows), default=0)


def _unpack_archive(name: str, data: bytes) -> bytes:
    """The same archive without compression, reduced to the parts with data."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = dict(_read_parts(name, len(data), archive))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise _build_read_error(name, error) from error
    except (NotImplementedError, RuntimeError) as error:  # a password, or an unknown compression
        raise _build_read_error(name, error) from error
    _check_size(name, parts)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(part), content)
    return out.getvalue()


def _read_parts(name: str, packed: int, archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    infos = [each for each in archive.infolist() if each.filename.lower().endswith((".xml", ".rels"))]
    most = left = min(MOST_BYTES, _BYTES_OF_A_SMALL_FILE + _MOST_UNPACKED * packed)
    for info in infos[:_MOST_PARTS]:
        with archive.open(info) as part:
            content = part.read(left + 1)
        left -= len(content)
        if left < 0:
            raise InvalidInput(
                f"{name} has more than {most >> 20} MB unpacked; expected less for a workbook of {packed:,} "
                "bytes; split it, or save it as CSV"
            )
        yield info.filename, content


def _check_size(name: str, parts: dict[str, bytes]) -> None:
    """Refuses a sheet that would have too many cells or too much text."""
    shared = [content for part, content in parts.items() if "sharedstrings" in part.lower()]
    strings = [len(string) for content in shared for string in _STRING.split(content)[1:]]
    for part, content in parts.items():
        if "sheet" not in part.lower():
            continue
        rows, columns = _measure_extent(content)
        uses = Counter(map(int, _SHARED.findall(content)))
        text = sum(strings[at] * count for at, count in uses.items() if at < len(strings))
        if rows * columns > MOST_CELLS or text > MOST_BYTES:
            raise InvalidInput(
                f"{name} has a sheet of {rows:,} rows and {columns:,} columns; expected at most "
                f"{MOST_CELLS:,} cells; delete the cells far from the table, or save it as CSV"
            )


def _measure_extent(content: bytes) -> tuple[int, int]:
    """The number of rows and columns of a sheet, from the references of its cells or their order."""
    each = _ROW.split(content)
    rows, columns = len(each), max(len(_ANY_CELL.findall(row)) for row in each)
    for letters, digits in _CELL.findall(content):
        rows, columns = max(rows, int(digits)), max(columns, _convert_letters(letters))
    return rows, columns


def _convert_letters(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _read_sheets(name: str, data: bytes) -> Iterator[WorkbookSheet]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        names = book.sheet_names
        for each in names:
            rows = book.get_sheet_by_name(each).to_python(skip_empty_area=False)
            records = [
                TextRecord(line, [_format_cell(cell) for cell in row])
                for line, row in enumerate(rows, start=1)
            ]
            yield WorkbookSheet(
                each, len(names), records if any(any(record.cells) for record in records) else []
            )
    except Exception as error:  # a Rust library reads foreign bytes: any error rejects this file only
        raise _build_read_error(name, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _build_read_error(name, error) from None


def _format_cell(cell: Any) -> str:
    match cell:
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case float() | int():
            return repr(cell)
        case datetime():
            rounded = cell + _HALF_A_MILLISECOND
            rounded = rounded.replace(microsecond=rounded.microsecond // 1000 * 1000)
            return str(rounded.date()) if rounded.time() == time() else str(rounded)
        case date() | time() | timedelta():
            return str(cell)
        case _:
            return str(cell).strip()


def _build_read_error(name: str, error: BaseException) -> InvalidInput:
    return InvalidInput(
        f"{name} cannot be read ({explain_error(error)}); expected an XLSX workbook without a password; "
        f"{_SAVE}"
    )
