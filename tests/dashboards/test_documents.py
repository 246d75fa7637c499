"""What is read of boards and rules, and what is said of files that are neither."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.dashboards.files import COMMITTED, OF_RULES, RULES

from brentwatch.core.errors import InvalidInput
from brentwatch.dashboards.documents import QueryUse, list_board_queries, read_board, read_rules
from brentwatch.dashboards.known_series import SeriesKind

RECORDING = """
groups:
  - name: ours
    rules:
      - record: job:pending
        expr: sum by (job) (brentwatch_outbox_pending)
        labels: {kind: total}
      - alert: Waiting
        expr: job:pending > 3
"""


def test_each_target_annotation_and_variable_is_a_query() -> None:
    found = list(list_board_queries("desk", COMMITTED["desk"]))
    targets = sum(len(panel["targets"]) for panel in COMMITTED["desk"]["panels"])
    uses = [query.use for query in found]
    assert uses.count(QueryUse.MARK) == 2
    assert uses.count(QueryUse.VALUE) + uses.count(QueryUse.GRAPH) == targets + 1
    assert found[-1].expr == "count by (instrument) (brentwatch_price_last_bar_timestamp_seconds)"
    assert not any("$" in query.expr for query in found)


def test_a_recorded_series_has_the_labels_of_its_query_and_of_its_rule(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(RECORDING)
    queries, known = read_rules([path])
    assert [query.where for query in queries] == ["rules.yml, rule job:pending", "rules.yml, rule Waiting"]
    assert known["job:pending"].kind is SeriesKind.RECORDED
    assert set(known["job:pending"].labels or ()) == {"job", "kind"}


def test_every_rule_of_the_files_is_read() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in RULES)
    assert len(OF_RULES) == text.count("- alert:") + text.count("- record:")


@pytest.mark.parametrize(
    "text", ["", "[1]", "groups: 3", "groups: [{name: x}]", "a: [", "groups: [{rules: 1}]"]
)
def test_what_is_no_file_of_rules_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(text)
    with pytest.raises(InvalidInput, match="cannot be read as rules of Prometheus"):
        read_rules([path])


@pytest.mark.parametrize("text", ["", "[]", "{", '"desk"'])
def test_what_is_no_board_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "desk.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match="run brentwatch dashboards build"):
        read_board(path)
