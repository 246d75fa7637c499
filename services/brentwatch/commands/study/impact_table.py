"""The table of a study by the monitor's forecasts, in 80 columns."""

from collections.abc import Sequence
from itertools import zip_longest

from brentwatch.commands.study.event_tables import (
    draw_events,
    fold_name,
    measure_name_room,
    print_with_note,
)
from brentwatch.commands.study.impact_results import ImpactRun
from brentwatch.commands.study.impact_words import (
    ImpactLine,
    describe_method,
    list_explanations,
    list_lines,
)
from brentwatch.core.impact.impacts import MoveVerdict
from brentwatch.message.tables import PIPED_COLUMNS

_COLUMNS = ("session", "move", "normal range", "p", "verdict")
_SHORT = {MoveVerdict.OUTSIDE: "outside"}


def print_impacts(run: ImpactRun, width: int) -> None:
    """Print a line for each event and window, what the words mean, and how often they are wrong."""
    lines = list(list_lines(run.impacts))
    cells = [_list_cells(line) for line in lines]
    room = measure_name_room(_COLUMNS, cells, width)
    drawn = draw_events(_spread_names([line.event for line in lines], room), _COLUMNS, cells, width)
    told = "\n".join((describe_method(run), *list_explanations(run)))
    print_with_note(drawn, min(width, PIPED_COLUMNS), told)


def _spread_names(names: Sequence[str], room: int) -> list[str]:
    """The names with what does not fit on their line on the lines of the same event below."""
    spread, rest = list[str](), list[str]()
    for name, later in zip_longest(names, names[1:], fillvalue="end"):
        rest = fold_name(name, room).split("\n") if name else rest
        is_last = bool(later)
        spread.append("\n".join(rest) if is_last else "".join(rest[:1]))
        rest = rest[1:]
    return spread


def _list_cells(line: ImpactLine) -> tuple[str, ...]:
    if line.verdict is None:
        return (line.sessions, "", "", "", "no test")
    return (line.sessions, line.move, line.normal, line.p, _SHORT.get(line.verdict, str(line.verdict)))
