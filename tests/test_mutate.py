"""What `make mutate` changes, and which tests it runs for a module."""

import ast

import pytest
from tools import mutate

STREAM = mutate.ROOT / "services" / "brentwatch" / "stream"


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ("return a < b", ["Lt -> LtE", "returns None, not a < b"]),
        ("return a + 1", ["Add -> Sub", "1 -> 2", "returns None, not a + 1"]),
        ("if a and True:\n        tell(a)", ["And -> Or", "True -> False", "removed: tell(a)"]),
        ("raise ValueError(1 + 1)", []),
        ("return None", []),
        ("'''Text.'''", []),
    ],
)
def test_a_function_is_changed_in_each_of_these_ways(body: str, changes: list[str]) -> None:
    tree = ast.parse(f"LIMIT = 3\ndef f(a, b=2):\n    {body}\n")
    assert sorted(what for _, what, _, _ in mutate.list_changes(tree)) == sorted(changes)


def test_a_mutant_is_the_same_source_with_one_change() -> None:
    drawn = mutate.draw_mutants(["stream"], 20, seed=11)
    assert drawn == mutate.draw_mutants(["stream"], 20, seed=11)
    for mutant in drawn:
        assert mutate.mutate(mutant) != ast.unparse(ast.parse(mutant.path.read_text()))


@pytest.mark.slow
def test_the_nearest_tests_come_first_and_none_on_a_broker() -> None:
    importers = mutate.map_importers()
    assert mutate.find_tests(STREAM / "resuming.py", importers)[0] == "tests/stream/test_resuming.py"
    assert "tests/stream/test_loop.py" in mutate.find_tests(STREAM / "restore.py", importers)
    found = mutate.find_tests(STREAM / "loop.py", importers)
    assert 0 < len(found) <= mutate.NEAREST
    assert mutate.BROKER or not any(name.startswith("tests/kafka/") for name in found)
