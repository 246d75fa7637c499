"""`brentwatch calibrate --reopen`: the test of the re-open on your own daily openings and settlements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from brentwatch.commands.calibrate.tables import MeasureTable
from brentwatch.commands.process import say
from brentwatch.commands.progress import track_progress
from brentwatch.core.domain import BRENT_FRONT, Instrument
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.message.figures import format_size

if TYPE_CHECKING:
    from brentwatch.core.calibration.reopen import DailyOpen, ReopenFigure, ReopenPlacebo
    from brentwatch.history.series_files import Columns, DailyTable
    from brentwatch.history.tables import OrderChoice
    from brentwatch.settings.origins import Sources

COLUMNS = ("kind", "measure", "what", "at", "n", "count", "value", "low", "high")
WEEKENDS = """\
There are about 50 weekends a year, too few to measure the size of their gaps at
0.001. On WTI there was about one alarm in 190 weekends, so far each of them
after a real shock."""
NEWS_LEFT_IN = "Real news is included: a gap after a known shock counts as a false alarm."
MEASURE_TABLES = (
    MeasureTable(
        "size",
        "Size: share of re-opens with p at or below the level, with its 95 % range",
        {"break": "kind", "level": "at", "n": "n", "alarms": "count", "size": "value"}
        | {"from": "low", "to": "high"},
    ),
    MeasureTable(
        "power",
        "Power: share of gaps of this size that are found at the alert level 0.001",
        {"break": "kind", "gap": "at", "n": "n", "power": "value"},
    ),
    MeasureTable(
        "detectable",
        "Detectable gap: the gap that is found four times in five",
        {"break": "kind", "level": "at", "n": "n", "gap": "value"},
    ),
    MeasureTable(
        "uniform",
        "Tests that the p-values are uniform on [0, 1]",
        {"break": "kind", "test": "what", "n": "n", "p": "value"},
    ),
    MeasureTable(
        "refused",
        "Re-opens that were not tested",
        {"break": "kind", "reason": "what", "re-opens": "count"},
    ),
)
"""The tables for people."""

_PERCENT = {"power": ("at",), "detectable": ("value",)}
"""The fields that are log fractions, by measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSessions:
    """The opening and the settlement of each session of an instrument, oldest first.

    Rows are missing before the sessions `spanning`. The returns of the sessions `left_out` are not fitted on.
    """

    instrument: Instrument
    rows: tuple[DailyOpen, ...]
    spanning: frozenset[date]
    left_out: frozenset[date]


def choose_instrument_with_hours(sources: Sources, name: str | None) -> Instrument:
    """The instrument of that name; `brent-front` by default.

    Raises:
        SettingsError: if there is no such instrument, or its calendar has no hours of trade.
    """
    from brentwatch.commands.options import choose_known_instrument
    from brentwatch.core.sessions.calendar import HasHours
    from brentwatch.settings.load import load

    chosen = choose_known_instrument(load(sources).settings, name or BRENT_FRONT.name)
    if not isinstance(chosen.series.load_calendar(), HasHours):
        raise SettingsError(
            f"the calendar of {chosen.name} has no hours of trade; expected globex or ice; name another "
            "instrument, or set its calendar"
        )
    return chosen


def read_openings(path: str, columns: Columns, order: OrderChoice, instrument: Instrument) -> OpenedSessions:
    """The openings and settlements of a file, without rows on days without a session.

    Raises:
        InvalidInput: if the file cannot be read, has no opening prices, or with everything that is wrong with
            its rows.
    """
    from brentwatch.commands.calibrate.daily_prices import read_contents
    from brentwatch.core.calibration.reopen import DailyOpen
    from brentwatch.history.series_files import build_series, read_daily_table
    from brentwatch.history.session_rows import describe_missing, select_session_rows

    read = read_daily_table(path, read_contents(path), columns, order)
    opened = _read_opens(read)
    kept, spans = select_session_rows(path, build_series(read), instrument.series)
    missing = describe_missing(kept.sessions, spans, instrument.series)
    for note in (kept.how, *kept.notes, *missing):
        say(f"calibrate: {note}")
    rows = tuple(
        DailyOpen(session=session, open=opened[session][0], close=close, contract=opened[session][1])
        for session, close in zip(kept.sessions, kept.values, strict=True)
    )
    spanning = frozenset(spans)
    left_out = spanning | _find_spliced(rows, instrument)
    return OpenedSessions(instrument=instrument, rows=rows, spanning=spanning, left_out=left_out)


def _read_opens(read: DailyTable) -> Mapping[date, tuple[float | None, str]]:
    """The opening price (None if it is missing) and the contract, by session."""
    from brentwatch.history import tables

    table = read.table
    open_at, contract_at = table.find("open"), table.find("contract")
    if open_at is None:
        raise InvalidInput(
            f"{table.name} has no column open; expected the opening price of each session; a series without "
            "opening prices, such as a spot price, has no re-open test"
        )
    numbers = tables.read_numbers(table, open_at)
    found: dict[date, tuple[float | None, str]] = {}
    rejected: list[tables.RejectedRow] = []
    for row in table.rows:
        try:
            contract = "" if contract_at is None else row.cells[contract_at]
            found.setdefault(read.dates.read_day(row), (numbers.read_value(row), contract))
        except tables.RejectedCell as error:
            rejected.append(error.row)
    if rejected:
        raise InvalidInput(*tables.describe_rejections(table.name, rejected))
    return found


def _find_spliced(rows: Sequence[DailyOpen], instrument: Instrument) -> frozenset[date]:
    """The sessions whose return may include the step to another contract."""
    from brentwatch.core.sessions.roll import find_spliced_sessions

    if any(row.contract for row in rows):
        return frozenset(row.session for before, row in pairwise(rows) if row.contract != before.contract)
    return find_spliced_sessions(instrument.series.roll, [row.session for row in rows])


def run_openings(opened: OpenedSessions) -> list[ReopenPlacebo]:
    """The test of every re-open but the first."""
    from brentwatch.core.calibration.reopen import run_reopen_placebos, walk_sigmas
    from brentwatch.core.domain import Bar
    from brentwatch.core.monitor.bundling import BURN_IN
    from brentwatch.core.reopen import is_crude
    from brentwatch.core.sessions.calendar import HasHours

    series = opened.instrument.series
    calendar = series.load_calendar()
    if not isinstance(calendar, HasHours):
        raise TypeError(f"expected a calendar with hours, got {series.calendar}")
    bars = [
        Bar(session=row.session, closes_at=series.closes_at(row.session), close=row.close)
        for row in opened.rows
    ]
    say(f"calibrate: re-opens of {len(bars):,} sessions, roll rule {series.roll}")
    expected = max(len(bars) - 1 - BURN_IN, 0)
    sigmas = track_progress(
        walk_sigmas(bars, opened.left_out), "calibrate --reopen", unit="sessions", total=expected
    )
    return list(
        run_reopen_placebos(
            opened.rows,
            dict(sigmas),
            calendar,
            roll=series.roll,
            crude=is_crude(series),
            spanning=opened.spanning,
        )
    )


def build_rows(figures: Sequence[ReopenFigure], *, for_people: bool) -> Iterator[Mapping[str, object]]:
    """One row a figure; for people gaps are in percent."""
    for figure in figures:
        row = asdict(figure)
        if for_people:
            row |= {name: format_size(row[name]) for name in _PERCENT.get(figure.measure, ())}
        yield row
