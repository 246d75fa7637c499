"""GDELT 2.0: a file of reports and one of mentions every 15 minutes; `happenings` makes events of them.

`lastupdate.txt` names the newest files, `masterfilelist.txt` all of them, each with size, MD5 and address.
The feed continues at the file whose time is the latest `known_at` on the topic. That file is read again,
since its events may have been written only in part. The state is restored from earlier events, so that the
same reports make the same ids and revisions. If the topic has no event, the first file is the newest one, or
the first of `since`. Addresses in the lists are not followed: only the names of files are used. Lists and
files are fetched over HTTPS; if that fails, from the plain HTTP address of the same bucket."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

from brentwatch.ingest.feeds.deliveries import FeedDelivery, Gathering, LeftOut
from brentwatch.ingest.feeds.gdelt_downloads import DownloadRecord, UsedRows
from brentwatch.ingest.feeds.gdelt_files import Mirrors, unpack_rows
from brentwatch.ingest.feeds.gdelt_lists import ListedFile, read_list
from brentwatch.ingest.feeds.gdelt_rows import Report, is_count, parse_report
from brentwatch.ingest.feeds.happening import Happening, tell
from brentwatch.ingest.feeds.happenings import MEMORY, Counted, Happenings
from brentwatch.ingest.feeds.kept_share import KeptShare, describe_file
from brentwatch.ingest.feeds.settings import GdeltFilter, GdeltSettings
from brentwatch.ingest.gdelt_words.judging import WordReason
from brentwatch.ingest.gdelt_words.vocabulary import load_vocabulary
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher
from brentwatch.wire.event_document import LONGEST_AHEAD, UnrestEventDocument
from brentwatch.wire.unrest_event import decode_event, encode_event

NAME = "gdelt"
EVERY = timedelta(minutes=15)

_LARGEST_LIST = 64 << 10
"""The limit of the list of the newest files, which has three lines."""
_MOST_REPORTS = 50_000
"""The limit of one file: real ones have about 2,000, and each may become an event of 5 kB in memory."""
_LARGEST_FILE = 16 << 20
"""The limit of a packed file: real ones have about 200 kB."""
_TAIL_BYTES = 4 << 20
_LARGEST_MASTER = 512 << 20
_GIVEN_UP_AFTER = timedelta(hours=1)
_GONE = (Reason.MISSING, Reason.REFUSED, Reason.GARBLED, Reason.TOO_LARGE)
"""Failures of one file, not of the server: another address would not help."""


class Gdelt:
    """The feed; `fetcher` sends the requests, `settings` say where and from which day."""

    def __init__(self, settings: GdeltSettings, fetcher: Fetcher) -> None:
        self._settings = settings
        self._fetcher = fetcher
        self._mirrors = Mirrors(settings.addresses)
        self._happenings = Happenings()
        self._vocabulary = load_vocabulary() if settings.filter is GdeltFilter.WORDS else None
        self._kept_share = KeptShare()
        self._recalled: list[UnrestEventDocument] = []
        self._newest: datetime | None = None
        self._next: datetime | None = None
        self._record: DownloadRecord | None = None

    @property
    def memory(self) -> timedelta:
        """How much of the past is needed for happenings."""
        return MEMORY

    @property
    def files_a_day(self) -> int:
        """A delivery is made of each file."""
        return timedelta(days=1) // EVERY

    def record_downloads(self, path: Path, chosen_by: str) -> DownloadRecord:
        """Take files that the record at `path` has from there, and add the others to it.

        Raises:
            OSError: if it cannot be read or written.
        """
        settings = self._settings
        how = f"filter {settings.filter}, oldest_days {settings.oldest_days}, mentions {settings.mentions}"
        self._record = DownloadRecord(path, f"{chosen_by}, {how}")
        return self._record

    def recall(self, document: UnrestEventDocument) -> None:
        """Take in an event of this feed from the topic, until the position is known."""
        if document.provenance is None or document.provenance.feed != NAME:
            return
        self._newest = document.known_at if self._newest is None else max(self._newest, document.known_at)
        if document.known_at >= self._newest - MEMORY:
            self._recalled.append(document)

    def poll(self, now: datetime) -> Iterator[FeedDelivery]:
        """One delivery for each new file.

        Raises:
            NoAnswer: if a list, or a file of the last hour, cannot be fetched; older files are skipped.
        """
        self._resume()
        self._mirrors.begin(now)
        listed, ahead = self._list_new_files(), now + LONGEST_AHEAD
        if beyond := [events.name for events, _ in listed if events.time > ahead]:
            note = f"{len(beyond)} listed files have a future time and are not read: {beyond[0]} and later"
            yield FeedDelivery(left_out={"future": len(beyond)}, notes=(note,))
        for events, mentions in listed:
            if events.time > ahead:
                break
            yield self._read_files(events, mentions, now)
            self._next = events.time + EVERY
        if fallbacks := self._mirrors.take_fallbacks():
            yield FeedDelivery(fallbacks=fallbacks)

    def _resume(self) -> None:
        """Find the first file, once: the last one on the topic, after the events before it."""
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
                f"{url} names no file of events; expected lines of size, MD5 and address; the request "
                "is repeated later",
            )
        return found

    def _fetch_master_list(self, first: datetime, base: str) -> list[tuple[ListedFile, ListedFile | None]]:
        """The end of the master list if that is enough: the whole list has over 100 megabytes."""
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
        """Read both files before the state changes, so that a failure does not change it."""
        recorded = self._record.find(events, mentions) if self._record is not None else None
        try:
            read = recorded or self._fetch_pair(events, mentions)
        except NoAnswer as error:
            if error.reason in _GONE and events.time < now - _GIVEN_UP_AFTER:
                return FeedDelivery(left_out={"file": 1}, notes=(f"{error}; skipped, since it is old",))
            raise
        gathering = Gathering()
        parsed = list(self._parse_reports(read.rows, gathering))
        for reason, count in read.left_out.items():
            gathering.leave_out(reason, count)
        unused = dict(gathering.delivery.left_out)
        touched, kept = self._add_reports([report for _, report in parsed], events.time, gathering)
        left_out = gathering.delivery.left_out
        gathering.remark(describe_file(events.name, read.total, kept, left_out))
        counted = self._count_mentions(read.mentions, touched)
        if self._record is not None and recorded is None:
            rows = tuple(row for row, _ in parsed)
            self._record.add(events, mentions, UsedRows(rows, read.total, unused, counted))
        for happening in touched.values():
            document = gathering.attempt(partial(_tell_if_changed, happening, events.time))
            if document is not None:
                gathering.take(document)
        if self._vocabulary is None:
            return gathering.delivery
        if warning := self._kept_share.add(kept, left_out):
            gathering.note(warning)
        return replace(gathering.delivery, kept_share=self._kept_share.share)

    def _count_mentions(self, numbers: Iterable[int], touched: dict[str, Happening]) -> tuple[int, ...]:
        """The numbers that belong to a happening, which is then `touched`."""
        counted = []
        for number in numbers:
            if (happening := self._happenings.add_mention(number)) is not None:
                touched[happening.event_id] = happening
                counted.append(number)
        return tuple(counted)

    def _fetch_pair(self, events: ListedFile, mentions: ListedFile | None) -> UsedRows:
        rows = tuple(line.decode("utf-8", "replace") for line in self._fetch_reports(events))
        later = self._fetch_lines(mentions) if mentions is not None and self._settings.mentions else []
        return UsedRows(rows, len(rows), {}, tuple(read_mentions(later)))

    def _add_reports(
        self, reports: Iterable[Report], time: datetime, gathering: Gathering
    ) -> tuple[dict[str, Happening], int]:
        """The happenings of the reports of one file, by id, and how many reports were kept."""
        touched: dict[str, Happening] = {}
        counted: Counted = {}
        kept = 0
        self._happenings.close(time)
        # A mute report also joins happenings of later reports in the file.
        for report in sorted(reports, key=lambda report: report.is_mute):
            happening = gathering.attempt(partial(self._join, report, time, counted))
            if happening is not None:
                kept += 1
                touched[happening.event_id] = happening
        return touched, kept

    def _parse_reports(self, rows: Iterable[str], gathering: Gathering) -> Iterator[tuple[str, Report]]:
        for row in rows:
            report = gathering.attempt(
                partial(parse_report, row, self._settings.oldest_days, self._vocabulary)
            )
            if isinstance(report, str):
                gathering.leave_out(report)
            elif report is not None:
                yield row, report

    def _join(self, report: Report, time: datetime, counted: Counted) -> Happening:
        """The happening of a report.

        Raises:
            LeftOut: if it is mute and belongs to none, or is held until there are more headlines.
        """
        happening = self._happenings.add(report, time, counted)
        if happening is None:
            raise LeftOut(WordReason.MUTE)
        if happening.is_held:
            raise LeftOut(WordReason.HOME)
        return happening

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
                "the request is repeated later",
            )
        return unpack_rows(packed, url, self._fetcher.largest_bytes)


def _fetch_tail(fetcher: Fetcher, url: str) -> bytes:
    """The end of a long list; empty if the server ignores the range and sends all of it."""
    try:
        return replace(fetcher, largest_bytes=_TAIL_BYTES).get(url, {"Range": f"bytes=-{_TAIL_BYTES}"})
    except NoAnswer as error:
        if error.reason is Reason.TOO_LARGE:
            return b""
        raise


def _tell_if_changed(happening: Happening, time: datetime) -> UnrestEventDocument | None:
    """The next revision, checked as by every reader; None if nothing relevant has changed."""
    return decode_event(encode_event(tell(happening, time))) if happening.to_be_told else None


def read_mentions(lines: Iterable[bytes]) -> Iterator[int]:
    """The numbers of reports that were mentioned after the 15 minutes that their own row covers."""
    for line in lines:
        cells = line.decode("utf-8", "replace").split("\t", 3)
        if len(cells) == 4 and is_count(cells[0]) and cells[1] != cells[2]:
            yield int(cells[0])


def open_feed(settings: GdeltSettings, beat: Callable[[], object] = lambda: None) -> Gdelt:
    """The feed for these settings."""
    return Gdelt(settings, Fetcher(settings.timeout_seconds, beat=beat))
