"""Reads a file of five-minute bars, CSV or Parquet: the sessions they belong to, and what was unusual."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

from brentwatch.core.errors import InvalidInput
from brentwatch.core.intraday.bars import IntradayBar, SessionBars
from brentwatch.core.intraday.clock import session_of
from brentwatch.wire.faults import Faults, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from brentwatch.core.sessions.calendar import HasHours

OPENS_AT, CLOSE = "opens_at", "usd_per_bbl"
_OPTIONAL = OPEN, VOLUME, CONTRACT = "open", "volume", "contract"
_PARQUET = b"PAR1"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class IntradayFile:
    """The sessions, oldest first; `notes` tells what was unusual about the file."""

    sessions: tuple[SessionBars, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    values: Mapping[str, str]


def read_intraday(
    name: str, data: bytes, calendar: HasHours, opens_at: str = OPENS_AT, close: str = CLOSE
) -> IntradayFile:
    """The sessions in the file called `name`; a row without a price is passed over.

    Columns are the beginning of a bar, a time with its zone, and its last price; `open` (its first price),
    `volume` and `contract` are taken where they are there.

    Raises:
        InvalidInput: if the file cannot be read, or a row makes no sense; with every fault.
    """
    faults = Faults()
    rows = [row for row in _rows(name, data, (opens_at, close)) if row.values[close].strip()]
    read = [faults.attempt(partial(_bar, name, row, opens_at, close)) for row in rows]
    numbered = [(row.line, bar) for row, bar in zip(rows, read, strict=True) if bar is not None]
    numbered.sort(key=lambda each: (each[1].opens_at, each[0]))
    faults.add(*_conflicts(name, numbered))
    if not numbered and not faults:
        faults.add(f"{name} has no row with a price; bars of five minutes were wanted; add them")
    if faults:
        raise faults.error()
    return _sorted_out(name, [bar for _, bar in numbered], calendar)


def _rows(name: str, data: bytes, wanted: Sequence[str]) -> Iterator[_Row]:
    columns, rows = _parquet(name, data) if data.startswith(_PARQUET) else _csv(name, data)
    if not set(wanted) <= set(columns):
        raise InvalidInput(
            f"{name} has the columns {shown(','.join(columns))}; {','.join(wanted)} were wanted; name them "
            "so in the first line, or say what they are called with --date-column and --price-column"
        )
    kept = [column for column in (*wanted, *_OPTIONAL) if column in columns]
    for line, values in enumerate(rows, start=2):
        yield _Row(line, {column: values[column] or "" for column in kept})


def _csv(name: str, data: bytes) -> tuple[Sequence[str], Iterable[Mapping[str, str | None]]]:
    try:
        reader = csv.DictReader(data.decode("utf-8-sig").splitlines())
        return reader.fieldnames or (), list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(
            f"{name} cannot be read ({error}); Parquet, or comma-separated text in UTF-8, was wanted; "
            "save it so"
        ) from error


def _parquet(name: str, data: bytes) -> tuple[Sequence[str], Iterable[Mapping[str, str | None]]]:
    import pandas

    try:
        frame = pandas.read_parquet(BytesIO(data), engine="pyarrow").reset_index()
    except (OSError, ValueError, KeyError, NotImplementedError) as error:
        raise InvalidInput(f"{name} cannot be read as Parquet ({error}); save it anew, or as CSV") from error
    columns = [str(column) for column in frame.columns]
    texts = [
        ["" if pandas.isna(value) else str(value) for value in frame[column]] for column in frame.columns
    ]
    return columns, (dict(zip(columns, values, strict=True)) for values in zip(*texts, strict=True))


def _bar(name: str, row: _Row, opens_at: str, close: str) -> IntradayBar:
    faults = Faults()
    at = faults.attempt(partial(_time, name, row, opens_at))
    last = faults.attempt(partial(_number, name, row, close))
    first = faults.attempt(partial(_number, name, row, OPEN)) if row.values.get(OPEN, "").strip() else None
    volume = (
        faults.attempt(partial(_number, name, row, VOLUME)) if row.values.get(VOLUME, "").strip() else None
    )
    if faults or at is None or last is None:
        raise faults.error()
    try:
        return IntradayBar(
            opens_at=at, close=last, open=first, volume=volume, contract=row.values.get(CONTRACT, "").strip()
        )
    except InvalidInput as error:
        raise InvalidInput(f"row {row.line} of {name}: {error}") from error


def _time(name: str, row: _Row, column: str) -> datetime:
    try:
        told = datetime.fromisoformat(row.values[column].strip())
        at = None if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):  # the ends of the calendar have no time in another zone
        at = None
    if at is None:
        raise InvalidInput(
            f"row {row.line} of {name}: {column} is {shown(row.values[column])}; a time with its zone was "
            "wanted, such as 2024-05-07T13:30:00Z; correct it"
        )
    return at


def _number(name: str, row: _Row, column: str) -> float:
    text = row.values[column].strip()
    if not _NUMBER.fullmatch(text):
        raise InvalidInput(
            f"row {row.line} of {name}: {column} is {shown(text)}; a number with a decimal point was wanted; "
            "correct it, or leave it empty if there is none"
        )
    return float(text)


def _conflicts(name: str, bars: Sequence[tuple[int, IntradayBar]]) -> Iterator[str]:
    for (one, bar), (other, again) in pairwise(bars):
        if bar.opens_at == again.opens_at and bar != again:
            yield (
                f"rows {one} and {other} of {name} give the bar of {bar.opens_at.isoformat()} as {bar.close} "
                f"and as {again.close}, or differ otherwise; one bar was wanted; delete the wrong row"
            )


def _sorted_out(name: str, bars: Sequence[IntradayBar], calendar: HasHours) -> IntradayFile:
    """By session; a session is whole, but for the newest, of which the bars say how far it has come."""
    by_session: dict[date, list[IntradayBar]] = {}
    outside = 0
    for bar in bars:
        session = calendar.on_or_after(session_of(bar.opens_at))
        if bar.opens_at in calendar.hours(session):
            by_session.setdefault(session, []).append(bar)
        else:
            outside += 1
    sessions = [_session(calendar, *each) for each in by_session.items()]
    if sessions:
        last = sessions[-1]
        sessions[-1] = SessionBars(
            session=last.session, hours=last.hours, through=last.bars[-1].closes_at, bars=last.bars
        )
    notes = [f"{name} has {outside:,} bars outside the hours of trade: left out"] if outside else []
    return IntradayFile(tuple(sessions), tuple(notes))


def _session(calendar: HasHours, session: date, bars: Sequence[IntradayBar]) -> SessionBars:
    hours = calendar.hours(session)
    kept = {bar.opens_at: bar for bar in bars}
    return SessionBars(session=session, hours=hours, through=hours.closes_at, bars=tuple(kept.values()))
