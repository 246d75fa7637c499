"""The bundled past events: the curated events of the catalogue, with the moves of Brent spot after them."""

import csv
import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.resources import files

from brentwatch.core.domain import (
    WINDOWS,
    Bar,
    EventAdmitted,
    EventClass,
    PastEvent,
    PastMove,
    PriceUpdate,
    Signal,
    Verification,
)
from brentwatch.core.domain.returns import log_return
from brentwatch.core.monitor.past_events import make_past_event
from brentwatch.history.tables import write_csv

_HORIZONS = tuple(window.end for window in WINDOWS)
_COLUMNS = (
    *("event_id", "known_at", "country", "event_class", "exposure", "relevance", "fatalities", "session"),
    *(f"{kind}_{sessions}" for sessions in _HORIZONS for kind in ("move", "settled")),
)


def load_past_events() -> tuple[PastEvent, ...]:
    """The bundled past events, in the order of the catalogue."""
    text = (files("brentwatch.history") / "data" / "analogues.csv").read_text(encoding="utf-8")
    return tuple(_read_row(row) for row in csv.DictReader(io.StringIO(text)))


def dump_past_events(events: Iterable[PastEvent]) -> str:
    """The text of the table; moves are log fractions with six decimals, times are in UTC."""
    return write_csv(_COLUMNS, (_build_row(event) for event in events))


def measure_past_events(signals: Iterable[Signal]) -> Iterator[PastEvent]:
    """The curated events of a history, each with the moves after it that have settled.

    Tau 0 is the first session that settles after the event was known; for a bare date, the session of that
    day or the next one.
    """
    signals = list(signals)
    bars = [bar for signal in signals if isinstance(signal, PriceUpdate) for bar in signal.bars]
    bars.sort(key=lambda bar: bar.session)
    for signal in signals:
        if isinstance(signal, EventAdmitted) and signal.event.verification is Verification.CURATED:
            at = _find_session(signal, bars)
            if 0 < at < len(bars):
                yield make_past_event(signal, bars[at].session, tuple(_measure_moves(bars, at)))


def _find_session(signal: EventAdmitted, bars: Sequence[Bar]) -> int:
    if signal.event.is_bare_date:
        day = signal.known_at.astimezone(UTC).date()
        return bisect_left(bars, day, key=lambda bar: bar.session)
    return bisect_right(bars, signal.known_at, key=lambda bar: bar.closes_at)


def _measure_moves(bars: Sequence[Bar], at: int) -> Iterator[PastMove]:
    for sessions in _HORIZONS:
        if at + sessions < len(bars):
            last = bars[at + sessions]
            move = log_return(bars[at - 1].close, last.close)
            if move is not None:
                yield PastMove(sessions, move, last.closes_at)


def _build_row(event: PastEvent) -> tuple[object, ...]:
    moves = (event.find_move(sessions) for sessions in _HORIZONS)
    told = (("", "") if each is None else (f"{each.log_return:.6f}", each.settled_at) for each in moves)
    return (
        event.event_id,
        event.known_at,
        event.country,
        event.event_class,
        "" if event.exposure is None else f"{event.exposure:.4f}",
        f"{event.relevance:.4f}",
        "" if event.fatalities is None else event.fatalities,
        event.session,
        *(value for pair in told for value in pair),
    )


def _read_row(row: Mapping[str, str]) -> PastEvent:
    return PastEvent(
        event_id=row["event_id"],
        known_at=datetime.fromisoformat(row["known_at"]),
        country=row["country"],
        event_class=EventClass(row["event_class"]),
        exposure=float(row["exposure"]) if row["exposure"] else None,
        relevance=float(row["relevance"]),
        fatalities=int(row["fatalities"]) if row["fatalities"] else None,
        session=date.fromisoformat(row["session"]),
        moves=tuple(_read_moves(row)),
    )


def _read_moves(row: Mapping[str, str]) -> Iterator[PastMove]:
    for sessions in _HORIZONS:
        if move := row[f"move_{sessions}"]:
            yield PastMove(sessions, float(move), datetime.fromisoformat(row[f"settled_{sessions}"]))
