"""Changes the code in small ways, one at a time, and lists the changes that no test notices.

    python tools/mutate.py [--count 60] [--seed 11] [--under stream --under core/monitor]

A mutant swaps an operator, changes a constant, returns None or removes a statement, inside a function. The
tests nearest to its module (by name, then by imports and room) run in a copy of the tree. Tests on a broker
run only if KAFKA_BOOTSTRAP names one; only they test what `stream/clients/` requests from a broker. A mutant
is killed if a test fails, or if the tests take more than 60 s of processor time. The exit code is 1 if more
than 15 % survive.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("core", "stream", "wire", "prices")
NEAREST = 8
"""The most test files that run for a mutant."""
SECONDS = 60
WALL_SECONDS = 600
LEAST_KILLED = 0.85
BROKER = os.environ.get("KAFKA_BOOTSTRAP")
LEFT_OUT = re.compile(
    r"tests/(" + ("" if BROKER else "kafka|") + r"fuzz|calibration|benchmarks|test_)|mutated_answers"
)
"""Tests that need a broker, that take long, or that read the sources."""

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """The `number`th possible change in a file, and its description."""

    path: Path
    number: int
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.what}"


def list_changes(tree: ast.Module) -> Iterator[tuple[ast.AST, str, str | int, object]]:
    """Each change inside a function: the node, what changes, and the field with its new value.

    A removed statement is named by its index in the list of its parent.
    """
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                yield from _list_in(statement)
            yield from _list_removals(function)


def _list_in(node: ast.AST) -> Iterator[tuple[ast.AST, str, str | int, object]]:
    if isinstance(node, ast.FunctionDef | ast.Raise | ast.Assert):
        return  # a function within is walked by itself; messages are free
    if isinstance(node, ast.stmt):
        yield from _list_removals(node)
    yield from _list_of(node)
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in ("annotation", "returns"):
                yield from _list_in(child)


def _list_of(node: ast.AST) -> Iterator[tuple[ast.AST, str, str | int, object]]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _SWAPS:
            swapped = _SWAPS[type(operator)]
            yield node, f"{type(operator).__name__} -> {swapped.__name__}", "ops", [swapped()]
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator) if type(operator) in _SWAPS:
            swapped = _SWAPS[type(operator)]
            yield node, f"{type(operator).__name__} -> {swapped.__name__}", "op", swapped()
        case ast.Constant(value=bool() as value):
            yield node, f"{value} -> {not value}", "value", not value
        case ast.Constant(value=int() | float() as value):
            yield node, f"{value} -> {value + 1}", "value", value + 1
        case ast.Return(value=ast.AST() as value) if ast.unparse(value) != "None":
            yield node, f"returns None, not {ast.unparse(value)[:60]}", "value", ast.Constant(None)


def _list_removals(node: ast.AST) -> Iterator[tuple[ast.AST, str, str | int, object]]:
    for name in ("body", "orelse", "finalbody"):
        for place, child in enumerate(getattr(node, name, [])):
            is_text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant | ast.Yield)
            if isinstance(child, ast.Expr | ast.AugAssign | ast.Delete | ast.Continue) and not is_text:
                yield node, f"removed: {ast.unparse(child)[:60]}", place, (name, child.lineno)


def draw_mutants(rooms: Sequence[str], count: int, seed: int) -> list[Mutant]:
    """A sample of all possible mutants, the same for a seed."""
    found = []
    for room in rooms:
        for path in sorted((ROOT / "services" / "brentwatch" / room).rglob("*.py")):
            for number, (node, what, _, new) in enumerate(list_changes(ast.parse(path.read_text()))):
                line = new[1] if isinstance(new, tuple) else getattr(node, "lineno", 0)
                found.append(Mutant(path, number, line, what))
    return sorted(random.Random(seed).sample(found, min(count, len(found))), key=str)  # noqa: S311 - no secret


def mutate(mutant: Mutant) -> str:
    """The source of its file with the change made."""
    tree = ast.parse(mutant.path.read_text())
    node, _, field, new = list(list_changes(tree))[mutant.number]
    if isinstance(new, tuple):
        body = getattr(node, new[0])
        body[field] = ast.copy_location(ast.Pass(), body[field])
    else:
        setattr(node, str(field), copy.copy(new))
    return ast.unparse(ast.fix_missing_locations(tree))


def map_importers() -> dict[str, set[Path]]:
    """Module -> the files of the project that import it."""
    importers = defaultdict[str, set[Path]](set)
    for path in [*(ROOT / "services").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.ImportFrom(module=str() as module, names=names):
                    for name in (module, *(f"{module}.{each.name}" for each in names)):
                        importers[name].add(path)
                case ast.Import(names=names):
                    for each in names:
                        importers[each.name].add(path)
                case ast.Constant(value=str() as value) if value.startswith("brentwatch."):
                    importers[value.partition(":")[0]].add(path)  # a table that loads it when it is used
    return importers


def name_module(path: Path) -> str:
    """The name under which a file is imported."""
    base = ROOT / "services" if "services" in path.parts else ROOT
    return ".".join(path.relative_to(base).with_suffix("").parts)


def find_tests(source: Path, importers: dict[str, set[Path]]) -> list[str]:
    """The test files nearest to a module: those of its name first, then by imports and shared rooms."""
    distances, ahead = {source: 0}, deque([source])
    while ahead:
        nearer = ahead.popleft()
        for path in importers[name_module(nearer)] - distances.keys():
            distances[path] = distances[nearer] + 1
            ahead.append(path)
    found = {
        str(path.relative_to(ROOT)): distance
        for path, distance in distances.items()
        if path.name.startswith("test_")
    }
    room = source.relative_to(ROOT / "services" / "brentwatch").parent
    mirror = f"tests/{room}/test_{source.stem}"
    rooms = [f"tests/{each}/" for each in [room, *room.parents][:-1]]

    def rank(name: str) -> tuple[bool, int, str]:
        return not name.startswith(mirror), found[name] - sum(map(name.startswith, rooms)), name

    return [name for name in sorted(found, key=rank) if not LEFT_OUT.search(name)][:NEAREST]


def run_tests(tree: Path, tests: Sequence[str]) -> bool:
    """True when all pass."""
    if not tests:
        return True
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(tree / "services"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        done = subprocess.run(
            [*command, "-m", "not slow" if BROKER else "not slow and not kafka", *tests],
            cwd=tree,
            env=environment,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5)),
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode in (0, 5)


def judge(mutants: Sequence[Mutant]) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant, and whether it was killed; a mutant whose tests fail without it is left out."""
    importers, passing = map_importers(), dict[tuple[str, ...], bool]()
    with tempfile.TemporaryDirectory(prefix="brentwatch-mutants-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", ".cache", ".*_cache"))
        for mutant in mutants:
            tests = tuple(find_tests(mutant.path, importers))
            target = tree / mutant.path.relative_to(ROOT)
            target.write_text(mutate(mutant))
            killed = not run_tests(tree, tests)
            shutil.copy(mutant.path, target)
            if killed and tests not in passing:
                passing[tests] = run_tests(tree, tests)
            if killed and not passing[tests]:
                print(f"unknown   {mutant}: these fail without it: {' '.join(tests)}", flush=True)
            else:
                yield mutant, killed


def main(words: Sequence[str]) -> int:
    """Draw, judge and print; 1 if too many survive."""
    parser = argparse.ArgumentParser(prog="tools/mutate.py", description="List changes that no test notices.")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--under", action="append", metavar="ROOM", help=f"default: {', '.join(ROOMS)}")
    parser.add_argument("--part", default="1/1", help="judge every Nth mutant alone, as 1/3, 2/3 and 3/3")
    arguments = parser.parse_args(words)
    part, parts = map(int, arguments.part.split("/"))
    mutants = draw_mutants(arguments.under or ROOMS, arguments.count, arguments.seed)[part - 1 :: parts]
    verdicts = []
    for mutant, killed in judge(mutants):
        verdicts.append(killed)
        print(f"{'killed   ' if killed else 'SURVIVED '} {mutant}", flush=True)
    print(f"{sum(verdicts)} of {len(verdicts)} killed; at least {LEAST_KILLED:.0%} expected")
    return int(sum(verdicts) < LEAST_KILLED * len(verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
