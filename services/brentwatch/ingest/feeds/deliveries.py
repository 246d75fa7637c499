"""The interface of feeds, and how a delivery is gathered: each row is decided, rejected rows are counted.

The position of a feed is stored only on the topic itself. Before the first poll the service passes it the
documents on the topic, as far back as its `memory`; from these it finds where to continue. An event that is
sent twice has the same `event_id` and `revision`, and readers drop the second one.

A row comes from outside, so any error that it causes rejects that row and no other. An unexpected error is
counted as `internal` and logged. Errors that must stop or restart the process (`MUST_STOP`) are not caught.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from brentwatch.core.domain import Precision
from brentwatch.core.errors import InvalidInput, SettingsError, Unavailable
from brentwatch.web.failures import INTERNAL
from brentwatch.wire.event_document import Occurred, UnrestEventDocument


@dataclass(frozen=True, slots=True)
class FeedDelivery:
    """Events to be written together, and how many reports were `left_out`, by reason.

    The reasons are those of the metric `REPORTS_LEFT_OUT`.
    """

    documents: tuple[UnrestEventDocument, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    errors: tuple[Exception, ...] = ()
    """Unexpected errors: each is logged with its traceback, and counted in `left_out` as internal."""
    remarks: tuple[str, ...] = ()
    """How something was read, for the log."""
    fallbacks: tuple[str, ...] = ()
    """Why another address was used: each is logged as a warning and counted."""
    kept_share: float | None = None
    """The share of recently judged reports that the filter accepted; None without a filter."""


class Feed(Protocol):
    """A source of unrest events."""

    @property
    def memory(self) -> timedelta:
        """How far back the topic must be read before the first poll."""

    def recall(self, document: UnrestEventDocument) -> None:
        """Take in one document on the topic, of any feed; revisions of an event come in order."""

    def poll(self, now: datetime) -> Iterator[FeedDelivery]:
        """The new events. A delivery counts as written once the next one is requested.

        After an error the next `poll` starts with the first delivery that is missing. If a delivery could not
        be written, open the feed again, and let it recall.

        Raises:
            NoAnswer: if the feed gives nothing now.
            InvalidInput: if its data is unusable, so that a person has to look.
        """


class DownloadCount(Protocol):
    """A record of downloads."""

    def count(self, first: date, last: date) -> int:
        """How many files of these days are recorded."""

    def close(self) -> None:
        """Close the file."""


@runtime_checkable
class RecordsDownloads(Protocol):
    """A feed of files that can record what it has downloaded, so that an interrupted build can resume."""

    @property
    def files_a_day(self) -> int:
        """A delivery is made of each file."""

    def record_downloads(self, path: Path, chosen_by: str) -> DownloadCount:
        """Take files that the record at `path` has from there, and add the others to it.

        Raises:
            OSError: if it cannot be read or written.
        """


T = TypeVar("T")
Row = TypeVar("Row")

MUST_STOP = (MemoryError, Unavailable, SettingsError)
"""Errors that are never treated as the fault of one row or one feed."""

_MOST_NOTES = 5
_MOST_ERRORS = 5
_SPANS = {Precision.WEEK: 6, Precision.MONTH: 30, Precision.YEAR: 365}
"""Days after its start on which an event of that precision may have happened."""


class LeftOut(InvalidInput):
    """A readable row that leads to no event; `reason` is one of the metric `REPORTS_LEFT_OUT`."""

    def __init__(self, reason: str, *faults: str) -> None:
        super().__init__(*faults or (reason,))
        self.reason = reason


class Gathering:
    """Collects one delivery."""

    def __init__(self) -> None:
        self._documents: list[UnrestEventDocument] = []
        self._left_out: Counter[str] = Counter()
        self._notes: dict[str, tuple[str, int]] = {}
        self._remarks: list[str] = []
        self._errors: dict[str, Exception] = {}

    def __len__(self) -> int:
        return len(self._documents)

    def attempt(self, read: Callable[[], T], where: str = "", unreadable: str = "unreadable") -> T | None:
        """The result of `read`; None if it raised, which is counted: as `unreadable` if the input is invalid.

        If `where` is given, a note says where and why.
        """
        try:
            return read()
        except LeftOut as error:
            self.leave_out(error.reason)
        except InvalidInput as error:
            self.leave_out(unreadable)
            if where:
                self.note("; ".join(error.faults), where)
        except MUST_STOP:
            raise
        except Exception as error:  # noqa: BLE001 - the row is foreign: whatever it causes is its own fault
            self.fail(error)
        return None

    def take(self, document: UnrestEventDocument) -> None:
        """Add the event to the delivery."""
        self._documents.append(document)

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Count reports without an event; `reason` is one of the metric `REPORTS_LEFT_OUT`."""
        if count:
            self._left_out[reason] += count

    def fail(self, error: Exception) -> None:
        """Count an unexpected error; those from one line of code are logged once."""
        self.leave_out(INTERNAL)
        if len(self._errors) < _MOST_ERRORS:
            self._errors.setdefault(_find_place(error), error)

    def note(self, sentence: str, where: str = "") -> None:
        """Add a note for the log, after `where`; the first five, and equal ones once."""
        if sentence in self._notes or len(self._notes) < _MOST_NOTES:
            first, count = self._notes.get(sentence, (where, 0))
            self._notes[sentence] = first, count + 1

    def forget_notes(self, told: Collection[str]) -> None:
        """Remove the notes that were `told` before."""
        self._notes = {each: at for each, at in self._notes.items() if _format_note(each, *at) not in told}

    def remark(self, sentence: str) -> None:
        """Add a remark for the log that is not a fault."""
        self._remarks.append(sentence)

    @property
    def delivery(self) -> FeedDelivery:
        """What was collected so far."""
        return FeedDelivery(
            documents=tuple(self._documents),
            left_out=dict(self._left_out),
            notes=tuple(_format_note(sentence, *told) for sentence, told in self._notes.items()),
            errors=tuple(self._errors.values()),
            remarks=tuple(self._remarks),
        )


def gather(rows: Iterable[Row], read: Callable[[Row], UnrestEventDocument | None]) -> FeedDelivery:
    """The delivery of the events that `read` finds in `rows`, at most one in each."""
    gathering = Gathering()
    for row in rows:
        document = gathering.attempt(partial(read, row))
        if document is not None:
            gathering.take(document)
    return gathering.delivery


def strip_details(document: UnrestEventDocument) -> UnrestEventDocument:
    """The parts of an event that a feed needs later: it has tens of thousands of them in memory."""
    return UnrestEventDocument(
        event_id=document.event_id,
        revision=document.revision,
        status=document.status,
        occurred=document.occurred,
        known_at=document.known_at,
        country=document.country,
        event_class=document.event_class,
        summary=document.summary,
    )


def _format_note(sentence: str, where: str, count: int) -> str:
    named = sentence if where in sentence else f"{where}: {sentence}"
    return named if count == 1 else f"{named} ({count:,} rows have this fault)"


def refuse_old(occurred: Occurred, known_at: datetime, oldest_days: int) -> None:
    """Refuses an event that happened more than `oldest_days` before it became known, by days in UTC.

    If only a week, a month or a year is known, the last day on which it may have happened counts.

    Raises:
        LeftOut: as old.
    """
    span = 0 if occurred.end else _SPANS.get(occurred.precision, 0)
    if is_old(occurred.end or occurred.start, known_at, oldest_days + span):
        raise LeftOut("old")


def is_old(happened: date, known_at: date, oldest_days: int) -> bool:
    """True if there are more than this number of days between the two."""
    return known_at.toordinal() - happened.toordinal() > oldest_days


def _find_place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return f"{type(error).__name__} {where}"
