"""Your own files: tables and JSON lines, in one file or a watched folder.

A line of JSON is an unrest event as `schemas/unrest_event.v1.schema.json` says. A row of a table (CSV,
XLSX, Parquet) has its fields in named columns, as `ingest.file.preset` and `ingest.file.mapping` say. Fields
and defaults: docs/feeds.md.

Rows and files that cannot be read are counted and reported, and do not affect others. Only regular files are
read: links, pipes and devices are skipped. Reports do not quote the contents. A file is read again when its
size or time has changed. `corrections` decides which of its rows are new, and which correct an earlier event.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.history.regular_files import look_at_regular, read_regular
from brentwatch.history.tables import Table, describe_rejections, is_json_lines, read_json_lines, read_table
from brentwatch.ingest.feeds.corrections import HeldEvents, RowOutcome
from brentwatch.ingest.feeds.deliveries import FeedDelivery, Gathering, LeftOut, refuse_old
from brentwatch.ingest.feeds.file_exports import find_release, read_acled_rows_of, read_ucdp_rows_of
from brentwatch.ingest.feeds.file_rows import FileRow, ReadRow, read_line, read_rows_of
from brentwatch.ingest.feeds.presets import DESK_NAMES, FIELDS, Preset
from brentwatch.ingest.feeds.settings import FileFeedSettings
from brentwatch.ingest.feeds.table import FEEDS
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.wire.event_document import UnrestEventDocument
from brentwatch.wire.input_faults import hide_values

OTHERS = FEEDS.keys() - {"file"}
"""Feeds whose events do not come from files."""

_LINES = (".jsonl",)
_ENDINGS = (*_LINES, ".csv", ".tsv", ".txt", ".xlsx", ".parquet")
_UNFINISHED = (".", "~$")
"""Prefixes of temporary files of editors and Excel."""

_LARGEST_BYTES = 64 << 20
_AT_ONCE = 500


class _Mark(NamedTuple):
    """Size and time of a file, which show a change."""

    size: int
    nanoseconds: int

    @property
    def changed(self) -> datetime:
        return datetime.fromtimestamp(self.nanoseconds // 10**9, UTC)


class WatchedFiles:
    """The feed: one file, or all files of a folder in the order of their names."""

    def __init__(self, settings: FileFeedSettings, path: Path) -> None:
        self._settings = settings
        self._path = path
        self._held = HeldEvents(settings.name)
        self._read: dict[Path, _Mark] = {}
        self._out_of_reach: set[Path] = set()
        self._noted: dict[Path, tuple[str, ...]] = {}

    @property
    def memory(self) -> timedelta:
        """As long as the topic keeps events: older ones are written once more, and dropped by their id."""
        return timedelta(days=30)

    def recall(self, document: UnrestEventDocument) -> None:
        """Take in an event from the topic."""
        if document.provenance is None or document.provenance.feed not in OTHERS:
            self._held.hold(document)

    def poll(self, now: datetime) -> Iterator[FeedDelivery]:
        """The new events in changed files, at most 500 in each delivery.

        Raises:
            NoAnswer: if the one file, or the folder, cannot be read.
        """
        for path in self._list_files():
            try:
                mark = _mark(path)
                data = None if self._read.get(path) == mark else read_regular(path, _LARGEST_BYTES + 1)
            except OSError as error:
                yield from self._leave_out_of_reach(path, error)
                continue
            if data is not None:
                self._out_of_reach.discard(path)
                yield from self._deliver_file(path, data, mark)
                self._read[path] = mark

    def _list_files(self) -> list[Path]:
        try:
            if not self._path.is_dir():
                self._path.stat()
                return [self._path]
            with os.scandir(self._path) as entries:
                found = sorted(Path(each.path) for each in entries if _is_ours(each))
        except OSError as error:
            raise _build_read_error(self._path, error) from None
        for gone in self._read.keys() - set(found):
            del self._read[gone]
            self._noted.pop(gone, None)
            self._held.forget_file(gone.name)
        self._out_of_reach.intersection_update(found)
        return found

    def _leave_out_of_reach(self, path: Path, error: OSError) -> Iterator[FeedDelivery]:
        """A faulty file does not affect others: it is counted once, and tried again at each poll."""
        if path == self._path:
            raise _build_read_error(path, error) from None
        if path not in self._out_of_reach and not isinstance(error, FileNotFoundError):
            self._out_of_reach.add(path)
            gathering = Gathering()
            gathering.leave_out("file")
            gathering.note(str(_build_read_error(path, error)))
            yield gathering.delivery

    def _deliver_file(self, path: Path, data: bytes, mark: _Mark) -> Iterator[FeedDelivery]:
        """The new events of one file; an unreadable file counts as one left out."""
        gathering = Gathering()
        outcomes = self._settle_rows(path, data, mark, gathering)
        before = self._noted.get(path, ())
        self._noted[path] = gathering.delivery.notes
        gathering.forget_notes(before)
        for outcome in outcomes:
            document = gathering.attempt(partial(self._accept_outcome, outcome))
            if document is not None:
                gathering.take(document)
            if len(gathering) == _AT_ONCE:
                yield from self._deliver(gathering.delivery)
                gathering = Gathering()
        yield from self._deliver(gathering.delivery)

    def _deliver(self, delivery: FeedDelivery) -> Iterator[FeedDelivery]:
        """A delivery was written once the next one is requested."""
        if delivery.documents or delivery.left_out or delivery.remarks:
            yield delivery
            for document in delivery.documents:
                self._held.hold(document)

    def _settle_rows(self, path: Path, data: bytes, mark: _Mark, gathering: Gathering) -> list[RowOutcome]:
        def settle() -> list[RowOutcome]:
            return self._held.settle(path.name, self._read_rows(path, data, mark, gathering))

        with hide_values():
            return gathering.attempt(settle, path.name, "file") or []

    def _accept_outcome(self, outcome: RowOutcome) -> UnrestEventDocument:
        document = outcome.document
        if document is None:
            raise LeftOut("known")
        if outcome.is_new:
            refuse_old(document.occurred, document.known_at, self._settings.oldest_days)
        return document

    def _read_rows(self, path: Path, data: bytes, mark: _Mark, gathering: Gathering) -> list[FileRow]:
        """The readable rows of a file; the others are counted in `gathering`."""
        if len(data) > _LARGEST_BYTES:
            raise InvalidInput(f"{path.name} has more than {_LARGEST_BYTES:,} bytes, the limit; split it")
        if path.suffix.lower() in _LINES or is_json_lines(data):
            lines = read_json_lines(path.name, data)
            read_json = partial(read_line, feed=self._settings.name)
            found = [
                gathering.attempt(partial(read_json, each.data), f"line {each.line} of {path.name}")
                for each in lines
            ]
        elif data.strip():
            table = read_table(path.name, data, _list_known_columns(self._settings))
            read = self._choose_reader(table, mark, gathering)
            for sentence in describe_rejections(table.name, table.rejected):
                gathering.note(sentence)
            gathering.leave_out("unreadable", len(table.rejected))
            found = [
                gathering.attempt(partial(read, row), f"row {row.line} of {path.name}") for row in table.rows
            ]
        else:
            found = []
        return [row for row in found if row is not None]

    def _choose_reader(self, table: Table, mark: _Mark, gathering: Gathering) -> ReadRow:
        settings = self._settings
        how, order = "", settings.day_order
        match settings.preset:
            case Preset.ACLED:
                read = read_acled_rows_of(table, settings.name, order)
            case Preset.UCDP:
                released = find_release(table.name, settings.released)
                read = read_ucdp_rows_of(table, settings.name, order, released, mark.changed)
                if released is None:
                    how = (
                        f"known since {mark.changed:%Y-%m-%d}, when the file last changed: "
                        "ingest.file.released has no release day of its version"
                    )
            case preset:
                read, how = read_rows_of(table, settings.name, preset, settings.mapping, order)
        gathering.remark(f"{table.how}; {how}" if how else table.how)
        return read


def _list_known_columns(settings: FileFeedSettings) -> tuple[str, ...]:
    """Names of columns that identify the header of a table."""
    match settings.preset:
        case Preset.ACLED:
            return ("event_id_cnty", "event_date")
        case Preset.UCDP:
            return ("type_of_violence", "date_start")
        case Preset.DESK:
            return (*FIELDS, *(name for names in DESK_NAMES.values() for name in names))
        case Preset.NONE:
            return (*FIELDS, *settings.mapping.values())


def _is_ours(entry: os.DirEntry[str]) -> bool:
    is_named_so = entry.name.lower().endswith(_ENDINGS) and not entry.name.startswith(_UNFINISHED)
    return is_named_so and not entry.is_dir(follow_symlinks=False)


def _mark(path: Path) -> _Mark:
    found = look_at_regular(path)
    return _Mark(found.st_size, found.st_mtime_ns)


def _build_read_error(path: Path, error: OSError) -> NoAnswer:
    reason = Reason.MISSING if isinstance(error, FileNotFoundError) else Reason.UNREACHABLE
    return NoAnswer(
        reason,
        f"{path} cannot be read: {error.strerror}; it is read again later; correct ingest.file.path "
        "or its permissions",
    )


def open_feed(settings: FileFeedSettings, _: Callable[[], object] = lambda: None) -> WatchedFiles:
    """The feed for these settings.

    Raises:
        SettingsError: if they have no path, or a mapping of unknown fields or for another preset.
    """
    if settings.path is None:
        raise SettingsError(
            "ingest.file.path is not set; expected a file or a folder; set it, or remove file from "
            "ingest.feeds"
        )
    if strangers := sorted(set(settings.mapping) - set(FIELDS)):
        raise SettingsError(
            f"ingest.file.mapping has {', '.join(strangers)}; expected some of {', '.join(FIELDS)}, each "
            "with the name of its column; correct it"
        )
    if settings.mapping and settings.preset in (Preset.ACLED, Preset.UCDP):
        raise SettingsError(
            f"ingest.file.mapping is set together with the preset {settings.preset}, which has the columns "
            "of its source; expected one of the two; remove one"
        )
    return WatchedFiles(settings, settings.path)
