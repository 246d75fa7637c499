"""Reads a file of 5-minute bars (CSV or Parquet) into sessions, and into the price updates of a history.

A session before the first tested one becomes one update with all its bars. A tested session becomes an update
every five minutes, like a live poll, even if no bar closed: that there was none is known then.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from brentwatch.core.domain import FIVE_MINUTES, Bar, Instrument, PriceUpdate
from brentwatch.core.errors import InvalidInput
from brentwatch.core.intraday.clock import BAR, session_of
from brentwatch.core.intraday.session_bars import IntradayBar, SessionBars
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.sessions.calendar import HasHours
from brentwatch.history import tables
from brentwatch.history.manifest import Manifest
from brentwatch.wire.input_faults import Faults, show_value

OPENS_AT, CLOSE = "opens_at", "usd_per_bbl"
_OPTIONAL = OPEN, VOLUME, CONTRACT = "open", "volume", "contract"
_TIME_EXPECTED = "expected a time with its zone, such as 2024-05-07T13:30:00Z; correct it"


@dataclass(frozen=True, slots=True)
class IntradayFile:
    """The sessions, oldest first; `notes` says what was unusual about the file, `how` how it was read."""

    sessions: tuple[SessionBars, ...]
    notes: tuple[str, ...]
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """A table of bars, and what its columns mean; an optional column that is missing is None."""

    table: tables.Table
    opens_at: tables.Dates
    close: tables.Numbers
    open: tables.Numbers | None
    volume: tables.Numbers | None
    contract_at: int | None

    def is_empty(self, row: tables.TableRow) -> bool:
        return self.close.is_empty(row)

    def read_bar(self, row: tables.TableRow) -> IntradayBar:
        close = self.close.read_value(row)
        if close is None:
            raise ValueError(row)
        try:
            return IntradayBar(
                opens_at=self._read_time(row),
                close=close,
                open=None if self.open is None else self.open.read_value(row),
                volume=None if self.volume is None else self.volume.read_value(row),
                contract="" if self.contract_at is None else row.cells[self.contract_at],
            )
        except tables.RejectedCell:
            raise
        except InvalidInput as error:
            raise tables.RejectedCell(
                self.table.name, tables.RejectedRow(row.line, str(error), "correct it")
            ) from None

    def find_faults(self, row: tables.TableRow) -> Iterator[tables.RejectedRow]:
        numbers = [each.read_value for each in (self.close, self.open, self.volume) if each is not None]
        found = tuple(tables.find_row_faults(row, self._read_time, *numbers))
        yield from found or tables.find_row_faults(row, self.read_bar)

    def _read_time(self, row: tables.TableRow) -> datetime:
        told = self.opens_at.read_moment(row)
        if not isinstance(told, datetime):
            found = f"{self.opens_at.column} is {show_value(row.cells[self.opens_at.at])}"
            raise tables.RejectedCell(self.table.name, tables.RejectedRow(row.line, found, _TIME_EXPECTED))
        return told


def read_intraday(
    name: str,
    data: bytes,
    calendar: HasHours,
    opens_at: str = OPENS_AT,
    close: str = CLOSE,
    order: tables.OrderChoice = tables.BY_THE_FILE,
) -> IntradayFile:
    """The sessions in the file called `name`; rows without a price are skipped.

    The columns are the start of a bar (a time with its zone) and its last price, and optionally `open` (its
    first price), `volume` and `contract`.

    Raises:
        InvalidInput: if the file cannot be read, or a row is invalid; with all faults.
    """
    faults = Faults()
    reader = _build_reader(name, data, (opens_at, close), order)
    rejected = list(reader.table.rejected)
    numbered: list[tuple[int, IntradayBar]] = []
    for row in reader.table.rows:
        if reader.is_empty(row):
            continue
        try:
            numbered.append((row.line, reader.read_bar(row)))
        except tables.RejectedCell:
            rejected += reader.find_faults(row)
    numbered.sort(key=lambda each: (each[1].opens_at, each[0]))
    faults.add(*tables.describe_rejections(name, sorted(rejected)), *_find_conflicts(name, numbered))
    if not numbered and not faults:
        faults.add(f"{name} has no row with a price; expected 5-minute bars; add them")
    if faults:
        raise faults.build_error()
    sorted_out = _sort_by_session(name, [bar for _, bar in numbered], calendar)
    return replace(sorted_out, how=reader.table.describe(reader.opens_at.how, reader.close.how))


def _build_reader(name: str, data: bytes, columns: tuple[str, str], order: tables.OrderChoice) -> _Reader:
    table = tables.read_table(name, data, (*tables.TIME.names, *tables.PRICE.names, *_OPTIONAL, *columns))
    time_at = tables.find_date(table, tables.TIME, columns[0])
    close_at = tables.find_column(table, tables.PRICE, columns[1])
    tables.refuse_split_numbers(table, close_at)
    places = {column: at for column in _OPTIONAL if (at := table.find(column)) not in (None, close_at)}
    open_at, volume_at = places.get(OPEN), places.get(VOLUME)
    return _Reader(
        table=table,
        opens_at=tables.read_dates(table, time_at, *order),
        close=tables.read_numbers(table, close_at),
        open=None if open_at is None else tables.read_numbers(table, open_at),
        volume=None if volume_at is None else tables.read_numbers(table, volume_at),
        contract_at=places.get(CONTRACT),
    )


def _find_conflicts(name: str, bars: Sequence[tuple[int, IntradayBar]]) -> Iterator[str]:
    for (one, bar), (other, again) in pairwise(bars):
        if bar.opens_at == again.opens_at and bar != again:
            yield (
                f"rows {one} and {other} of {name} give the bar of {bar.opens_at.isoformat()} as {bar.close} "
                f"and as {again.close}, or differ otherwise; expected one bar; delete the wrong row"
            )


def _sort_by_session(name: str, bars: Sequence[IntradayBar], calendar: HasHours) -> IntradayFile:
    """The bars by session; each session is complete, except that the newest may be under way."""
    by_session: dict[date, list[IntradayBar]] = {}
    outside = 0
    for bar in bars:
        session = calendar.find_on_or_after(session_of(bar.opens_at))
        if bar.opens_at in calendar.hours(session):
            by_session.setdefault(session, []).append(bar)
        else:
            outside += 1
    sessions = [_build_session(calendar, *each) for each in by_session.items()]
    if sessions:
        last = sessions[-1]
        sessions[-1] = SessionBars(
            session=last.session, hours=last.hours, through=last.bars[-1].closes_at, bars=last.bars
        )
    notes = [f"{name} has {outside:,} bars outside trading hours: skipped"] if outside else []
    return IntradayFile(tuple(sessions), tuple(notes))


def _build_session(calendar: HasHours, session: date, bars: Sequence[IntradayBar]) -> SessionBars:
    hours = calendar.hours(session)
    kept = {bar.opens_at: bar for bar in bars}
    return SessionBars(session=session, hours=hours, through=hours.closes_at, bars=tuple(kept.values()))


BARS = "prices_5m.csv"


@dataclass(frozen=True, slots=True)
class BarFile:
    """The updates, in the order in which they were known, and what was unusual about the file."""

    updates: tuple[PriceUpdate, ...] = ()
    notes: tuple[str, ...] = ()


def read_bars(
    data: bytes | None, instrument: Instrument, manifest: Manifest, now: datetime, faults: Faults
) -> BarFile:
    """The updates of a file up to `now` (UTC); None if the folder has no such file.

    There are none for an instrument without intraday tests. Faults are added to `faults`.
    """
    if data is None:
        lacks = f"the folder has no {BARS}: there are no intraday results"
        return BarFile(notes=() if instrument.intraday is None else (lacks,))
    if instrument.intraday is None:
        return BarFile(notes=(f"{BARS} is not used: {instrument.name} has no intraday tests",))
    calendar = Rules(instrument=instrument).trading_calendar
    read = faults.attempt(lambda: read_intraday(BARS, data, calendar))
    if read is None:
        return BarFile()
    delay = manifest.delay
    faults.add(
        *(
            _describe_too_new(session, delay, now)
            for session in read.sessions
            if session.through + delay > now
        )
    )
    assumed = f"bars are taken as known {delay.total_seconds() / 60.0:.0f} minutes after their close"
    updates = build_bar_updates(read.sessions, instrument.intraday.name, delay, manifest.start)
    return BarFile(tuple(updates), (*read.notes, assumed))


def build_bar_updates(
    sessions: Iterable[SessionBars], series: str, delay: timedelta, start: date
) -> Iterator[PriceUpdate]:
    """The updates of sessions, oldest first; those before `start` are warm-up."""
    for session in sessions:
        warmup = session.session < start
        for through, bars in [(session.through, session.bars)] if warmup else _list_polls(session):
            yield PriceUpdate(
                series=series,
                bars=tuple(_convert_bar(session.session, bar) for bar in bars),
                complete_through=through,
                known_at=through + delay,
                warmup=warmup,
            )


def _list_polls(session: SessionBars) -> Iterator[tuple[datetime, tuple[IntradayBar, ...]]]:
    """Every 5-minute mark, and the bar that closed then."""
    by_close = {bar.closes_at: bar for bar in session.bars}
    through = session.hours.opens_at + BAR
    while through <= session.through:
        yield through, (by_close[through],) if through in by_close else ()
        through += BAR


def _convert_bar(session: date, bar: IntradayBar) -> Bar:
    return Bar(
        session=session,
        opens_at=bar.opens_at,
        closes_at=bar.closes_at,
        close=bar.close,
        open=bar.open,
        volume=bar.volume,
        interval=FIVE_MINUTES,
    )


def _describe_too_new(session: SessionBars, delay: timedelta, now: datetime) -> str:
    return (
        f"{BARS}: the bars of {session.session} were known at {(session.through + delay).isoformat()}, and "
        f"it is {now.isoformat(timespec='seconds')}; expected bars in the past; correct the times, or "
        "delete the rows"
    )
