"""What is wrong with a query: one function a rule, and the table that lists them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

import promql_parser as promql

from brentwatch.core.errors import InvalidInput
from brentwatch.dashboards.documents import FoundQuery, QueryUse
from brentwatch.dashboards.expressions import (
    infer_labels,
    list_selectors,
    name_operation,
    parse_expression,
    walk_tree,
)
from brentwatch.dashboards.known_series import KnownSeries, SeriesKind

SCRAPE_SECONDS = 15
_SHORTEST = timedelta(seconds=4 * SCRAPE_SECONDS)

_OF_COUNTERS = frozenset(["rate", "increase", "irate", "resets"])
_OF_GAUGES = frozenset(["delta", "idelta", "deriv", "predict_linear"])
_OF_ANY = frozenset(["absent", "absent_over_time", "present_over_time", "count", "group", "timestamp"])

Known = Mapping[str, KnownSeries]


def check_series_exist(_: FoundQuery, tree: promql.Expr, known: Known) -> Iterator[str]:
    """Each name is a metric of ours, of the process or of Prometheus, or recorded by a rule."""
    for selector, _around in list_selectors(tree):
        if selector.name not in known:
            yield f"there is no metric {selector.name or 'without a name'}; docs/metrics.md lists them"


def check_labels_exist(_: FoundQuery, tree: promql.Expr, known: Known) -> Iterator[str]:
    """Each label that a selector names is one of its metric."""
    for name, matcher, labels in _list_matchers(tree, known):
        if matcher.name not in labels:
            yield f"{name} has no label {matcher.name}; it has {', '.join(labels)}"


def check_values_exist(_: FoundQuery, tree: promql.Expr, known: Known) -> Iterator[str]:
    """Each value that a selector names is one that its label can have, where these are known."""
    for name, matcher, labels in _list_matchers(tree, known):
        closed = labels.get(matcher.name, ())
        for wanted in _list_wanted(matcher) if closed else ():
            if not any(_matches(matcher, wanted, value) for value in closed):
                yield f"{matcher.name} of {name} is never {wanted!r}; it is one of {', '.join(closed)}"


def _list_matchers(
    tree: promql.Expr, known: Known
) -> Iterator[tuple[str, promql.Matcher, Mapping[str, tuple[str, ...]]]]:
    for selector, _ in list_selectors(tree):
        series = known.get(selector.name or "")
        if series is not None and series.labels is not None:
            for matcher in selector.matchers.matchers:
                yield series.name, matcher, series.labels


def _is_pattern(matcher: promql.Matcher) -> bool:
    return matcher.op in (promql.MatchOp.Re, promql.MatchOp.NotRe)


def _list_wanted(matcher: promql.Matcher) -> list[str]:
    """Each alternative of a pattern, or the value."""
    if not _is_pattern(matcher) or "(" in matcher.value:
        return [matcher.value]
    return matcher.value.split("|")


def _matches(matcher: promql.Matcher, wanted: str, value: str) -> bool:
    return re.fullmatch(wanted, value) is not None if _is_pattern(matcher) else wanted == value


def check_groups_exist(_: FoundQuery, tree: promql.Expr, known: Known) -> Iterator[str]:
    """Each label after by, without, on, ignoring and group_left is there to be grouped or matched by."""
    for node, _above in walk_tree(tree):
        match node:
            case promql.AggregateExpr(expr=inner, modifier=modifier) if modifier is not None:
                yield from _list_missing(modifier.labels, [inner], known)
            case promql.BinaryExpr(modifier=modifier) if modifier is not None:
                yield from _check_match(node, modifier, known)


def _check_match(node: promql.BinaryExpr, modifier: promql.BinModifier, known: Known) -> Iterator[str]:
    if modifier.matching is not None:
        for side in (node.lhs, node.rhs):
            yield from _list_missing(modifier.matching.labels, [side], known)
    one = node.rhs if modifier.card == promql.VectorMatchCardinality.ManyToOne else node.lhs
    yield from _list_missing(modifier.group_labels or (), [one], known)


def _list_missing(labels: Iterable[str], parts: Iterable[promql.Expr], known: Known) -> Iterator[str]:
    for part in parts:
        there = infer_labels(part, known)
        for label in labels if there is not None else ():
            if label not in (there or ()):
                yield f"{part.prettify()} has no label {label}; it has {', '.join(sorted(there or ()))}"


def check_rates_are_of_counters(_: FoundQuery, tree: promql.Expr, known: Known) -> Iterator[str]:
    """rate, increase and their like need a counter, delta and its like a gauge."""
    for selector, around in list_selectors(tree):
        series = known.get(selector.name or "")
        if series is None:
            continue
        is_counter = series.kind is SeriesKind.COUNTER
        if not is_counter and (wrong := _OF_COUNTERS & set(around)):
            yield f"{series.name} is a {series.kind.value}; {min(wrong)} needs a counter"
        if is_counter and (wrong := _OF_GAUGES & set(around)):
            yield f"{series.name} is a counter; {min(wrong)} needs a gauge: use increase"


def check_counters_have_rates(query: FoundQuery, tree: promql.Expr, known: Known) -> Iterator[str]:
    """On a board, a counter alone says how long the process runs. A rule may ask whether it ever counted."""
    if query.use is QueryUse.RULE:
        return
    for selector, around in list_selectors(tree):
        series = known.get(selector.name or "")
        is_counter = series is not None and series.kind is SeriesKind.COUNTER
        if is_counter and not (_OF_COUNTERS | _OF_GAUGES | _OF_ANY) & set(around):
            yield f"{selector.name} is a counter; use increase or rate of it"


def check_ranges_hold_samples(_: FoundQuery, tree: promql.Expr, __: Known) -> Iterator[str]:
    """A range holds four scrapes at least: one that failed must not make a gap."""
    for node, above in walk_tree(tree):
        if isinstance(node, promql.MatrixSelector | promql.SubqueryExpr):
            seconds = (node.range or timedelta()).total_seconds()
            if seconds < _SHORTEST.total_seconds():
                what = name_operation(above[-1]) if above else "the range"
                yield f"{what} looks back {seconds:g} s; expected {_SHORTEST.total_seconds():g} s at least"


def check_rules_keep_job(query: FoundQuery, tree: promql.Expr, known: Known) -> Iterator[str]:
    """The result of a rule has the label job: an alert that a service is down silences those of its job."""
    if query.use is not QueryUse.RULE or not any(True for _ in list_selectors(tree)):
        return
    labels = infer_labels(tree, known)
    if labels is not None and "job" not in labels | query.added:
        yield "the result has no label job; keep it, as in `sum by (job, …)`, or inhibition does not work"


QUERY_RULES: tuple[Callable[[FoundQuery, promql.Expr, Known], Iterator[str]], ...] = (
    check_series_exist,
    check_labels_exist,
    check_values_exist,
    check_groups_exist,
    check_rates_are_of_counters,
    check_counters_have_rates,
    check_ranges_hold_samples,
    check_rules_keep_job,
)
"""Each gives a sentence for everything that is wrong."""


def check_query(query: FoundQuery, known: Known) -> list[str]:
    """What is wrong with one query, by all rules; its place stands in front of each sentence."""
    try:
        tree = parse_expression(query.expr)
        faults = [fault for rule in QUERY_RULES for fault in rule(query, tree, known)]
    except InvalidInput as error:
        faults = [str(error)]
    return [f"{query.where}: {fault}" for fault in faults]
