"""The files of a report: the page FILE.html, and next to it FILE.json and FILE-<table>.csv.

They are checked before the replay and written after it, each atomically. A file that is there and is not of
an earlier report is left alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.core.errors import InvalidInput
from brentwatch.history.regular_files import read_regular, write_whole
from brentwatch.message.foreign import escape_text
from brentwatch.replay.report.report_data import KIND, TABLES, encode_report

if TYPE_CHECKING:
    from brentwatch.replay.report.contents import ReplayReport

_MOST_BYTES = 64 * 2**20
_SUFFIX = ".html"


def check_paths(page: Path) -> None:
    """Check that the files of a report can be written, before the work is done.

    Raises:
        InvalidInput: if the name does not end with .html, the folder does not exist or cannot be written, or
            a file is there that is not of an earlier report; with every fault.
    """
    if page.suffix != _SUFFIX:
        raise InvalidInput(
            f"--report is {escape_text(str(page))}; expected a name that ends with {_SUFFIX}, such as "
            "report.html: the other files of the report are next to it"
        )
    faults = [fault for path, mark in _list_marks(page).items() if (fault := _find_fault(path, mark))]
    if not os.access(page.parent, os.W_OK | os.X_OK):
        told = escape_text(str(page.parent))
        faults.append(
            f"{told} is not a folder that can be written; expected one: correct the path of --report"
        )
    if faults:
        raise InvalidInput(*faults)


def list_paths(page: Path) -> tuple[Path, ...]:
    """The page, its JSON and its tables: for report.html report.json, report-events.csv and so on."""
    return tuple(_list_marks(page))


def write_report(report: ReplayReport, text: str, page: Path) -> None:
    """Write the page with that `text`, and the other files next to it; the page comes last.

    Raises:
        InvalidInput: as `check_paths`, or if a file cannot be written.
    """
    check_paths(page)
    _, document, *tables = list_paths(page)
    parts = {document: encode_report(report)}
    parts |= {path: table.encode(report) for path, table in zip(tables, TABLES, strict=True)}
    parts[page] = text.encode()
    for path, data in parts.items():
        try:
            write_whole(path, data)
        except OSError as error:
            raise InvalidInput(_explain(path, error)) from error


def _list_marks(page: Path) -> Mapping[Path, bytes]:
    """The files of a report, each with what an earlier one of it has in it."""
    stem = page.with_suffix("").name
    tables = {
        page.with_name(f"{stem}-{table.name}.csv"): ",".join(table.columns).encode() for table in TABLES
    }
    return {page: b"brentwatch", page.with_name(f"{stem}.json"): f'"kind":"{KIND}"'.encode(), **tables}


def _find_fault(path: Path, mark: bytes) -> str:
    """Why a file must not be replaced; empty if it may."""
    try:
        data = read_regular(path, _MOST_BYTES)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return _explain(path, error)
    if not data or mark in data:
        return ""
    return (
        f"{escape_text(str(path))} is there and is not of an earlier report; expected a new name, so that "
        "nothing is lost: give --report another name, or remove the file"
    )


def _explain(path: Path, error: OSError) -> str:
    return (
        f"{escape_text(str(path))} cannot be written ({error.strerror}); expected a file in a folder that "
        "exists: correct the path of --report"
    )
