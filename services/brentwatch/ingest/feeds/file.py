"""The desk's own files: JSON lines, CSV with a mapping, or a folder that is watched for both.

A line of JSON is an unrest event as `schemas/unrest_event.v1.schema.json` says. A row of CSV gives its
fields by the names of its columns, or as `ingest.file.mapping` says, which maps a field to a column.
Fields, and what stands for a missing one: docs/feeds.md.

Lost are all columns that no field is mapped to. What cannot be read is counted and told, and stops nothing.
A file is read again when its size or time has changed; what the topic holds already is not written again.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.structs import replace

from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.core.events import Precision, end_of_day
from brentwatch.ingest.feeds.feed import Delivery
from brentwatch.ingest.feeds.table import FEEDS
from brentwatch.web.faults import NoAnswer, Reason
from brentwatch.wire.event_document import Provenance, UnrestEventDocument
from brentwatch.wire.unrest_event import decode_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from brentwatch.ingest.feeds.settings import FileSettings

FIELDS = (
    "event_id", "revision", "status", "start", "date", "end", "precision", "known_at", "country",
    "extra_countries", "place", "lat", "lon", "event_class", "summary", "url", "fatalities", "actors",
)  # fmt: skip
OTHERS = FEEDS.keys() - {"file"}
"""Feeds whose events are not those of a file."""

_ENDINGS = (".jsonl", ".csv")
_LARGEST_BYTES = 64 << 20
_AT_ONCE = 500
_MOST_NOTES = 5
Told = TypeVar("Told")


class Files:
    """The feed: one file, or every file of a folder in the order of their names."""

    def __init__(self, settings: FileSettings, path: Path) -> None:
        self._name = settings.name
        self._mapping = settings.mapping
        self._path = path
        self._known: set[tuple[str, int]] = set()
        self._read: dict[Path, tuple[int, int]] = {}

    @property
    def memory(self) -> timedelta:
        """As long as the topic keeps events: what is older is written once more, and dropped by its id."""
        return timedelta(days=30)

    def recall(self, document: UnrestEventDocument) -> None:
        """What the topic holds is known."""
        if document.provenance is None or document.provenance.feed not in OTHERS:
            self._known.add((document.event_id, document.revision))

    def poll(self, now: datetime) -> Iterator[Delivery]:
        """The events that are new in files that have changed, at most 500 a delivery.

        Raises:
            NoAnswer: if a file cannot be read, or is being written to.
        """
        for path in self._files():
            mark = _mark(path)
            if self._read.get(path) != mark:
                yield from self._deliveries(path)
                self._read[path] = mark

    def _files(self) -> list[Path]:
        try:
            if self._path.is_dir():
                return sorted(each for each in self._path.iterdir() if each.suffix.lower() in _ENDINGS)
            self._path.stat()
        except OSError as error:
            raise _unreadable(self._path, error) from None
        return [self._path]

    def _deliveries(self, path: Path) -> Iterator[Delivery]:
        batch: list[UnrestEventDocument] = []
        left_out: Counter[str] = Counter()
        notes: list[str] = []
        for where, found in self._events(path):
            if isinstance(found, InvalidInput):
                left_out["unreadable"] += 1
                notes += [f"{where} of {path.name}: {found}"][: _MOST_NOTES - len(notes)]
            elif (found.event_id, found.revision) in self._known:
                left_out["known"] += 1
            else:
                batch.append(found)
                self._known.add((found.event_id, found.revision))
            if len(batch) == _AT_ONCE:
                yield Delivery(tuple(batch))
                batch = []
        if batch or left_out:
            yield Delivery(tuple(batch), left_out, tuple(notes))

    def _events(self, path: Path) -> Iterator[tuple[str, UnrestEventDocument | InvalidInput]]:
        data = _bytes(path)
        if path.suffix.lower() == ".csv":
            for line, row in _rows(path, data):
                yield f"row {line}", _attempt(self._of_row, row)
            return
        for number, line_of_json in enumerate(data.split(b"\n"), start=1):
            if line_of_json.strip():
                yield f"line {number}", _attempt(self._of_line, line_of_json)

    def _named(self, document: UnrestEventDocument) -> UnrestEventDocument:
        return document if document.provenance else replace(document, provenance=Provenance(feed=self._name))

    def _of_line(self, text: bytes) -> UnrestEventDocument:
        return self._named(decode_event(text))

    def _of_row(self, row: Mapping[str, str]) -> UnrestEventDocument:
        told = {field: (row.get(self._mapping.get(field, field)) or "").strip() for field in FIELDS}
        return self._named(decode_event(msgspec.json.encode(_document(told, self._name))))


def _attempt(read: Callable[[Told], UnrestEventDocument], told: Told) -> UnrestEventDocument | InvalidInput:
    try:
        return read(told)
    except InvalidInput as error:
        return error


def _document(told: Mapping[str, str], feed: str) -> dict[str, Any]:
    start, by_day = _start(told["start"] or told["date"])
    known_at = told["known_at"] or (end_of_day(start.date()) if by_day else start).isoformat()
    place = {"place": told["place"] or None, "lat": _number(told, "lat"), "lon": _number(told, "lon")}
    place["precision"] = "exact" if place["lat"] is not None else "city" if told["place"] else "unknown"
    return {
        "event_id": told["event_id"] or f"{feed}:{_hash(told)}",
        "revision": int(_number(told, "revision") or 0),
        "status": told["status"] or "new",
        "occurred": {
            "start": start.isoformat(),
            "end": told["end"] or None,
            "precision": told["precision"] or (Precision.DAY if by_day else Precision.MINUTE),
        },
        "known_at": known_at,
        "country": told["country"],
        "extra_countries": told["extra_countries"].split(),
        "location": place,
        "event_class": told["event_class"] or "other",
        "summary": told["summary"],
        "actors": [name.strip() for name in told["actors"].split(";") if name.strip()],
        "fatalities": {"best": int(deaths)} if (deaths := _number(told, "fatalities")) is not None else None,
        "sources": [{"url": told["url"]}] if told["url"] else [],
    }


def _start(text: str) -> tuple[datetime, bool]:
    """The start, and whether it is a day alone."""
    try:
        if len(text) == len("2022-01-05"):
            return datetime.combine(date.fromisoformat(text), time(), UTC), True
        told = datetime.fromisoformat(text)
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        raise InvalidInput(
            f"start is {text!r}; a day, YYYY-MM-DD, or a time with an offset was wanted: correct it, or say "
            "in ingest.file.mapping which column holds it"
        )
    return told.astimezone(UTC), False


def _number(told: Mapping[str, str], field: str) -> float | None:
    try:
        return float(told[field]) if told[field] else None
    except ValueError:
        raise InvalidInput(f"{field} is {told[field]!r}; a number was wanted: correct it") from None


def _hash(told: Mapping[str, str]) -> str:
    said = "\x1f".join(told[name] for name in ("country", "start", "date", "event_class", "place", "summary"))
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def _rows(path: Path, data: bytes) -> Iterable[tuple[int, dict[str, str]]]:
    try:
        reader = csv.DictReader(data.decode("utf-8-sig").splitlines())
        yield from ((reader.line_num, row) for row in reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(
            f"{path} cannot be read ({error}); comma-separated text in UTF-8 was wanted: save it so"
        ) from error


def _mark(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    return found.st_size, found.st_mtime_ns


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(data) > _LARGEST_BYTES:
        raise NoAnswer(
            Reason.TOO_LARGE,
            f"{path} has more than {_LARGEST_BYTES:,} bytes, the most that is taken: split it",
        )
    return data


def _unreadable(path: Path, error: OSError) -> NoAnswer:
    reason = Reason.MISSING if isinstance(error, FileNotFoundError) else Reason.UNREACHABLE
    return NoAnswer(
        reason,
        f"{path} cannot be read: {error.strerror}; it is looked at again later: correct ingest.file.path",
    )


def open_feed(settings: FileSettings, _: Callable[[], object] = lambda: None) -> Files:
    """The feed as the settings want it.

    Raises:
        SettingsError: if they name no path, or a mapping names no field of an event.
    """
    if settings.path is None:
        raise SettingsError(
            "ingest.file.path is not given; a file or a folder was wanted: set it, or take file "
            "out of ingest.feeds"
        )
    if strangers := sorted(set(settings.mapping) - set(FIELDS)):
        raise SettingsError(
            f"ingest.file.mapping has {', '.join(strangers)}; of {', '.join(FIELDS)} some were wanted, each "
            "with the name of its column: correct it"
        )
    return Files(settings, settings.path)
