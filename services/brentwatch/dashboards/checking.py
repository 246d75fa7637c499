"""The whole check: files equal what the code makes, no rule is broken, and Prometheus answers each query."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brentwatch.core.errors import InvalidInput
from brentwatch.dashboards.board_rules import check_board
from brentwatch.dashboards.boards import BOARDS
from brentwatch.dashboards.coverage import check_coverage
from brentwatch.dashboards.documents import FoundQuery, QueryUse, list_board_queries, read_board, read_rules
from brentwatch.dashboards.grafana import render_board
from brentwatch.dashboards.prometheus import PrometheusServer, read_seconds
from brentwatch.dashboards.query_rules import check_query
from brentwatch.history.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from brentwatch.dashboards.known_series import KnownSeries

_POINTS = 300
_LONGEST = 200
_SHORTEST_STEP = 15.0


@dataclass(slots=True)
class CheckReport:
    """What was found, and how much was looked at."""

    faults: list[str] = field(default_factory=list)
    boards: int = 0
    rules: int = 0
    queries: int = 0
    asked: int = 0


def check_all(folder: Path, rules: Sequence[Path], server: PrometheusServer | None = None) -> CheckReport:
    """Everything that is wrong with the boards in a folder and the files of rules.

    Raises:
        Unavailable: if `server` is given and does not answer.
    """
    report = CheckReport()
    try:
        found, known = read_rules(rules)
    except InvalidInput as error:
        return CheckReport(faults=[str(error)])
    report.rules = len(found)
    for name in BOARDS:
        found += _check_file(folder / f"{name}.json", name, report)
    report.queries = len(found)
    _check_queries(found, known, server, report)
    report.faults += check_coverage(found) if rules else ()
    return report


def _check_file(path: Path, name: str, report: CheckReport) -> list[FoundQuery]:
    """The queries of a board, whose own faults go to the report."""
    report.boards += 1
    try:
        board = read_board(path)
        if read_regular(path).decode() != render_board(BOARDS[name]):
            report.faults.append(f"{path} is not what the code makes; run brentwatch dashboards build")
        report.faults += check_board(path.name, board)
        return list(list_board_queries(path.name, board))
    except InvalidInput as error:
        report.faults.append(str(error))
        return []


def _check_queries(
    found: Sequence[FoundQuery],
    known: dict[str, KnownSeries],
    server: PrometheusServer | None,
    report: CheckReport,
) -> None:
    for query in found:
        faults = check_query(query, known)
        if server is not None and not faults and query.use is not QueryUse.RULE:
            report.asked += 1
            faults = ask_query(server, query)
        report.faults += faults


def ask_query(server: PrometheusServer, query: FoundQuery) -> list[str]:
    """What is wrong with the answer to a query: an error, no data, or a value that is no number.

    Raises:
        Unavailable: if Prometheus does not answer.
    """
    try:
        if query.use is QueryUse.VALUE:
            answer = server.ask_now(query.expr)
        else:
            step = read_seconds(query.step) if query.step else read_seconds(query.span) / _POINTS
            answer = server.ask_range(query.expr, query.span, max(step, _SHORTEST_STEP))
    except InvalidInput as error:
        return [f"{query.where}: {error}"]
    if not answer:
        return [f"{query.where}: no data: {_cut(query.expr)}"]
    broken = [each for each in answer if not all(math.isfinite(value) for _, value in each.points)]
    return [f"{query.where}: NaN or infinite for {dict(each.labels)}: {_cut(query.expr)}" for each in broken]


def _cut(expr: str) -> str:
    return expr if len(expr) <= _LONGEST else f"{expr[:_LONGEST]}…"
