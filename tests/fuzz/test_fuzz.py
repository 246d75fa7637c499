"""Whatever a reader is given, it gives a value or an error of its own: never anything else."""

from __future__ import annotations

import pytest
from tests.fuzz.readers import READERS, Reader
from tests.fuzz.running import attempt, explore

pytestmark = pytest.mark.slow

INPUTS = 20_000
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_every_reader_gives_a_value_or_an_error_of_its_own(part: int) -> None:
    found = explore(INPUTS // PARTS, seed=part)
    assert [f"{each.place}\n{each.data[:300]!r}\n{each.trace}" for each in found] == []


@pytest.mark.parametrize("reader", READERS, ids=[reader.name for reader in READERS])
def test_a_seed_is_read_or_refused_by_its_reader(reader: Reader) -> None:
    assert [attempt(reader, seed) for seed in reader.seeds if attempt(reader, seed)] == []


def test_an_error_that_is_not_the_reader_s_own_is_found() -> None:
    def fails(data: bytes) -> None:
        data[1_000_000]

    wrong = attempt(Reader("made up", fails, (b"x",)), b"x")
    assert wrong is not None
    assert "IndexError" in wrong.place
