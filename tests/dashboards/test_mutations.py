"""A change that makes a board or a rule wrong is found, whichever metric, label, value or unit it is of."""

from __future__ import annotations

from collections import Counter
from random import Random

from tests.dashboards.files import COMMITTED, KNOWN, list_all_queries
from tests.dashboards.mutations import list_mutations

from brentwatch.dashboards.board_rules import check_board
from brentwatch.dashboards.coverage import NOT_SHOWN, check_coverage
from brentwatch.dashboards.documents import FoundQuery, QueryUse
from brentwatch.dashboards.query_rules import check_query

SEED, DRAWN = 17, 400
KINDS = {
    "a metric renamed", "a gauge rated", "a counter without increase", "a label misspelt", "a value misspelt",
    "a label after by misspelt", "a label after on misspelt", "a label after group_left misspelt",
    "a range too short", "job dropped", "a unit dropped", "a unit misspelt", "panels that overlap",
}  # fmt: skip


def test_each_of_400_mutations_drawn_by_seed_is_found() -> None:
    every = list_mutations(Random(SEED))
    drawn = Random(SEED).sample(every, DRAWN)
    assert [(each.kind, each.of) for each in drawn if not each.is_found()] == []
    counted = Counter(each.kind for each in every)
    assert counted.keys() >= KINDS
    assert sum(counted.values()) > 2 * DRAWN


def test_nothing_is_found_where_nothing_was_changed() -> None:
    assert [fault for query in list_all_queries() for fault in check_query(query, KNOWN)] == []
    assert [fault for name, board in COMMITTED.items() for fault in check_board(name, board)] == []


def test_a_metric_that_nobody_looks_at_needs_a_reason() -> None:
    every = list_all_queries()
    assert list(check_coverage(every)) == []
    without = [query for query in every if "brentwatch_breaker_open" not in query.expr]
    assert [fault.split()[0] for fault in check_coverage(without)] == ["brentwatch_breaker_open"]


def test_a_reason_that_is_not_needed_is_told() -> None:
    name = next(iter(NOT_SHOWN))
    more = FoundQuery(where="here", expr=f"increase(brentwatch_{name}[1h])", use=QueryUse.VALUE)
    (fault,) = check_coverage([*list_all_queries(), more])
    assert fault.startswith(f"{name} is shown")
