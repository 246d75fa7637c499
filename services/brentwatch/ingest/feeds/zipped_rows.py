"""Rows of foreign text, limited in number and length: of a list as it comes, of an archive as it unpacks."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from brentwatch.web.faults import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_ROWS = 200_000
"""Of one archive: GDELT's have some 2,000, and 10,000 mentions."""

LONGEST_ROW = 16_384
"""Bytes: GDELT's have some 500."""

_PART = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def split_lines(parts: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """The lines without their ends, empty ones left out; of a longer one its first `longest` + 1 bytes."""
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from (line[: longest + 1] for line in whole if line)
        rest = rest[: longest + 1]
    if rest:
        yield rest


def unpack_rows(packed: bytes, url: str, largest: int) -> list[bytes]:
    """The rows of the first file of a zip archive, see `split_lines`.

    Raises:
        NoAnswer: if it is no whole archive, or holds more than `largest` bytes or 200,000 rows.
    """
    rows: list[bytes] = []
    try:
        for row in split_lines(_unpack_parts(packed, url, largest), LONGEST_ROW):
            rows.append(row)
            if len(rows) > MOST_ROWS:
                raise _build_size_error(url, f"{MOST_ROWS:,} rows")
    except (MemoryError, NoAnswer):
        raise
    except Exception as error:  # noqa: BLE001 - whatever zipfile makes of foreign bytes, they are no archive
        raise NoAnswer(
            Reason.GARBLED, f"{url} is no whole zip archive ({error}); it is asked again later"
        ) from None
    return rows


def _unpack_parts(packed: bytes, url: str, largest: int) -> Iterator[bytes]:
    """The first file of the archive, part by part."""
    left = largest
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        info = archive.infolist()[0]
        if info.compress_type not in _METHODS:  # of others one part may unpack to any size
            raise zipfile.BadZipFile("expected files stored or deflated")
        with archive.open(info) as member:
            while part := member.read(_PART):
                left -= len(part)
                if left < 0:
                    raise _build_size_error(url, f"{largest:,} bytes")
                yield part


def _build_size_error(url: str, most: str) -> NoAnswer:
    return NoAnswer(
        Reason.TOO_LARGE,
        f"{url} unpacks to more than {most}, which is the most that is taken; it is asked again later",
    )
