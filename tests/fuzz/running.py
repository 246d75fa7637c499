"""Drives readers with mutated inputs, the same for the same seed, and keeps what went wrong."""

from __future__ import annotations

import random
import traceback
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from tests.fuzz.mutating import mutated
from tests.fuzz.readers import READERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.readers import Reader


@dataclass(frozen=True, slots=True)
class Found:
    """An input that a reader answered with an error that is not its own."""

    reader: str
    data: bytes
    trace: str

    @property
    def place(self) -> str:
        """Where it was raised: two inputs that fail there are one fault."""
        lines = [line for line in self.trace.splitlines() if line.startswith("  File ")]
        return f"{self.reader}: {lines[-1].strip() if lines else ''}: {self.trace.splitlines()[-1][:80]}"


def trials(count: int, seed: int) -> Iterator[tuple[Reader, bytes]]:
    """So many inputs, each reader in turn as often as its weight says."""
    dice = random.Random(seed)  # noqa: S311 - the same each time is what is wanted
    weights = list(accumulate(reader.weight for reader in READERS))
    for _ in range(count):
        reader = dice.choices(READERS, cum_weights=weights)[0]
        yield reader, mutated(dice.choice(reader.seeds), dice)


def attempt(reader: Reader, data: bytes) -> Found | None:
    """None where the reader gives a value or an error of its own."""
    try:
        reader.read(data)
    except reader.own:
        return None
    except Exception:  # noqa: BLE001 - this is what is looked for
        return Found(reader.name, data, traceback.format_exc())
    return None


def explore(count: int, seed: int) -> list[Found]:
    """What went wrong, the first of each place."""
    found: dict[str, Found] = {}
    for reader, data in trials(count, seed):
        if (wrong := attempt(reader, data)) is not None:
            found.setdefault(wrong.place, wrong)
    return list(found.values())
