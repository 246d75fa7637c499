"""Every way in which a board or a rule could be wrong, made of the committed ones: one change at a time."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.dashboards.files import COMMITTED, KNOWN, list_all_queries

from brentwatch.dashboards.board_rules import check_board
from brentwatch.dashboards.documents import Document, FoundQuery, QueryUse
from brentwatch.dashboards.expressions import list_selectors, parse_expression
from brentwatch.dashboards.known_series import SeriesKind
from brentwatch.dashboards.query_rules import check_query

if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: what kind it is, what was changed, and whether the lint finds it."""

    kind: str
    of: str
    is_found: Callable[[], bool]


def misspell(word: str, chance: Random) -> str:
    """The word with two neighbours swapped, or one letter more: always another word."""
    at = chance.randrange(len(word))
    swapped = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
    return swapped if swapped != word else f"{word}{word[at]}"


def list_mutations(chance: Random) -> list[Mutation]:
    """All of them: each metric, label, value and unit that is used, wherever it is."""
    queries = list_all_queries()
    made = [each for query in queries for each in _mutate_query(query, chance)]
    made += [each for name, board in COMMITTED.items() for each in _mutate_board(name, board, chance)]
    return made


def _mutate_query(query: FoundQuery, chance: Random) -> Iterator[Mutation]:
    yield from _mutate_names(query, chance)
    yield from _mutate_matchers(query, chance)
    yield from _mutate_groups(query, chance)
    yield from _mutate_ranges(query)
    if query.use is QueryUse.RULE:
        yield from _drop_job(query)


def _changed(query: FoundQuery, kind: str, of: str, expr: str) -> Mutation:
    assert expr != query.expr, (kind, of, query.expr)
    return Mutation(kind, f"{query.where}: {of}", lambda: bool(check_query(replace(query, expr=expr), KNOWN)))


def _mutate_names(query: FoundQuery, chance: Random) -> Iterator[Mutation]:
    for selector, around in list_selectors(parse_expression(query.expr)):
        name = str(selector.name)
        pattern = rf"(?<![\w:]){re.escape(name)}(?![\w:])"
        renamed = re.sub(pattern, misspell(name, chance), query.expr, count=1)
        yield _changed(query, "a metric renamed", name, renamed)
        series = KNOWN[name]
        if series.kind is SeriesKind.GAUGE and series.labels is not None and "min_over_time" not in around:
            rated = re.sub(
                pattern + r"(\{[^}]*\})?(?!\[)", lambda found: f"rate({found[0]}[5m])", query.expr, count=1
            )
            if rated != query.expr and "changes" not in around:
                yield _changed(query, "a gauge rated", name, rated)
        if series.kind is SeriesKind.COUNTER and query.use is not QueryUse.RULE:
            bare = re.sub(r"\b(rate|increase)\(([^\[\]]*)\[[^\]]*\]\)", r"(\2)", query.expr)
            yield _changed(query, "a counter without increase", name, bare)


def _mutate_matchers(query: FoundQuery, chance: Random) -> Iterator[Mutation]:
    for selector, _ in list_selectors(parse_expression(query.expr)):
        labels = KNOWN[str(selector.name)].labels
        for matcher in selector.matchers.matchers if labels is not None else ():
            pattern = rf'\b{matcher.name}(\s*[=!]~?\s*"{re.escape(matcher.value)}")'
            wrong = re.sub(pattern, rf"{misspell(matcher.name, chance)}\1", query.expr, count=1)
            yield _changed(query, "a label misspelt", matcher.name, wrong)
            if (labels or {}).get(matcher.name):
                value = matcher.value.split("|")[0]
                other = query.expr.replace(f'"{value}', f'"{misspell(value, chance)}', 1)
                yield _changed(query, "a value misspelt", matcher.value, other)


def _mutate_groups(query: FoundQuery, chance: Random) -> Iterator[Mutation]:
    if "ALERTS" in query.expr:
        return
    for found in re.finditer(r"\b(by|on|group_left)\s*\(([^()]*)\)", query.expr):
        for label in filter(None, map(str.strip, found[2].split(","))):
            inner = re.sub(rf"\b{label}\b", misspell(label, chance), found[2], count=1)
            wrong = query.expr[: found.start(2)] + inner + query.expr[found.end(2) :]
            yield _changed(query, f"a label after {found[1]} misspelt", label, wrong)


def _mutate_ranges(query: FoundQuery) -> Iterator[Mutation]:
    for found in re.finditer(r"\[([^\]]*)\](?=\))", query.expr):
        wrong = f"{query.expr[: found.start(1)]}45s{query.expr[found.end(1) :]}"
        yield _changed(query, "a range too short", found[1], wrong)


def _drop_job(query: FoundQuery) -> Iterator[Mutation]:
    """Only where one part is asked for: of parts joined by `or`, one may have the label and one not."""
    if re.search(r"\bby \(job", query.expr) and not re.search(r"\bor\b|\bunless\b|\band\b", query.expr):
        yield _changed(query, "job dropped", "job", re.sub(r"\bby \(job(, )?", "by (", query.expr))


def _mutate_board(name: str, board: Document, chance: Random) -> Iterator[Mutation]:
    for key in ("title", "description", "uid", "schemaVersion"):
        yield _damage(name, board, f"the board without {key}", partial(_drop, key=key))
    for number in range(len(board["panels"])):
        yield from _mutate_panel(name, board, number, chance)
    for place in range(len(board["templating"]["list"])):
        kind = "the variable datasource gone" if place == 0 else "a variable of a fixed source"
        yield _damage(name, board, kind, partial(_damage_variable, place=place))
    for place in range(len(board["annotations"]["list"])):
        yield _damage(name, board, "an annotation of two minds", partial(_damage_mark, place=place))


def _drop(board: Any, key: str) -> None:
    del board[key]


def _damage_variable(board: Any, place: int) -> None:
    if place == 0:
        del board["templating"]["list"][0]
    else:
        board["templating"]["list"][place]["datasource"] = FIXED


def _damage_mark(board: Any, place: int) -> None:
    board["annotations"]["list"][place]["expr"] = "up"


def _mutate_panel(name: str, board: Document, number: int, chance: Random) -> Iterator[Mutation]:
    other = chance.choice([each for each in range(len(board["panels"])) if each != number])
    panel = board["panels"][number]
    unit = misspell(panel["fieldConfig"]["defaults"]["unit"], chance)
    for kind, change in PANEL_CHANGES.items():
        yield _damage(name, board, kind, partial(_change_panel, change, number, other, unit), panel["title"])
    for place, override in enumerate(panel["fieldConfig"]["overrides"]):
        if any(each["id"] == "unit" for each in override["properties"]):
            change = partial(_damage_column, number=number, place=place)
            yield _damage(name, board, "the unit of a column misspelt", change, panel["title"])


def _change_panel(
    change: Callable[[Any, Any, str], object], number: int, other: int, unit: str, board: Any
) -> None:
    change(board["panels"][number], board["panels"][other], unit)


def _damage_column(board: Any, number: int, place: int) -> None:
    for each in board["panels"][number]["fieldConfig"]["overrides"][place]["properties"]:
        if each["id"] == "unit":
            each["value"] = "percentunits"


FIXED = {"type": "prometheus", "uid": "P1"}
PANEL_CHANGES: dict[str, Callable[[Any, Any, str], object]] = {
    "a panel without title": lambda panel, _, __: panel.pop("title"),
    "a panel without description": lambda panel, _, __: panel.update(description=" "),
    "a unit dropped": lambda panel, _, __: panel["fieldConfig"]["defaults"].pop("unit"),
    "a unit misspelt": lambda panel, _, unit: panel["fieldConfig"]["defaults"].update(unit=unit),
    "no words for no data": lambda panel, _, __: panel["fieldConfig"]["defaults"].pop("noValue"),
    "an id twice": lambda panel, other, _: panel.update(id=other["id"]),
    "a title twice": lambda panel, other, _: panel.update(title=other["title"]),
    "panels that overlap": lambda panel, other, _: panel.update(gridPos=dict(other["gridPos"])),
    "a panel beside the grid": lambda panel, _, __: panel["gridPos"].update(x=25 - panel["gridPos"]["w"]),
    "a type that Grafana 10 lacks": lambda panel, _, __: panel.update(type="canvas-next"),
    "a fixed source": lambda panel, _, __: panel.update(datasource=FIXED),
    "a query of a fixed source": lambda panel, _, __: panel["targets"][0].update(datasource=None),
    "a refId twice": lambda panel, _, __: panel["targets"].append(panel["targets"][0]),
    "no query": lambda panel, _, __: panel.update(targets=[]),
}
"""What is done to a panel, beside another one, with a unit that there is not."""


def _damage(name: str, board: Document, kind: str, change: Callable[[Any], object], of: str = "") -> Mutation:
    def is_found() -> bool:
        damaged = copy.deepcopy(dict(board))
        change(damaged)
        return bool(check_board(name, damaged))

    return Mutation(kind, f"{name}: {of}", is_found)
