"""`brentwatch calibrate --intraday`: the intraday test on bars in which nothing happens, or on one's own."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from brentwatch.core.intraday.calibration import Counts, Figure
    from brentwatch.core.intraday.grid import Grid
    from brentwatch.core.sessions.calendar import HasHours
    from brentwatch.settings.sources import Sources

COLUMNS = ("measure", "window", "group", "at", "n", "value", "error", "bars")
SIMULATED, OWN = "simulated", "own"
SESSIONS, SEED = 2_080, 1
_A_MONTH = 20


def simulated(sessions: int, seed: int) -> list[Figure]:
    """The figures on so many tested sessions of made-up bars, in histories of their own."""
    from brentwatch.core.intraday.calibration import figures
    from brentwatch.core.intraday.histories import counts_of, lengths
    from brentwatch.history.intraday_calibration import SIMULATED_ONLY

    wanted = lengths(sessions)
    _say(f"{SIMULATED_ONLY}: {sessions:,} sessions in {len(wanted)} histories, seed {seed}")
    return list(figures([counts_of(length, seed, number) for number, length in enumerate(wanted)]))


def own(name: str, data: bytes, calendar: HasHours, columns: tuple[str, str], seed: int) -> list[Figure]:
    """The figures on the bars of a file, by months of tested sessions.

    Raises:
        InvalidInput: if the file cannot be read, or has too few sessions; with every fault.
    """
    from brentwatch.core.intraday.calibration import figures
    from brentwatch.core.intraday.grid import laid_out
    from brentwatch.history.intraday_files import read_intraday

    read = read_intraday(name, data, calendar, *columns)
    for note in read.notes:
        _say(note)
    return list(figures(list(_by_month([laid_out(each) for each in read.sessions], name, seed))))


def calendar(sources: Sources, name: str | None) -> HasHours:
    """The calendar of an instrument, `globex` where none is named.

    Raises:
        SettingsError: if there is no such instrument, or its calendar has no hours of trade.
    """
    from brentwatch.commands.instruments import chosen
    from brentwatch.core.errors import SettingsError
    from brentwatch.core.sessions.calendar import HasHours
    from brentwatch.core.sessions.table import load as load_calendar
    from brentwatch.settings.load import load

    instrument = None if name is None else chosen(load(sources).settings, name)
    found = (
        load_calendar("globex")
        if instrument is None
        else load_calendar(instrument.calendar, instrument.overrides)
    )
    if not isinstance(found, HasHours):
        raise SettingsError(
            f"the calendar of {name} has no hours of trade; globex or ice was wanted: name it in the settings"
        )
    return found


def rows(figures: Sequence[Figure], bars: str, *, for_people: bool) -> Iterator[Mapping[str, object]]:
    """One row a figure; for people moves are in percent."""
    for figure in figures:
        row = {**asdict(figure), "bars": bars}
        yield {**row, **_percents(figure)} if for_people else row


def _percents(figure: Figure) -> Mapping[str, object]:
    match figure.measure:
        case "power":
            return {"at": _percent(figure.at)}
        case "mde":
            return {"value": _percent(figure.value), "error": _percent(figure.error)}
        case _:
            return {}


def _percent(log_return: float | None) -> str | None:
    return None if log_return is None else f"{100.0 * math.expm1(log_return):.2f} %"


def _by_month(grids: Sequence[Grid], name: str, seed: int) -> Iterator[Counts]:
    from brentwatch.core.errors import InvalidInput
    from brentwatch.core.intraday.calibration import counted, fifths
    from brentwatch.core.intraday.placebos import placebo_sessions
    from brentwatch.core.intraday.reference import FEWEST

    tested = list(placebo_sessions(grids))
    if not tested:
        usable = sum(grid.usable for grid in grids)
        raise InvalidInput(
            f"{name} has {usable} whole sessions; more than {FEWEST} were wanted, since so many are looked "
            "back on: give more history"
        )
    _say(f"{len(tested):,} sessions tested, from {tested[0].grid.session} to {tested[-1].grid.session}")
    edges = fifths(tested)
    for number, at in enumerate(range(0, len(tested), _A_MONTH)):
        yield counted(tested[at : at + _A_MONTH], edges, seed + number)


def _say(told: str) -> None:
    click.echo(f"calibrate: {told}", err=True)
