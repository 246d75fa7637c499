"""`brentwatch calibrate --intraday`: the intraday test on simulated bars without news, or on your own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from brentwatch.commands.calibrate.tables import MeasureTable
from brentwatch.commands.process import say
from brentwatch.commands.progress import show_progress, track_progress
from brentwatch.core.domain import Figure
from brentwatch.core.errors import InvalidInput
from brentwatch.core.sessions.calendar import HasHours
from brentwatch.message.figures import convert_to_percent

if TYPE_CHECKING:
    from brentwatch.core.calibration.intraday import Counts
    from brentwatch.core.calibration.intraday_placebos import PlaceboSession
    from brentwatch.core.intraday.grid import Grid
    from brentwatch.history.tables import OrderChoice
    from brentwatch.settings.origins import Sources

COLUMNS = ("measure", "window", "group", "at", "n", "value", "error", "bars")
SIMULATED, OWN = "simulated", "own"
_WHERE = {"window": "window", "group": "group"}
MEASURE_TABLES = (
    MeasureTable(
        "size",
        "Size: share of tests with p at or below the level",
        {**_WHERE, "level": "at", "n": "n", "size": "value", "error": "error"},
        keys=3,
    ),
    MeasureTable(
        "power",
        "Power: share of moves of this size that are found at the alert level 0.001",
        {**_WHERE, "move": "at", "n": "n", "power": "value", "error": "error"},
        keys=3,
    ),
    MeasureTable(
        "mde",
        "Minimum detectable effect: the move that is found four times in five",
        {**_WHERE, "level": "at", "n": "n", "move": "value", "error": "error"},
    ),
    MeasureTable(
        "family-wise",
        "False alarms a session, by number of events",
        {"events": "group", "budget": "at", "n": "n", "false alarms": "value", "error": "error"},
        keys=1,
    ),
)
"""The tables for people."""

SESSIONS, SEED = 2_080, 1
_A_MONTH = 20
_WHAT = "calibrate --intraday"


def calibrate_simulated(sessions: int, seed: int) -> list[Figure]:
    """The figures on `sessions` tested sessions of simulated bars, in independent histories."""
    from brentwatch.core.calibration.intraday import summarise_clusters
    from brentwatch.core.calibration.simulator import count_history, split_sessions
    from brentwatch.core.domain import ON_SIMULATED_BARS

    lengths = split_sessions(sessions)
    _say(f"{ON_SIMULATED_BARS}: {sessions:,} sessions in {len(lengths)} histories, seed {seed}")
    counts: list[Counts] = []
    with show_progress(_WHAT, unit="sessions", total=sessions) as progress:
        for number, length in enumerate(lengths):
            counts.append(count_history(length, seed, number))
            progress.advance(length)
    return list(summarise_clusters(counts))


class NothingTested(InvalidInput):
    """The file is readable, but none of its sessions can be tested."""


class Own(NamedTuple):
    """The figures on your own bars, and the tested sessions they are based on."""

    figures: list[Figure]
    sessions: int
    first: date
    last: date


def calibrate_own(
    name: str,
    data: bytes,
    calendar: HasHours,
    columns: tuple[str, str, OrderChoice],
    seed: int,
    *,
    wanted: int = 1,
) -> Own:
    """The figures on the bars of a file, by months of tested sessions, of which `wanted` are needed.

    Raises:
        InvalidInput: if the file cannot be read, with every fault, or has too few sessions for a record.
        NothingTested: if no session of it can be tested.
    """
    from brentwatch.core.calibration.intraday import summarise_clusters
    from brentwatch.history.intraday_files import read_intraday

    read = read_intraday(name, data, calendar, *columns)
    for note in (read.how, *read.notes):
        _say(note)
    tested = _select_tested([each.grid for each in read.sessions], name, wanted)
    first, last = tested[0].grid.session, tested[-1].grid.session
    _say(f"{len(tested):,} sessions tested, from {first} to {last}")
    return Own(list(summarise_clusters(list(_count_by_month(tested, seed)))), len(tested), first, last)


def write_record(path: str, series: str, counted: Own) -> None:
    """Write the figures on bars of `series` as a record for the settings, and report what it states.

    Raises:
        InvalidInput: if a size that a record needs is missing.
        FileError: if the file cannot be written.
    """
    from brentwatch.history.intraday_calibration import Basis, build_own_calibration, dump, parse
    from brentwatch.history.regular_files import write_whole

    basis = Basis(series, counted.sessions, counted.first, counted.last)
    text = dump(counted.figures, datetime.now(UTC).date(), basis)
    said = build_own_calibration(parse(text))
    try:
        write_whole(Path(path), text.encode())
    except OSError as error:
        raise click.FileError(path, error.strerror) from error
    _say(f'{said}; written to {path}: set intraday_calibration = "{path}" for the instruments of {series}')


def find_series(sources: Sources, name: str) -> str:
    """The series of 5-minute bars of an instrument.

    Raises:
        SettingsError: if there is no such instrument, or it has no such bars.
    """
    from brentwatch.commands.options import choose_instrument
    from brentwatch.core.domain import SERIES
    from brentwatch.core.errors import SettingsError
    from brentwatch.settings.load import load

    series = choose_instrument(load(sources).settings, name).series
    if series.five_minutes is None:
        with_bars = " or ".join(each.name for each in SERIES.values() if each.five_minutes)
        raise SettingsError(
            f"{name} has no 5-minute bars; expected an instrument with the series {with_bars}; add it to the "
            "settings"
        )
    return series.five_minutes.name


def find_calendar(sources: Sources, name: str | None) -> HasHours:
    """The calendar of an instrument; `globex` if `name` is None.

    Raises:
        SettingsError: if there is no such instrument, or its calendar has no hours of trade.
    """
    from brentwatch.commands.options import choose_instrument
    from brentwatch.core.errors import SettingsError
    from brentwatch.core.sessions.calendar import HasHours
    from brentwatch.core.sessions.table import load as load_calendar
    from brentwatch.settings.load import load

    instrument = None if name is None else choose_instrument(load(sources).settings, name)
    found = load_calendar("globex") if instrument is None else instrument.series.load_calendar()
    if not isinstance(found, HasHours):
        raise SettingsError(
            f"the calendar of {name} has no hours of trade; expected globex or ice; set it in the settings"
        )
    return found


def build_rows(figures: Sequence[Figure], bars: str, *, for_people: bool) -> Iterator[Mapping[str, object]]:
    """One row a figure; for people moves are in percent."""
    for figure in figures:
        row = {**asdict(figure), "bars": bars}
        yield {**row, **_convert_to_percent(figure)} if for_people else row


def _convert_to_percent(figure: Figure) -> Mapping[str, object]:
    match figure.measure:
        case "power":
            return {"at": _format_percent(figure.at)}
        case "mde":
            return {"value": _format_percent(figure.value), "error": _format_percent(figure.error)}
        case _:
            return {}


def _format_percent(log_return: float | None) -> str | None:
    return None if log_return is None else f"{convert_to_percent(log_return):.2f} %"


def _select_tested(grids: Sequence[Grid], name: str, wanted: int) -> list[PlaceboSession]:
    from brentwatch.core.calibration.intraday_placebos import run_placebo_sessions
    from brentwatch.core.intraday.minutes import FEWEST_SESSIONS

    placebos = run_placebo_sessions(grids)
    most = max(len(grids) - FEWEST_SESSIONS, 0)
    tested = list(track_progress(placebos, f"{_WHAT}: testing", unit="sessions", total=most))
    if not tested:
        usable = sum(grid.usable for grid in grids)
        raise NothingTested(
            f"no session can be tested: {name} has {usable} complete sessions, and the first "
            f"{FEWEST_SESSIONS} are needed as history; add older bars"
        )
    if len(tested) < wanted:
        raise InvalidInput(
            f"{name} has {len(tested)} sessions that can be tested; a record needs {wanted} after the first "
            f"{FEWEST_SESSIONS}, since fewer do not show whether the size is right; add older bars, or leave "
            "out --out to see the figures only"
        )
    return tested


def _count_by_month(tested: Sequence[PlaceboSession], seed: int) -> Iterator[Counts]:
    from brentwatch.core.calibration.intraday import count_alarms, find_fifth_edges

    edges = find_fifth_edges(tested)
    with show_progress(f"{_WHAT}: counting", unit="sessions", total=len(tested)) as progress:
        for number, at in enumerate(range(0, len(tested), _A_MONTH)):
            month = tested[at : at + _A_MONTH]
            yield count_alarms(month, edges, seed + number)
            progress.advance(len(month))


def _say(sentence: str) -> None:
    say(f"calibrate: {sentence}")
