"""A cell that is not what its column should hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from brentwatch.history.tables.table import RejectedRow, TableRow


class RejectedCell(InvalidInput):
    """Because of this cell its row cannot be read; `row` says where it is, what it has, what was expected."""

    def __init__(self, name: str, row: RejectedRow) -> None:
        super().__init__(f"row {row.line} of {name}: {row.found}; {row.expected}")
        self.row = row


def find_row_faults(row: TableRow, *reads: Callable[[TableRow], object]) -> Iterator[RejectedRow]:
    """What each of the reads finds wrong with a row."""
    for read in reads:
        try:
            read(row)
        except RejectedCell as error:
            yield error.row
