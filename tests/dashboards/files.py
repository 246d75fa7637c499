"""The committed boards and rules."""

from __future__ import annotations

from pathlib import Path

from brentwatch.dashboards.boards import BOARDS
from brentwatch.dashboards.documents import Document, FoundQuery, list_board_queries, read_board, read_rules

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "grafana" / "dashboards"
RULES = sorted((ROOT / "deploy" / "prometheus" / "rules").glob("*.yml"))
COMMITTED: dict[str, Document] = {name: read_board(FOLDER / f"{name}.json") for name in BOARDS}
OF_RULES, KNOWN = read_rules(RULES)


def list_all_queries() -> list[FoundQuery]:
    """Every query of the boards, then those of the rules."""
    of_boards = [query for name, board in COMMITTED.items() for query in list_board_queries(name, board)]
    return [*of_boards, *OF_RULES]
