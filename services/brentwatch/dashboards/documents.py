"""What stands in the files: the boards as JSON, the alert rules as YAML, and the queries of both."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from brentwatch.core.errors import InvalidInput
from brentwatch.dashboards.expressions import fill_variables, infer_labels, parse_expression
from brentwatch.dashboards.known_series import OPEN, KnownSeries, SeriesKind, list_known_series
from brentwatch.history.regular_files import read_regular

_RATE_INTERVAL, _INTERVAL = "1m", "15s"
"""What Grafana fills in at the shortest with a scrape interval of 15 s: four times that, and that."""

_LABEL_VALUES = re.compile(r"label_values\((\w+), (\w+)\)")

Document = Mapping[str, Any]


class QueryUse(Enum):
    """What becomes of the answer."""

    VALUE = "the value now"
    GRAPH = "a line over time"
    MARK = "an annotation"
    RULE = "a rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundQuery:
    """A query with its place in words; `expr` has values in the place of variables.

    `added` are the labels that a rule itself gives to its result.
    """

    where: str
    expr: str
    use: QueryUse
    added: frozenset[str] = frozenset()
    span: str = ""
    step: str = ""


def read_board(path: Path) -> Document:
    """The JSON of a board.

    Raises:
        InvalidInput: if it cannot be read, or is no JSON object.
    """
    try:
        board = json.loads(read_regular(path))
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"{path} cannot be read as JSON: {error}; run brentwatch dashboards build"
        ) from None
    if not isinstance(board, dict):
        raise InvalidInput(f"{path} holds no JSON object; run brentwatch dashboards build")
    return board


def list_panels(board: Document) -> list[dict[str, Any]]:
    """The panels of a board, in their order; rows hold none here."""
    return list(board.get("panels") or ())


def list_variables(board: Document) -> list[dict[str, Any]]:
    """The variables of a board."""
    return list((board.get("templating") or {}).get("list") or ())


def list_marks(board: Document) -> list[dict[str, Any]]:
    """The annotations of a board."""
    return list((board.get("annotations") or {}).get("list") or ())


def find_span(board: Document) -> str:
    """How far back a board looks, such as 7d."""
    return str((board.get("time") or {}).get("from", "")).removeprefix("now-")


def list_board_queries(name: str, board: Document) -> Iterator[FoundQuery]:
    """Every query of a board, annotations among them.

    Raises:
        InvalidInput: if a query uses a variable that the board does not have.
    """
    span = find_span(board)
    values = {"__rate_interval": _RATE_INTERVAL, "__interval": _INTERVAL, "__range": span}
    values |= {str(each.get("name")): ".*" for each in list_variables(board) if each.get("type") == "query"}
    for panel in list_panels(board):
        for target in panel.get("targets") or ():
            where = f"{name}, panel {panel.get('title')!r}, query {target.get('refId')}"
            use = QueryUse.GRAPH if target.get("range") else QueryUse.VALUE
            yield FoundQuery(where=where, expr=_fill(target, values, where), use=use, span=span)
    for mark in list_marks(board):
        where, step = f"{name}, annotation {mark.get('name')!r}", str(mark.get("step", ""))
        for query in (mark, mark.get("target") or {}):
            expr = _fill(query, values, where)
            yield FoundQuery(where=where, expr=expr, use=QueryUse.MARK, span=span, step=step)
    for variable in list_variables(board):
        if variable.get("type") == "query":
            where = f"{name}, variable {variable.get('name')}"
            yield FoundQuery(
                where=where, expr=_rewrite_choice(variable, where), use=QueryUse.VALUE, span=span
            )


def _rewrite_choice(variable: Document, where: str) -> str:
    """What a variable offers, `label_values(metric, label)`, as PromQL."""
    query = variable.get("query")
    text = str(query.get("query") if isinstance(query, dict) else query)
    found = _LABEL_VALUES.fullmatch(text)
    if found is None:
        raise InvalidInput(f"{where}: the query is {text!r}; expected label_values(metric, label)")
    return f"count by ({found[2]}) ({found[1]})"


def _fill(query: Document, values: Mapping[str, str], where: str) -> str:
    try:
        return fill_variables(str(query.get("expr") or ""), values)
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error}") from None


def read_rules(paths: Iterable[Path]) -> tuple[list[FoundQuery], dict[str, KnownSeries]]:
    """The queries of all rules, and every series that is known with what they record.

    Raises:
        InvalidInput: if a file is no file of rules.
    """
    queries, known = list[FoundQuery](), list_known_series()
    for path in paths:
        for rule in _list_rules(path):
            name, labels = rule.get("record") or rule.get("alert"), frozenset(rule.get("labels") or ())
            expr = str(rule.get("expr", ""))
            where = f"{path.name}, rule {name}"
            queries.append(FoundQuery(where=where, expr=expr, use=QueryUse.RULE, added=labels))
            if record := rule.get("record"):
                known[record] = _describe_recorded(record, expr, labels, known)
    return queries, known


def _describe_recorded(
    name: str, expr: str, added: frozenset[str], known: Mapping[str, KnownSeries]
) -> KnownSeries:
    try:
        labels = infer_labels(parse_expression(expr), known)
    except InvalidInput:  # its own rule says so
        labels = None
    every = None if labels is None else dict.fromkeys(labels | added, OPEN)
    return KnownSeries(name, SeriesKind.RECORDED, every)


def _list_rules(path: Path) -> Iterator[dict[str, Any]]:
    try:
        document = yaml.safe_load(read_regular(path))
        for group in document["groups"]:
            yield from group["rules"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{path} cannot be read as rules of Prometheus: {error!r}; expected groups with rules"
        ) from None
