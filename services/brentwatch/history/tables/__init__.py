"""Reads tables (CSV, XLSX, Parquet): the one reader for all commands, feeds and histories.

`read_table(name, data, known)` gives a `Table`: `columns` (names as in the file), `rows` (`TableRow(line,
cells)`, stripped text, one cell a column), `rejected` (`RejectedRow(line, found, expected)`), `dropped`
(titles, empty rows, footers) and `how`, one line that says how the file was read. It raises
`InvalidInput` and nothing else, for any bytes. What to do about rejected rows is up to the caller.

    table = read_table("desk.csv", data, known=("date", "country"))
    at = table.find("country", "land")       # place of the column, None if it is missing
    for row in table.rows:
        row.line, row.cells[at]
    describe_rejections(table.name, table.rejected)   # one sentence a row, or a kind of fault

The meaning of cells is decided for a whole column:

    dates = read_dates(table, at, order)     # raises InvalidInput if day and month are ambiguous
    dates.day(row)                           # a date
    dates.moment(row)                        # a date, or a time with its zone (UTC)
    numbers = read_numbers(table, at)        # raises InvalidInput if a comma is ambiguous
    counts = read_numbers(table, at, whole=True)   # 1,200 in a comma-separated file is no fraction then
    numbers.value(row)                       # a float, None if the cell is empty, NaN or "."
    numbers.whole(row)                       # the same for a whole number

These raise `RejectedCell`, an `InvalidInput` whose `row` is a `RejectedRow`. `dates.how` and `numbers.how`
are words for the line that says how the file was read, "" if there is nothing to say.
"""

from brentwatch.history.tables.columns import (
    BENCHMARK,
    DATE,
    PRICE,
    TIME,
    Role,
    find_column,
    find_date,
    find_value,
    refuse_other_currency,
)
from brentwatch.history.tables.dates import BY_THE_FILE, Dates, OrderChoice, read_dates
from brentwatch.history.tables.delimited import write_csv
from brentwatch.history.tables.notations import FIRST_YEAR, LAST_YEAR, DayOrder, is_plain_day
from brentwatch.history.tables.numbers import Numbers, read_numbers, refuse_split_numbers
from brentwatch.history.tables.reading import read_table
from brentwatch.history.tables.swapped_days import DayInRow, refuse_swapped_days
from brentwatch.history.tables.table import (
    RejectedCell,
    RejectedRow,
    Table,
    TableRow,
    describe_rejections,
    find_row_faults,
    format_list,
    normalise_name,
)
from brentwatch.history.tables.text_files import is_json_lines, read_json_lines

__all__ = [
    "BENCHMARK",
    "BY_THE_FILE",
    "DATE",
    "FIRST_YEAR",
    "LAST_YEAR",
    "PRICE",
    "TIME",
    "Dates",
    "DayInRow",
    "DayOrder",
    "Numbers",
    "OrderChoice",
    "RejectedCell",
    "RejectedRow",
    "Role",
    "Table",
    "TableRow",
    "describe_rejections",
    "find_column",
    "find_date",
    "find_row_faults",
    "find_value",
    "format_list",
    "is_json_lines",
    "is_plain_day",
    "normalise_name",
    "read_dates",
    "read_json_lines",
    "read_numbers",
    "read_table",
    "refuse_other_currency",
    "refuse_split_numbers",
    "refuse_swapped_days",
    "write_csv",
]
