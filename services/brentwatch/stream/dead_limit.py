"""The dead-letter limit: when so much cannot be read that a program may be wrong, and not a message.

Theory. A bad message is one of many: it becomes a dead letter and the stream goes on. A bad deploy, of a
sender or of the reader, makes every message bad, and so does one bad sender. Somebody must look. Whether the
reader goes on meanwhile is a choice: `continue` keeps it open to everybody else, `stop` moves nothing more to
the dead letters until somebody has looked.

Rules for both. (1) Row: the limit is reached by a dead record that makes `consecutive` in a row. (2) Ratio:
it is reached by a dead record where, of the newest `over` records with it, more than the share `ratio` are
dead; never before `over` records were counted.

Rules for `stop`, see `DeadLimit`. (3) The record that reaches the limit is not counted and becomes no dead
letter: it waits, and is read again. (4) A reached limit stays reached. (5) To accept is to
begin with a new `DeadLimit`, and a past in which what was accepted counts as read.

Rules for `continue`, see `Excess`. (6) The record that reaches the limit becomes a dead letter like the
others. (7) The excess ends when, of the newest `over` records, at most half as many are dead as reach either
limit, or when no record was dead for an hour. Half, so that a sender at the limit does not begin and end it
with each message. (8) To accept ends it, and begins with a new `Excess`.

Records count by process, over all its partitions, in the order in which they were taken: that is what "in a
row" means to an operator, and a sender whose messages go to twelve partitions has no twelve limits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from brentwatch.stream.records import Partition


Action = Literal["continue", "stop"]

QUIET_SECONDS = 3600.0
"""An excess ends when no record was dead for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be dead: a share of the newest `over` records, and a number in a row.

    A `ratio` of 1 is never exceeded. `consecutive` is 2 or more: the first of a row always becomes a letter.
    `action` is what the service does at the limit.
    """

    ratio: float
    over: int
    consecutive: int
    action: Action = "continue"


@dataclass(frozen=True, slots=True)
class Open:
    """The limit is not reached: the stream goes on."""


@dataclass(frozen=True, slots=True)
class Tripped:
    """The limit is reached; `why` says by what, such as "20 in a row"."""

    why: str


State = Open | Tripped


class _Newest:
    """The newest `over` records, and how many of the last are dead in a row."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._records: deque[bool] = deque(maxlen=limits.over)
        self._row = 0
        self.dead = 0

    def add(self, dead: bool) -> None:
        """One more record; the oldest goes where there are too many."""
        self.dead += dead - self._is_leaving_dead()
        self._records.append(dead)
        self._row = self._row + 1 if dead else 0

    def check_limit(self) -> str:
        """Why one more dead record reaches the limit; empty when it does not."""
        row, dead, over = self._row + 1, self.dead + 1 - self._is_leaving_dead(), self._limits.over
        if row >= self._limits.consecutive:
            return f"{row} in a row"
        if len(self._records) >= over - 1 and dead / over > self._limits.ratio:
            return f"{dead} of the newest {over}"
        return ""

    def _is_leaving_dead(self) -> bool:
        """Whether the record that makes room for one more is dead."""
        return len(self._records) == self._limits.over and self._records[0]


class DeadLimit:
    """Gets each record, readable or dead, and returns whether to stop.

    `past` are the records before these, the oldest first: True for a dead one.
    """

    def __init__(self, limits: Limits, past: Iterable[bool] = ()) -> None:
        self._newest = _Newest(limits)
        self.state: State = Open()
        for dead in past:
            self._newest.add(dead)

    def report_read(self) -> State:
        """A record could be read."""
        self._newest.add(False)
        return self.state

    def report_dead(self) -> State:
        """A record cannot be read. If the answer is `Tripped`, it does not become a letter, and waits."""
        if why := self._newest.check_limit():
            self.state = Tripped(why)
        else:
            self._newest.add(True)
        return self.state


class Excess:
    """Gets each record, readable or dead, and returns whether too many are dead now.

    `why` says by what, such as "20 in a row"; it is empty below the limit. `past` are the records before
    these, the oldest first; the last dead one among them was written at `last_dead_at`. Times are in seconds
    of any one clock.
    """

    def __init__(self, limits: Limits, past: Iterable[bool] = (), last_dead_at: float = 0.0) -> None:
        self._newest = _Newest(limits)
        self._few = min(limits.ratio * limits.over, limits.consecutive) / 2
        self._last_dead_at = last_dead_at
        self.why = ""
        for dead in past:
            if dead:
                self.report_dead(last_dead_at)
            else:
                self.report_read()

    def report_read(self) -> None:
        """A record could be read."""
        self._newest.add(False)
        if self.why and self._newest.dead <= self._few:
            self.why = ""

    def report_dead(self, now: float) -> None:
        """A record cannot be read, and becomes a letter."""
        self.why = self.why or self._newest.check_limit()
        self._newest.add(True)
        self._last_dead_at = now

    def rest(self, now: float) -> None:
        """No record came."""
        if self.why and now - self._last_dead_at > QUIET_SECONDS:
            self.why = ""


def rebuild_past(
    letters: Iterable[tuple[Partition, int]], places: Mapping[Partition, int], over: int
) -> list[bool]:
    """The past of a limit: the newest records of each partition, the oldest first.

    For one partition this is what happened. For several, whose order among each other is not recorded,
    records equally far from the place of their partition stand together, and the letters right before those
    places come last: a row is found at least as long as it was, so that no restart gives room for more
    letters.

    Args:
        letters: where those stood that became dead letters and are not accepted: partition and offset.
        places: the offset that is read next, by partition. An offset without a letter counts as read.
        over: how many records of a partition to return, at most.
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
