"""What the price did before the first testable bar: shown with the test and not tested."""

import math
from dataclasses import dataclass
from datetime import date

from brentwatch.core.domain import Refused
from brentwatch.core.intraday.clock import HOUR
from brentwatch.core.intraday.grid import BROKEN, Grid
from brentwatch.core.intraday.minutes import Minutes
from brentwatch.core.intraday.openings import Start
from brentwatch.core.sessions.roll import find_splice


@dataclass(frozen=True, slots=True)
class Before:
    """The summed log return of the `window` that ends where the test begins, within the session."""

    window: Minutes
    move: float


@dataclass(frozen=True, slots=True)
class Gap:
    """The log return from the last price of the session `since` to the first of this one."""

    since: date
    price_before: float
    price_after: float
    move: float


def measure_hour_before(grid: Grid, start: Start) -> Before | Refused:
    """The move in the hour before the first clean bar, including the mixed bar; less early in a session."""
    first = max(start.slot - HOUR, grid.opens)
    if first == start.slot:
        return Refused("the session begins with the test; the move before it is the gap")
    if (grid.kinds[first : start.slot] == BROKEN).any():
        return Refused("no return exists in the hour before the test")
    return Before(Minutes(start.slot - first), float(grid.returns[first : start.slot].sum()))


def measure_gap(previous: Grid, grid: Grid, *, roll: str, before: date | None = None) -> Gap | Refused:
    """The move over the break before a session; refused if the contract changes.

    `roll` says when the contracts of the series expire (`sessions/roll.py`), for bars that do not name their
    contract. `before` is the session before the previous one, None if none is held.
    """
    last, first = float(previous.prices[-1]), grid.first_price
    held, next_one = previous.contracts[1], grid.contracts[0]
    if held != next_one:
        return Refused("the front contract expired: the gap holds the step to the next contract")
    if not held and (end := find_splice(roll, before, previous.session, grid.session)):
        return Refused(
            f"the front contract expired on {end}: one of the first two gaps after it holds the step to the "
            "next contract"
        )
    if not (last > 0.0 and first > 0.0):
        return Refused("the last price before the break or the first after it is missing")
    return Gap(previous.session, last, first, math.log(first / last))
