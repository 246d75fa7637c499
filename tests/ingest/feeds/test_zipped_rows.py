"""Archives of foreign rows: what unpacks is limited in bytes, in rows and in the length of a row."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import pytest
from tests.ingest.feeds.gdelt_stub import row, zipped

from brentwatch.ingest.feeds import gdelt_rows
from brentwatch.ingest.feeds.gdelt_files import LONGEST_ROW, MOST_ROWS, split_lines, unpack_rows
from brentwatch.web.failures import NoAnswer, Reason

LARGEST = 64 << 20
URL = "https://example.org/a.zip"


def packed(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.CSV", content)
    return out.getvalue()


def refused(data: bytes) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        unpack_rows(data, URL, LARGEST)
    return caught.value


def test_rows_are_given_without_their_ends() -> None:
    assert unpack_rows(zipped("a.CSV", ["one", "", "two"]), URL, LARGEST) == [b"one", b"two"]


def test_lines_are_the_same_in_whatever_parts_they_come() -> None:
    text = b"one\n\ntwo\nlonger than eight\nend"
    whole = [b"one", b"two", b"longer th", b"end"]
    for size in range(1, len(text) + 1):
        parts = [text[at : at + size] for at in range(0, len(text), size)]
        assert list(split_lines(parts, 8)) == whole, size


@pytest.mark.slow
@pytest.mark.attack
@pytest.mark.parametrize("line", [b"\n", b"x\n", b"\t\n"], ids=["no rows", "short rows", "tabs"])
def test_an_archive_of_short_lines_takes_little_memory(line: bytes) -> None:
    """65 kB that unpack to 64 MB: as a list of text they took 1.84 GB."""
    data = packed(line * (LARGEST // len(line)))
    assert len(data) < 200_000
    tracemalloc.start()
    if line == b"\n":
        assert unpack_rows(data, URL, LARGEST) == []
    else:
        assert refused(data).reason is Reason.TOO_LARGE
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 64 << 20


@pytest.mark.attack
def test_more_rows_than_are_taken_and_more_bytes_are_refused() -> None:
    assert len(unpack_rows(packed(b"x\n" * MOST_ROWS), URL, LARGEST)) == MOST_ROWS
    assert "more than 200,000 rows" in str(refused(packed(b"x\n" * (MOST_ROWS + 1))))
    assert "more than 67,108,864 bytes" in str(refused(packed(b"x" * (LARGEST + 1))))


@pytest.mark.attack
def test_a_row_without_end_is_cut_and_costs_itself_alone() -> None:
    long = row(7)[:-1] + "x" * (8 << 20)
    first, second = unpack_rows(packed(f"{long}\n{row(8)}\n".encode()), URL, LARGEST)
    assert len(first) == LONGEST_ROW + 1
    assert gdelt_rows.parse_report(first.decode(), 7) == "unreadable"
    assert isinstance(gdelt_rows.parse_report(second.decode(), 7), gdelt_rows.Report)


@pytest.mark.attack
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.slow
def test_a_method_of_which_one_part_unpacks_to_any_size_is_refused(method: int) -> None:
    assert refused(packed(b"x\n" * 10_000_000, method)).reason is Reason.GARBLED


@pytest.mark.attack
def test_an_archive_without_a_file_is_garbled() -> None:
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    assert refused(out.getvalue()).reason is Reason.GARBLED
