"""Reads files of events: recorded events as JSON lines, and the events of an event study."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from brentwatch.core.domain import Status, is_bare_date
from brentwatch.core.errors import InvalidInput
from brentwatch.history import tables
from brentwatch.wire.event_document import UnrestEventDocument
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage, show_value
from brentwatch.wire.unrest_event import decode_event


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A line that cannot be read, unchanged; live, it would go to the dead-letter topic.

    `line` counts from 1; `faults` has one sentence for each fault.
    """

    line: int
    reason: DeadLetterReason
    faults: tuple[str, ...]
    original: bytes


@dataclass(frozen=True, slots=True)
class EventFile:
    """The documents in the order of the file, and the lines that are not documents."""

    documents: tuple[UnrestEventDocument, ...]
    dead_letters: tuple[DeadLetter, ...]


def read_events(data: bytes, name: str = "events.jsonl") -> EventFile:
    """The events of `data`, JSON lines of the file called `name`. A bad line does not affect the others.

    Raises:
        InvalidInput: if the file has a byte-order mark of UTF-16 and is damaged.
    """
    documents: list[UnrestEventDocument] = []
    dead_letters: list[DeadLetter] = []
    for line, original in tables.read_json_lines(name, data):
        try:
            documents.append(decode_event(original))
        except InvalidMessage as error:
            dead_letters.append(
                DeadLetter(line=line, reason=error.reason, faults=error.faults, original=original)
            )
    return EventFile(tuple(documents), tuple(dead_letters))


_IDS = ("event_id", "id", "event_id_cnty", "event_no", "event_number")
_TEXTS = (
    "event", "name", "title", "headline", "description", "summary", "what", "label", "text", "note", "notes",
)  # fmt: skip
_DATE = tables.Role(
    "date",
    ("date", "event_date", "day", "datetime", "date_time", "timestamp", "time", "when", "occurred",
     "occurred_at", "occurred_on", "start_date", "date_start", "known_at", "datum", "fecha"),
    "",
)  # fmt: skip
_ID_EXPECTED = "expected a unique name; add it"
_ONE_DATE = "expected one date for each event_id; rename one"


@dataclass(frozen=True, slots=True)
class StudyEvent:
    """`known` is the instant (UTC) at which the news was public, or the day if the time of day is unknown."""

    event_id: str
    known: date | datetime


@dataclass(frozen=True, slots=True)
class StudyEvents:
    """One event for each id, in the order of the file; `unreadable` and `notes` are sentences.

    `how` says in one line how the file was read.
    """

    events: tuple[StudyEvent, ...]
    unreadable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    how: str = ""


def read_study_events(name: str, data: bytes, order: tables.OrderChoice = tables.BY_THE_FILE) -> StudyEvents:
    """The events in the file called `name`: JSON lines if it starts with a brace, otherwise a table.

    `order` says how 07/05/2024 is read; by default, the file decides. Rows that cannot be read are reported.

    Raises:
        InvalidInput: if it is neither.
    """
    return (
        _read_from_json_lines(name, data)
        if tables.is_json_lines(data)
        else _read_from_table(name, data, order)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """The source of event names: a column of ids, or the date and a text, if there is one."""

    id_at: int | None
    text_at: int | None

    def make_id(self, row: tables.TableRow, known: date | datetime) -> str:
        if self.id_at is not None:
            return row.cells[self.id_at]
        text = "" if self.text_at is None else " ".join(row.cells[self.text_at].split())
        return f"{known.isoformat()} {text}".strip()


def _read_from_table(name: str, data: bytes, order: tables.OrderChoice) -> StudyEvents:
    table, date_at = _read_dated_table(name, data)
    dates = tables.read_dates(table, date_at, *order)
    names = _find_names(table, date_at)
    events: dict[str, StudyEvent] = {}
    rejected, notes = list(table.rejected), []
    for row in table.rows:
        try:
            known = dates.read_moment(row)
        except tables.RejectedCell as error:
            rejected.append(error.row)
            continue
        event = StudyEvent(names.make_id(row, known), known)
        if (fault := _find_fault(events, event)) is not None:
            rejected.append(tables.RejectedRow(row.line, *fault))
        elif event.event_id in events:
            notes.append(f"row {row.line} of {name} repeats {event.event_id}: counted once")
        else:
            events[event.event_id] = event
    unreadable = tuple(tables.describe_rejections(name, sorted(rejected)))
    how = table.describe(_describe_columns(table, date_at, names), dates.how)
    return StudyEvents(tuple(events.values()), unreadable, tuple(notes), how)


def _read_dated_table(name: str, data: bytes) -> tuple[tables.Table, int]:
    """The table, and the place of its dates."""
    try:
        table = tables.read_table(name, data, (*_DATE.names, *_IDS, *_TEXTS))
        return table, tables.find_date(table, _DATE)
    except InvalidInput as error:
        raise InvalidInput(
            *(f"{fault}; JSON lines of unrest events are also accepted" for fault in error.faults)
        ) from None


def _find_names(table: tables.Table, date_at: int) -> _Names:
    for candidate in _IDS:
        if (at := table.find(candidate)) is not None:
            return _Names(id_at=at, text_at=None)
    for candidate in _TEXTS:
        if (at := table.find(candidate)) is not None and at != date_at:
            return _Names(id_at=None, text_at=at)
    others = [at for at in range(len(table.columns)) if at != date_at]
    return _Names(id_at=None, text_at=others[0] if len(others) == 1 else None)


def _describe_columns(table: tables.Table, date_at: int, names: _Names) -> str:
    date_column = f"date from {table.columns[date_at]!r}"
    if names.id_at is not None:
        return f"{date_column}, event_id from {table.columns[names.id_at]!r}"
    text = "" if names.text_at is None else f" and {table.columns[names.text_at]!r}"
    return f"{date_column}, event_id made from the date{text}"


def _find_fault(events: dict[str, StudyEvent], event: StudyEvent) -> tuple[str, str] | None:
    if not event.event_id:
        return "event_id is empty", _ID_EXPECTED
    before = events.get(event.event_id)
    if before is not None and before != event:
        here, above = show_value(event.known), show_value(before.known)
        return f"{event.event_id} has the date {here} here and {above} further up", _ONE_DATE
    return None


def _find_known(revisions: Sequence[UnrestEventDocument]) -> date | datetime:
    """When the earliest revision was known; only the day, if no revision gives a time of day.

    A later revision of a bare date may give a time on that day.
    """
    first = min(revisions, key=lambda document: document.known_at)
    newest = max(revisions, key=lambda document: document.revision)
    day = _find_bare_date(first)
    if day is None:
        return first.known_at
    return newest.known_at if _find_bare_date(newest) is None and newest.known_at.date() == day else day


def _find_bare_date(document: UnrestEventDocument) -> date | None:
    start = document.occurred.start
    bare = is_bare_date(document.occurred.precision, start, document.known_at)
    return document.known_at.date() if bare else None


def _read_from_json_lines(name: str, data: bytes) -> StudyEvents:
    """For each id the highest revision, known since the earliest one; retracted events are left out."""
    file = read_events(data, name)
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
        known_at = _find_known(told)
        if tables.FIRST_YEAR <= known_at.year <= tables.LAST_YEAR:
            events.append(StudyEvent(event_id, known_at))
        else:
            unreadable.append(
                f"{event_id} of {name}: known_at is {show_value(known_at)}; expected a time of "
                f"{tables.FIRST_YEAR} to {tables.LAST_YEAR}; correct it"
            )
    how = f"{name} was read as JSON lines, {len(file.documents):,} events"
    return StudyEvents(tuple(events), tuple(unreadable), tuple(notes), how)
