"""The rows of a price file as they stand, with everything that is wrong with any of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from brentwatch.core.domain.alignment import settlement
from brentwatch.history.series_rows import Columns, Roles, read_daily_table
from brentwatch.history.tables.cells import RejectedCell, find_row_faults
from brentwatch.history.tables.columns import DATE, PRICE
from brentwatch.history.tables.dates import read_dates
from brentwatch.history.tables.swapped_days import DayInRow, refuse_swapped_days
from brentwatch.history.tables.table import RejectedRow, describe_rejections, format_list
from brentwatch.wire.faults import show_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.history.series_rows import DailyTable
    from brentwatch.history.tables.dates import Dates
    from brentwatch.history.tables.table import TableRow
    from brentwatch.wire.faults import Faults

PRICES = "prices.csv"
_KNOWN_AT = "known_at"
_ROLES = Roles(DATE._replace(option=""), PRICE._replace(option=""))
_PLAIN = "comma-separated text in UTF-8, header in row 1"
_TIME_EXPECTED = (
    "expected a time with an offset, such as 2022-01-05T16:30:00Z; correct it, or leave it empty for the "
    "settlement"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """One row; `line` counts from 1 at the header; `known_at` (UTC) is as told, else the settlement."""

    line: int
    session: date
    closes_at: datetime
    close: float
    known_at: datetime
    known_at_assumed: bool


@dataclass(frozen=True, slots=True)
class PriceRows:
    """The readable rows in the order of the file, and how it was read where that is not as we write it."""

    rows: tuple[PriceRow, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRowReader:
    """Reads rows of a date, a price and, where the file has it, `known_at`; `now` (UTC) bounds them."""

    instrument: Instrument
    now: datetime

    def read(self, data: bytes, faults: Faults) -> PriceRows:
        """The rows of a file; what is wrong with those that cannot be read goes to `faults`."""
        read = faults.attempt(lambda: read_daily_table(PRICES, data, Columns(), roles=_ROLES))
        if read is None:
            return PriceRows()
        known = faults.attempt(lambda: _find_known_at_column(read))
        rejected = list(read.table.rejected)
        empty: list[int] = []
        rows = [
            row for each in read.table.rows if (row := self._read_row(each, read, known, rejected, empty))
        ]
        faults.add(*describe_rejections(PRICES, sorted(rejected)))
        in_rows = [DayInRow(row.line, row.session) for row in rows]
        faults.attempt(lambda: refuse_swapped_days(PRICES, in_rows))
        faults.add(*(fault for row in rows for fault in self._find_impossible_times(row)))
        return PriceRows(tuple(rows), tuple(_describe_reading(read, empty)))

    def _read_row(
        self,
        row: TableRow,
        read: DailyTable,
        known: Dates | None,
        rejected: list[RejectedRow],
        empty: list[int],
    ) -> PriceRow | None:
        try:
            close = read.numbers.read_value(row)
            if close is None:
                empty.append(row.line)
                return None
            session = read.dates.read_day(row)
        except RejectedCell:
            rejected += find_row_faults(row, read.dates.read_day, read.numbers.read_value)
            return None
        told = _read_known_at(row, known, rejected)
        closes_at = settlement(self.instrument, session)
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


def _find_known_at_column(read: DailyTable) -> Dates | None:
    at = read.table.find(_KNOWN_AT)
    return None if at is None else read_dates(read.table, at)


def _read_known_at(row: TableRow, known: Dates | None, rejected: list[RejectedRow]) -> datetime | None:
    if known is None or not row.cells[known.at]:
        return None
    told = known.read(row.cells[known.at])
    if not isinstance(told, datetime) or told.tzinfo is None:
        found = f"known_at is {show_value(row.cells[known.at])}"
        rejected.append(RejectedRow(row.line, found, _TIME_EXPECTED))
        return None
    return told.astimezone(UTC)


def _describe_reading(read: DailyTable, empty: list[int]) -> Iterator[str]:
    """How the file was read, unless it is as we write it; rows without a price."""
    table = read.table
    own = table.columns[:2] == Columns()
    if not own or table.kind != _PLAIN or table.dropped or read.dates.how or read.numbers.how:
        yield read.how
    if empty:
        yield f"rows without a price were left out: row {format_list(empty)}"
