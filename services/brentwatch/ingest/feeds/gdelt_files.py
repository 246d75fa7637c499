"""Fetches files of GDELT from an address or its fallback, and unpacks them into rows within limits."""

import io
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from brentwatch.web.failures import NoAnswer, Reason

T = TypeVar("T")

_FOR = timedelta(minutes=15)


class Mirrors:
    """One or more `addresses` of the same files; call `begin` before each round of requests."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._at = 0
        self._now = self._until = datetime.min.replace(tzinfo=UTC)
        self._fallbacks: list[str] = []

    def begin(self, now: datetime) -> None:
        """Go back to the first address once the time of the fallback is over."""
        self._now = now
        if now >= self._until:
            self._at = 0

    def ask(self, read: Callable[[str], T], final: Collection[Reason] = (Reason.THROTTLED,)) -> T:
        """The result of `read` for the current address, or for the next one if it fails.

        Raises:
            NoAnswer: if the last one fails, or one fails for a `final` reason.
        """
        while True:
            address = self._addresses[self._at]
            try:
                return read(address)
            except NoAnswer as error:
                if error.reason in final or self._at + 1 == len(self._addresses):
                    raise
                self._fall_back(error)

    def _fall_back(self, error: NoAnswer) -> None:
        self._at += 1
        self._until = self._now + _FOR
        self._fallbacks.append(
            f"{error}; using {self._addresses[self._at]} for {_FOR.total_seconds() / 60:.0f} minutes"
        )

    def take_fallbacks(self) -> tuple[str, ...]:
        """A sentence for each use of a fallback since the last call."""
        taken = tuple(self._fallbacks)
        self._fallbacks.clear()
        return taken


MOST_ROWS = 200_000
"""The limit of one archive: GDELT's have about 2,000 reports or 10,000 mentions."""

LONGEST_ROW = 16_384
"""Bytes: GDELT's have about 500."""

_PART = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def split_lines(parts: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """The lines without their ends and without empty ones; longer lines are cut after `longest` + 1 bytes."""
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
        NoAnswer: if it is not a complete archive, or has more than `largest` bytes or 200,000 rows.
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
            Reason.GARBLED, f"{url} is not a complete zip archive ({error}); the request is repeated later"
        ) from None
    return rows


def _unpack_parts(packed: bytes, url: str, largest: int) -> Iterator[bytes]:
    """The first file of the archive, part by part."""
    left = largest
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        info = archive.infolist()[0]
        if info.compress_type not in _METHODS:  # with other methods a part may unpack to any size
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
        f"{url} unpacks to more than {most}, the limit; the request is repeated later",
    )
