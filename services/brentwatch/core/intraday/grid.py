"""A session laid out on its slots: the return of every bar, and the bars that are missing.

The return of a bar is that of its close on the close before it; of the first bar after a break, and of the
first of another contract, that of its close on its own open: no return crosses a break or a splice. Where the
source does not tell the open, or a price is zero or below, no return exists there. A bar without trades, and
one that never came, is a return of zero; the price goes on from the bar before.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from brentwatch.core.domain.arrays import Bools, Floats, Integers
from brentwatch.core.intraday.clock import SLOTS
from brentwatch.core.intraday.moves import MOST_QUIET

ABSENT, TRADED, QUIET, BROKEN = 0, 1, 2, 3
"""Of a slot: not there or not known yet; with its return; a return of zero for want of trades; without."""


class GridColumns(NamedTuple):
    """Bars of one session by column, in order of their slots; an open that is not told is not a number."""

    slots: Integers
    opens: Floats
    closes: Floats
    traded: Bools
    contracts: NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grid:
    """The 276 slots of a session that trades from slot `opens` to before `closes`.

    Slots before `known` are known. `returns` are log fractions, zero where there is none; `kinds` says what
    each slot is. `prices` is the newest price (USD/bbl) at the end of each slot, not a number before the
    first; `first_price` the open of the first bar, not a number where it is not told; `contracts` the first
    and the last of the session. It is `usable` for others to be measured against if it is over, it moved, and
    no more than a third of it was without trades.
    """

    session: date
    opens: int
    closes: int
    known: int
    returns: Floats
    kinds: NDArray[np.int8]
    prices: Floats
    first_price: float
    contracts: tuple[str, str]
    usable: bool

    @property
    def counted(self) -> Bools:
        """The slots that have a return, be it for want of trades zero."""
        return np.asarray((self.kinds == TRADED) | (self.kinds == QUIET), dtype=np.bool_)

    @property
    def quiet(self) -> Bools:
        """The slots without trades."""
        return np.asarray(self.kinds == QUIET, dtype=np.bool_)


def build_grid(session: date, span: tuple[int, int, int], columns: GridColumns) -> Grid:
    """The grid of a session that trades in `span`: first slot, slot after the last, slot not known yet."""
    opens, closes, known = span
    values = _compute_returns(columns)
    exists = np.isfinite(values)
    kinds = np.full(SLOTS, ABSENT, dtype=np.int8)
    kinds[opens:known] = QUIET
    kinds[columns.slots] = np.where(columns.traded, np.where(exists, TRADED, BROKEN), QUIET)
    returns = np.zeros(SLOTS)
    returns[columns.slots] = np.where(exists & columns.traded, values, 0.0)
    bars = len(columns.slots)
    return Grid(
        session=session,
        opens=opens,
        closes=closes,
        known=known,
        returns=returns,
        kinds=kinds,
        prices=_fill_prices(columns),
        first_price=float(columns.opens[0]) if bars else float("nan"),
        contracts=(str(columns.contracts[0]), str(columns.contracts[-1])) if bars else ("", ""),
        usable=known >= closes and _is_alive(kinds) and bool(returns.any()),
    )


def _is_alive(kinds: NDArray[np.int8]) -> bool:
    quiet = int(np.count_nonzero(kinds == QUIET))
    return quiet <= MOST_QUIET * (quiet + int(np.count_nonzero(kinds == TRADED)))


def _compute_returns(columns: GridColumns) -> Floats:
    """Not a number where none exists."""
    base = columns.opens.copy()
    goes_on = columns.contracts[1:] == columns.contracts[:-1]
    base[1:] = np.where(goes_on, columns.closes[:-1], columns.opens[1:])
    exists = (base > 0.0) & (columns.closes > 0.0)
    ratios = np.divide(columns.closes, base, out=np.full(len(base), np.nan), where=exists)
    return np.asarray(np.log(ratios), dtype=np.float64)


def _fill_prices(columns: GridColumns) -> Floats:
    """The close of the newest bar at or before each slot."""
    places = np.searchsorted(columns.slots, np.arange(SLOTS), side="right") - 1
    held = np.append(columns.closes, np.nan)  # place -1: no bar yet
    return np.asarray(held[places], dtype=np.float64)
