"""A service spares its modules the collector of cycles, and still collects."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from brentwatch.commands.memory import SELDOM, adjust_collector

if TYPE_CHECKING:
    from collections.abc import Iterator


class Cycle:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def spared() -> Iterator[None]:
    before = gc.get_threshold()
    adjust_collector()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("spared")
def test_what_is_there_is_left_alone_and_the_young_are_looked_through_seldom() -> None:
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold() == SELDOM


@pytest.mark.usefixtures("spared")
def test_a_cycle_that_comes_later_is_found() -> None:
    gone = weakref.ref(Cycle())
    held = [[] for _ in range(2 * SELDOM[0])]  # type: ignore[var-annotated]  # they only have to be many
    assert gone() is None
    assert len(held) == 2 * SELDOM[0]
