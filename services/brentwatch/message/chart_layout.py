"""What a chart shows, in numbers, and where its parts stand, before anything is drawn.

Lengths are points, 1/72 inch. A chart has the proportions of a slide, and is 720 by 405 unless it has more
panels than have room there.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from textwrap import wrap

from brentwatch.core.domain import DAILY_ALERT_LEVEL, HEADLINE, Found, SessionStudy, Window
from brentwatch.message.figures import MINUS, format_short_day, spell_number
from brentwatch.message.findings import write_verdict
from brentwatch.message.foreign import clean, cut_text


@dataclass(frozen=True, slots=True)
class ChartPanel:
    """One session: `studies` are the revisions of its [0, 5] study, one more session in each.

    `sessions` are the dates of tau 0, 1, …, as far as they are known; a study itself knows the first alone.
    `level` is the alert level of the verdicts.
    """

    title: str
    subtitle: str
    studies: Sequence[SessionStudy]
    sessions: Sequence[date] = field(default=(), kw_only=True)
    level: float = field(default=DAILY_ALERT_LEVEL, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """CAR(0, tau), its normal range (95 %) from `low` to `high`, and its p; returns are log fractions."""

    tau: int
    car: float
    low: float
    high: float
    p: float


NOTHING_YET = Point(tau=-1, car=0.0, low=0.0, high=0.0, p=1.0)
"""The close before: every curve begins there."""


def select_points(studies: Iterable[SessionStudy]) -> list[Point]:
    """One point for each number of settled sessions, from the newest revision that has it, by tau."""
    newest = {}
    for study in sorted(studies, key=lambda study: study.revision):
        if isinstance(study.result, Found):
            newest[study.result.observed] = study.result
    return [_make_point(newest[observed]) for observed in sorted(newest)]


def _make_point(found: Found) -> Point:
    tau = found.window.start + found.observed - 1
    low, high = (end - found.expected for end in found.normal_range)
    return Point(tau=tau, car=found.car, low=low, high=high, p=found.p)


def choose_label_sides(curve: Sequence[Point]) -> list[int]:
    """Where a label stands free of the curve: 1 above a point, -1 below it."""
    around = [NOTHING_YET, *curve, *curve[-1:]]
    neighbours = zip(around[:-2], curve, around[2:], strict=True)
    return [1 if 2.0 * point.car >= before.car + after.car else -1 for before, point, after in neighbours]


def write_verdicts(panel: ChartPanel) -> list[str]:
    """The verdict on the session itself, then the one on its window as far as it has settled."""
    by_revision = sorted(panel.studies, key=lambda study: study.revision)
    first = [each for each in by_revision if isinstance(each.result, Found) and each.result.observed == 1]
    session = [f"Session: {write_verdict(_take_session(each), panel.level)}" for each in first[-1:]]
    last = [
        f"{_name_window(each.window)}: {write_verdict(each, panel.level)}"
        for each in by_revision[-1:]
        if each not in first
    ]
    return [*session, *last]


def _take_session(study: SessionStudy) -> SessionStudy:
    """The study of a longer window, of which one session has settled, as the study of that session."""
    if not isinstance(study.result, Found):
        return study
    return replace(study, window=HEADLINE, result=replace(study.result, window=HEADLINE, planned=1))


def _name_window(window: Window) -> str:
    return f"{spell_number(window.sessions).capitalize()} sessions"


def format_dates(panel: ChartPanel) -> dict[int, str]:
    """The dates under tau -1 (the close before), 0, 1, …, as far as they are known."""
    known = dict(enumerate(format_short_day(session) for session in panel.sessions))
    for study in panel.studies:
        known[0] = format_short_day(study.session)
        if study.move is not None:
            known[-1] = format_short_day(study.move.previous_session)
    return known


WIDTH, HEIGHT = 720.0, 405.0
"""The size of a slide: 10 by 5.625 inches."""

LEFT = 48.0
LINE, UNDER_HEAD, FOOT = 13.0, 8.0, 46.0
TEXT, TITLE = 8.75, 12.0

_RIGHT, _BETWEEN = 14.0, 20.0
_TOP, _LOWEST_PLOT, _DATES = 22.0, 150.0, 40.0
_COLUMNS = 2
_HELD = "\0"
_CHARACTER = 0.55
"""How wide a character is, by the height of the font: the reader's font may be wider than ours."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns` panels of `width` in each row; `heads` are the lines above each panel, the title first.

    The page is 16:9. `plot` is the height of the axes of a panel.
    """

    columns: int
    rows: int
    page_width: float
    heads: Sequence[Sequence[str]]

    @property
    def height(self) -> float:
        """The height of the whole chart."""
        return self.page_width * HEIGHT / WIDTH

    @property
    def width(self) -> float:
        """The width of the axes of a panel."""
        return _measure_panel(self.page_width, self.columns)

    @property
    def head(self) -> float:
        """The room of the longest head."""
        return max(map(len, self.heads)) * LINE + UNDER_HEAD

    @property
    def plot(self) -> float:
        """The height of the axes of a panel."""
        return self._row - _TOP - self.head - _DATES

    @property
    def is_roomy(self) -> bool:
        """True if the axes are high enough to be read."""
        return self.plot >= _LOWEST_PLOT

    @property
    def _row(self) -> float:
        return (self.height - FOOT) / self.rows

    def place_axes(self, index: int) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of a panel's axes, as fractions of the chart."""
        row, column = divmod(index, self.columns)
        left = LEFT + column * (self.width + _BETWEEN)
        bottom = FOOT + (self.rows - 1 - row) * self._row + _DATES
        return (
            left / self.page_width,
            bottom / self.height,
            self.width / self.page_width,
            self.plot / self.height,
        )


def plan_layout(panels: Sequence[ChartPanel]) -> Layout:
    """Two panels in a row, one alone over the whole width; a larger page if they have no room on a slide."""
    scale = 1.0
    while not (layout := _plan_page(panels, scale * WIDTH)).is_roomy:
        scale *= _LARGER
    return layout


_LARGER = 1.1


def _plan_page(panels: Sequence[ChartPanel], page_width: float) -> Layout:
    columns = min(_COLUMNS, len(panels))
    width = _measure_panel(page_width, columns)
    heads = [_build_head(panel, width) for panel in panels]
    return Layout(columns, -(-len(panels) // columns), page_width, heads)


def _measure_panel(page_width: float, columns: int) -> float:
    """The width of the axes of a panel on a page."""
    return (page_width - LEFT - _RIGHT - _BETWEEN * (columns - 1)) / columns


def _build_head(panel: ChartPanel, width: float) -> list[str]:
    room = int(width / (_CHARACTER * TEXT))
    verdicts = [line for verdict in write_verdicts(panel) for line in wrap_sentence(verdict, room)]
    title = cut_text(clean(panel.title), int(width / (_CHARACTER * 1.1 * TITLE)))
    return [title, cut_text(clean(panel.subtitle), room), *verdicts]


def wrap_sentence(sentence: str, room: int) -> list[str]:
    """Lines of at most `room` characters; a figure, a range and a p are not broken unless they are longer."""
    held = re.sub(rf" (?=%|to [+{MINUS}\d]|[<=] )|(?<=to) (?=[+{MINUS}\d])|(?<=[<=]) (?=\d)", _HELD, sentence)
    fits = all(len(part) <= room for part in held.split())
    return [line.replace(_HELD, " ") for line in wrap(held if fits else sentence, room)]
