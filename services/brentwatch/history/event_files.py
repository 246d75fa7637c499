"""Reads the events of a classical study: CSV `event_id,date`, or unrest events as JSON lines."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from brentwatch.core.errors import InvalidInput
from brentwatch.core.events import Status
from brentwatch.history.events import read_events
from brentwatch.wire.faults import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.wire.event_document import UnrestEventDocument

_COLUMNS = ("event_id", "date")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_WANTED = (
    f"a day, YYYY-MM-DD, or a time with an offset, such as 2019-09-14T00:45:00Z, of {_FIRST_YEAR} to "
    f"{_LAST_YEAR} was wanted"
)


@dataclass(frozen=True, slots=True)
class StudyEvent:
    """`known` is the instant (UTC) at which the news was knowable, or a day: before that day's settlement."""

    event_id: str
    known: date | datetime


@dataclass(frozen=True, slots=True)
class StudyEvents:
    """One of each id, in the order of the file; `unreadable` and `notes` hold one sentence each."""

    events: tuple[StudyEvent, ...]
    unreadable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_study_events(name: str, data: bytes) -> StudyEvents:
    """The events in the file called `name`: JSON lines where it starts with a brace, else CSV.

    Raises:
        InvalidInput: if it is neither. A row that cannot be read stops nothing.
    """
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _json_lines(name, data) if text.startswith(b"{") else _csv(name, data)


def _csv(name: str, data: bytes) -> StudyEvents:
    events: dict[str, StudyEvent] = {}
    unreadable, notes = [], []
    for line, event_id, day in _rows(name, data):
        try:
            event = StudyEvent(event_id, _known(day))
            if not event_id:
                raise InvalidInput("event_id is empty; a name of its own was wanted; add it")
            _check_again(events.get(event_id), event)
        except InvalidInput as error:
            unreadable += [f"row {line} of {name}: {fault}" for fault in error.faults]
            continue
        if event_id in events:
            notes.append(f"row {line} of {name} repeats {event_id}: taken once")
        events.setdefault(event_id, event)
    return StudyEvents(tuple(events.values()), tuple(unreadable), tuple(notes))


def _rows(name: str, data: bytes) -> Iterator[tuple[int, str, str]]:
    try:
        reader = csv.DictReader(data.decode("utf-8-sig").splitlines())
        columns = reader.fieldnames or ()
        if any(column not in columns for column in _COLUMNS):
            raise InvalidInput(
                f"{name} has the columns {shown(','.join(columns))}; {','.join(_COLUMNS)} were wanted, or "
                "unrest events as JSON lines; name the columns so in the first line"
            )
        for values in reader:
            yield reader.line_num, (values["event_id"] or "").strip(), (values["date"] or "").strip()
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(
            f"{name} cannot be read ({error}); comma-separated text or JSON lines in UTF-8 was wanted; "
            "save it so"
        ) from error


def _known(text: str) -> date | datetime:
    try:
        if _DATE.fullmatch(text):
            return _within(date.fromisoformat(text), text)
        told = datetime.fromisoformat(text)
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        raise InvalidInput(f"date is {shown(text)}; {_WANTED}; correct it")
    _within(told, text)
    return told.astimezone(UTC)


def _within(told: date, text: str) -> date:
    if not _FIRST_YEAR <= told.year <= _LAST_YEAR:
        raise InvalidInput(f"date is {shown(text)}; {_WANTED}; correct it")
    return told


def _check_again(before: StudyEvent | None, event: StudyEvent) -> None:
    if before is not None and before != event:
        raise InvalidInput(
            f"{event.event_id} has the date {shown(event.known)} here and {shown(before.known)} further up; "
            "one date for each event_id was wanted; rename one"
        )


def _json_lines(name: str, data: bytes) -> StudyEvents:
    """Of each id the highest revision counts, known since the earliest; what is retracted is left out."""
    file = read_events(data.removeprefix(b"\xef\xbb\xbf"))
    unreadable = [
        f"line {dead.line} of {name}: {fault}" for dead in file.dead_letters for fault in dead.faults
    ]
    revisions: dict[str, list[UnrestEventDocument]] = {}
    for document in file.documents:
        revisions.setdefault(document.event_id, []).append(document)
    events, notes = [], []
    for event_id, told in revisions.items():
        if max(told, key=lambda document: document.revision).status is Status.RETRACT:
            notes.append(f"{event_id} of {name} was retracted: left out")
            continue
        known_at = min(document.known_at for document in told)
        try:
            _within(known_at, known_at.isoformat())
            events.append(StudyEvent(event_id, known_at))
        except InvalidInput as error:
            unreadable += [f"{event_id} of {name}: {fault}" for fault in error.faults]
    return StudyEvents(tuple(events), tuple(unreadable), tuple(notes))
