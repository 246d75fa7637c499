"""Decides which rows of a file are new events, which correct an earlier one, and which are unchanged.

A row does not need an `event_id`. Without one, the id is made from the country, date, class, place and
summary when the row is first seen. When the file has changed, a row is the event

1. whose id it has, or would get now: all other fields may have been corrected;
2. otherwise, among the events of this feed that no row of any file matches any more, the one with the same
   day, country, class and place: the summary was corrected;
3. otherwise the one with the same day and summary that differs in only one of country, class and place.

If the row is the same as before, it is known; otherwise it is the next revision. If a file has an id twice,
its last row counts. The contents of earlier revisions are known too, so that two files that disagree do not
revise an event for ever; a file that returns to an earlier wording is followed while the process runs. A
deleted row does not retract its event.

The state is restored from the events on the topic, so the same rules hold after a restart, as long as the
topic keeps them.
"""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from brentwatch.core.domain import Status
from brentwatch.ingest.feeds.deliveries import strip_details
from brentwatch.ingest.feeds.file_rows import FileRow
from brentwatch.wire.event_document import UnrestEventDocument
from brentwatch.wire.unrest_event import encode_event


@dataclass(frozen=True, slots=True)
class EventKey:
    """The fields that identify an event: a correction changes at most one of the last three."""

    day: date
    country: str
    event_class: str
    place: str

    def count_differences(self, other: "EventKey") -> int:
        """The number of differences in country, class and place; 3 if the day differs."""
        if self.day != other.day:
            return 3
        ours = (self.country, self.event_class, self.place)
        return sum(one != another for one, another in zip(ours, other.names, strict=True))

    @property
    def names(self) -> tuple[str, str, str]:
        """Country, class and place."""
        return self.country, self.event_class, self.place


@dataclass(slots=True)
class HeldEvent:
    """An event that was written: its latest revision, and digests of all its revisions."""

    document: UnrestEventDocument
    key: EventKey
    latest: int
    said: set[int] = field(default_factory=set)


class RowOutcome(NamedTuple):
    """The outcome of a row: an event to write, or None if it is unchanged."""

    document: UnrestEventDocument | None
    is_new: bool = False


class HeldEvents:
    """The events of the feed `name` on the topic, and the rows of files that they came from."""

    def __init__(self, name: str) -> None:
        self._made = re.compile(rf"{re.escape(name)}:[0-9a-f]{{24}}")
        self._held: dict[str, HeldEvent] = {}
        self._by_day: dict[date, dict[str, HeldEvent]] = {}
        self._revisions: set[tuple[str, int]] = set()
        self._in_file: dict[str, dict[str, int]] = {}

    def hold(self, document: UnrestEventDocument) -> None:
        """Take in one revision that was written."""
        self._revisions.add((document.event_id, document.revision))
        before = self._held.get(document.event_id)
        said = before.said if before else set[int]()
        said.add(mark := _mark_of(document))
        if before is not None:
            if document.revision < before.document.revision:
                return
            self._by_day[before.key.day].pop(document.event_id)
        held = HeldEvent(strip_details(document), _make_key(document), mark, said)
        self._held[document.event_id] = held
        self._by_day.setdefault(held.key.day, {})[document.event_id] = held

    def settle(self, file: str, rows: Sequence[FileRow]) -> list[RowOutcome]:
        """The outcome of each row of a file, by the rules above."""
        ids = self._identify(file, rows)
        last = {event_id: at for at, event_id in enumerate(ids)}
        before, now = self._in_file.get(file, {}), dict[str, int]()
        written: set[tuple[str, int]] = set()
        settled = []
        for at, (event_id, row) in enumerate(zip(ids, rows, strict=True)):
            if row.has_revision:
                key = event_id, row.document.revision
                known = key in self._revisions or key in written
                written.add(key)
                settled.append(RowOutcome(None if known else row.document, event_id not in self._held))
                now.setdefault(event_id, 0)
            elif last[event_id] != at:
                settled.append(RowOutcome(None))
            else:
                document = self._align_with_held(row, event_id)
                now[event_id] = _mark_of(document)
                settled.append(self._revise(document, now[event_id], before.get(event_id)))
        self._in_file[file] = now
        return settled

    def forget_file(self, file: str) -> None:
        """The file was removed: its rows may appear in another file."""
        self._in_file.pop(file, None)

    def _revise(self, document: UnrestEventDocument, mark: int, before: int | None) -> RowOutcome:
        held = self._held.get(document.event_id)
        if held is None:
            return RowOutcome(document, is_new=True)
        if mark == held.latest or (mark in held.said and before in (None, mark)):
            return RowOutcome(None)
        status = Status.UPDATE if document.status is Status.NEW else document.status
        return RowOutcome(replace(document, revision=held.document.revision + 1, status=status))

    def _align_with_held(self, row: FileRow, event_id: str) -> UnrestEventDocument:
        """With the id of the event; a row without `known_at` does not change it."""
        document, held = replace(row.document, event_id=event_id), self._held.get(event_id)
        if held is None or row.has_known_at or held.document.occurred.start != document.occurred.start:
            return document
        return replace(document, known_at=held.document.known_at)

    def _identify(self, file: str, rows: Sequence[FileRow]) -> list[str]:
        """The id of each row; unchanged rows are matched first, then possible corrections."""
        ids = [row.document.event_id for row in rows]
        taken = {*ids, *(each for other, there in self._in_file.items() if other != file for each in there)}
        loose = {
            event_id: row
            for event_id, row in zip(ids, rows, strict=True)
            if not row.has_id and event_id not in self._held
        }
        found: dict[str, str] = {}
        for find in (self._find_said, self._find_corrected):
            for made, row in [each for each in loose.items() if each[0] not in found]:
                near = self._by_day.get(row.document.occurred.start.date(), {}).values()
                held = find(row, [each for each in near if self._is_candidate(each, taken)])
                if held is not None:
                    found[made] = held
                    taken.add(held)
        return [found.get(event_id, event_id) for event_id in ids]

    def _is_candidate(self, held: HeldEvent, taken: Container[str]) -> bool:
        event_id = held.document.event_id
        return event_id not in taken and self._made.fullmatch(event_id) is not None

    def _find_said(self, row: FileRow, near: Iterable[HeldEvent]) -> str | None:
        key = _make_key(row.document)
        for held in near:
            event_id = held.document.event_id
            if held.key == key and _mark_of(self._align_with_held(row, event_id)) in held.said:
                return event_id
        return None

    def _find_corrected(self, row: FileRow, near: Sequence[HeldEvent]) -> str | None:
        key, summary = _make_key(row.document), row.document.summary
        for held in near:
            if held.key == key:
                return held.document.event_id
        alike = [
            held.document.event_id
            for held in near
            if summary and held.document.summary == summary and held.key.count_differences(key) == 1
        ]
        return alike[0] if len(alike) == 1 else None


def _make_key(document: UnrestEventDocument) -> EventKey:
    place = document.location.place if document.location else None
    return EventKey(
        document.occurred.start.date(), document.country, document.event_class, (place or "").casefold()
    )


def _mark_of(document: UnrestEventDocument) -> int:
    """A digest of the contents of a revision, without its number and notation."""
    status = Status.RETRACT if document.status is Status.RETRACT else Status.NEW
    same = replace(document, event_id="", revision=0, status=status, ingested_at=None, cloudevent=None)
    return hash(encode_event(same))
