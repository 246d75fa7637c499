"""The rows of a table of daily values: which columns hold the date and the value, and how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from brentwatch.history.tables.columns import (
    BENCHMARK,
    DATE,
    PRICE,
    find_date,
    find_value,
    refuse_other_currency,
)
from brentwatch.history.tables.dates import BY_THE_FILE, read_dates
from brentwatch.history.tables.numbers import read_numbers, refuse_split_numbers
from brentwatch.history.tables.reading import read_table

if TYPE_CHECKING:
    from brentwatch.history.tables.columns import Role
    from brentwatch.history.tables.dates import Dates, OrderChoice
    from brentwatch.history.tables.numbers import Numbers
    from brentwatch.history.tables.table import Table


class Columns(NamedTuple):
    """What the columns of the date and of the value are called; by default by any usual name."""

    date: str = DATE.own
    value: str = PRICE.own


class Roles(NamedTuple):
    """What the columns hold, and which options name them."""

    date: Role = DATE
    value: Role = PRICE


ROLES = Roles()
BENCHMARK_ROLES = Roles(value=BENCHMARK)


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyTable:
    """A table, and what its columns of dates and of values mean."""

    table: Table
    dates: Dates
    numbers: Numbers
    what: str

    @property
    def how(self) -> str:
        """One line: how the file was read."""
        table, dates, numbers = self.table, self.dates, self.numbers
        date_column = (
            repr(table.columns[dates.at]) if table.columns[dates.at] else "the column without a name"
        )
        named = f"date from {date_column}, {self.what} from {table.columns[numbers.at]!r}"
        return table.describe(named, dates.how, numbers.how)


def read_daily_table(
    name: str, data: bytes, columns: Columns, order: OrderChoice = BY_THE_FILE, roles: Roles = ROLES
) -> DailyTable:
    """The table in the file called `name`, with the columns of the date and of the value.

    `order` says how 07/05/2024 is read, `roles` what the columns are.

    Raises:
        InvalidInput: if it is no such table, or what a column holds could mean two things.
    """
    table = read_table(name, data, (*roles.date.names, *roles.value.names, columns.date, columns.value))
    date_at = find_date(table, roles.date, columns.date)
    value_at = find_value(table, roles.value, columns.value, date_at)
    refuse_split_numbers(table, value_at)
    refuse_other_currency(table)
    return DailyTable(
        table=table,
        dates=read_dates(table, date_at, *order),
        numbers=read_numbers(table, value_at),
        what=roles.value.what,
    )
