"""What the price did before the news could be tested: told beside the test, tested by nobody."""

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
    """The move of the hour before the first clean bar, the mixed bar in it; of less early in a session."""
    first = max(start.slot - HOUR, grid.opens)
    if first == start.slot:
        return Refused("the session begins with the test: what came before is the gap")
    if (grid.kinds[first : start.slot] == BROKEN).any():
        return Refused("no return exists in the hour before the test")
    return Before(Minutes(start.slot - first), float(grid.returns[first : start.slot].sum()))


def measure_gap(previous: Grid, grid: Grid, *, roll: str, before: date | None = None) -> Gap | Refused:
    """The move over the break before a session; none from one contract to the next.

    `roll` says when the contracts of the series expire (`sessions/roll.py`); `before` is the session before
    the previous one, None where none is held. Bars that name a contract say themselves whether it changes.
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
        return Refused("the last price before the break or the first after it is not told")
    return Gap(previous.session, last, first, math.log(first / last))
