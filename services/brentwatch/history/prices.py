"""Reads a price file into first prints and revisions, as they would have reached the timeline."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise

from brentwatch.core.domain import LONGEST_PAUSE_DAYS, Bar, Instrument, PriceUpdate
from brentwatch.core.domain.bars import GAP
from brentwatch.history import tables
from brentwatch.history.manifest import PRICES
from brentwatch.history.series_files import Columns, DailyTable, Roles, read_daily_table
from brentwatch.history.session_rows import select_session_prices
from brentwatch.wire.input_faults import Faults, show_value

_KNOWN_AT = "known_at"
_ROLES = Roles(tables.DATE._replace(option=""), tables.PRICE._replace(option=""))
_PLAIN = "comma-separated text in UTF-8, header in row 1"
_TIME_EXPECTED = (
    "expected a time with an offset, such as 2022-01-05T16:30:00Z; correct it, or leave it empty for the "
    "settlement"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """One row; `line` counts from 1 at the header; `known_at` (UTC) is by default the settlement."""

    line: int
    session: date
    closes_at: datetime
    close: float
    known_at: datetime
    known_at_assumed: bool


@dataclass(frozen=True, slots=True)
class PriceRows:
    """The readable rows in the order of the file, and how it was read if its format is not our own."""

    rows: tuple[PriceRow, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRowReader:
    """Reads rows of a date, a price and optionally `known_at`, none of them after `now` (UTC)."""

    instrument: Instrument
    now: datetime

    def read(self, data: bytes, faults: Faults) -> PriceRows:
        """The rows of a file; faults of unreadable rows are added to `faults`."""
        read = faults.attempt(lambda: read_daily_table(PRICES, data, Columns(), roles=_ROLES))
        if read is None:
            return PriceRows()
        known = faults.attempt(lambda: _find_known_at_column(read))
        rejected = list(read.table.rejected)
        empty: list[int] = []
        rows = [
            row for each in read.table.rows if (row := self._read_row(each, read, known, rejected, empty))
        ]
        faults.add(*tables.describe_rejections(PRICES, sorted(rejected)))
        in_rows = [tables.DayInRow(row.line, row.session) for row in rows]
        faults.attempt(lambda: tables.refuse_swapped_days(PRICES, in_rows))
        faults.add(*(fault for row in rows for fault in self._find_impossible_times(row)))
        return PriceRows(tuple(rows), tuple(_describe_reading(read, empty)))

    def _read_row(
        self,
        row: tables.TableRow,
        read: DailyTable,
        known: tables.Dates | None,
        rejected: list[tables.RejectedRow],
        empty: list[int],
    ) -> PriceRow | None:
        try:
            close = read.numbers.read_value(row)
            if close is None:
                empty.append(row.line)
                return None
            session = read.dates.read_day(row)
        except tables.RejectedCell:
            rejected += tables.find_row_faults(row, read.dates.read_day, read.numbers.read_value)
            return None
        told = _read_known_at(row, known, rejected)
        closes_at = self.instrument.series.closes_at(session)
        return PriceRow(
            line=row.line,
            session=session,
            closes_at=closes_at,
            close=close,
            known_at=told or closes_at,
            known_at_assumed=told is None,
        )

    def _find_impossible_times(self, row: PriceRow) -> Iterator[str]:
        if row.closes_at > self.now:
            yield (
                f"row {row.line} of prices.csv: session {row.session} settles at "
                f"{row.closes_at.isoformat()}, after {self.now.isoformat(timespec='seconds')}, the "
                "present; expected a settled session; leave it out"
            )
        elif row.known_at > self.now:
            yield (
                f"row {row.line} of prices.csv: known_at is {row.known_at.isoformat()}, after "
                f"{self.now.isoformat(timespec='seconds')}, the present; expected a past time; correct it"
            )
        if row.known_at < row.closes_at:
            yield (
                f"row {row.line} of prices.csv: known_at is {row.known_at.isoformat()}, before session "
                f"{row.session} settles at {row.closes_at.isoformat()}; "
                "expected a time at or after it; correct it"
            )


def _find_known_at_column(read: DailyTable) -> tables.Dates | None:
    at = read.table.find(_KNOWN_AT)
    return None if at is None else tables.read_dates(read.table, at)


def _read_known_at(
    row: tables.TableRow, known: tables.Dates | None, rejected: list[tables.RejectedRow]
) -> datetime | None:
    if known is None or not row.cells[known.at]:
        return None
    told = known.read(row.cells[known.at])
    if not isinstance(told, datetime) or told.tzinfo is None:
        found = f"known_at is {show_value(row.cells[known.at])}"
        rejected.append(tables.RejectedRow(row.line, found, _TIME_EXPECTED))
        return None
    return told.astimezone(UTC)


def _describe_reading(read: DailyTable, empty: list[int]) -> Iterator[str]:
    """How the file was read, unless its format is our own, and the rows without a price."""
    table = read.table
    own = table.columns[:2] == Columns()
    if not own or table.kind != _PLAIN or table.dropped or read.dates.how or read.numbers.how:
        yield read.how
    if empty:
        yield f"rows without a price were skipped: row {tables.format_list(empty)}"


KNOWN_AT_ASSUMED = "known_at_assumed"
"""Quality flag of a bar without `known_at`: it is assumed to be known at settlement."""

HYPOTHETICAL = "assumption: prices are known at settlement"

_AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Print:
    """A bar and the moment at which it could be known (UTC)."""

    bar: Bar
    known_at: datetime


@dataclass(frozen=True, slots=True)
class PriceFile:
    """First prints and revisions, oldest session first, and what was unusual about the file."""

    prints: tuple[Print, ...]
    notes: tuple[str, ...]


def read_prices(data: bytes, instrument: Instrument, now: datetime, faults: Faults) -> PriceFile:
    """The prints of a price file up to `now` (UTC); faults are added to `faults`."""
    file = PriceRowReader(instrument=instrument, now=now).read(data, faults)
    rows = file.rows
    faults.add(*_find_conflicts(rows))
    if not rows and not faults:
        faults.add(
            "prices.csv has no row with a price; expected one for each settled session; add the prices"
        )
    kept, left_out = _select_sessions(_drop_repeats(rows), instrument, faults)
    pauses = _find_pauses(kept)
    prints = tuple(_build_print(row, after_gap=row.session in pauses) for row in kept)
    assumed = (
        ["; ".join(filter(None, (HYPOTHETICAL, instrument.series.late)))]
        if any(row.known_at_assumed for row in kept)
        else []
    )
    return PriceFile(prints, (*file.notes, *left_out, *assumed, *_describe_oddities(rows, kept, pauses)))


def build_price_updates(
    prints: Iterable[Print], series: str, warmup: Callable[[date], bool]
) -> Iterator[PriceUpdate]:
    """One update for each print, in the order in which they became known.

    `complete_through` is the close of the last session up to which every session of the file is known.
    """
    ordered = sorted(prints, key=lambda item: (item.known_at, item.bar.closes_at))
    closes = sorted({item.bar.closes_at for item in ordered})
    known: set[datetime] = set()
    complete = 0
    for item in ordered:
        known.add(item.bar.closes_at)
        while complete < len(closes) and closes[complete] in known:
            complete += 1
        yield PriceUpdate(
            series=series,
            bars=(item.bar,),
            complete_through=closes[complete - 1] if complete else closes[0] - _AN_INSTANT,
            known_at=item.known_at,
            warmup=warmup(item.bar.session),
        )


def _sort_rows(rows: Iterable[PriceRow]) -> list[PriceRow]:
    return sorted(rows, key=lambda row: (row.session, row.known_at, row.line))


def _find_conflicts(rows: Iterable[PriceRow]) -> Iterator[str]:
    for one, other in pairwise(_sort_rows(rows)):
        if (one.session, one.known_at) == (other.session, other.known_at) and one.close != other.close:
            yield (
                f"rows {one.line} and {other.line} of prices.csv give session {one.session} as {one.close} "
                f"and as {other.close}; expected one price; delete the wrong row, or add a column "
                "known_at that says when the later price came out"
            )


def _drop_repeats(rows: Iterable[PriceRow]) -> list[PriceRow]:
    """The rows in order, without those that repeat the known price of their session."""
    kept: list[PriceRow] = []
    for row in _sort_rows(rows):
        if not kept or (kept[-1].session, kept[-1].close) != (row.session, row.close):
            kept.append(row)
    return kept


def _select_sessions(
    rows: list[PriceRow], instrument: Instrument, faults: Faults
) -> tuple[list[PriceRow], tuple[str, ...]]:
    """The rows on days with a session, and notes on the others: a Sunday must not be tested as a session."""
    first: dict[date, float] = {}
    for row in rows:
        first.setdefault(row.session, row.close)
    found = faults.attempt(lambda: select_session_prices(PRICES, first, instrument.series))
    if found is None:
        return rows, ()
    return [row for row in rows if row.session in found.prices], found.left_out


def _find_pauses(rows: Iterable[PriceRow]) -> dict[date, int]:
    """Calendar days since the session before, by session, if they are more than four."""
    sessions = [session for session, _ in groupby(rows, key=lambda row: row.session)]
    days = {later: (later - earlier).days for earlier, later in pairwise(sessions)}
    return {session: count for session, count in days.items() if count > LONGEST_PAUSE_DAYS}


def _build_print(row: PriceRow, *, after_gap: bool) -> Print:
    quality = ((GAP,) if after_gap else ()) + ((KNOWN_AT_ASSUMED,) if row.known_at_assumed else ())
    bar = Bar(session=row.session, closes_at=row.closes_at, close=row.close, quality=quality)
    return Print(bar, row.known_at)


def _describe_oddities(
    rows: Sequence[PriceRow], kept: Sequence[PriceRow], pauses: dict[date, int]
) -> Iterator[str]:
    disorder = [later.line for earlier, later in pairwise(rows) if later.session < earlier.session]
    if disorder:
        yield f"rows out of order were sorted: row {tables.format_list(disorder)}"
    repeats = sorted({row.line for row in rows} - {row.line for row in _drop_repeats(rows)})
    if repeats:
        yield f"rows that repeat a known price were skipped: row {tables.format_list(repeats)}"
    if pauses:
        gaps = f"{len(pauses)} gap{'s' if len(pauses) > 1 else ''}"
        newest, days = max(pauses.items())
        yield f"{gaps} longer than {LONGEST_PAUSE_DAYS} calendar days, the last before {newest} ({days} days)"
    yield from (
        f"the price of {row.session} is {row.close}: there is no log return across it"
        for row in kept
        if row.close <= 0
    )
