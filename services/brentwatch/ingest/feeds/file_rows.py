"""Maps one row of a table, or one line of JSON, to an unrest event, for the file feed.

A bare date anywhere in a row means that the time of day is unknown; it is stored as 00:00 UTC of that day.
Defaults of missing fields: docs/feeds.md.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from brentwatch.core.domain import EventClass, Precision, Status
from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables import (
    DayOrder,
    Table,
    TableRow,
    format_list,
    is_plain_day,
    read_dates,
    read_numbers,
)
from brentwatch.ingest.feeds.answers import join_lines
from brentwatch.ingest.feeds.presets import Preset, find_columns
from brentwatch.wire.countries import read_country
from brentwatch.wire.decoding import decode_json
from brentwatch.wire.event_document import Provenance, UnrestEventDocument
from brentwatch.wire.input_faults import show_value
from brentwatch.wire.unrest_event import decode_event, read_event_class, read_word

ReadRow = Callable[[TableRow], "FileRow"]

DAY_ORDER = 'ingest.file.day_order = "day-first" or "month-first"'
"""The setting that a message names if day and month are ambiguous."""

_DATES = ("start", "date", "end", "known_at")
_NUMBERS = ("lat", "lon")
_COUNTS = ("fatalities", "revision")
_ADDRESS = re.compile(r"https?://\S+", re.ASCII)
_MAKES_ID = ("country", "start", "date", "event_class", "place", "summary")
_BETWEEN = "\x1f"
_LONGEST_SUMMARY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """The event in a row, and which of `event_id`, `revision` and `known_at` the row has."""

    document: UnrestEventDocument
    has_id: bool = True
    has_revision: bool = True
    has_known_at: bool = True


def read_line(data: bytes, feed: str) -> FileRow:
    """The unrest event in a line of JSON; without a feed it gets this one.

    Raises:
        InvalidInput: if it cannot be read.
    """
    try:
        document = decode_event(data)
    except InvalidInput:
        dated = _add_times(data)
        if dated is None:
            raise
        document = decode_event(dated)
    return FileRow(document=name_feed(document, feed))


def name_feed(document: UnrestEventDocument, feed: str) -> UnrestEventDocument:
    """The event with this feed as its provenance, if it has none."""
    return document if document.provenance else replace(document, provenance=Provenance(feed=feed))


def read_rows_of(
    table: Table, feed: str, preset: Preset, mapping: Mapping[str, str], order: DayOrder | None
) -> tuple[ReadRow, str]:
    """The reader for the rows of this table, and words on how its columns are read.

    Raises:
        InvalidInput: if a required column is missing or ambiguous.
    """
    columns = find_columns(table, preset, mapping)
    dates = {
        field: read_dates(table, columns[field], order, DAY_ORDER) for field in _DATES if field in columns
    }
    numbers = {field: read_numbers(table, columns[field]) for field in _NUMBERS if field in columns}
    counts = {field: read_numbers(table, columns[field], whole=True) for field in _COUNTS if field in columns}
    how = [each.how for each in dates.values()] + [each.how for each in numbers.values()]
    unused = [name for at, name in enumerate(table.columns) if name and at not in columns.values()]
    how += [f"not used: {format_list(unused)}"] if unused else []
    how += [f"no column {mapping[field]} for {field}" for field in mapping if field not in columns]

    def read(row: TableRow) -> FileRow:
        texts = {field: row.cells[at] for field, at in columns.items()}
        values: dict[str, float | None] = {field: each.read_value(row) for field, each in numbers.items()}
        values |= {field: each.read_whole(row) for field, each in counts.items()}
        days = {field: each.read_moment(row) for field, each in dates.items() if texts[field]}
        return _build_file_row(_Told(texts, days, values), feed, lenient=preset is Preset.DESK)

    return read, "; ".join(dict.fromkeys(filter(None, how)))


class _Told(NamedTuple):
    """One row: its fields as texts, dates and numbers."""

    texts: Mapping[str, str]
    dates: Mapping[str, date]
    numbers: Mapping[str, float | None]

    def read_text(self, field: str) -> str:
        return join_lines(self.texts.get(field, ""))


def _build_file_row(told: _Told, feed: str, *, lenient: bool) -> FileRow:
    event_id = told.read_text("event_id")
    document = decode_event(
        msgspec.json.encode(_build_document(told, event_id or _make_id(told, feed), lenient))
    )
    return FileRow(
        document=name_feed(document, feed),
        has_id=bool(event_id),
        has_revision=told.numbers.get("revision") is not None,
        has_known_at="known_at" in told.dates,
    )


def _build_document(told: _Told, event_id: str, lenient: bool) -> dict[str, Any]:
    first = told.dates.get("start", told.dates.get("date"))
    if first is None:
        raise InvalidInput("date is empty; expected a date, such as 2024-05-07; add it")
    start = _add_midnight(first)
    place, deaths, url = told.read_text("place"), told.numbers.get("fatalities"), told.read_text("url")
    lat, lon = told.numbers.get("lat"), told.numbers.get("lon")
    if (lat is None) is not (lon is None):
        raise InvalidInput(
            f"lat is {show_value(told.read_text('lat'))} and lon is {show_value(told.read_text('lon'))}; "
            "expected numbers in "
            "both or in neither: add the missing one, or empty both"
        )
    by_day = not isinstance(first, datetime)
    precision = (
        read_word("precision", told.read_text("precision"), Precision)
        if told.read_text("precision")
        else None
    )
    return {
        "event_id": event_id,
        "revision": int(told.numbers.get("revision") or 0),
        "status": read_word("status", told.read_text("status") or Status.NEW, Status),
        "occurred": {
            "start": start,
            "end": _place_after_start(start, told.dates.get("end")),
            "precision": precision or (Precision.DAY if by_day else Precision.MINUTE),
        },
        "known_at": _place_after_start(start, told.dates.get("known_at")) or start,
        "country": read_country(told.read_text("country")),
        "extra_countries": _read_countries(told.read_text("extra_countries")),
        "location": {
            "place": place or None,
            "lat": lat,
            "lon": lon,
            "precision": "exact" if lat is not None else "city" if place else "unknown",
        },
        "event_class": read_event_class(told.read_text("event_class") or EventClass.OTHER),
        "summary": _cut_summary(told.read_text("summary")),
        "story_id": told.read_text("story_id") or None,
        "actors": [name.strip() for name in told.read_text("actors").split(";") if name.strip()],
        "fatalities": None if deaths is None else {"best": int(deaths)},
        "sources": [{"url": url}] if url and not (lenient and not _ADDRESS.fullmatch(url)) else [],
    }


def _add_midnight(told: date) -> datetime:
    return told if isinstance(told, datetime) else datetime.combine(told, time(), UTC)


def _place_after_start(start: datetime, told: date | None) -> datetime | None:
    """The time, or 00:00 of a day; the start of the event if it is later on that day."""
    if told is None:
        return None
    if not isinstance(told, datetime) and told == start.date():
        return start
    return _add_midnight(told)


def _read_countries(text: str) -> list[str]:
    """The text split at commas or semicolons, otherwise at spaces."""
    parts = re.split(r"[;,]", text) if re.search(r"[;,]", text) else text.split()
    return [read_country(part) for part in parts if part.strip()]


def _cut_summary(text: str) -> str:
    return text if len(text) <= _LONGEST_SUMMARY else f"{text[: _LONGEST_SUMMARY - 1]}…"


def _make_id(told: _Told, feed: str) -> str:
    """The id of a row without one, when it is first written: from the fields that identify the event."""
    said = [told.texts.get(name, "") for name in _MAKES_ID]
    if not (said[-2] or said[-1]):  # without place and summary, coordinates distinguish two events of a day
        said += [str(told.numbers[name]) for name in _NUMBERS if told.numbers.get(name) is not None]
    return f"{feed}:{hashlib.sha256(_BETWEEN.join(said).encode()).hexdigest()[:24]}"


def _add_times(data: bytes) -> bytes | None:
    """The event with its bare dates as 00:00 UTC; None if it has none."""
    try:
        event = decode_json(data)
    except InvalidInput:
        return None
    if not isinstance(event, dict) or not isinstance(event.get("occurred"), dict):
        return None
    occurred, known_at = dict(event["occurred"]), event.get("known_at")
    bare = {name for name in ("start", "end") if _is_bare(occurred.get(name))}
    if not bare and not _is_bare(known_at):
        return None
    same_day = str(occurred.get("start"))[: len("2024-05-07")]
    for name in bare:
        occurred[name] = f"{occurred[name]}T00:00:00Z"
    if "start" in bare:
        occurred.setdefault("precision", Precision.DAY)
    if _is_bare(known_at):
        known_at = occurred["start"] if known_at == same_day else f"{known_at}T00:00:00Z"
    return msgspec.json.encode(event | {"occurred": occurred, "known_at": known_at})


def _is_bare(value: object) -> bool:
    return isinstance(value, str) and is_plain_day(value)
