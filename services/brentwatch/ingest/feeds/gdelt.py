"""GDELT 2.0: every 15 minutes a file of reports and one of later mentions; `happenings` makes events of them.

`lastupdate.txt` names the newest files, `masterfilelist.txt` all of them, each with size, MD5 and address.
The feed goes on at the file whose time is the latest `known_at` that the topic holds, that file included:
it may have been written in part. State is taken from what was known before that file, so that the same
reports make the same ids and revisions. Where the topic holds nothing the newest file is the first, or the
first one of `since`. Addresses in the lists are not followed: only the name of the file is taken from
there. Lists and files come over HTTPS, or while that gives nothing from the plain address of the same
bucket."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

from brentwatch.ingest.feeds.deliveries import FeedDelivery, Gathering
from brentwatch.ingest.feeds.gdelt_files import Mirrors, split_lines, unpack_rows
from brentwatch.ingest.feeds.gdelt_rows import is_count, parse_report, parse_time
from brentwatch.ingest.feeds.happening import Happening, tell
from brentwatch.ingest.feeds.happenings import MEMORY, Counted, Happenings
from brentwatch.ingest.feeds.settings import GdeltSettings
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher
from brentwatch.wire.event_document import LONGEST_AHEAD, UnrestEventDocument
from brentwatch.wire.unrest_event import decode_event, encode_event

NAME = "gdelt"
EVERY = timedelta(minutes=15)

_LISTED = re.compile(
    r"[0-9]{1,12} (?P<md5>[0-9a-f]{32}) \S*/"
    r"(?P<name>(?P<time>[0-9]{14})\.(?P<kind>export|mentions)\.CSV\.zip)"
)
_LONGEST_LINE = 200
"""Bytes of a line of a list: theirs have about 110."""
_LARGEST_LIST = 64 << 10
"""Of the list of the newest files, which has three lines."""
_MOST_LISTED = 500_000
"""Files of one kind in the master list: 14 years of them."""
_MOST_REPORTS = 50_000
"""Of one file: theirs have some 2,000, and each may become an event of 5 kB in memory."""
_LARGEST_FILE = 16 << 20
"""Packed; theirs have some 200 kB."""
_TAIL_BYTES = 4 << 20
_LARGEST_MASTER = 512 << 20
_GIVEN_UP_AFTER = timedelta(hours=1)
_GONE = (Reason.MISSING, Reason.REFUSED, Reason.GARBLED, Reason.TOO_LARGE)
"""Of one file, while the lists are there: another address has no other one."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file as a list names it."""

    name: str
    time: datetime
    md5: str


class Gdelt:
    """The feed; `fetcher` asks, `settings` say where and from when on."""

    def __init__(self, settings: GdeltSettings, fetcher: Fetcher) -> None:
        self._settings = settings
        self._fetcher = fetcher
        self._mirrors = Mirrors(settings.addresses)
        self._happenings = Happenings()
        self._recalled: list[UnrestEventDocument] = []
        self._newest: datetime | None = None
        self._next: datetime | None = None

    @property
    def memory(self) -> timedelta:
        """What happenings must know of the past."""
        return MEMORY

    def recall(self, document: UnrestEventDocument) -> None:
        """Keep what the topic holds of this feed until it is known where to go on."""
        if document.provenance is None or document.provenance.feed != NAME:
            return
        self._newest = document.known_at if self._newest is None else max(self._newest, document.known_at)
        if document.known_at >= self._newest - MEMORY:
            self._recalled.append(document)

    def poll(self, now: datetime) -> Iterator[FeedDelivery]:
        """One delivery for each file that is new.

        Raises:
            NoAnswer: if a list, or a file of the last hour, cannot be had; older ones are passed over.
        """
        self._resume()
        self._mirrors.begin(now)
        listed, ahead = self._list_new_files(), now + LONGEST_AHEAD
        if beyond := [events.name for events, _ in listed if events.time > ahead]:
            note = f"{len(beyond)} listed files are of a time to come and are not read: {beyond[0]} and later"
            yield FeedDelivery(left_out={"future": len(beyond)}, notes=(note,))
        for events, mentions in listed:
            if events.time > ahead:
                break
            yield self._read_files(events, mentions, now)
            self._next = events.time + EVERY
        if fallbacks := self._mirrors.take_fallbacks():
            yield FeedDelivery(fallbacks=fallbacks)

    def _resume(self) -> None:
        """Where to begin, once: with the file that the topic holds last, after all that was before it."""
        if self._next is None and self._newest is not None:
            self._next = self._newest
            for document in sorted(self._recalled, key=lambda each: (each.known_at, each.revision)):
                if document.known_at < self._next:
                    self._happenings.recall(document)
            self._recalled = []
        elif self._next is None and self._settings.since is not None:
            self._next = datetime.combine(self._settings.since, time(), UTC)

    def _list_new_files(self) -> list[tuple[ListedFile, ListedFile | None]]:
        newest = self._mirrors.ask(self._fetch_newest_list)
        first = self._next
        up_to_date = first is None or newest[-1][0].time <= first
        listed = (
            newest
            if first is None or up_to_date
            else self._mirrors.ask(partial(self._fetch_master_list, first))
        )
        until = self._settings.until
        return [
            pair
            for pair in listed
            if (first is None or pair[0].time >= first) and (until is None or pair[0].time.date() <= until)
        ]

    def _fetch_newest_list(self, base: str) -> list[tuple[ListedFile, ListedFile | None]]:
        url = f"{base}/lastupdate.txt"
        found = read_list(self._limit_fetcher(_LARGEST_LIST).stream(url))
        if not found:
            raise NoAnswer(
                Reason.GARBLED,
                f"{url} names no file of events; expected lines of size, MD5 and address; it is asked again "
                "later",
            )
        return found

    def _fetch_master_list(self, first: datetime, base: str) -> list[tuple[ListedFile, ListedFile | None]]:
        """The end of the master list where that reaches back far enough: the whole has over 100 megabytes."""
        url = f"{base}/masterfilelist.txt"
        patient = replace(
            self._fetcher,
            timeout_seconds=self._settings.master_timeout_seconds,
            largest_bytes=_LARGEST_MASTER,
        )
        tail = _fetch_tail(patient, url)
        found = read_list([tail])
        if (found and found[0][0].time <= first) or 0 < len(tail) < _TAIL_BYTES:
            return found
        return read_list(patient.stream(url), first)

    def _limit_fetcher(self, largest: int) -> Fetcher:
        return replace(self._fetcher, largest_bytes=min(largest, self._fetcher.largest_bytes))

    def _read_files(self, events: ListedFile, mentions: ListedFile | None, now: datetime) -> FeedDelivery:
        """Read both files before anything changes, so that a failure leaves the state as it was."""
        try:
            lines = self._fetch_reports(events)
            later = self._fetch_lines(mentions) if mentions is not None and self._settings.mentions else []
        except NoAnswer as error:
            if error.reason in _GONE and events.time < now - _GIVEN_UP_AFTER:
                return FeedDelivery(left_out={"file": 1}, notes=(f"{error}; passed over, as it is old",))
            raise
        gathering = Gathering()
        touched = self._add_reports(lines, events.time, gathering)
        for number in read_mentions(later):
            if (happening := self._happenings.add_mention(number)) is not None:
                touched[happening.event_id] = happening
        for happening in touched.values():
            document = gathering.attempt(partial(_tell_if_changed, happening, events.time))
            if document is not None:
                gathering.take(document)
        return gathering.delivery

    def _add_reports(
        self, lines: Iterable[bytes], time: datetime, gathering: Gathering
    ) -> dict[str, Happening]:
        """The happenings that the reports of one file belong to, by id."""
        touched: dict[str, Happening] = {}
        counted: Counted = {}
        self._happenings.close(time)
        for line in lines:
            text = line.decode("utf-8", "replace")
            report = gathering.attempt(partial(parse_report, text, self._settings.oldest_days))
            if isinstance(report, str):
                gathering.leave_out(report)
            elif report is not None:
                happening = gathering.attempt(partial(self._happenings.add, report, time, counted))
                if happening is not None:
                    touched[happening.event_id] = happening
        return touched

    def _fetch_reports(self, listed: ListedFile) -> list[bytes]:
        lines = self._fetch_lines(listed)
        if len(lines) > _MOST_REPORTS:
            raise NoAnswer(
                Reason.TOO_LARGE,
                f"{listed.name} has {len(lines):,} reports; expected at most {_MOST_REPORTS:,}; it is asked "
                "again later",
            )
        return lines

    def _fetch_lines(self, listed: ListedFile) -> list[bytes]:
        return self._mirrors.ask(partial(self._fetch_file, listed), (Reason.THROTTLED, *_GONE))

    def _fetch_file(self, listed: ListedFile, base: str) -> list[bytes]:
        url = f"{base}/{listed.name}"
        packed = self._limit_fetcher(_LARGEST_FILE).get(url)
        if hashlib.md5(packed, usedforsecurity=False).hexdigest() != listed.md5:
            raise NoAnswer(
                Reason.GARBLED,
                f"{url} has {len(packed):,} bytes whose MD5 is not the {listed.md5} of the list; "
                "it is asked again later",
            )
        return unpack_rows(packed, url, self._fetcher.largest_bytes)


def _fetch_tail(fetcher: Fetcher, url: str) -> bytes:
    """The end of a long list; nothing from a server that sends all of it at every wish."""
    try:
        return replace(fetcher, largest_bytes=_TAIL_BYTES).get(url, {"Range": f"bytes=-{_TAIL_BYTES}"})
    except NoAnswer as error:
        if error.reason is Reason.TOO_LARGE:
            return b""
        raise


def _tell_if_changed(happening: Happening, time: datetime) -> UnrestEventDocument | None:
    """The next revision, checked as every reader checks it; None where nobody need be told."""
    return decode_event(encode_event(tell(happening, time))) if happening.to_be_told else None


def read_list(
    parts: Iterable[bytes], first: datetime | None = None
) -> list[tuple[ListedFile, ListedFile | None]]:
    """The files of events in the order of their times, each with that of the mentions made meanwhile.

    Lines that name neither, or a file before `first`, are passed over.

    Raises:
        NoAnswer: if it names more files than there can be.
    """
    found: dict[str, dict[datetime, ListedFile]] = {"export": {}, "mentions": {}}
    for line in split_lines(parts, _LONGEST_LINE):
        named = _parse_list_line(line)
        if named is not None and (first is None or named[1].time >= first):
            kind, listed = named
            found[kind][listed.time] = listed
            if len(found[kind]) > _MOST_LISTED:
                raise NoAnswer(
                    Reason.TOO_LARGE,
                    f"a list of files names more than {_MOST_LISTED:,}, which is the most that is taken; it "
                    "is asked again later",
                )
    return [(found["export"][time], found["mentions"].get(time)) for time in sorted(found["export"])]


def _parse_list_line(line: bytes) -> tuple[str, ListedFile] | None:
    """The file that a line of a list names, and its kind."""
    text = line.decode("ascii", "replace").strip() if len(line) <= _LONGEST_LINE else ""
    match = _LISTED.fullmatch(text)
    try:
        return match and (match["kind"], ListedFile(match["name"], parse_time(match["time"]), match["md5"]))
    except ValueError:
        return None


def read_mentions(lines: Iterable[bytes]) -> Iterator[int]:
    """The numbers of reports that were mentioned after the 15 minutes that their own row counts."""
    for line in lines:
        cells = line.decode("utf-8", "replace").split("\t", 3)
        if len(cells) == 4 and is_count(cells[0]) and cells[1] != cells[2]:
            yield int(cells[0])


def open_feed(settings: GdeltSettings, beat: Callable[[], object] = lambda: None) -> Gdelt:
    """The feed as the settings want it."""
    return Gdelt(settings, Fetcher(settings.timeout_seconds, beat=beat))
