"""PromQL as a tree: its parts, and which labels the result of each part has."""

import re
from collections.abc import Iterator, Mapping

import promql_parser as promql

from brentwatch.core.errors import InvalidInput
from brentwatch.dashboards.known_series import KnownSeries

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?::\w+)?\}|([A-Za-z_]\w*))")
_KEEPS_LABELS = ("topk", "bottomk", "limitk", "limit_ratio")
_SETS = ("and", "unless", "or")
_NO_LABELS = ("time", "vector", "scalar", "pi")
_ABSENT = ("absent", "absent_over_time")
_RENAMES = ("label_replace", "label_join")
_TARGET_ARGUMENT = 1
"""The place of the new label in the arguments of label_replace and label_join."""

Labels = frozenset[str] | None
"""The labels of a result; None where they are not known."""


def fill_variables(text: str, values: Mapping[str, str]) -> str:
    """The query with a value in the place of each variable of Grafana.

    Raises:
        InvalidInput: if a variable has no value.
    """

    def fill(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in values:
            known = ", ".join(f"${each}" for each in values)
            raise InvalidInput(f"the board has no variable ${name}; expected one of {known}")
        return values[name]

    return _VARIABLE.sub(fill, text)


def parse_expression(text: str) -> promql.Expr:
    """The tree of a query without variables.

    Raises:
        InvalidInput: if it is no PromQL.
    """
    try:
        return promql.parse(text)
    except ValueError as error:
        raise InvalidInput(f"no PromQL: {error}") from None


def walk_tree(
    node: promql.Expr, above: tuple[promql.Expr, ...] = ()
) -> Iterator[tuple[promql.Expr, tuple[promql.Expr, ...]]]:
    """Each part with those around it, the outermost first."""
    yield node, above
    for child in _list_children(node):
        yield from walk_tree(child, (*above, node))


def list_selectors(tree: promql.Expr) -> Iterator[tuple[promql.VectorSelector, tuple[str, ...]]]:
    """Each selector, with the names of the functions and aggregations around it, the innermost last."""
    for node, above in walk_tree(tree):
        if isinstance(node, promql.VectorSelector):
            yield node, tuple(filter(None, map(name_operation, above)))


def name_operation(node: promql.Expr) -> str:
    """The name of a function or an aggregation; empty for any other part."""
    match node:
        case promql.Call(func=function):
            return str(function.name)
        case promql.AggregateExpr(op=operation):
            return str(operation)
    return ""


def _list_children(node: promql.Expr) -> tuple[promql.Expr, ...]:
    match node:
        case promql.BinaryExpr(lhs=left, rhs=right):
            return (left, right)
        case promql.AggregateExpr(expr=inner, param=parameter):
            return (inner, parameter) if isinstance(parameter, promql.Expr) else (inner,)
        case promql.Call(args=arguments):
            return tuple(arguments)
        case promql.MatrixSelector(vector_selector=inner):
            return (inner,)
        case promql.ParenExpr(expr=inner) | promql.UnaryExpr(expr=inner) | promql.SubqueryExpr(expr=inner):
            return (inner,)
    return ()


def infer_labels(node: promql.Expr, known: Mapping[str, KnownSeries]) -> Labels:
    """The labels that the result of a part has, or may have."""
    match node:
        case promql.VectorSelector(name=name):
            series = known.get(name or "")
            return None if series is None or series.labels is None else frozenset(series.labels)
        case promql.AggregateExpr():
            return _infer_aggregate(node, known)
        case promql.BinaryExpr():
            return _infer_binary(node, known)
        case promql.Call():
            return _infer_call(node, known)
    children = _list_children(node)
    return infer_labels(children[0], known) if children else frozenset()


def _infer_aggregate(node: promql.AggregateExpr, known: Mapping[str, KnownSeries]) -> Labels:
    inner = infer_labels(node.expr, known)
    if str(node.op) in _KEEPS_LABELS:
        return inner
    if node.modifier is None:
        return frozenset()
    named = frozenset(node.modifier.labels)
    if node.modifier.type == promql.AggModifierType.By:
        return named
    return None if inner is None else inner - named


def _infer_binary(node: promql.BinaryExpr, known: Mapping[str, KnownSeries]) -> Labels:
    left, right = infer_labels(node.lhs, known), infer_labels(node.rhs, known)
    if is_scalar(node.lhs) or is_scalar(node.rhs):
        return right if is_scalar(node.lhs) else left
    if str(node.op) in _SETS:
        return _join(left, right) if str(node.op) == "or" else left
    return _infer_match(node.modifier, left, right)


def _infer_match(modifier: promql.BinModifier | None, left: Labels, right: Labels) -> Labels:
    if modifier is None:
        return left
    if modifier.card == promql.VectorMatchCardinality.ManyToOne:
        return _join(left, frozenset(modifier.group_labels or ()))
    if modifier.card == promql.VectorMatchCardinality.OneToMany:
        return _join(right, frozenset(modifier.group_labels or ()))
    if modifier.matching is None:
        return left
    named = frozenset(modifier.matching.labels)
    if modifier.matching.type == promql.LabelModifierType.Include:
        return named
    return None if left is None else left - named


def _infer_call(node: promql.Call, known: Mapping[str, KnownSeries]) -> Labels:
    name = node.func.name
    if name in _NO_LABELS:
        return frozenset()
    vectors = [each for each in node.args if not is_scalar(each)]
    if name in _ABSENT:
        return _find_equal(vectors[0])
    if not vectors:
        return frozenset()
    inner = infer_labels(vectors[0], known)
    if name in _RENAMES:
        return _join(inner, frozenset([node.args[_TARGET_ARGUMENT].val]))
    return inner if inner is None or name != "histogram_quantile" else inner - {"le"}


def _find_equal(node: promql.Expr) -> Labels:
    """What `absent` gives: the labels of which the selector names one value."""
    selectors = [each for each, _ in walk_tree(node) if isinstance(each, promql.VectorSelector)]
    if len(selectors) != 1:
        return frozenset()
    return frozenset(each.name for each in selectors[0].matchers.matchers if each.op == promql.MatchOp.Equal)


def is_scalar(node: promql.Expr) -> bool:
    """True for a number or a text, written or worked out: it has no labels and matches anything."""
    match node:
        case promql.NumberLiteral() | promql.StringLiteral():
            return True
        case promql.Call(func=function):
            return function.name in ("time", "scalar", "pi")
        case promql.BinaryExpr(lhs=left, rhs=right):
            return is_scalar(left) and is_scalar(right)
        case promql.ParenExpr(expr=inner) | promql.UnaryExpr(expr=inner):
            return is_scalar(inner)
    return False


def _join(first: Labels, second: Labels) -> Labels:
    return None if first is None or second is None else first | second
