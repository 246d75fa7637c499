"""Makes events of reports: rows of one happening become one event; happenings of one story are linked.

A report joins a happening of the same country and family of classes where

1. an article of the happening is reported again, for the same day or the next; or
2. the place is a town within 25 km, the day is the same, and the actors do not exclude each other; or the day
   is the one before or after, the first report is at most 36 hours old, and an actor is exactly equal; or
3. the place is the same province, or the same country, and an actor is exactly equal on that day.

If several match, the nearest in days counts, then in actors, then in kilometres. A happening without a report
for 48 hours is closed. A new happening that matches another one in all but the day, at most three days back,
gets its `story_id`; otherwise its `story_id` is its own `event_id`.

`novelty` is 1 / (1 + n), with n the happenings of that country and class that became known within the three
days before: 1 for the first, 0.5 for the second. `growth` is mentions now over mentions when last published.

A report whose address has no headline may join a happening but starts none. Protests and strikes of a home
country that do not concern oil are held until there are ten headlines about them.

An event is published when it is new, and as a revision when its mentions have doubled, its class has changed,
its place is known better or another headline corroborates it (`headlines.py`). Changes in between are
published with the next revision; they are lost if the process restarts before it. All counts are restored
from the document, so a restart counts nothing twice.
"""

import math
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta

from brentwatch.core.domain import EventClass
from brentwatch.ingest.feeds.gdelt_rows import Report
from brentwatch.ingest.feeds.happening import (
    Happening,
    count,
    find_family,
    is_one_place,
    is_same,
    join,
    measure_distance,
    restore_happening,
)
from brentwatch.wire.event_document import UnrestEventDocument

MEMORY = timedelta(days=3)
"""How much of the past is needed for stories and novelty."""

PREFIX = "gdelt:"
_CELL_DEGREES = 0.5
_BY_NAME = "by name"

Block = tuple[str, str, int | str, int | str]
Counted = dict[tuple[str, str], tuple[int, int, int]]
Near = tuple[tuple[int, int, float], str, Happening]


class Happenings:
    """All happenings that may still change."""

    def __init__(self) -> None:
        self._alive: dict[str, Happening] = {}
        self._blocks: dict[Block, list[Happening]] = {}
        self._by_url: dict[tuple[str, str, str], Happening] = {}
        self._by_number: dict[int, Happening] = {}
        self._seen: dict[tuple[str, EventClass], deque[datetime]] = {}

    def __len__(self) -> int:
        return len(self._alive)

    def add(self, report: Report, known_at: datetime, counted: Counted) -> Happening | None:
        """Add one report of a file; returns its happening. `counted` is shared by all reports of that file.

        None for a mute report that joins none.
        """
        happening = self._find_home(report, known_at)
        if happening is None:
            return None
        self._add(happening, report, known_at)
        count(happening, report, counted)
        happening.last_at = known_at
        return happening

    def add_mention(self, number: int) -> Happening | None:
        """Count a mention of the report with that number; returns its happening if it is known."""
        happening = self._by_number.get(number)
        if happening is not None:
            happening.mentions += 1
        return happening

    def recall(self, document: UnrestEventDocument) -> None:
        """Restore one event from its document; revisions of an event come in order."""
        before = self._alive.get(document.event_id)
        happening = restore_happening(document, before)
        if before is None:
            self._remember(happening.country, happening.event_class, happening.known_at)
        else:
            self._forget(before)
        self._place(happening)
        for url in happening.urls:
            self._by_url[url, happening.country, happening.family] = happening
        number = document.event_id.removeprefix(PREFIX)
        if number.isdigit():
            self._by_number[int(number)] = happening

    def _find_home(self, report: Report, known_at: datetime) -> Happening | None:
        kin = find_family(report.event_class)
        told = self._by_url.get((report.url, report.country, kin)) if report.url else None
        if told is not None and abs((told.day - report.day).days) <= 1 and is_one_place(told, report):
            return told
        near = [
            (measure, happening.event_id, happening)
            for block in _list_blocks_near(report, kin)
            for happening in self._blocks.get(block, ())
            if (measure := measure_distance(happening, report)) is not None
        ]
        same = [each for each in near if is_same(each[2], report, each[0], known_at)]
        if same:
            return _choose_nearest(same)
        return None if report.is_mute else self._begin_happening(report, kin, near, known_at)

    def _begin_happening(self, report: Report, kin: str, near: list[Near], known_at: datetime) -> Happening:
        event_id = f"{PREFIX}{report.number}"
        akin = [each for each in near if each[0][0] <= MEMORY.days]
        made = Happening(
            event_id=event_id,
            story_id=_choose_nearest(akin).story_id if akin else event_id,
            country=report.country,
            family=kin,
            day=report.day,
            known_at=known_at,
            last_at=known_at,
            novelty=1 / (1 + self._count_known_before(report.country, report.event_class, known_at)),
            precision=report.precision,
            place=report.place,
            admin1=report.admin1,
            lat=report.lat,
            lon=report.lon,
            is_held=report.is_held,
        )
        if not made.is_held:
            self._remember(report.country, report.event_class, known_at)
        self._place(made)
        return made

    def _add(self, happening: Happening, report: Report, known_at: datetime) -> None:
        before = _find_block(happening)
        join(happening, report, known_at)
        if _find_block(happening) != before:
            self._take_from(before, happening)
            self._place(happening)
        self._by_number[report.number] = happening
        if report.url:
            self._by_url[report.url, happening.country, happening.family] = happening

    def _count_known_before(self, country: str, event_class: EventClass, known_at: datetime) -> int:
        seen = self._seen.get((country, event_class), deque())
        while seen and seen[0] <= known_at - MEMORY:
            seen.popleft()
        return len(seen)

    def _remember(self, country: str, event_class: EventClass, known_at: datetime) -> None:
        self._seen.setdefault((country, event_class), deque()).append(known_at)

    def _place(self, happening: Happening) -> None:
        self._alive[happening.event_id] = happening
        self._blocks.setdefault(_find_block(happening), []).append(happening)

    def close(self, now: datetime) -> None:
        """Drop happenings that no report or story can match, before the file of that time is read."""
        over = [each for each in self._alive.values() if each.last_at < now - MEMORY]
        if not over:
            return
        for happening in over:
            self._forget(happening)
        gone = {each.event_id for each in over}
        self._by_url = {key: each for key, each in self._by_url.items() if each.event_id not in gone}
        self._by_number = {key: each for key, each in self._by_number.items() if each.event_id not in gone}

    def _forget(self, happening: Happening) -> None:
        self._alive.pop(happening.event_id, None)
        self._take_from(_find_block(happening), happening)

    def _take_from(self, block: Block, happening: Happening) -> None:
        left = [each for each in self._blocks[block] if each is not happening]
        if left:
            self._blocks[block] = left
        else:
            del self._blocks[block]


def _choose_nearest(near: list[Near]) -> Happening:
    return min(near, key=lambda each: each[:2])[2]


def _find_block(happening: Happening) -> Block:
    return _compute_block(happening, happening.country, happening.family)


def _compute_block(place: Happening | Report, country: str, kin: str) -> Block:
    """A cell of 0.5 degrees if the place is a point, otherwise the province, which is empty for a country."""
    if place.in_town and place.lat is not None and place.lon is not None:
        return country, kin, math.floor(place.lat / _CELL_DEGREES), math.floor(place.lon / _CELL_DEGREES)
    return country, kin, _BY_NAME, place.admin1


def _list_blocks_near(report: Report, kin: str) -> Iterator[Block]:
    match _compute_block(report, report.country, kin):
        case (country, _, int(row), int(column)):
            for north in (row - 1, row, row + 1):
                for east in (column - 1, column, column + 1):
                    yield country, kin, north, east
        case block:
            yield block
