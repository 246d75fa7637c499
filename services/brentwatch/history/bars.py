"""The bars of five minutes of a recorded history, `prices_5m.csv`, as the updates they would have been.

Of a session before the first that is tested there is one update, with all its bars; of a tested one an update
every five minutes, as a poll would bring it, also where no bar closed: that there was none is known then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.domain.bars import FIVE_MINUTES, Bar
from brentwatch.core.domain.signals import PriceUpdate
from brentwatch.core.intraday.clock import BAR
from brentwatch.core.monitor.intraday.hours import load_trading_calendar
from brentwatch.core.monitor.state import Rules
from brentwatch.history.intraday_files import read_intraday

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime, timedelta

    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.core.intraday.bars import IntradayBar, SessionBars
    from brentwatch.history.manifest import Manifest
    from brentwatch.wire.faults import Faults

BARS = "prices_5m.csv"


@dataclass(frozen=True, slots=True)
class BarFile:
    """The updates, in the order in which they were known, and what was unusual about the file."""

    updates: tuple[PriceUpdate, ...] = ()
    notes: tuple[str, ...] = ()


def read_bars(
    data: bytes | None, instrument: Instrument, manifest: Manifest, now: datetime, faults: Faults
) -> BarFile:
    """The updates of a file, None where the folder has none; `now` (UTC) bounds them.

    They are left out for an instrument without tests within the session. What is wrong goes to `faults`.
    """
    if data is None:
        lacks = f"the folder has no {BARS}: no test within the session has an answer"
        return BarFile(notes=() if instrument.intraday is None else (lacks,))
    if instrument.intraday is None:
        return BarFile(notes=(f"{BARS} is left out: {instrument.name} has no tests within the session",))
    calendar = load_trading_calendar(Rules(instrument=instrument))
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
    assumed = f"bars are taken as known {delay.total_seconds() / 60.0:.0f} minutes after they close"
    updates = build_bar_updates(read.sessions, instrument.intraday, delay, manifest.start)
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
    """Every full five minutes, and the bar that closed there."""
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
        f"it is {now.isoformat(timespec='seconds')}; bars that are known were wanted; correct the times, or "
        "take the rows out"
    )
