"""Reads a price file into what would have reached the timeline: first prints, and their revisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from brentwatch.core.domain.bars import Bar
from brentwatch.core.domain.instruments import BRENT_SPOT
from brentwatch.core.domain.signals import PriceUpdate
from brentwatch.history.price_rows import PRICES, PriceRowReader
from brentwatch.history.session_rows import select_session_prices
from brentwatch.history.tables.table import format_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date, datetime

    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.history.price_rows import PriceRow
    from brentwatch.wire.faults import Faults

GAP = "gap"
"""Quality of a bar more than four calendar days after the one before it."""

KNOWN_AT_ASSUMED = "known_at_assumed"
"""Quality of a bar that the file does not date: it is taken as known at settlement."""

HYPOTHETICAL = "hypothetical: prices are taken as known at settlement"
_BY_EIA = "; EIA publishes days later"

_LONGEST_PAUSE_DAYS = 4
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
    """The prints of a price file; `now` (UTC) bounds them, and what is wrong goes to `faults`."""
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
    late = _BY_EIA if instrument.series == BRENT_SPOT.series else ""
    assumed = [HYPOTHETICAL + late] if any(row.known_at_assumed for row in kept) else []
    return PriceFile(prints, (*file.notes, *left_out, *assumed, *_describe_oddities(rows, kept, pauses)))


def build_price_updates(
    prints: Iterable[Print], series: str, warmup: Callable[[date], bool]
) -> Iterator[PriceUpdate]:
    """One update a print, in the order in which they were known.

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
    """The rows in order, without those that repeat the price that was already known of their session."""
    kept: list[PriceRow] = []
    for row in _sort_rows(rows):
        if not kept or (kept[-1].session, kept[-1].close) != (row.session, row.close):
            kept.append(row)
    return kept


def _select_sessions(
    rows: list[PriceRow], instrument: Instrument, faults: Faults
) -> tuple[list[PriceRow], tuple[str, ...]]:
    """The rows on days with a session, and what was left out: a Sunday's would be tested as a session."""
    first: dict[date, float] = {}
    for row in rows:
        first.setdefault(row.session, row.close)
    found = faults.attempt(lambda: select_session_prices(PRICES, first, instrument))
    if found is None:
        return rows, ()
    return [row for row in rows if row.session in found.prices], found.left_out


def _find_pauses(rows: Iterable[PriceRow]) -> dict[date, int]:
    """Sessions to the calendar days since the one before, where these are more than four."""
    sessions = [session for session, _ in groupby(rows, key=lambda row: row.session)]
    days = {later: (later - earlier).days for earlier, later in pairwise(sessions)}
    return {session: count for session, count in days.items() if count > _LONGEST_PAUSE_DAYS}


def _build_print(row: PriceRow, *, after_gap: bool) -> Print:
    quality = ((GAP,) if after_gap else ()) + ((KNOWN_AT_ASSUMED,) if row.known_at_assumed else ())
    bar = Bar(session=row.session, closes_at=row.closes_at, close=row.close, quality=quality)
    return Print(bar, row.known_at)


def _describe_oddities(
    rows: Sequence[PriceRow], kept: Sequence[PriceRow], pauses: dict[date, int]
) -> Iterator[str]:
    disorder = [later.line for earlier, later in pairwise(rows) if later.session < earlier.session]
    if disorder:
        yield f"rows out of order were sorted: row {format_list(disorder)}"
    repeats = sorted({row.line for row in rows} - {row.line for row in _drop_repeats(rows)})
    if repeats:
        yield f"rows that repeat a known price were left out: row {format_list(repeats)}"
    if pauses:
        told = [f"{days} days before {session}" for session, days in pauses.items()]
        yield f"gaps of more than {_LONGEST_PAUSE_DAYS} calendar days: {format_list(told)}"
    yield from (
        f"the price of {row.session} is {row.close}: no log return exists across it"
        for row in kept
        if row.close <= 0
    )
