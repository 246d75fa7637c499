"""The dead-letter limit: when so much cannot be read that a program must be wrong, and not a message.

Theory. A bad message is one of many: it becomes a dead letter and the stream goes on. A bad deploy, of a
sender or of the reader, makes every message bad, and a reader that went on would move the whole stream to the
dead letters. So there is a limit, by row and by ratio, at which the reader stops and waits for somebody.

Rules. (1) Row: the limit is reached by a dead record that makes `consecutive` in a row. (2) Ratio: it is
reached by a dead record where, of the newest `over` records with it, more than the share `ratio` are dead;
never before `over` records were told. (3) The record that reaches the limit is not counted and becomes no
dead letter: it waits, and is read again. (4) A reached limit stays reached, whatever is told. (5) To accept
is to begin with a new `DeadLimit`, and a past in which what was accepted counts as read.

Records count by process, over all its partitions, in the order in which they were taken: that is what "in a
row" means to whoever looks on, and a sender whose messages go to twelve partitions has no twelve limits.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from brentwatch.stream.records import Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be dead: a share of the newest `over` records, and so many in a row.

    A `ratio` of 1 is never exceeded. `consecutive` is 2 or more: the first of a row always becomes a letter.
    """

    ratio: float
    over: int
    consecutive: int


@dataclass(frozen=True, slots=True)
class Open:
    """The limit is not reached: the stream goes on."""


@dataclass(frozen=True, slots=True)
class Tripped:
    """The limit is reached; `why` says by what, such as "20 in a row"."""

    why: str


State = Open | Tripped


class DeadLimit:
    """Told of each record that it was read or is dead, it says whether the limit is reached.

    `past` are the records before these, the oldest first: True for a dead one.
    """

    def __init__(self, limits: Limits, past: Iterable[bool] = ()) -> None:
        self._limits = limits
        self._newest: deque[bool] = deque(maxlen=limits.over - 1)
        self._row = 0
        self.state: State = Open()
        for dead in past:
            self._count(dead)

    def read(self) -> State:
        """A record could be read."""
        self._count(False)
        return self.state

    def dead(self) -> State:
        """A record cannot be read. Where the answer is `Tripped`, it becomes no letter, and waits."""
        if why := self._reached():
            self.state = Tripped(why)
        else:
            self._count(True)
        return self.state

    def _count(self, dead: bool) -> None:
        self._newest.append(dead)
        self._row = self._row + 1 if dead else 0

    def _reached(self) -> str:
        """Why one more dead record reaches the limit; empty when it does not."""
        row, dead, over = self._row + 1, self._newest.count(True) + 1, self._limits.over
        if row >= self._limits.consecutive:
            return f"{row} in a row"
        if len(self._newest) == over - 1 and dead / over > self._limits.ratio:
            return f"{dead} of the newest {over}"
        return ""


def past(letters: Iterable[tuple[Partition, int]], places: Mapping[Partition, int], over: int) -> list[bool]:
    """What a limit is told of the time before: the newest records of each partition, the oldest first.

    Of one partition it is what happened. Of several, whose order among each other nobody wrote down, records
    equally far from the place of their partition stand together, and the letters right before those places
    come last: a row is found at least as long as it was, so that no restart gives room for more letters.

    Args:
        letters: where those stood that became dead letters and are not accepted: partition and offset.
        places: the offset that is read next, by partition. An offset without a letter counts as read.
        over: how many records of a partition to tell, at most.
    """
    dead = set(letters)
    rows, before = 0, list[tuple[int, bool]]()
    for partition, place in places.items():
        newest = [(partition, offset) in dead for offset in range(max(0, place - over), place)]
        row = sum(takewhile(bool, reversed(newest)))
        ages = range(len(newest), row, -1)
        before += zip(ages, newest, strict=False)
        rows += row
    before.sort(key=lambda record: record[0], reverse=True)
    return [died for _, died in before] + [True] * rows
