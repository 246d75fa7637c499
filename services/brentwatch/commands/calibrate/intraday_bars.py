"""`brentwatch calibrate --intraday`: the intraday test on bars in which nothing happens, or on one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from brentwatch.commands.process import say
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
SESSIONS, SEED = 2_080, 1
_A_MONTH = 20


def calibrate_simulated(sessions: int, seed: int) -> list[Figure]:
    """The figures on so many tested sessions of made-up bars, in histories of their own."""
    from brentwatch.core.calibration.intraday import summarise_clusters
    from brentwatch.core.calibration.simulator import count_history, split_sessions
    from brentwatch.core.domain import ON_SIMULATED_BARS

    wanted = split_sessions(sessions)
    _say(f"{ON_SIMULATED_BARS}: {sessions:,} sessions in {len(wanted)} histories, seed {seed}")
    return list(
        summarise_clusters([count_history(length, seed, number) for number, length in enumerate(wanted)])
    )


class NothingTested(InvalidInput):
    """The file can be read, and none of its sessions can be tested."""


class Own(NamedTuple):
    """The figures on one's own bars, and the tested sessions that they rest on."""

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
    """The figures on the bars of a file, by months of tested sessions, with so many `wanted` at least.

    Raises:
        InvalidInput: if the file cannot be read, or has too few sessions for a record; with every fault.
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
    """Write what was found on bars of `series` as a record for the settings, and say what it says.

    Raises:
        InvalidInput: if a size that a record tells is missing.
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
    """The series of five-minute bars of an instrument.

    Raises:
        SettingsError: if there is no such instrument, or none of its bars.
    """
    from brentwatch.commands.options import choose_instrument
    from brentwatch.core.domain import SERIES
    from brentwatch.core.errors import SettingsError
    from brentwatch.settings.load import load

    series = choose_instrument(load(sources).settings, name).series
    if series.five_minutes is None:
        with_bars = " or ".join(each.name for each in SERIES.values() if each.five_minutes)
        raise SettingsError(
            f"{name} has no bars of five minutes; an instrument that has was wanted, such as "
            f"one of {with_bars}: name it in the settings"
        )
    return series.five_minutes.name


def find_calendar(sources: Sources, name: str | None) -> HasHours:
    """The calendar of an instrument, `globex` where none is named.

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
            f"the calendar of {name} has no hours of trade; globex or ice was wanted: name it in the settings"
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

    tested = list(run_placebo_sessions(grids))
    if not tested:
        usable = sum(grid.usable for grid in grids)
        raise NothingTested(
            f"no session can be tested: {name} has {usable} whole sessions, and the first that can be tested "
            f"comes after {FEWEST_SESSIONS}: give more history"
        )
    if len(tested) < wanted:
        raise InvalidInput(
            f"{name} has {len(tested)} sessions that can be tested; a record wants {wanted} after the first "
            f"{FEWEST_SESSIONS}, since fewer do not tell a test that keeps its promise from one that does "
            "not: give more history, or leave out --out to see the figures alone"
        )
    return tested


def _count_by_month(tested: Sequence[PlaceboSession], seed: int) -> Iterator[Counts]:
    from brentwatch.core.calibration.intraday import count_alarms, find_fifth_edges

    edges = find_fifth_edges(tested)
    for number, at in enumerate(range(0, len(tested), _A_MONTH)):
        yield count_alarms(tested[at : at + _A_MONTH], edges, seed + number)


def _say(told: str) -> None:
    say(f"calibrate: {told}")
