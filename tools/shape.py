"""The shape of the code in figures: `python tools/shape.py`; exit code 1 where a limit is exceeded.

Counted over services/, by the syntax tree. A limit is where the figure stands, or better: it is lowered when
the figure improves, so that nothing gets worse unseen.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "services" / "brentwatch"

VERBS = frozenset(
    """
    accept acquire add adjust admit align allow announce answer append apply ask assemble assert assign
    authorize await beat begin bind bound bridge build bundle calibrate call cancel check choose claim
    clean clear close collect combine come commit compare complete compose compute configure connect
    continue convert copy correct count create cut decide declare decode decompress default define
    delete deliver derive describe detect diagnose discard divide draw drop dump earn encode end ensure
    enter escape estimate evaluate exclude expand expect explain export extend fail fall feed fetch fill
    filter find finish fit fold follow forecast forget format gather get give go grow guard guess handle
    has hide hold identify idle ignore import include increase infer inspect is join judge keep know
    learn leave limit link list load log look make map mark match measure merge move name narrow need
    note notify observe offer open order parse pass pause place plan play post postpone predict prepare
    print probe produce promise prove publish put quote raise rank reach read rebuild receive recompute
    record recreate redact reduce refit refold refresh refuse register reject release reload remember
    remove render repair repeat replace replay report request require rescale reset resolve rest restore
    resume retract retry return reveal revise rewrite rise rotate round run save say scale scan schedule
    score screen search see seek select send serve set settle shift show sift sign signal silence
    simulate skip sleep slice smooth solve sort spare spell split standardise start stay step stop store
    strip study subscribe subtract suggest summarise supervise swap take tell test throw tidy tilt touch
    track translate treat trim trip try turn unpack update use validate verify void wait walk want warn
    watch weigh wish withdraw wrap write yield
    """.split()  # noqa: SIM905 - a list of strings would take a line each
)
"""A function whose name begins with one of these says what it does."""

_COMPOUND = ast.ClassDef | ast.FunctionDef | ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Match
_PLAIN = ("property", "cached_property", "overload")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and its limit; more is worse unless `at_least`."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def is_kept(self) -> bool:
        """True where the limit is kept."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        bound = "at least" if self.at_least else "at most"
        kept = "ok" if self.is_kept else "EXCEEDED"
        return f"{self.name:<52} {_number(self.value):>8}   {bound} {_number(self.limit):>7}   {kept}"


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the package."""

    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How many there are, blank ones among them."""
        return self.text.count("\n")


def modules() -> list[Module]:
    """Every file of the package that is not empty."""
    found = [(path, path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))]
    return [
        Module(str(path.relative_to(PACKAGE.parent)), text, ast.parse(text))
        for path, text in found
        if text.strip()
    ]


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Every statement but docstrings, also those that stand behind a constant as its documentation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not _is_text(node):
            yield node


def imported_lines(tree: ast.AST) -> set[int]:
    """The lines that imports take."""
    lines = set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def code_lines(text: str, tree: ast.AST) -> set[int]:
    """The lines that are neither blank nor a comment nor part of a docstring."""
    documented = set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and _is_text(node):
            documented |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), start=1)
    return {at for at, line in lines if at not in documented and line.strip() and line.strip()[0] != "#"}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Every function but dunders, properties and overloads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
            decorators = {_last_name(each) for each in node.decorator_list}
            if decorators.isdisjoint(_PLAIN):
                yield node


def begins_with_verb(name: str) -> bool:
    """True for `read_table` and `_read_table`."""
    return name.strip("_").split("_")[0] in VERBS


def fan_out(module: Module, names: Collection[str]) -> int:
    """How many modules of the project a file imports, by name or for what is in them."""
    found = set[str]()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("brentwatch"):
            whole = {f"{node.module}.{each.name}" for each in node.names}
            found |= {each if each in names else node.module or "" for each in whole}
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names if each.name.startswith("brentwatch")}
    return len(found)


def several(names: Iterable[tuple[str, str]], most: int) -> dict[str, list[str]]:
    """The names that stand in more than `most` places, with these."""
    places = defaultdict[str, list[str]](list)
    for name, place in names:
        places[name].append(place)
    return {name: found for name, found in sorted(places.items()) if len(found) > most}


def figures(found: Sequence[Module]) -> tuple[list[Figure], dict[str, dict[str, list[str]]]]:
    """All figures, and the names behind those about names."""
    named = [(each, module.name) for module in found for each in functions(module.tree)]
    verbs = sum(begins_with_verb(each.name) for each, _ in named)
    code = sum(len(code_lines(module.text, module.tree)) for module in found)
    imports = sum(len(imported_lines(module.tree)) for module in found)
    classes = several(_classes(found), 1)
    own = [module.name for module in found if not module.name.endswith("__init__.py")]
    files = several(((Path(name).name, name) for name in own), 2)
    dotted = {module.name.removesuffix(".py").replace("/", ".") for module in found}
    wide = sum(fan_out(module, dotted) > 10 for module in found)
    measured = {
        "statements": sum(1 for module in found for _ in statements(module.tree)),
        "imports, % of code lines": 100 * imports / code,
        "functions that begin with a verb, %": 100 * verbs / len(named),
        "class names with more than one meaning": len(classes),
        "file names that stand more than twice": len(files),
        "files that import more than ten modules, %": 100 * wide / len(found),
        "files under 50 lines": sum(module.lines < 50 for module in found),
    }
    return [Figure(name, value, *LIMITS[name]) for name, value in measured.items()], {
        "class": classes,
        "file": files,
    }


def _classes(found: Iterable[Module]) -> Iterator[tuple[str, str]]:
    for module in found:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, module.name


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _last_name(decorator: ast.expr) -> str:
    match decorator:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=function):
            return _last_name(function)
    return ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:.1f}"


def main(words: Sequence[str]) -> int:
    """Print the figures, and with `--names` the names behind them."""
    found = modules()
    measured, names = figures(found)
    print(*measured, sep="\n")
    if "--names" in words:
        _print_names(found, names)
    return 0 if all(figure.is_kept for figure in measured) else 1


def _print_names(found: Sequence[Module], names: dict[str, dict[str, list[str]]]) -> None:
    for kind, places in names.items():
        for name, where in places.items():
            print(f"{kind} {name}: {', '.join(where)}")
    every = [each.name for module in found for each in functions(module.tree)]
    firsts = Counter(name.strip("_").split("_")[0] for name in every if not begins_with_verb(name))
    print("no verbs:", ", ".join(f"{word} {count}" for word, count in firsts.most_common()))


LIMITS: dict[str, tuple[float, bool]] = {
    "statements": (37_900, False),
    "imports, % of code lines": (12.5, False),
    "functions that begin with a verb, %": (90.0, True),
    "class names with more than one meaning": (0, False),
    "file names that stand more than twice": (3, False),
    "files that import more than ten modules, %": (10.0, False),
    "files under 50 lines": (43, False),
}
"""Figure -> its limit, and whether it is the least and not the most."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
