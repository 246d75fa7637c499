"""Faults of one input: twenty in words, the others as a number, in memory too."""

from __future__ import annotations

import tracemalloc

import pytest

from brentwatch.core.errors import InvalidInput
from brentwatch.wire.input_faults import Faults


def test_twenty_faults_are_told_and_the_others_are_counted() -> None:
    faults = Faults()
    assert not faults
    for number in range(20):
        faults.add(f"fault {number}")
    assert faults.build_error().faults[-1] == "fault 19"
    faults.add("one", "two")
    assert faults.build_error().faults[-1] == "… and 2 more faults; correct these first"
    assert len(faults.build_error().faults) == 21


@pytest.mark.attack
def test_thousands_of_faults_take_the_memory_of_twenty() -> None:
    def fails() -> None:
        raise InvalidInput("x" * 1_000, "y" * 1_000)

    faults = Faults()
    tracemalloc.start()
    for _ in range(2_000):
        faults.attempt(fails)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "3,980 more faults" in str(faults.build_error())
    assert most < 500_000
