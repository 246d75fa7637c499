"""Reads a file of daily values, a price or a benchmark: its columns, its sessions, and what was unusual."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from brentwatch.history import tables
from brentwatch.wire.input_faults import Faults


class Columns(NamedTuple):
    """The names of the date column and the value column; by default, any usual name."""

    date: str = tables.DATE.own
    value: str = tables.PRICE.own


class Roles(NamedTuple):
    """What the columns contain, and the options that name them."""

    date: tables.Role = tables.DATE
    value: tables.Role = tables.PRICE


ROLES = Roles()
BENCHMARK_ROLES = Roles(value=tables.BENCHMARK)


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyTable:
    """A table, and what its columns of dates and of values mean."""

    table: tables.Table
    dates: tables.Dates
    numbers: tables.Numbers
    what: str

    @property
    def how(self) -> str:
        """One line: how the file was read."""
        table, dates, numbers = self.table, self.dates, self.numbers
        date_column = repr(table.columns[dates.at]) if table.columns[dates.at] else "the unnamed column"
        named = f"date from {date_column}, {self.what} from {table.columns[numbers.at]!r}"
        return table.describe(named, dates.how, numbers.how)


def read_daily_table(
    name: str,
    data: bytes,
    columns: Columns,
    order: tables.OrderChoice = tables.BY_THE_FILE,
    roles: Roles = ROLES,
) -> DailyTable:
    """The table in the file called `name`, with the columns of the date and of the value.

    `order` says how 07/05/2024 is read, `roles` what the columns are.

    Raises:
        InvalidInput: if it is not such a table, or a column is ambiguous.
    """
    table = tables.read_table(
        name, data, (*roles.date.names, *roles.value.names, columns.date, columns.value)
    )
    date_at = tables.find_date(table, roles.date, columns.date)
    value_at = tables.find_value(table, roles.value, columns.value, date_at)
    tables.refuse_split_numbers(table, value_at)
    tables.refuse_other_currency(table)
    return DailyTable(
        table=table,
        dates=tables.read_dates(table, date_at, *order),
        numbers=tables.read_numbers(table, value_at),
        what=roles.value.what,
    )


@dataclass(frozen=True, slots=True)
class DailySeries:
    """One value (USD/bbl) a session, oldest first; `notes` lists what was unusual about the file.

    `how` says in one line how the file was read.
    """

    sessions: tuple[date, ...]
    values: tuple[float, ...]
    notes: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class DailyValue:
    """A row of a file of daily values; `line` counts from 1."""

    line: int
    session: date
    value: float


def read_series(
    name: str,
    data: bytes,
    columns: Columns,
    order: tables.OrderChoice = tables.BY_THE_FILE,
    roles: Roles = ROLES,
) -> DailySeries:
    """The series in the file called `name`. Rows without a value are skipped and noted.

    `order` says how 07/05/2024 is read (by default, the file decides); `roles` what the columns are.

    Raises:
        InvalidInput: if the file cannot be read, or a row is invalid; with all faults.
    """
    return build_series(read_daily_table(name, data, columns, order, roles))


def build_series(read: DailyTable) -> DailySeries:
    """The series in a table.

    Raises:
        InvalidInput: if a row is invalid; with all faults.
    """
    name, found = read.table.name, read_values(read)
    faults = Faults()
    faults.add(*tables.describe_rejections(name, found.rejected))
    in_rows = [tables.DayInRow(each.line, each.session) for each in found.values]
    faults.attempt(lambda: tables.refuse_swapped_days(name, in_rows))
    values = sorted(found.values, key=lambda each: (each.session, each.line))
    faults.add(*_find_conflicts(name, values))
    if not values and not faults:
        formulas = " (a formula needs a value that the spreadsheet has saved)" if _is_workbook(read) else ""
        faults.add(f"{name} has no row with a value; expected one for each session; add them{formulas}")
    if faults:
        raise faults.build_error()
    kept = {each.session: each.value for each in values}
    return DailySeries(tuple(kept), tuple(kept.values()), tuple(_describe_oddities(name, found)), read.how)


def _is_workbook(read: DailyTable) -> bool:
    return read.table.kind.startswith("XLSX")


@dataclass(frozen=True, slots=True)
class DailyValues:
    """The values in the order of the file, the rows that cannot be read, and the dates without a value."""

    values: tuple[DailyValue, ...]
    rejected: tuple[tables.RejectedRow, ...]
    empty: tuple[str, ...]


def read_values(read: DailyTable) -> DailyValues:
    """Every row of the table: read, rejected, or without a value."""
    values: list[DailyValue] = []
    rejected = list(read.table.rejected)
    empty: list[str] = []
    for row in read.table.rows:
        try:
            value = read.numbers.read_value(row)
            if value is None:
                empty.append(row.cells[read.dates.at] or f"row {row.line}")
            else:
                values.append(DailyValue(row.line, read.dates.read_day(row), value))
        except tables.RejectedCell:
            rejected += tables.find_row_faults(row, read.dates.read_day, read.numbers.read_value)
    return DailyValues(tuple(values), tuple(sorted(rejected)), tuple(empty))


def _find_conflicts(name: str, values: Sequence[DailyValue]) -> Iterator[str]:
    for one, other in pairwise(values):
        if one.session == other.session and one.value != other.value:
            yield (
                f"rows {one.line} and {other.line} of {name} give {one.session} as {one.value} and as "
                f"{other.value}; expected one value; delete the wrong row"
            )


def _describe_oddities(name: str, found: DailyValues) -> Iterator[str]:
    if found.empty:
        yield f"{name} has no value on {tables.format_list(found.empty)}: no session there"
    disorder = [one.line for before, one in pairwise(found.values) if one.session < before.session]
    if disorder:
        yield f"rows of {name} out of order were sorted: row {tables.format_list(disorder)}"
    first = {each.session: each.line for each in reversed(found.values)}
    repeats = [each.line for each in found.values if each.line != first[each.session]]
    if repeats:
        yield f"rows of {name} that repeat a session were skipped: row {tables.format_list(repeats)}"
    nonpositive = [f"{each.session} ({each.value:g})" for each in found.values if each.value <= 0]
    if nonpositive:
        yield (
            f"{name} has a price of zero or below on {tables.format_list(nonpositive)}: there is no log "
            "return across it"
        )
