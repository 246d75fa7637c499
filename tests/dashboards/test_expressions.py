"""Which labels the result of a query has, and what becomes of Grafana's variables."""

from __future__ import annotations

import pytest

from brentwatch.core.errors import InvalidInput
from brentwatch.dashboards.expressions import (
    fill_variables,
    infer_labels,
    list_selectors,
    parse_expression,
)
from brentwatch.dashboards.known_series import list_known_series

LAG = "brentwatch_consumer_lag_records"
SLOT = "brentwatch_active_event_car_ratio"
INFO = "brentwatch_active_event_info"


@pytest.mark.parametrize(
    ("expr", "labels"),
    [
        (LAG, {"job", "instance", "topic", "partition"}),
        (f"sum({LAG})", set()),
        (f"sum by (job) ({LAG})", {"job"}),
        (f"sum without (topic, partition) ({LAG})", {"job", "instance"}),
        (f"topk(3, {LAG})", {"job", "instance", "topic", "partition"}),
        (f"time() - max by (job) ({LAG})", {"job"}),
        (f"({LAG} > 3) * 2", {"job", "instance", "topic", "partition"}),
        (f"{SLOT} * on (job, instance, slot) {INFO}", {"job", "instance", "slot"}),
        (
            f"{SLOT} * on (job, instance, slot) group_left (event_id) {INFO}",
            {"job", "instance", "slot", "window", "event_id"},
        ),
        (f"{LAG} / ignoring (topic) {LAG}", {"job", "instance", "partition"}),
        (f"sum by (job) ({LAG}) or sum by (topic) ({LAG})", {"job", "topic"}),
        (f"sum by (job, topic) ({LAG}) and on (job) up", {"job", "topic"}),
        ('absent(up{job="screen", instance=~".+"})', {"job"}),
        ('label_replace(sum(up), "part", "x", "", "")', {"part"}),
        (
            "histogram_quantile(0.9, sum by (le, job) (rate(brentwatch_event_age_seconds_bucket[5m])))",
            {"job"},
        ),
        ("vector(1)", set()),
        (f"-max_over_time({LAG}[5m])", {"job", "instance", "topic", "partition"}),
    ],
)
def test_the_labels_of_a_result(expr: str, labels: set[str]) -> None:
    assert infer_labels(parse_expression(expr), list_known_series()) == frozenset(labels)


@pytest.mark.parametrize("expr", ["ALERTS", "-ALERTS", "sum without (job) (ALERTS)", "ALERTS or up"])
def test_labels_that_nobody_can_list_are_not_guessed(expr: str) -> None:
    assert infer_labels(parse_expression(expr), list_known_series()) is None


def test_a_selector_knows_what_stands_around_it() -> None:
    tree = parse_expression("sum by (job) (rate(a[5m])) / count(b)")
    assert [(str(each.name), around) for each, around in list_selectors(tree)] == [
        ("a", ("sum", "rate")),
        ("b", ("count",)),
    ]


def test_variables_have_values_and_groups_of_patterns_stay() -> None:
    filled = fill_variables('a{b=~"$c"}[$__range] ${c:regex} "$1"', {"c": ".*", "__range": "7d"})
    assert filled == 'a{b=~".*"}[7d] .* "$1"'


def test_a_variable_that_the_board_lacks_is_an_error() -> None:
    with pytest.raises(InvalidInput, match=r"no variable \$what; expected one of \$c"):
        fill_variables('a{b="$what"}', {"c": ".*"})


def test_what_is_no_promql_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="no PromQL"):
        parse_expression("sum by (")
