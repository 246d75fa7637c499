"""What a board is: panels with their queries, as data. `grafana.py` writes it, `preview.py` draws it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

GRID_WIDTH = 24
"""Columns of a board."""

Colour = Literal["green", "orange", "red", "blue", "text"]

UNITS = {
    "short": "a count",
    "percentunit": "a share or a move: 0.02 is 2 %",
    "s": "seconds",
    "decbytes": "bytes, in thousands",
    "cps": "a count per second",
    "suffix:USD/bbl": "US dollars per barrel",
    "suffix:a week": "a count per week",
    "suffix:CPUs": "processors in use",
    "none": "a figure without a unit, such as a p-value or a word that stands for a number",
}
"""The units that a panel may have, as Grafana names them."""


class Place(NamedTuple):
    """Position of a panel on the grid, in columns and rows."""

    x: int
    y: int
    width: int
    height: int


class Word(NamedTuple):
    """What is shown in the place of a number."""

    value: int
    text: str
    colour: Colour


class ColourLimit(NamedTuple):
    """From this value on, a number has this colour."""

    value: float
    colour: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelQuery:
    """One PromQL query. `legend` names its series, as `{{label}}`; in a list it is the title of a column.

    `unit`, `words` and `limits` take the place of those of the panel.
    """

    expr: str
    legend: str = ""
    unit: str = ""
    words: tuple[Word, ...] = ()
    limits: tuple[ColourLimit, ...] = ()


@dataclass(frozen=True, slots=True)
class LargeNumbers:
    """Each series as one large number: its value now. `filled` colours the ground and not the number."""

    filled: bool = False
    named: bool = True


@dataclass(frozen=True, slots=True)
class Graph:
    """Each series as a line over time; `dashed` are the legends of those that are an expectation."""

    dashed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bars:
    """Each series as a lying bar: its value now."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A row for each set of labels, with a column for each label and each query that has a legend.

    `labels` are the columns of labels, label to title.
    """

    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Standing bars along the values of one label, `title` below them: its queries have that label alone."""

    label: str
    title: str


Show = LargeNumbers | Graph | Bars | Listing | Histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPanel:
    """One panel. `about` is its description; `empty` is what it says where a query gives nothing."""

    title: str
    about: str
    place: Place
    show: Show
    queries: tuple[PanelQuery, ...]
    unit: str
    decimals: int | None = None
    limits: tuple[ColourLimit, ...] = ()
    words: tuple[Word, ...] = ()
    empty: str = "No data"
    highest: float | None = None
    zero_based: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An annotation: a line on graphs while `expr` gives a value; `text` is shown there, with `{{label}}`."""

    name: str
    expr: str
    step: str
    text: str
    on: tuple[str, ...]
    """Titles of the panels that show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One board; `name` is its file, `span` how far back it looks, such as `7d`."""

    name: str
    title: str
    about: str
    span: str
    panels: tuple[BoardPanel, ...]
    marks: tuple[Mark, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    """Variables that a reader may choose: name to the metric that has a label of this name."""

    @property
    def uid(self) -> str:
        """What Grafana knows it by: it stays, so that a newer version replaces an older one."""
        return f"brentwatch-{self.name}"
