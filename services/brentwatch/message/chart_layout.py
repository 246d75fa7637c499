"""What a chart shows, in numbers, and where its parts stand, before anything is drawn.

Lengths are points, 1/72 inch; 675 are 900 pixels in a browser.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from textwrap import wrap

from brentwatch.core.domain import DAILY_ALERT_LEVEL, Found, Study
from brentwatch.message.figures import format_short_day
from brentwatch.message.findings import describe_test, write_verdict
from brentwatch.message.foreign import clean, cut_text


@dataclass(frozen=True, slots=True)
class ChartPanel:
    """One session: `studies` are the revisions of its [0, 5] study, one more session in each.

    `sessions` are the dates of tau 0, 1, …, as far as they are known; a study itself knows the first alone.
    `level` is the alert level of the verdicts.
    """

    title: str
    subtitle: str
    studies: Sequence[Study]
    sessions: Sequence[date] = field(default=(), kw_only=True)
    level: float = field(default=DAILY_ALERT_LEVEL, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """CAR(0, tau), and `half` the range around zero that noise keeps to 95 times in 100; log fractions."""

    tau: int
    car: float
    half: float

    @property
    def outside(self) -> bool:
        """True where noise would rarely reach it."""
        return abs(self.car) > self.half


NOTHING_YET = Point(tau=-1, car=0.0, half=0.0)
"""The close before: every curve begins there."""


def select_points(studies: Iterable[Study]) -> list[Point]:
    """One point for each number of settled sessions, from the newest revision that has it, by tau."""
    newest = {}
    for study in sorted(studies, key=lambda study: study.revision):
        if isinstance(study.result, Found):
            newest[study.result.observed] = study.result
    return [_make_point(newest[observed]) for observed in sorted(newest)]


def _make_point(found: Found) -> Point:
    tau = found.window.start + found.observed - 1
    return Point(tau=tau, car=found.car, half=(found.high - found.low) / 2.0)


def choose_label_sides(curve: Sequence[Point]) -> list[int]:
    """Where a label stands free of the curve: 1 above a point, -1 below it."""
    around = [NOTHING_YET, *curve, *curve[-1:]]
    neighbours = zip(around[:-2], curve, around[2:], strict=True)
    return [1 if 2.0 * point.car >= before.car + after.car else -1 for before, point, after in neighbours]


def write_verdicts(panel: ChartPanel) -> list[str]:
    """The verdict on the session itself, then the one on its window as far as it has settled."""
    by_revision = sorted(panel.studies, key=lambda study: study.revision)
    first = [
        each.result for each in by_revision if isinstance(each.result, Found) and each.result.observed == 1
    ]
    session = [f"Session: {describe_test(found, panel.level)}" for found in first[-1:]]
    last = [
        f"{each.window}: {write_verdict(each, panel.level)}"
        for each in by_revision[-1:]
        if each.result not in first
    ]
    return [*session, *last]


def format_dates(panel: ChartPanel) -> dict[int, str]:
    """The dates under tau -1 (the close before), 0, 1, …, as far as they are known."""
    known = dict(enumerate(format_short_day(session) for session in panel.sessions))
    for study in panel.studies:
        known[0] = format_short_day(study.session)
        if study.move is not None:
            known[-1] = format_short_day(study.move.previous_session)
    return known


WIDTH, LEFT = 675.0, 46.0
LINE, UNDER_HEAD, FOOT = 12.5, 8.0, 44.0
TEXT, TITLE = 8.25, 11.0

_RIGHT, _BETWEEN = 12.0, 20.0
_TOP, _PLOT, _DATES = 22.0, 205.0, 38.0
_COLUMNS = 2
_HELD = "\0"
_CHARACTER = 0.55
"""How wide a character is, by the height of the font: the reader's font may be wider than ours."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns` panels of `width` in each row; `heads` are the lines above each panel, the title first."""

    columns: int
    rows: int
    width: float
    heads: Sequence[Sequence[str]]

    @property
    def height(self) -> float:
        """Of the whole chart."""
        return self.rows * self._row + FOOT

    @property
    def _row(self) -> float:
        return _TOP + self.head + _PLOT + _DATES

    @property
    def head(self) -> float:
        """The room of the longest head."""
        return max(map(len, self.heads)) * LINE + UNDER_HEAD

    def place_axes(self, index: int) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of a panel's axes, as fractions of the chart."""
        row, column = divmod(index, self.columns)
        left = LEFT + column * (self.width + _BETWEEN)
        bottom = FOOT + (self.rows - 1 - row) * self._row + _DATES
        return left / WIDTH, bottom / self.height, self.width / WIDTH, _PLOT / self.height


def plan_layout(panels: Sequence[ChartPanel]) -> Layout:
    """Two panels in a row, one alone over the whole width; lines broken where they would run out of it."""
    columns = min(_COLUMNS, len(panels))
    width = (WIDTH - LEFT - _RIGHT - _BETWEEN * (columns - 1)) / columns
    return Layout(columns, -(-len(panels) // columns), width, [_build_head(panel, width) for panel in panels])


def _build_head(panel: ChartPanel, width: float) -> list[str]:
    room = int(width / (_CHARACTER * TEXT))
    told = [line for verdict in write_verdicts(panel) for line in wrap_sentence(verdict, room)]
    title = cut_text(clean(panel.title), int(width / (_CHARACTER * 1.1 * TITLE)))
    return [title, cut_text(clean(panel.subtitle), room), *told]


def wrap_sentence(sentence: str, room: int) -> list[str]:
    """Lines of at most `room` characters, broken after a comma, colon or semicolon where that is possible."""
    held = re.sub(r"(?<![,:;]) (?!\()", _HELD, sentence)
    fits = all(len(part) <= room for part in held.split())
    return [line.replace(_HELD, " ") for line in wrap(held if fits else sentence, room)]
