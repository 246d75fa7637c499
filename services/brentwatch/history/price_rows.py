"""The rows of a price file as they stand, with everything that is wrong with any of them."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from brentwatch.core.alignment import settlement
from brentwatch.core.errors import InvalidInput
from brentwatch.wire.faults import Faults, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.core.instruments import Instrument

_COLUMNS = ("date", "usd_per_bbl")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """One row; `line` counts from 1 at the header; `known_at` (UTC) is as told, else the settlement."""

    line: int
    session: date
    closes_at: datetime
    close: float
    known_at: datetime
    known_at_assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRowReader:
    """Reads rows of `date,usd_per_bbl` and, where the file has it, `known_at`; `now` (UTC) bounds them."""

    instrument: Instrument
    now: datetime

    def read(self, data: bytes, faults: Faults) -> list[PriceRow]:
        """The readable rows in the order of the file; what is wrong with the others goes to `faults`."""
        try:
            return list(self._rows(data.decode("utf-8-sig"), faults))
        except (UnicodeDecodeError, csv.Error) as error:
            faults.add(
                f"prices.csv cannot be read ({error}); comma-separated text in UTF-8 was wanted; save it so"
            )
            return []

    def _rows(self, text: str, faults: Faults) -> Iterator[PriceRow]:
        reader = csv.DictReader(text.splitlines())
        columns = reader.fieldnames or ()
        missing = [column for column in _COLUMNS if column not in columns]
        if missing:
            faults.add(
                f"prices.csv has the columns {shown(','.join(columns))}; date,usd_per_bbl were wanted, "
                "and known_at may follow; name them so in the first line"
            )
            return
        for values in reader:
            row = self._row(reader.line_num, values, faults)
            if row is not None:
                yield row

    def _row(self, line: int, values: dict[str, str | None], faults: Faults) -> PriceRow | None:
        session = faults.attempt(lambda: _session(line, values["date"] or ""))
        close = faults.attempt(lambda: _price(line, values["usd_per_bbl"] or ""))
        told = faults.attempt(lambda: _known_at(line, values.get("known_at") or ""))
        if session is None or close is None:
            return None
        closes_at = settlement(self.instrument, session)
        row = PriceRow(
            line=line,
            session=session,
            closes_at=closes_at,
            close=close,
            known_at=told or closes_at,
            known_at_assumed=told is None,
        )
        faults.add(*self._impossible_times(row))
        return row

    def _impossible_times(self, row: PriceRow) -> Iterator[str]:
        if row.closes_at > self.now:
            yield (
                f"row {row.line} of prices.csv: session {row.session} settles at "
                f"{row.closes_at.isoformat()}, after {self.now.isoformat(timespec='seconds')}, the "
                "present; a settled session was wanted; leave it out"
            )
        elif row.known_at > self.now:
            yield (
                f"row {row.line} of prices.csv: known_at is {row.known_at.isoformat()}, after "
                f"{self.now.isoformat(timespec='seconds')}, the present; a past time was wanted; correct it"
            )
        if row.known_at < row.closes_at:
            yield (
                f"row {row.line} of prices.csv: known_at is {row.known_at.isoformat()}, before session "
                f"{row.session} settles at {row.closes_at.isoformat()}; "
                "a time at or after it was wanted; correct it"
            )


def _session(line: int, text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidInput(
        f"row {line} of prices.csv: the date is {shown(text)}; a day of the calendar, YYYY-MM-DD, "
        "was wanted; correct it"
    )


def _price(line: int, text: str) -> float:
    if _NUMBER.fullmatch(text.strip()):
        return float(text)
    raise InvalidInput(
        f"row {line} of prices.csv: usd_per_bbl is {shown(text)}; a number with a decimal point was wanted; "
        "correct it, or leave the row out if there is no price"
    )


def _known_at(line: int, text: str) -> datetime | None:
    if not text:
        return None
    try:
        told = datetime.fromisoformat(text)
        at = None if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):  # the ends of the calendar have no time in another zone
        at = None
    if at is None:
        raise InvalidInput(
            f"row {line} of prices.csv: known_at is {shown(text)}; a time with an offset, such as "
            "2022-01-05T16:30:00Z, was wanted; correct it, or leave it empty for the settlement"
        )
    return at
