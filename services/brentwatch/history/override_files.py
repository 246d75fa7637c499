"""Reads a file of calendar overrides: `session,opens,closes`, with "closed" in `opens` for a holiday."""

from datetime import time
from pathlib import Path

from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.core.sessions.calendar import Override
from brentwatch.history import tables
from brentwatch.wire.input_faults import show_value

_COLUMNS = ("session", "opens", "closes")
_CLOSED = "closed"
_OPTION = "another file: a file of overrides has one way to write a date"
_EXPECTED = (
    "expected a day, YYYY-MM-DD, and closed or times such as 01:00, each of which may be empty; correct it"
)


def read_overrides(path: str) -> tuple[Override, ...]:
    """The overrides in a file, by date.

    Raises:
        SettingsError: if it cannot be read, or a row is invalid; with all faults.
    """
    try:
        return _read_rows(tables.read_table(path, Path(path).read_bytes(), _COLUMNS))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}; expected a file of calendar overrides"
        ) from None
    except InvalidInput as error:
        raise SettingsError(*error.faults) from None


def _read_rows(table: tables.Table) -> tuple[Override, ...]:
    places = [table.find(column) for column in _COLUMNS]
    found = [at for at in places if at is not None]
    if len(found) < len(_COLUMNS):
        raise InvalidInput(
            f"{table.name} has the columns {show_value(','.join(table.columns))}; expected "
            f"{','.join(_COLUMNS)}; "
            "name them so in the header"
        )
    dates = tables.read_dates(table, found[0], option=_OPTION)
    overrides, rejected = [], list(table.rejected)
    for row in table.rows:
        try:
            overrides.append(_read_row(table.name, dates, row, found))
        except tables.RejectedCell as error:
            rejected.append(error.row)
    if rejected:
        raise InvalidInput(*tables.describe_rejections(table.name, sorted(rejected)))
    return tuple(sorted(overrides, key=lambda each: each.session))


def _read_row(name: str, dates: tables.Dates, row: tables.TableRow, places: list[int]) -> Override:
    told = [row.cells[at] for at in places]
    _, opens, closes = told
    try:
        session = dates.read_day(row)
        if opens.lower() == _CLOSED and not closes:
            return Override(session, closed=True)
        return Override(session, opens=_parse_clock(opens), closes=_parse_clock(closes))
    except (ValueError, tables.RejectedCell):
        rejected = tables.RejectedRow(row.line, f"it is {show_value(','.join(told))}", _EXPECTED)
        raise tables.RejectedCell(name, rejected) from None


def _parse_clock(text: str) -> time | None:
    """None if the rule of the calendar applies."""
    if not text:
        return None
    clock = time.fromisoformat(text)
    if clock.tzinfo is not None:
        raise ValueError(text)
    return clock
