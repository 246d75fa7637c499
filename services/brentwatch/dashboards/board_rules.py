"""What is wrong with the JSON of a board: one function a rule, and the table that lists them."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from brentwatch.dashboards.board import GRID_WIDTH, UNITS
from brentwatch.dashboards.documents import Document, list_marks, list_panels, list_variables

SCHEMA_VERSION = 42
PANEL_TYPES = ("stat", "timeseries", "bargauge", "table", "barchart", "text")
"""Those that Grafana 10 to 13 have."""

_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


def check_identity(board: Document) -> Iterator[str]:
    """The board has a title, a description, a fixed uid and the version of its schema."""
    for key in ("title", "description", "uid"):
        if not board.get(key):
            yield f"the board has no {key}"
    if board.get("schemaVersion") != SCHEMA_VERSION:
        yield f"schemaVersion is {board.get('schemaVersion')}; expected {SCHEMA_VERSION}"
    if board.get("id") is not None:
        yield "the board has an id; Grafana gives it one"


def check_words(board: Document) -> Iterator[str]:
    """Each panel has a title of its own, a description, and words for when there is no data."""
    panels = list_panels(board)
    for panel in panels:
        for key in ("title", "description"):
            if not str(panel.get(key) or "").strip():
                yield f"{_name(panel)} has no {key}"
        if panel.get("type") != "text" and not _find_defaults(panel).get("noValue"):
            yield f"{_name(panel)} says nothing when there is no data (noValue)"
    for title, count in Counter(str(panel.get("title")) for panel in panels).items():
        if count > 1:
            yield f"{count} panels have the title {title!r}"


def check_units(board: Document) -> Iterator[str]:
    """Each panel, and each column that has a unit of its own, has a known unit."""
    for panel in list_panels(board):
        if panel.get("type") == "text":
            continue
        overrides = (panel.get("fieldConfig") or {}).get("overrides") or ()
        changed = [each for override in overrides for each in override.get("properties") or ()]
        units = [_find_defaults(panel).get("unit")]
        units += [each.get("value") for each in changed if each.get("id") == "unit"]
        for unit in units:
            if unit not in UNITS:
                yield f"{_name(panel)} has the unit {unit!r}; expected one of {', '.join(UNITS)}"


def check_types(board: Document) -> Iterator[str]:
    """Each panel is of a type that Grafana 10 to 13 have."""
    for panel in list_panels(board):
        if panel.get("type") not in PANEL_TYPES:
            expected = ", ".join(PANEL_TYPES)
            yield f"{_name(panel)} is of the type {panel.get('type')}; expected one of {expected}"


def check_numbers(board: Document) -> Iterator[str]:
    """Panels have different ids, and the queries of a panel different refIds."""
    panels = list_panels(board)
    yield from _list_doubles("panels", "id", (panel.get("id") for panel in panels))
    for panel in panels:
        targets = panel.get("targets") or ()
        yield from _list_doubles(
            f"queries of {_name(panel)}", "refId", (target.get("refId") for target in targets)
        )
        if panel.get("type") != "text" and not targets:
            yield f"{_name(panel)} has no query"


def _list_doubles(what: str, key: str, values: Iterator[Any]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if value is None:
            yield f"{count} {what} have no {key}"
        elif count > 1:
            yield f"{count} {what} have the {key} {value}"


def check_grid(board: Document) -> Iterator[str]:
    """Panels stand within the columns, and none on another."""
    panels = list_panels(board)
    for panel in panels:
        x, y, width, height = _find_place(panel)
        if min(x, y) < 0 or min(width, height) < 1 or x + width > GRID_WIDTH:
            yield f"{_name(panel)} stands outside the {GRID_WIDTH} columns"
    for first, second in combinations(panels, 2):
        if _overlap(_find_place(first), _find_place(second)):
            yield f"{_name(first)} and {_name(second)} overlap"


def _overlap(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    return all(
        first[axis] < second[axis] + second[axis + 2] and second[axis] < first[axis] + first[axis + 2]
        for axis in (0, 1)
    )


def check_datasource(board: Document) -> Iterator[str]:
    """All is asked of the Prometheus that the reader chooses by the variable `datasource`."""
    chosen = [each for each in list_variables(board) if each.get("name") == "datasource"]
    if [(each.get("type"), each.get("query")) for each in chosen] != [("datasource", "prometheus")]:
        yield "there is no variable datasource of type datasource for prometheus"
    for panel in list_panels(board):
        for each in (panel, *(panel.get("targets") or ())):
            if each.get("datasource") != _DATASOURCE:
                yield f"{_name(panel)} does not ask ${{datasource}}"
    others = [*list_marks(board), *(each for each in list_variables(board) if each.get("type") == "query")]
    for each in others:
        if each.get("datasource") != _DATASOURCE:
            yield f"{each.get('name')} does not ask ${{datasource}}"


def check_marks(board: Document) -> Iterator[str]:
    """An annotation asks the same of Grafana 10 and of later versions, on panels of the board."""
    ids = {panel.get("id") for panel in list_panels(board)}
    for mark in list_marks(board):
        target, on = mark.get("target") or {}, set((mark.get("filter") or {}).get("ids") or ())
        if (mark.get("expr"), mark.get("step")) != (target.get("expr"), target.get("interval")):
            yield f"annotation {mark.get('name')!r} asks one thing in `expr` and another in `target`"
        if not on or not on <= ids:
            yield f"annotation {mark.get('name')!r} is not for panels of the board"


def _find_defaults(panel: Document) -> Document:
    return (panel.get("fieldConfig") or {}).get("defaults") or {}


def _find_place(panel: Document) -> tuple[int, int, int, int]:
    place = panel.get("gridPos") or {}
    x, y, width, height = (int(place.get(key, 0)) for key in "xywh")
    return x, y, width, height


def _name(panel: Document) -> str:
    return f"panel {panel.get('title') or panel.get('id')!r}"


BOARD_RULES: tuple[Callable[[Document], Iterator[str]], ...] = (
    check_identity,
    check_words,
    check_units,
    check_types,
    check_numbers,
    check_grid,
    check_datasource,
    check_marks,
)
"""Each gives a sentence for everything that is wrong."""


def check_board(name: str, board: Document) -> list[str]:
    """What is wrong with a board, by all rules; its name stands in front of each sentence."""
    return [f"{name}: {fault}" for rule in BOARD_RULES for fault in rule(board)]
